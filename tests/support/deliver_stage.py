"""One test's `newsmon deliver` as a process on a real broker and database: started, killed, asked to end."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from newsmon.settings import ReceiverSettings, Settings
from support import deliver_process
from support.delivering import write_settings
from support.storing import with_database

SCRIPT = str(Path(deliver_process.__file__))
DELAYS_S = "0.1,0.2,0.3,0.5" + ",1" * 60


class Stage:
    """Settings of one test's deliver process, and the process."""

    def __init__(
        self, settings: Settings, database_url: str, directory: Path, receivers: Sequence[ReceiverSettings], *,
        hold_older_than_s: float = 30 * 86_400.0,
    ) -> None:  # fmt: skip
        """The alerts of most tests are from long ago, and are to be sent all the same: nothing is old unless a test says so."""
        with_url = with_database(settings, database_url)
        database = with_url.database.model_copy(update={"hold_older_than_s": hold_older_than_s})
        self.settings = with_url.model_copy(update={"receivers": tuple(receivers), "database": database})
        self.file = write_settings(directory, self.settings)
        self.log = directory / "deliver.log"

    def start(self, look_again_s: float = 0.5) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen([sys.executable, SCRIPT, str(self.file), DELAYS_S, str(look_again_s)], stdout=log, stderr=log)

    @asynccontextmanager
    async def running(self, look_again_s: float = 0.5) -> AsyncIterator[subprocess.Popen[bytes]]:
        """The process until the block ends; then it is asked to end and must do so well."""
        process = self.start(look_again_s)
        try:
            yield process
            process.send_signal(signal.SIGTERM)
            code = await asyncio.to_thread(process.wait, 90)
            assert code == 0, self.log.read_text()[-3000:]
        finally:
            if process.poll() is None:
                process.kill()
                process.wait(60)
