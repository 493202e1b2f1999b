"""`newsmon stories` answers every line, in order, whatever it is."""

from __future__ import annotations

import io
import json
from typing import Any

from click.testing import CliRunner
from support.reports import STORIES, reports

from newsmon.app.cli.stories.offline import group
from newsmon.app.cli.stories.stories import command

WIRE = (
    "Ministers from nine countries agreed on Tuesday to place 4,500 soldiers under a joint command that would watch over a truce once one is signed. "
    "The plan, drawn up over six weeks in a castle north of the capital, names a Dutch general as its first commander and leaves the rules of engagement "
    "to a council of contributing states. Officials familiar with the draft said engineers would arrive first to clear mines along two railway lines."
)


def _answers(*items: Any) -> tuple[int, list[dict[str, Any]]]:
    lines = [item if isinstance(item, bytes) else json.dumps(item).encode() for item in items]
    out = io.StringIO()
    code = group(io.BytesIO(b"\n".join(lines)), out)
    return code, [json.loads(line) for line in out.getvalue().splitlines()]


def test_the_labelled_reports_come_out_as_their_events() -> None:
    for split in ("tune", "test"):
        out = io.StringIO()
        assert group(io.BytesIO((STORIES / f"{split}.jsonl").read_bytes()), out) == 0
        answers = {answer["id"]: answer for answer in map(json.loads, out.getvalue().splitlines())}
        rows = reports(split)
        assert list(answers) == [row.id for row in rows]
        together = [
            (left.event == right.event, answers[left.id]["event_id"] == answers[right.id]["event_id"])
            for position, left in enumerate(rows)
            for right in rows[position + 1 :]
        ]
        hits = together.count((True, True))
        assert 2 * hits / (2 * hits + together.count((True, False)) + together.count((False, True))) >= 0.8
        assert {(row.id, row.copy_of) for row in rows if row.copy_of} == {
            (answer["id"], answer["copy_of"]) for answer in answers.values() if answer["relation"] == "copy"
        }


def test_the_four_relations() -> None:
    code, answers = _answers(
        {"id": "a", "title": "Nine states agree on truce force", "text": WIRE, "source": "One"},
        {"id": "b", "title": "A force for the day after", "text": "LVIV (Agency) - " + WIRE, "source": "Two"},
        {"id": "a", "title": "Nine states agree on truce force", "text": WIRE + " A date was added later.", "source": "One"},
        {"id": 4, "title": "Football: Rovers win again", "text": "The home side scored twice in Bristol.", "source": "Three"},
    )
    assert code == 0
    assert [(answer["id"], answer["relation"], answer.get("copy_of")) for answer in answers] == [
        ("a", "new", None), ("b", "copy", "a"), ("a", "update", None), (4, "new", None),
    ]  # fmt: skip
    assert len({answer["story_id"] for answer in answers}) == 2


def test_the_same_line_again_gets_the_same_answer() -> None:
    item = {"id": "a", "title": "Nine states agree on truce force", "text": WIRE}
    _code, answers = _answers(item, item)
    assert answers[0] == answers[1]


def test_a_bad_line_says_why_and_the_rest_goes_on() -> None:
    code, answers = _answers(
        b"{not json", b"[1]", {"title": "no id"}, {"id": "t", "title": 5}, {"id": "w"}, {"id": True, "title": "x"},
        {"id": "d", "title": "Dated", "published_at": "yesterday"}, b"\xff\xfe", b"[" * 100_000, {"id": "ok", "title": "Fine words here"},
    )  # fmt: skip
    assert code == 1
    assert [answer["id"] for answer in answers] == [None, None, None, "t", "w", True, "d", None, None, "ok"]
    assert all(("error" in answer) == (answer["id"] != "ok") for answer in answers)
    assert answers[6]["error"].startswith("published_at: not an ISO 8601 time")


def test_markup_boxes_and_strange_characters_do_not_part_copies() -> None:
    code, answers = _answers(
        {"id": "a", "title": "Truce force", "text": WIRE},
        {"id": "b", "title": "Other", "text": f"<p>{WIRE}</p><p>Sign up: AU Breaking News email</p><script>x</script>"},
        {
            "id": "\ud800",
            "title": "\ud800 odd",
            "text": "\x00 odd text \ud83d\ude00",
            "lang": "en",
            "published_at": "0001-01-01T00:00:00+14:00",
        },
        {"id": "c", "title": "Third", "text": WIRE, "published_at": "2026-11-02T08:00:00", "lang": None, "source": None},
    )
    assert code == 1  # the year 1 in Samoa is the year 0 in UTC
    assert [answer.get("relation") for answer in answers] == ["new", "copy", None, "copy"]


def test_articles_months_apart_in_any_order_are_answered() -> None:
    text = "Drones hit the port of Izmail, mayor Abramchenko said."
    _code, answers = _answers(
        {"id": "a", "title": "Drones hit Izmail port", "text": text, "published_at": "2026-11-02T08:00:00Z"},
        {
            "id": "b",
            "title": "Izmail port hit by drones",
            "text": "Mayor Abramchenko spoke of fires.",
            "published_at": "2026-03-02T08:00:00Z",
        },
        {
            "id": "c",
            "title": "Izmail: drones over the port",
            "text": "Abramchenko, the mayor, saw fires.",
            "published_at": "2026-11-02T09:00:00Z",
        },
    )
    assert [answer["relation"] for answer in answers] == ["new", "new", "same_story"]
    assert answers[2]["story_id"] == answers[0]["story_id"]


def test_the_command_reads_standard_input_and_ends_with_the_exit_code() -> None:
    fine = CliRunner().invoke(command, [], input='{"id": "a", "title": "Some words here"}\n\n')
    assert (fine.exit_code, json.loads(fine.stdout)["relation"]) == (0, "new")
    assert CliRunner().invoke(command, [], input="nonsense\n").exit_code == 1
    assert CliRunner().invoke(command, [], input="").exit_code == 0
