"""The `newsmon` command: argument parsing and exit codes; each command lives in the module of its name.

Exit codes: 0 done, 1 the answer is no, 2 wrong settings or arguments, 3 a dependency is out of reach.
Commands are imported only when called, so that `newsmon classify` does not pay for Kafka.
"""

from __future__ import annotations

import errno
import importlib
import os
import sys

import click

from newsmon import __version__
from newsmon.errors import DependencyError, SettingsError

CONFIG_KEY = "newsmon.config"  # in the context's meta: the file the settings of this command come from, or None
EXIT_NO = 1
EXIT_SETTINGS = 2
EXIT_DEPENDENCY = 3
EXIT_INTERRUPTED = 130  # as a shell has it
OUTPUT_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

# command -> (module with an attribute `command`, one line of help)
LAZY: dict[str, tuple[str, str]] = {
    "run": ("newsmon.app.cli.run", "everything on one machine, in the foreground"),
    "demo": ("newsmon.app.cli.demo", "the same on recorded feeds, with a summary; needs no internet"),
    "producer": ("newsmon.app.cli.stages", "one stage: poll feeds"),
    "processor": ("newsmon.app.cli.stages", "one stage: classify, group, alert"),
    "store": ("newsmon.app.cli.stages", "one stage: topics to the database"),
    "deliver": ("newsmon.app.cli.stages", "one stage: alerts to receivers"),
    "parse": ("newsmon.app.cli.feeds.parse", "bytes of a feed -> articles as JSON lines"),
    "backfill": ("newsmon.app.cli.feeds.backfill", "files of JSON lines -> articles that notify nobody"),
    "classify": ("newsmon.app.cli.themes.classify", "JSON lines on stdin -> themes with evidence on stdout"),
    "stories": ("newsmon.app.cli.themes.stories", "JSON lines in -> stories and copies out"),
    "explain": ("newsmon.app.cli.themes.explain", "why an article matched a theme, or why not"),
    "themes": ("newsmon.app.cli.themes.themes", "check and test theme files"),
    "words": ("newsmon.app.cli.themes.words", "check word files: names, places, stop words, boilerplate"),
    "feeds": ("newsmon.app.cli.feeds.feeds", "health of every feed, one feed tried, lists in and out"),
    "backtest": ("newsmon.app.cli.themes.backtest", "what a changed theme would have done to the past"),
    "feedback": ("newsmon.app.cli.alerts.feedback", "say that an article was useful, noise, or missed"),
    "listen": ("newsmon.app.cli.alerts.listen", "a receiver that verifies and prints webhooks"),
    "alerts": ("newsmon.app.cli.alerts.alerts", "list, show and acknowledge alerts"),
    "notices": ("newsmon.app.cli.alerts.notices", "what newsmon had to tell of itself"),
    "silences": ("newsmon.app.cli.alerts.silences", "what nobody wants to hear of for a while"),
    "deliveries": ("newsmon.app.cli.alerts.deliveries", "list and replay deliveries"),
    "receivers": ("newsmon.app.cli.alerts.receivers", "who is told, and whether each can be reached"),
    "quarantine": ("newsmon.app.cli.health.quarantine", "list and replay what could not be read"),
    "verify": ("newsmon.app.cli.health.verify", "rebuild the ledger; exit 1 on imbalance"),
    "doctor": ("newsmon.app.cli.health.doctor", "check the set-up and say what to mend"),
}


class LazyGroup(click.Group):
    """A group that imports a command's module only when the command is wanted."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(LAZY)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in LAZY:
            return None
        module = importlib.import_module(LAZY[cmd_name][0])
        command: click.Command = getattr(module, "COMMANDS", {}).get(cmd_name) or module.command
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Problems with settings that were found after these were read name the file, too."""
        try:
            return super().invoke(ctx)
        except SettingsError as error:
            raise error.in_file(ctx.meta.get(CONFIG_KEY)) from error
        except KeyboardInterrupt:  # those that run until Ctrl-C end by it themselves: this is one that was cut short
            click.echo("newsmon: interrupted", err=True)
            ctx.exit(EXIT_INTERRUPTED)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_module, text) in LAZY.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="newsmon")
def cli() -> None:
    """newsmon watches news feeds, decides which themes each article belongs to, and raises explained, signed alerts."""


def main() -> None:
    """Run the command line and exit with the contract's exit codes."""
    try:
        cli(prog_name="newsmon")
    except SettingsError as error:
        for problem in error.problems:
            print(f"newsmon: {problem}", file=sys.stderr)
        sys.exit(EXIT_SETTINGS)
    except DependencyError as error:
        print(f"newsmon: {error}", file=sys.stderr)
        sys.exit(EXIT_DEPENDENCY)
    except OSError as error:
        if error.errno not in OUTPUT_FULL:
            raise
        print(f"newsmon: cannot write: {error.strerror}", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is still held back is tried again at the end
        sys.exit(EXIT_DEPENDENCY)
