"""The `newsmon` command, and `python -Im newsmon STAGE`, by which the supervisor starts a stage isolated from the working directory."""

import sys

RUNS_UNTIL_STOPPED = ("run", "producer", "processor", "store", "deliver")


def main() -> None:
    """Run the command line. What runs until it is stopped notes the signals for that before it loads the rest of itself."""
    if sys.argv[1:2] and sys.argv[1] in RUNS_UNTIL_STOPPED:
        from newsmon.liveness.stop_request import catch_stop_signals

        catch_stop_signals()
    from newsmon.app.cli import main as command_line

    command_line()


if __name__ == "__main__":
    main()
