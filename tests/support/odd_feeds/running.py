"""Runs the commands of a case as they are and judges the answers."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from newsmon.app.cli import cli
from newsmon.records import FetchResult
from support.odd_feeds.cases import Case, Step, read_case
from support.odd_feeds.claims import Answer, NotUnderstood
from support.odd_feeds.raw_server import raw_server

SETTINGS = '[producer]\nallow_private = ["127.0.0.0/8"]\nhost_spacing_s = 0\n'
_REJECTED = re.compile(r"entry \d+: (\w+)")


@dataclass(frozen=True, slots=True)
class Verdict:
    """`wrong` are pairs of a claim and what was answered instead; `not_understood` says why there is no verdict."""

    name: str
    kind: str
    what: str = ""
    wrong: tuple[tuple[str, str], ...] = ()
    not_understood: str | None = None

    @property
    def word(self) -> str:
        return "not understood" if self.not_understood is not None else "wrong" if self.wrong else "right"


def verdict_on(folder: Path) -> Verdict:
    """Run the case in a folder."""
    name = folder.name
    kind = name.partition("-")[0]
    try:
        case = read_case(folder)
        wrong = tuple(failed for step in case.steps for failed in _failed_claims(case, step))
    except NotUnderstood as error:
        return Verdict(name, kind, not_understood=str(error))
    return Verdict(name, kind, case.what, wrong)


def _failed_claims(case: Case, step: Step) -> list[tuple[str, str]]:
    answer = answer_of(case, step)
    if answer.crash:
        return [(claim.text, f"newsmon failed: {answer.crash}") for claim in step.claims]
    failed = ((claim.text, claim.wrong(answer)) for claim in step.claims)
    return [(text, got) for text, got in failed if got is not None]


def answer_of(case: Case, step: Step) -> Answer:
    """Run one command."""
    if step.words[0] == "parse":
        return _parse(case, step)
    return _check(case, step)


def _parse(case: Case, step: Step) -> Answer:
    words = ["parse", *(str(case.folder / word) if word and (case.folder / word).exists() else word for word in step.words[1:])]
    done = CliRunner().invoke(cli, words)
    if done.exit_code == 2:
        raise NotUnderstood(f"newsmon refuses the arguments {step.words}: {done.stderr.strip()}")
    articles = tuple(json.loads(line) for line in done.stdout_bytes.splitlines()) if done.exit_code == 0 else ()
    rejected = tuple(_REJECTED.findall(done.stderr))
    result = FetchResult.OK if done.exit_code == 0 else FetchResult.NOT_A_FEED
    detail = "" if articles else done.stderr.strip()
    return Answer(done.exit_code, result.value, articles, rejected, detail, _crash(done.exception))


def _check(case: Case, step: Step) -> Answer:
    with raw_server([path.read_bytes() for path in case.responses]) as port, tempfile.TemporaryDirectory() as directory:
        config = Path(directory, "newsmon.toml")
        config.write_text(SETTINGS, "utf-8")
        words = [word.replace("PORT", str(port)) for word in step.words]
        words += [] if "--json" in words else ["--json"]
        done = CliRunner().invoke(cli, [*words[:2], "--config", str(config), *words[2:]])
    if done.exit_code == 2:
        raise NotUnderstood(f"newsmon refuses the arguments {step.words}: {done.stderr.strip()}")
    crash = _crash(done.exception)
    if crash:
        return Answer(done.exit_code, "none", (), crash=crash)
    found: dict[str, Any] = json.loads(done.stdout)
    rejected = tuple(reason for reason, count in found["rejected"].items() for _one in range(count))
    articles = tuple(_as_named(one, port) for one in found["articles"])
    return Answer(done.exit_code, found["result"], articles, rejected, found["detail"] or "")


def _as_named(article: Mapping[str, Any], port: int) -> dict[str, Any]:
    """The article with the server's address as the case writes it."""
    return {
        name: value.replace(f"127.0.0.1:{port}", "127.0.0.1:PORT") if isinstance(value, str) else value for name, value in article.items()
    }


def _crash(error: BaseException | None) -> str:
    return "" if error is None or isinstance(error, SystemExit) else f"{type(error).__name__}: {error}"
