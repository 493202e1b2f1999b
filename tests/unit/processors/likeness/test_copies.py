"""Copies of a wire text are recognised whatever an outlet does to them; yesterday's text in today's form is not a copy."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.features.sketch import Sketch, sketch_of
from processors.likeness.copies import CopyReason, CopyRelation, compare, compare_within_story
from processors.stories.copy_index import CopyIndex

WIRE = (
    "Ministers from nine countries agreed on Tuesday to place 4,500 soldiers under a joint command that would watch over a truce once one is signed. "
    "The plan, drawn up over six weeks in a castle north of the capital, names a Dutch general as its first commander and leaves the rules of engagement "
    "to a council of contributing states. Officials familiar with the draft said engineers would arrive first to clear mines along two railway lines. "
    "A second wave of 1,200 medics and signallers is foreseen for spring. The opposition asked why parliament had not been told before the ceremony, "
    "and the finance ministry put the first year's bill at 640 million. Diplomats cautioned that nothing moves until both armies have pulled their guns "
    "back by thirty kilometres, a condition one delegation called the hardest sentence in the paper. Farmers near the river, whose fields lie inside the "
    "future zone, want compensation before the sowing season begins. A spokesman for the mission declined to say where the headquarters would stand."
)
OTHER = (
    "Steel producers in the valley welcomed the new import duty on Tuesday and said idle furnaces could be lit again before winter. Makers of tins and "
    "beams disagreed, pointing to order books filled a year ahead at the old price. The ministry of trade expects the levy of 35 percent to bring in "
    "2,100 million by next summer, half of which it has promised to towns that lost a mill in the past decade. Partners abroad reserved their answer."
)
WORDS = WIRE.split()


def _edited(share: float) -> str:
    chance = random.Random(7)
    return " ".join(word if chance.random() > share or any(map(str.isdigit, word)) else f"{word[::-1].lower()}" for word in WORDS)


EDITS = {
    "the same": (WIRE, CopyRelation.EXACT),
    "case and spacing": (WIRE.upper().replace(" ", "  "), CopyRelation.EXACT),
    "agency in front": ("THE HAGUE (Harbour Wire) - " + WIRE, CopyRelation.EXACT),
    "dateline in front": ("THE HAGUE, Nov 3 - " + WIRE, CopyRelation.EXACT),
    "credits behind": (WIRE + " (Reporting by A. Penn; editing by B. Quill)", CopyRelation.EXACT),
    "outlet's own last sentence": (WIRE + " Our newsroom will follow the talks through the night.", CopyRelation.COPY),
    "last third cut": (" ".join(WORDS[: len(WORDS) * 2 // 3]), CopyRelation.EDITED),
    "only the first third": (" ".join(WORDS[: len(WORDS) // 3]), CopyRelation.EXCERPT),
    "2 words of 100 changed": (_edited(0.02), CopyRelation.COPY),
    "10 words of 100 changed": (_edited(0.10), CopyRelation.EDITED),
}


@pytest.mark.parametrize("edit", EDITS)
def test_a_copy_is_found_whatever_was_done_to_it(edit: str) -> None:
    text, relation = EDITS[edit]
    verdict = compare(sketch_of("Force agreed", "", WIRE), sketch_of("Quite another headline", "", text))
    assert verdict.relation is relation, verdict
    assert 0 < verdict.similarity <= 1


def test_a_summary_that_is_the_texts_beginning_is_an_excerpt() -> None:
    lead = WIRE.split(". ")[0] + "."
    assert compare(sketch_of("a", lead, ""), sketch_of("b", "", WIRE)).relation is CopyRelation.EXCERPT


def test_a_lead_repeated_as_the_bodys_beginning_counts_once() -> None:
    lead = WIRE[:140].rsplit(" ", 1)[0]
    assert sketch_of("a", lead + "...", WIRE) == sketch_of("b", "", WIRE)


def test_another_text_is_none() -> None:
    assert compare(sketch_of("Same title", "", WIRE), sketch_of("Same title", "", OTHER)).relation is CopyRelation.NONE


def test_the_daily_report_with_new_figures_is_no_copy() -> None:
    form = (
        "Border guards in the northern district reported {a} crossings on {day}, of which {b} were refused. Queues at the bridge lasted {c} minutes on "
        "average, the service said in its daily notice. Lorries waited {d} hours in the yard, and officers found {e} cartons of cigarettes without stamps."
    )
    first = form.format(a=8120, day="2 November", b=31, c=47, d=12, e=205)
    second = form.format(a=7904, day="3 November", b=54, c=19, d=9, e=88)
    verdict = compare(sketch_of("Border report", "", first), sketch_of("Border report", "", second))
    assert (verdict.relation, verdict.reason) == (CopyRelation.NONE, CopyReason.OTHER_NUMBERS)


@pytest.mark.parametrize(
    ("left", "right", "relation"),
    [
        (
            "Nine states agree on 4,500 soldiers for a truce force",
            "Nine states agree on 4,500 soldiers for a truce force",
            CopyRelation.EXACT,
        ),
        ("Nine states agree on 4,500 soldiers for a truce force", "Nine states agree on 4,500 soldiers for truce force", CopyRelation.COPY),
        (
            "Nine states agree on 4,500 soldiers for a truce force",
            "Nine states agree on 6,500 soldiers for a truce force",
            CopyRelation.NONE,
        ),
        ("Drones hit the port of Odesa, three people die", "Drones hit the port of Izmail, three people hurt", CopyRelation.NONE),
        ("Force agreed", "Force agreed", CopyRelation.NONE),
    ],
)
def test_titles_without_text_need_nearly_all_words_and_the_same_numbers(left: str, right: str, relation: CopyRelation) -> None:
    assert compare(sketch_of(left, "", ""), sketch_of(right, "", "")).relation is relation


@pytest.mark.parametrize(
    ("left", "right", "relation"),
    [
        (
            "Nine states agreed in Lviv on a force of 4,500 soldiers that will watch the truce, the host minister said after the talks.",
            "Nine states agreed in Lviv on a force of 4,500 troops that will guard the truce, host minister Kost said on Tuesday night.",
            CopyRelation.EDITED,
        ),
        (
            "Nine states agreed in Lviv on a force of 4,500 soldiers that will watch the truce, the host minister said after the talks.",
            "A castle near Lviv was the scene when ministers put 4,500 soldiers at the service of a truce still to be signed by anyone.",
            CopyRelation.NONE,
        ),
        (
            "Nine states agreed in Lviv on a force of 4,500 soldiers that will watch the truce, the host minister said after the talks.",
            "Nine states agreed in Lviv on a force of 6,200 troops that will guard the truce, host minister Kost said on Tuesday night.",
            CopyRelation.NONE,
        ),
    ],
)
def test_within_a_story_a_freely_edited_text_is_a_copy_too(left: str, right: str, relation: CopyRelation) -> None:
    assert compare_within_story(sketch_of("a", left, ""), sketch_of("b", right, "")).relation is relation
    assert compare(sketch_of("a", left, ""), sketch_of("b", right, "")).relation is CopyRelation.NONE


def test_a_sketch_survives_the_wire_and_strange_ones_are_refused() -> None:
    for text in (WIRE, "short text", ""):
        sketch = sketch_of("title", "", text)
        assert Sketch.from_text(sketch.text()) == sketch
    assert Sketch.from_text("0:" + sketch_of("", "", WIRE).text()[2:]) is None
    assert Sketch.from_text("2:????") is None
    assert Sketch.from_text("2:AAAA") is None
    assert Sketch.from_text("") is None


def test_sketches_are_the_same_in_every_process() -> None:
    assert sketch_of("", "", WIRE).text()[:24] == EXPECTED_START


EXPECTED_START = "3:YG1Ld70gWx+tAAAAqwAAAA"


def test_the_index_finds_the_original_and_forgets_it() -> None:
    index = CopyIndex()
    index.add("other", sketch_of("", "", OTHER))
    index.add("wire", sketch_of("", "", WIRE))
    found = index.best(sketch_of("", "", EDITS["10 words of 100 changed"][0]))
    assert found is not None
    assert found[0] == "wire"
    index.remove("wire")
    index.remove("never seen")
    assert index.best(sketch_of("", "", WIRE)) is None
    assert len(index) == 1


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=600), st.text(max_size=600))
def test_comparison_is_symmetric_and_never_fails(left: str, right: str) -> None:
    one, other = sketch_of("", "", left), sketch_of("", "", right)
    assert compare(one, other) == compare(other, one)
    assert Sketch.from_text(one.text()) == one


@pytest.mark.parametrize(
    ("spelled", "digits"),
    [
        ("Ireland could send two hundred soldiers", "Ireland could send 200 soldiers"),
        ("extender por dieciséis años más", "extender por 16 años más"),
        ("протягом десяти днів", "протягом 10 днів"),
    ],
)
def test_a_spelled_out_number_is_the_number(spelled: str, digits: str) -> None:
    tail = " " + " ".join(WORDS[:20])
    assert compare(sketch_of("", spelled + tail, ""), sketch_of("", digits + tail, "")).relation is CopyRelation.EXACT


@pytest.mark.parametrize(
    "text",
    [
        "PUERTO ALTO, 27 (AGENCIA MAREA) " + WIRE,
        WIRE + " This report by Harbour Wire was first published Nov. 3, 2026.",
        WIRE + " Підписуйтесь на наш Telegram-канал, щоб не пропустити головне.",
    ],
)
def test_what_an_outlet_adds_around_a_text_leaves_it_the_same(text: str) -> None:
    assert compare(sketch_of("", text, ""), sketch_of("", WIRE, "")).relation is CopyRelation.EXACT
