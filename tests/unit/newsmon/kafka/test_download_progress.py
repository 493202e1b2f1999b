from __future__ import annotations

import io

import pytest

from newsmon.kafka.broker.download_progress import BarProgress, LineProgress, progress_for_terminal


def test_log_gets_one_line_before_and_one_after_the_fetch() -> None:
    stream = io.StringIO()
    progress = LineProgress(stream)
    with progress.fetching("9.9.9", 45, 44_600_000):
        for _ in range(45):
            progress.received(1_000_000)
    assert stream.getvalue().splitlines() == [
        "downloading Apache Kafka 9.9.9 (once): 45 files, 45 MB",
        "Apache Kafka 9.9.9 is complete",
    ]


def test_fetch_that_failed_is_not_called_complete() -> None:
    stream = io.StringIO()
    with pytest.raises(OSError, match="cut"), LineProgress(stream).fetching("9.9.9", 1, 1):
        raise OSError("cut")
    assert "complete" not in stream.getvalue()


def test_bar_takes_steps_back_when_an_attempt_failed(capsys: pytest.CaptureFixture[str]) -> None:
    progress = BarProgress()
    with progress.fetching("9.9.9", 1, 1_000_000):
        for step in (400_000, -400_000, 1_000_000):
            progress.received(step)
    assert "1.0/1.0 MB" in capsys.readouterr().err


def test_pipe_gets_lines_and_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    assert isinstance(progress_for_terminal(), LineProgress)
