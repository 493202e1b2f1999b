"""The `newsmon` command: argument parsing, printing and exit codes. `newsmon X` lives in a module X, in a room by subject.

In: arguments, settings, files. Out: lines on standard output, errors on standard error, an exit code: 0 done, 1 the answer is no,
2 wrong settings or arguments, 3 a dependency is unreachable. May import every package. Commands are imported only when called, so
that `newsmon classify` does not pay for importing Kafka.
"""

from __future__ import annotations

import errno
import importlib
import os
import sys

import click

from newsmon import __version__
from newsmon.errors import DependencyError, SettingsError

CONFIG_KEY = "newsmon.config"  # key in the context's meta: the settings file of this command, or None
EXIT_NO = 1
EXIT_INTERRUPTED = 130  # as shells do
OUTPUT_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

# command -> (module with an attribute `command`, one line of help)
LAZY: dict[str, tuple[str, str]] = {
    "run": ("newsmon.app.cli.run", "Run everything on one machine, in the foreground."),
    "demo": ("newsmon.app.cli.demo", "Run everything on recorded feeds and check the result; needs no internet."),
    "producer": ("newsmon.app.cli.stages", "Run one stage: poll feeds."),
    "processor": ("newsmon.app.cli.stages", "Run one stage: classify articles, group them into stories, raise alerts."),
    "store": ("newsmon.app.cli.stages", "Run one stage: write every topic to the database."),
    "deliver": ("newsmon.app.cli.stages", "Run one stage: send alerts to receivers."),
    "parse": ("newsmon.app.cli.feeds.parse", "Turn a feed file into articles as JSON lines."),
    "backfill": ("newsmon.app.cli.feeds.backfill", "Publish archived articles without notifying anyone."),
    "classify": ("newsmon.app.cli.themes.classify", "Find the themes of articles given as JSON lines."),
    "stories": ("newsmon.app.cli.stories.stories", "List, show and correct stories; group articles given as JSON lines."),
    "explain": ("newsmon.app.cli.themes.explain", "Explain why an article matches a theme, or why not."),
    "themes": ("newsmon.app.cli.themes.themes", "Check, test and start theme files."),
    "words": ("newsmon.app.cli.themes.words", "Check word files: names, places, stop words, boilerplate."),
    "feeds": ("newsmon.app.cli.feeds.feeds", "List, check and explain feeds; import, export and discover them."),
    "rehearse": ("newsmon.app.cli.past.rehearse", "Show the messages that an archive would have led to."),
    "backtest": ("newsmon.app.cli.past.backtest", "Replay stored articles through changed themes."),
    "feedback": ("newsmon.app.cli.alerts.feedback", "Record that an article was useful, noise, or missed."),
    "listen": ("newsmon.app.cli.alerts.listen", "Receive, verify and print webhooks."),
    "alerts": ("newsmon.app.cli.alerts.alerts", "List, show and acknowledge alerts."),
    "notices": ("newsmon.app.cli.alerts.notices", "List newsmon's notices about itself."),
    "silences": ("newsmon.app.cli.alerts.silences", "Silence alerts for a while."),
    "deliveries": ("newsmon.app.cli.alerts.deliveries", "List deliveries and send them again."),
    "receivers": ("newsmon.app.cli.alerts.receivers", "List, test and enable receivers."),
    "quarantine": ("newsmon.app.cli.health.quarantine", "List, show and send back records that could not be handled."),
    "losses": ("newsmon.app.cli.health.losses", "List and acknowledge what Kafka lost before it was read."),
    "verify": ("newsmon.app.cli.health.verify", "Check that every article is accounted for."),
    "doctor": ("newsmon.app.cli.health.doctor", "Check the setup and say what to fix."),
}


class LazyGroup(click.Group):
    """A group that imports a command's module only when the command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(LAZY)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in LAZY:
            return None
        module = importlib.import_module(LAZY[cmd_name][0])
        command: click.Command = getattr(module, "COMMANDS", {}).get(cmd_name) or module.command
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; problems found after the settings were read also name the settings file."""
        try:
            return super().invoke(ctx)
        except SettingsError as error:
            raise error.in_file(ctx.meta.get(CONFIG_KEY)) from error
        except KeyboardInterrupt:  # long-running commands handle Ctrl-C themselves: this one was cut short
            click.echo("newsmon: interrupted", err=True)
            ctx.exit(EXIT_INTERRUPTED)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_module, text) in LAZY.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="newsmon")
def cli() -> None:
    """Watch news feeds, decide which themes each article belongs to, and send explained, signed alerts."""


def main() -> None:
    """Run the command line and exit with the documented exit codes."""
    try:
        cli(prog_name="newsmon")
    except SettingsError as error:
        for problem in error.problems:
            print(f"newsmon: {problem}", file=sys.stderr)
        sys.exit(error.exit_code)
    except DependencyError as error:
        print(f"newsmon: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except OSError as error:
        if error.errno not in OUTPUT_FULL:
            raise
        print(f"newsmon: cannot write: {error.strerror}", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # Python flushes buffered output once more at exit
        sys.exit(DependencyError.exit_code)
