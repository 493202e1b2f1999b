"""A deliver process with quick retries, for tests that kill it: `python deliver_process.py SETTINGS DELAYS_S [LOOK_AGAIN_S]`, delays with commas."""

from __future__ import annotations

import sys
from pathlib import Path

from newsmon.logs import configure_logs
from newsmon.settings import load_settings
from sinks.deliver.receiver_queue import DeliveryPolicy
from sinks.deliver.service import run
from sinks.policy.circuit import CircuitPolicy
from sinks.policy.retry import Schedule

if __name__ == "__main__":
    settings = load_settings(Path(sys.argv[1]), {})
    configure_logs(settings.log, stage="deliver")
    delays_s = tuple(float(part) for part in sys.argv[2].split(","))
    look_again_s = float(sys.argv[3]) if len(sys.argv) > 3 else 0.5
    circuit = CircuitPolicy(threshold=1_000, rests_s=(0.2,))
    sys.exit(run(settings, policy=DeliveryPolicy(schedule=Schedule(delays_s=delays_s), circuit=circuit, look_again_s=look_again_s)))
