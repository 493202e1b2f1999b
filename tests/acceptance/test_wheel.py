"""The wheel built from the sdist, installed from the lock into an environment of its own, does what the README says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.monitor import FeedHost, Monitor, accepted_titles, eventually, is_alert, new_secret, receiving, write_settings

ROOT = Path(__file__).resolve().parents[2]
BUILD_TIMEOUT_S = 600


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make dist` makes: an sdist, and the wheel built from it."""
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-Im", "build", "--no-isolation", "--outdir", str(out), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, timeout=BUILD_TIMEOUT_S)
    return out


@pytest.fixture(scope="session")
def wheel(dist: Path) -> Path:
    return next(dist.glob("newsmon-*.whl"))


@pytest.fixture(scope="session")
def tool(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `newsmon` command of an environment that holds the wheel and the locked run-time packages, nothing of ours else."""
    directory = tmp_path_factory.mktemp("tool") / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(directory)], check=True, timeout=BUILD_TIMEOUT_S)
    pip = [str(directory / "bin" / "python"), "-Im", "pip", "install", "-q", "--disable-pip-version-check"]
    subprocess.run([*pip, "--require-hashes", "-r", str(ROOT / "requirements.lock")], check=True, timeout=BUILD_TIMEOUT_S)
    subprocess.run([*pip, "--no-deps", str(wheel)], check=True, timeout=BUILD_TIMEOUT_S)
    return directory / "bin" / "newsmon"


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """An environment with a fresh home, so that nothing of this machine's user is read or written; the jars' cache is shared."""
    environ = {key: value for key, value in os.environ.items() if not key.startswith("NEWSMON_") and key != "PYTHONPATH"}
    cache = os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))
    return environ | {
        "HOME": str(tmp_path),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_CACHE_HOME": cache,
    }


def newsmon(
    tool: Path, home: dict[str, str], *arguments: str, stdin: str = "", cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    command = [str(tool), *arguments]
    return subprocess.run(command, env=home, cwd=cwd or home["HOME"], input=stdin, capture_output=True, text=True, timeout=800, check=False)


def test_the_wheel_holds_the_four_packages_the_seeds_and_the_migrations(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    roots = {name.split("/")[0] for name in names if ".dist-info" not in name}
    assert roots == {"newsmon", "producers", "processors", "sinks"}
    for wanted in (
        "newsmon/seeds/feeds.toml",
        "newsmon/seeds/key-shares.txt",
        "newsmon/seeds/newsmon.toml",
        "newsmon/seeds/themes/us-trade.toml",
        "newsmon/py.typed",
    ):
        assert wanted in names
    assert any(name.startswith("newsmon/seeds/demo/") for name in names)
    assert any(name.startswith("sinks/database/migrations/") for name in names)
    assert not any(name.startswith(("tests/", "benchmarks/")) for name in names)


def test_the_sdist_holds_what_make_needs_to_run_and_test_it(dist: Path) -> None:
    with tarfile.open(next(dist.glob("newsmon-*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    wanted = {
        "Makefile",
        "requirements.lock",
        "requirements-dev.lock",
        "docs/build.py",
        "tests/conftest.py",
        "deploy/Dockerfile",
        ".ci/run",
    }
    assert wanted - names == set()
    assert not any("__pycache__" in name or name.startswith((".venv/", "dist/")) for name in names)


def test_the_version_is_that_of_pyproject_and_of_the_changelog(tool: Path, home: dict[str, str]) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert newsmon(tool, home, "--version").stdout.strip() == f"newsmon, version {version}"
    newest = re.search(r"^## \[([^]]+)\]", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert newest is not None
    assert newest[1] == version


def test_a_stray_folder_with_our_name_in_the_working_directory_does_not_win(tool: Path, home: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "processors").mkdir()
    (tmp_path / "processors" / "__init__.py").write_text("raise SystemExit('the wrong processors')")
    assert newsmon(tool, home, "themes", "check", cwd=tmp_path).returncode == 0


def readme_commands() -> Iterator[str]:
    """Lines of the README's console blocks that a reader would type."""
    for block in re.findall(r"```console\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL):
        for line in block.replace("\\\n", "").splitlines():
            if line.startswith("$ "):
                yield line[2:].split("   #")[0].strip()


def test_the_readme_starts_with_the_commands_that_do_everything() -> None:
    assert list(readme_commands())[:3] == ["make demo", "make run", "make test"]


def test_the_commands_of_the_readme_work_from_the_wheel(tool: Path, home: dict[str, str], tmp_path: Path) -> None:
    """Each line is run as it stands in a shell whose `newsmon` is the wheel's; `make demo` and `make run` have tests of their own."""
    environ = home | {"PATH": f"{tool.parent}:{home['PATH']}"}
    typed = [line for line in readme_commands() if not line.startswith(("make ", "git ", "uv ", "newsmon listen", "newsmon verify"))]
    assert len(typed) >= 3
    for line in typed:
        done = subprocess.run(["bash", "-c", line], env=environ, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
        assert done.stdout.strip(), line


def test_the_demo_runs_from_the_wheel_and_its_ledger_balances(tool: Path, home: dict[str, str]) -> None:
    done = newsmon(tool, home, "demo")
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-4000:]
    for theme in ("ukraine-peacekeeping", "us-trade", "defence-spending"):
        assert theme in done.stdout


def test_run_turns_an_article_into_a_verified_webhook_and_drains_on_ctrl_c(tool: Path, home: dict[str, str], tmp_path: Path) -> None:
    title = "Bostria to lift defence spending to 3.5 per cent of GDP by 2032"
    secret = new_secret()
    with FeedHost({"/one": [(title, "Its defence budget will reach 3.5 per cent of GDP.")]}) as outlet, receiving(secret) as receiver:
        written = write_settings(tmp_path, feeds={"one": outlet.url("/one")}, receiver=receiver, secret=secret)
        monitor = Monitor(tmp_path, home, (str(tool),))
        assert written.config == monitor.config
        monitor.start()
        try:
            eventually("a webhook", lambda: title in accepted_titles(receiver), log=lambda: monitor.log)
            assert monitor.newsmon("verify").returncode == 0
        finally:
            code = monitor.stop()
        assert code == 0
        payload = next(one.payload for one in receiver.deliveries if is_alert(one)) or {}
    assert payload["data"]["theme"]["id"] == "defence-spending"
    assert title in json.dumps(payload)
