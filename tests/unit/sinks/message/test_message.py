"""The webhook body: whole and explained when it fits, counted and marked when it does not, and as its schema says."""

from __future__ import annotations

import json

import jsonschema
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.alerts import SAMPLE, alert, wide_alert
from support.kept_records import is_within, kept
from support.places import ROOT
from support.samples import every_record

from newsmon.records import Alert, AlertState, Evidence
from sinks.message.alert_body import arithmetic, payload_bytes, shorten
from sinks.message.alert_payload import MAX_PAYLOAD_BYTES, Payload, payload_schema

SCHEMA_FILE = ROOT / "docs" / "schemas" / "webhook-alert.v1.json"


def test_an_alert_that_fits_is_sent_whole() -> None:
    body = json.loads(payload_bytes(alert(lead="A lead.")))
    data = body["data"]
    assert body["type"] == "newsmon.alert.opened"
    assert body["timestamp"] == "2026-11-24T12:00:00Z"
    assert data["lead"] == "A lead."
    assert data["theme"]["id"] == SAMPLE.theme_id
    assert data["evidence"][0] == msgspec.to_builtins(SAMPLE.evidence[0])
    assert data["links"]["article"] == data["articles"][0]["url"] == SAMPLE.articles[0].url
    assert data["clocks"] == {
        "published_at": "2026-11-24T12:00:00Z",
        "first_seen_at": "2026-11-24T12:01:00Z",
        "matched_at": "2026-11-24T12:00:00Z",
    }
    assert (data["articles_omitted"], data["evidence_omitted"], data["also_matched_omitted"], data["shortened"]) == (0, 0, 0, [])


@pytest.mark.parametrize("state", list(AlertState))
def test_the_type_tells_the_alerts_state(state: AlertState) -> None:
    assert json.loads(payload_bytes(alert(state=state)))["type"] == f"newsmon.alert.{state}"


def test_the_same_alert_gives_the_same_bytes() -> None:
    assert payload_bytes(wide_alert(30)) == payload_bytes(wide_alert(30))


def test_what_does_not_fit_is_left_out_from_the_end_and_counted() -> None:
    given_alert = wide_alert(40)
    raw = payload_bytes(given_alert)
    data = json.loads(raw)["data"]
    assert len(raw) <= MAX_PAYLOAD_BYTES
    assert data["articles_omitted"] > 0
    assert len(data["articles"]) + data["articles_omitted"] == given_alert.article_count == 45
    assert len(data["evidence"]) + data["evidence_omitted"] == 40
    assert len(data["also_matched"]) + data["also_matched_omitted"] == 40
    assert [one["article_id"] for one in data["articles"]] == [f"a_{n}" for n in range(len(data["articles"]))]
    assert {"evidence.text", "articles.title", "theme.label"} <= set(data["shortened"])


def test_the_body_is_filled_rather_than_emptied() -> None:
    articles_only = wide_alert(200, text="x", repeat=5)
    assert len(payload_bytes(articles_only)) > MAX_PAYLOAD_BYTES * 0.9


@settings(max_examples=60, deadline=None)
@given(
    count=st.integers(0, 60),
    text=st.text(alphabet=st.characters(exclude_categories=("Cs",)), min_size=1, max_size=12)
    | st.sampled_from(["\x00", '"', "\\", "👩‍👩‍👧‍👦", "é́́"]),
    repeat=st.integers(1, 3_000),
)
def test_no_alert_however_long_or_odd_makes_a_body_above_the_limit(count: int, text: str, repeat: int) -> None:
    given_alert = wide_alert(count, text, repeat)
    raw = payload_bytes(given_alert)
    assert len(raw) <= MAX_PAYLOAD_BYTES
    payload = msgspec.json.decode(raw, type=Payload)
    assert len(payload.data.articles) + payload.data.articles_omitted == given_alert.article_count
    assert bool(payload.data.articles) == bool(given_alert.articles)


@settings(max_examples=80, deadline=None)
@given(text=st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=200), limit_bytes=st.integers(8, 150))
def test_a_shortened_text_keeps_within_its_bytes_and_is_a_beginning(text: str, limit_bytes: int) -> None:
    cut = shorten(text, limit_bytes)
    assert len(msgspec.json.encode(cut)) - 2 <= limit_bytes
    assert cut == text or text.startswith(cut.removesuffix("…"))


@pytest.mark.parametrize(
    ("text", "limit_bytes", "expected"),
    [
        ("short enough", 40, "short enough"),
        ("the ministers of defence meet in Brussels", 32, "the ministers of defence meet…"),
        ("unbreakable" * 5, 14, "unbreakable…"),
        ("abe\u0301" * 3, 8, "abe\u0301…"),
        ("ab" + "e\u0301" * 3, 6, "ab…"),
        ("ab👩\u200d👩\u200d👧", 14, "ab…"),
    ],
)
def test_texts_are_cut_between_words_and_never_inside_a_letter(text: str, limit_bytes: int, expected: str) -> None:
    assert shorten(text, limit_bytes) == expected


def test_the_arithmetic_adds_up_and_says_how_many_small_terms_it_joins() -> None:
    terms = [3.0, 2.5, *[0.25] * 14]
    evidence = tuple(Evidence(clause="c", field="title", start=0, end=1, text="x", contribution=term) for term in terms)
    said = arithmetic(alert(evidence=evidence, score=sum(terms), threshold=4.0))
    assert said == "3 + 2.5 + " + "0.25 + " * 10 + "1 (4 more) = 9, threshold 4"


@pytest.mark.parametrize("count", [0, 1, 40])
def test_bodies_agree_with_the_published_schema(count: int) -> None:
    schema = json.loads(SCHEMA_FILE.read_text("utf-8"))
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    body = json.loads(payload_bytes(wide_alert(count)))
    validator.validate(body)
    del body["data"]["score"]["arithmetic"]
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(body)


def test_the_published_schema_is_the_one_of_the_code() -> None:
    assert json.loads(SCHEMA_FILE.read_text("utf-8")) == json.loads(json.dumps(payload_schema(), default=list))


@pytest.mark.parametrize("body", kept("webhook-alert/1"), ids=lambda body: f"{len(body)} bytes")
def test_a_body_that_was_stored_before_fields_were_added_can_still_be_bundled(body: bytes) -> None:
    payload = msgspec.json.decode(body, type=Payload)
    assert is_within(json.loads(body), json.loads(msgspec.json.encode(payload)))


def test_the_body_says_all_that_it_has_ever_said() -> None:
    alert = next(one for one in every_record() if isinstance(one, Alert))
    assert all(is_within(json.loads(body), json.loads(payload_bytes(alert))) for body in kept("webhook-alert/1"))


def test_the_parts_of_an_article_are_cut_each_by_its_own_limit() -> None:
    alert = next(one for one in every_record() if isinstance(one, Alert))
    (member,) = alert.articles
    long = msgspec.structs.replace(member, url=f"https://wire.example/{'u' * 1_000}", title="t" * 900, source="s" * 300)
    data = json.loads(payload_bytes(msgspec.structs.replace(alert, articles=(long,))))["data"]
    (shown,) = data["articles"]
    assert shown["url"] == long.url
    assert (len(shown["title"]), len(shown["source"])) == (798, 198)
    assert data["shortened"] == ["articles.title", "articles.source"]
