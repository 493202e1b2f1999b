"""What a match carries of its article, and what the fold computes where it carries nothing, lead to the same decisions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
from support.reports import match_of, reports
from support.samples import article

from newsmon.codec import decode, encode
from newsmon.records import Article, Classification, ClassificationOutcome, Match, Origin, TextSpan
from newsmon.topics import ARTICLES, MATCHES
from processors.handling.answers import answers_of, classify_record
from processors.handling.decisions import Decisions
from processors.handling.messages import LARGEST_VALUE_BYTES, Incoming
from processors.likeness.copies import CopyRelation, compare
from processors.likeness.traits import compared, observed, stamped, stamped_traits, traits_of, with_traits
from processors.rarity.counting import Counting
from processors.rarity.observation import is_counted
from processors.rarity.shares import KeyShares
from processors.rarity.shipped import shipped_shares
from processors.stories.grouping import Grouping

NAMES = [f"article {number}" for number in range(20)]
COUNTED = [name for name in NAMES if is_counted(name)]
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ROWS = [report for report in reports("tune") if report.id.rpartition("-")[0] in ("t-kharkiv", "t-golan", "t-tariff")]


def _decided(matches: list[Match]) -> list[bytes]:
    grouping, found = Grouping(), []
    for offset, match in enumerate(matches):
        state = grouping.decide(decode(encode(match), Match), source_offset=offset)
        grouping.apply(state)
        found.append(encode(state))
    return found


def test_matches_with_traits_are_decided_byte_for_byte_like_those_without() -> None:
    bare = [match_of(row) for row in ROWS] + [match_of(ROWS[0], number=99)]
    carried = [stamped(with_traits([match]), KeyShares(shipped_shares()))[0] for match in bare]
    assert _decided(carried) == _decided(bare)


def test_the_matches_of_one_article_share_its_traits() -> None:
    match = match_of(ROWS[0])
    other = msgspec.structs.replace(match, theme_id="us-trade")
    first, second = with_traits([match, other])
    assert first.traits is second.traits
    assert first.traits == traits_of(match.article)
    assert with_traits([]) == ()


def test_a_sketch_that_another_version_made_is_computed_again() -> None:
    match = with_traits([match_of(ROWS[0])])[0]
    assert match.traits is not None
    foreign = msgspec.structs.replace(match, traits=msgspec.structs.replace(match.traits, digest="0:AAAA"))
    again, anew = compared(foreign), compared(msgspec.structs.replace(match, traits=None))
    assert (again.features, again.sketch) == (anew.features, anew.sketch)
    assert again.rarity("p:kharkiv") == anew.rarity("p:kharkiv") < 1


def test_an_outlets_refrain_makes_no_two_articles_alike() -> None:
    lead = "This is a breaking news story. More details will be published shortly."
    bare = [
        msgspec.structs.replace(
            match_of(ROWS[0], number=number), article=msgspec.structs.replace(article(), title=title, lead=lead, body="")
        )
        for number, title in enumerate(("Court in Arland strikes down the ferry levy", "Kestrel Bay imposes a levy on foreign timber"))
    ]
    first, second = (stamped(with_traits([match]), KeyShares(shipped_shares()))[0] for match in bare)
    assert first.traits is not None
    assert [lead[span.start : span.end] for span in first.traits.formulaic] == [
        "This is a breaking news story.",
        "More details will be published shortly.",
    ]
    assert compare(compared(first).sketch, compared(second).sketch).relation is CopyRelation.NONE
    assert not compared(first).features.words & compared(second).features.words - {"w:levy"}


def test_a_sentence_that_recurs_is_left_out_of_what_is_compared() -> None:
    def reported(number: int, what: str) -> Article:
        at = NOW - timedelta(days=number)
        return msgspec.structs.replace(
            article(), article_id=COUNTED[number], first_seen_at=at, lead=f"The harbour desk keeps you posted. {what}", body=""
        )

    counting = Counting()
    for number, what in ((3, "Timber got dearer in Kestrel Bay."), (2, "The Larnholm opera reopens."), (1, "Snow fell on Tverrvik.")):
        seen = observed(reported(number, what))
        assert seen is not None
        counting.add(seen)
    one = reported(0, "A ferry with 212 passengers ran aground.")
    match = stamped([msgspec.structs.replace(match_of(ROWS[0]), article=one, traits=None)], counting.shares_at(NOW))[0]
    assert match.traits is not None
    assert match.traits.formulaic == (TextSpan(field="lead", start=0, end=34),)
    features = compared(match).features
    assert "w:posted" not in features.words
    assert "w:agroun" in features.words


def test_an_outlets_sentence_recurs_for_this_outlet_alone() -> None:
    counting = Counting()
    lead = "The harbour desk keeps you posted. A ferry with 212 passengers ran aground."
    for number in (1, 2, 3):
        one = msgspec.structs.replace(
            article(), article_id=COUNTED[number], first_seen_at=NOW - timedelta(days=1, minutes=number), body="",
            lead=lead if number < 3 else lead.replace("aground", "ashore"),
        )  # fmt: skip
        seen = observed(one)
        assert seen is not None
        counting.add(seen)
    shares = counting.shares_at(NOW)
    same, other = (msgspec.structs.replace(article(), lead=lead, body="", source=source) for source in (article().source, "Larn Post"))
    assert [span.end for span in stamped_traits(same, shares).formulaic] == [34]
    assert stamped_traits(other, shares).formulaic == ()


def test_only_live_articles_are_counted_and_of_those_every_third() -> None:
    assert observed(msgspec.structs.replace(article(), article_id=COUNTED[0])) is not None
    assert observed(msgspec.structs.replace(article(), article_id=COUNTED[0], origin=Origin.BACKFILL)) is None
    assert observed(msgspec.structs.replace(article(), article_id=next(name for name in NAMES if not is_counted(name)))) is None


def test_a_match_too_large_for_kafka_goes_without_its_traits() -> None:
    def published(body: str) -> Match:
        long = msgspec.structs.replace(article(), body=body)
        answer = classify_record(Incoming(ARTICLES.base_name, 0, 0, None, encode(long)), _everything(), now=NOW)
        outgoing = answers_of(answer, _everything(), None)
        return next(decode(one.value, Match) for one in outgoing if one.topic is MATCHES)

    assert published("Ships are late.").traits is not None
    spare = LARGEST_VALUE_BYTES - len(encode(published("").article)) - 2_000
    assert published("x" * spare).traits is None


def _everything() -> Decisions:
    def classify(one: Article, now: datetime) -> tuple[Classification, tuple[Match, ...]]:
        answer = Classification(
            article_id=one.article_id, revision=one.revision, revision_id=one.revision_id, origin=one.origin, feed_id=one.feed_id,
            poll_seq=one.poll_seq, language=one.language, outcome=ClassificationOutcome.MATCHED, scores=(), matched_theme_ids=("all",),
            generation="test", classified_at=now,
        )  # fmt: skip
        match = msgspec.structs.replace(match_of(ROWS[0]), article=one, evidence=())
        return answer, with_traits([match])

    return Decisions(
        classify=classify, observe=observed, stamp=stamped, new_counting=Counting, new_grouping=Grouping, theme_ids=("all",),
        generation="test",
    )  # fmt: skip
