"""Keeps a stage alive and honest: it waits for what it needs, and ends hard when its work stands still although nothing is missing.

In: attempts to reach a dependency, measurements of waiting work. Out: reasons on /readyz and /healthz, exit code 70, a notice.
May import newsmon.kafka and newsmon.net; no stage.
"""
