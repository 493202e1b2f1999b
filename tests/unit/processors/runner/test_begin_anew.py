"""When a Faust app that Kafka has failed is started anew, and when the process ends instead."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from pathlib import Path
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError
from support.processing import decisions

from newsmon.net.monitoring import Health
from newsmon.settings import KafkaSettings, Settings
from newsmon.words.watch import WordWatch
from processors.runner import service


class Idle:
    """A thread or a reloader that does nothing."""

    def __init__(self, *_args: object, **_options: object) -> None: ...

    def stop(self) -> None: ...

    async def run(self, stop: asyncio.Event) -> None:
        await asyncio.wait_for(stop.wait(), 60)


class Watch(Idle):
    def start(self) -> None: ...


class Reloader(Idle):
    async def start(self) -> None: ...


@pytest.mark.parametrize("asked_to_stop", [False, True])
async def test_a_processor_that_was_asked_to_stop_does_not_begin_anew(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, asked_to_stop: bool
) -> None:
    anew: list[str] = []

    async def crashes(_parts: Any, stop: asyncio.Event) -> None:
        if asked_to_stop:
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.wait_for(stop.wait(), 60)
        raise KafkaConnectionError("no broker")

    monkeypatch.setattr(service, "run_faust", crashes)
    monkeypatch.setattr(service, "ProgressWatch", Watch)
    monkeypatch.setattr(service, "LogWatch", Watch)
    monkeypatch.setattr(service, "ThemeReloader", Reloader)
    monkeypatch.setattr(service, "begin_anew", lambda _stage, why: anew.append(why))
    monkeypatch.setattr(service, "DRAIN_S", 3600.0)
    settings = Settings(state_dir=tmp_path, kafka=KafkaSettings(bootstrap_servers=("127.0.0.1:1",)))
    words = WordWatch(settings.words.directory, keep_in=tmp_path)
    await service._serve(settings, decisions(), words, Health("processor"), "one", threading.Event())
    assert len(anew) == (0 if asked_to_stop else 1)
