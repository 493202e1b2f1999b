"""The `newsmon` command, and `python -Im newsmon STAGE`, by which the supervisor starts a stage isolated from the working directory."""

import sys

RUNS_UNTIL_STOPPED = ("run", "producer", "processor", "store", "deliver")


def main() -> None:
    """Run the command line. What runs until it is stopped notes the signals for that before it loads the rest of itself."""
    if sys.argv[1:2] and sys.argv[1] in RUNS_UNTIL_STOPPED:
        from newsmon.liveness.stop_request import catch_stop_signals

        catch_stop_signals()
        load_logs_without_rich()
    from newsmon.app.cli import main as command_line

    command_line()


def load_logs_without_rich() -> None:
    """Load structlog, which would load rich (4 MiB in each process, and 50 ms of its start) only for tracebacks in colour."""
    sys.modules["rich"] = None  # type: ignore[assignment]
    try:
        import structlog.dev  # noqa: F401 - what it finds now is what it uses
    finally:
        del sys.modules["rich"]


if __name__ == "__main__":
    main()
