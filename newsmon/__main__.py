"""Lets the supervisor start a stage as `python -Im newsmon STAGE`, isolated from the working directory."""

from newsmon.app.cli import main

main()
