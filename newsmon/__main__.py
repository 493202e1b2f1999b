"""The `newsmon` command, and `python -Im newsmon STAGE`, by which the supervisor starts a stage isolated from the working directory."""

import sys


def main() -> None:
    """Run the command line. `newsmon run` notes the signals that stop it before it loads the rest of itself."""
    if sys.argv[1:2] == ["run"]:
        from newsmon.app.supervisor.stop_request import catch_stop_signals

        catch_stop_signals()
    from newsmon.app.cli import main as command_line

    command_line()


if __name__ == "__main__":
    main()
