"""The reader of odd feeds: every claim it knows holds and fails where it should, and what it does not know is never skipped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.odd_feeds.cases import case_folders, read_case
from support.odd_feeds.claims import Answer, NotUnderstood, claim_of
from support.odd_feeds.running import verdict_on

ONE: dict[str, Any] = {
    "title": "Ferry returns", "lead": "It's back (at last).", "url": "https://quay.example/1", "published_at": "2026-11-05T14:05:00Z",
    "language": "en", "guid": None, "article_id": "a1",
}  # fmt: skip
TWO: dict[str, Any] = {**ONE, "title": "Second story", "url": None, "published_at": None, "article_id": "a2"}
BOTH = Answer(0, "ok", (ONE, TWO), ("no_text",))
NONE = Answer(0, "ok", ())
FAILED = Answer(1, "connect_error", (), (), "Invalid header token")
NO_FEED = Answer(1, "not_a_feed", (), (), "not JSON")


@pytest.mark.parametrize(
    ("claim", "holds", "fails"),
    [
        ("2 article(s)", BOTH, NONE),
        ("2 articles", BOTH, FAILED),
        ("no article", NONE, BOTH),
        ("0 article(s)", NONE, BOTH),
        ("at least 2 articles", BOTH, NONE),
        ("at most 1 article", NONE, BOTH),
        ("ok, 2 articles", BOTH, FAILED),
        ("ok, 2 article(s) (browsers read it)", BOTH, NONE),
        ("ok", BOTH, FAILED),
        ("2 articles, 1 rejected", BOTH, NONE),
        ("2 article(s); entry 3: no_text", BOTH, NONE),
        ("a failure: no condition was sent", FAILED, BOTH),
        ("a failure: connect_error or timeout", FAILED, NO_FEED),
        ("a failure", FAILED, NONE),
        ("not a feed", NO_FEED, BOTH),
        ("not_a_feed", NO_FEED, FAILED),
        ("connect_error or timeout", FAILED, NO_FEED),
        ("exit code 1", FAILED, BOTH),
        ("detail contains 'header'", FAILED, NO_FEED),
        ("an article titled Second story", BOTH, NONE),
        ("an article titled 'Second story'", BOTH, NONE),
        ("no article titled Ferry returns", NONE, BOTH),
        ("article 1: title is 'Ferry returns'", BOTH, NONE),
        ("article 1: title is Ferry returns", BOTH, NONE),
        ("article 2: url is None", BOTH, Answer(0, "ok", (ONE, ONE))),
        ("article 1: url is not None", BOTH, Answer(0, "ok", (TWO,))),
        ("article 1: published_at is '2026-11-05T15:05:00+01:00'", BOTH, Answer(0, "ok", (TWO,))),
        ("article 1: published_at is after '2026-11-05T00:00:00Z'", BOTH, Answer(0, "ok", (TWO,))),
        ("article 1: title is one of ['Ferry returns', 'The ferry returns']", BOTH, Answer(0, "ok", (TWO,))),
        ('article 1: lead is "It\'s back (at last)." (struck text)', BOTH, NONE),
        ("article 1: lead contains '(at last)'", BOTH, NONE),
        ("article 2: title does not contain 'Ferry'", BOTH, Answer(0, "ok", (ONE, ONE))),
        ("article 1: url starts with 'https://'", BOTH, Answer(0, "ok", (TWO,))),
        ("article 1: url ends with '/1'", BOTH, Answer(0, "ok", (TWO,))),
        ("article 1: article_id differs from article 2", BOTH, Answer(0, "ok", (ONE, ONE))),
        ("article 1: title differs from article 2's title", BOTH, Answer(0, "ok", (ONE, ONE))),
        ("article 1: language is the same as article 2", BOTH, Answer(0, "ok", (ONE, {**TWO, "language": "pl"}))),
        ("every article: language is 'en'", BOTH, Answer(0, "ok", (ONE, {**TWO, "language": "pl"}))),
        ("some article: title contains 'Second'", BOTH, Answer(0, "ok", (ONE,))),
    ],
)
def test_a_claim_holds_for_one_answer_and_fails_for_another(claim: str, holds: Answer, fails: Answer) -> None:
    assert claim_of(claim).wrong(holds) is None
    assert claim_of(claim).wrong(fails)


@pytest.mark.parametrize(
    "line",
    [
        "two articles", "article 1: colour is 'red'", "article 1: title resembles 'x'", "article 1: title is 'unclosed",
        "entry 2: bad_luck", "2 articles, and a pony", "whatever",
    ],
)  # fmt: skip
def test_a_claim_of_another_kind_is_not_understood(line: str) -> None:
    with pytest.raises(NotUnderstood):
        claim_of(line)


def test_a_field_that_the_command_does_not_print_is_not_understood() -> None:
    with pytest.raises(NotUnderstood, match="does not print 'body'"):
        claim_of("article 1: body is 'x'").wrong(BOTH)


GOOD = "what: a\nsource: b\ncommand: newsmon parse input.xml\nexpected: 1 article(s)\n  article 1: title is 'Ferry'\nseen: rc 1\n  more\n"
FEED = b"<rss version='2.0'><channel><item><title>Ferry</title><link>https://quay.example/1</link></item></channel></rss>"


def case(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "expected.txt").write_text(text, "utf-8")
    (folder / "input.xml").write_bytes(FEED)
    return folder


def test_a_case_is_run_and_its_verdict_says_what_came_instead(tmp_path: Path) -> None:
    assert verdict_on(case(tmp_path / "txt-good", GOOD)).word == "right"
    wrong = verdict_on(case(tmp_path / "txt-wrong", GOOD.replace("'Ferry'", "'Harbour'")))
    assert (wrong.word, wrong.kind) == ("wrong", "txt")
    assert wrong.wrong == (("article 1: title is 'Harbour'", "title is 'Ferry'"),)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("newsmon parse input.xml", "newsmon run", "neither"),
        ("newsmon parse input.xml", "newsmon parse input.json", "is not there"),
        ("newsmon parse input.xml", "newsmon parse", "without a file"),
        ("newsmon parse input.xml", "newsmon parse --colour input.xml", "refuses the arguments"),
        ("newsmon parse input.xml", "newsmon feeds check http://127.0.0.1:PORT/", "without a response"),
        ("expected: 1 article(s)\n  article 1: title is 'Ferry'\n", "", "without an expectation"),
        ("what: a", "waht: a", "line 1"),
        ("expected:", "polls: 3\nexpected:", "line 4"),
        ("expected: 1 article(s)", "expected: one article", "expectation"),
    ],
)
def test_what_is_not_understood_is_said(tmp_path: Path, old: str, new: str, why: str) -> None:
    verdict = verdict_on(case(tmp_path / "txt-odd", GOOD.replace(old, new)))
    assert verdict.word == "not understood"
    assert why in (verdict.not_understood or "")


def test_a_folder_without_an_expectation_is_a_case_that_is_not_understood(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    case(tmp_path / "txt-good", GOOD)
    assert [verdict_on(folder).word for folder in case_folders(tmp_path)] == ["not understood", "right"]


def test_several_commands_of_one_case_are_steps(tmp_path: Path) -> None:
    second = "command: newsmon parse --content-type text/html input.xml\nexpected: no article\n"
    folder = case(tmp_path / "txt-two", GOOD.replace("seen:", second + "seen:"))
    assert [len(step.claims) for step in read_case(folder).steps] == [2, 1]
    assert [claim for claim, _got in verdict_on(folder).wrong] == ["no article"]


def test_a_command_that_fails_by_an_exception_is_never_right(tmp_path: Path) -> None:
    """Such as a broken file of words, which would otherwise pass for the failure that a case expects."""
    text = "what: a\ncommand: newsmon parse --words words input.xml\nexpected: a failure: it is no feed\n"
    folder = case(tmp_path / "txt-crash", text)
    (folder / "words").mkdir()
    (folder / "words" / "other.toml").write_text("x = [", "utf-8")
    (claim, got) = verdict_on(folder).wrong[0]
    assert claim == "a failure: it is no feed"
    assert got.startswith("newsmon failed: SettingsError")
