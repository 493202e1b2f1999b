"""The ways to check a change run the same tools."""

from __future__ import annotations

import re
import tomllib

from support.places import ROOT

from newsmon.settings import ProducerSettings


def test_pre_commit_runs_what_make_check_runs() -> None:
    recipe = re.search(r"^check:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert recipe is not None
    make = [line.strip().removeprefix("$(BIN)/").removesuffix(" .") for line in recipe[1].splitlines()]
    hooks = re.findall(r"entry: \.venv/bin/(.+)", (ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    assert [hook.removesuffix(" --force-exclude") for hook in hooks] == make


def test_the_forge_runs_ci_run_on_every_python_we_name() -> None:
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8")
    named = re.findall(r"Programming Language :: Python :: (3\.\d+)", (ROOT / "pyproject.toml").read_text("utf-8"))
    assert re.findall(r'"(3\.\d+)"', workflow) == named
    assert "bash .ci/run" in workflow


def test_every_part_of_the_ground_floor_is_held_below_the_stages() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    floors = next(one["layers"] for one in contracts if "producers | processors | sinks" in one.get("layers", ()))
    parts = {path.stem for path in (ROOT / "newsmon").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert {f"newsmon.{part}" for part in parts - {"__init__", "__main__", "app"}} == set(floors[-1].split(" : "))


def test_the_version_is_the_same_wherever_it_is_named() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert f"image: newsmon:{version}\n" in (ROOT / "deploy" / "compose.yaml").read_text("utf-8")
    assert ProducerSettings().user_agent.startswith(f"newsmon/{version.rpartition('.')[0]} ")
    assert f"latest release: {version.rpartition('.')[0]}." in (ROOT / "SECURITY.md").read_text("utf-8")
    assert f"\n## [{version}] - " in (ROOT / "CHANGELOG.md").read_text("utf-8")
