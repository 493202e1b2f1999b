"""One valid record of every kind, for tests that need any."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime, timedelta

import msgspec

from newsmon import ids
from newsmon.records import (
    ActiveThemes,
    Alert,
    AlertReason,
    AlertState,
    Article,
    Classification,
    ClassificationOutcome,
    Corrected,
    Correction,
    CorrectionKind,
    CorrectionOutcome,
    DateQuality,
    Delivery,
    DeliveryOutcome,
    Event,
    Evidence,
    Feed,
    Feedback,
    FeedbackVerdict,
    FeedKnown,
    FeedState,
    FetchOutcome,
    FetchResult,
    KnownEntry,
    Match,
    Member,
    Moved,
    Notice,
    NoticeKind,
    NoticeState,
    Origin,
    Record,
    Relation,
    Severity,
    SeverityReason,
    Story,
    StoryState,
    TextSpan,
    ThemeScore,
    Traits,
    WordCounts,
)
from producers.articles.known_entries import pack_entries
from producers.articles.state_record import base_id

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def article(
    *,
    number: int = 1,
    title: str = "Ministers discuss a reassurance force",
    body: str = "A text.",
    source: str = "Example Wire",
    feed_id: str = "wire",
    origin: Origin = Origin.LIVE,
    published_at: datetime | None = NOON,
) -> Article:
    """An article whose identity follows from `number` and text, as a producer would have made it."""
    url = f"https://wire.example/{number}"
    article_id = ids.article_id_of_url(url)
    content = ids.content_hash(title, "", body)
    return Article(
        article_id=article_id,
        revision=1,
        revision_id=ids.revision_id(article_id, content),
        content_hash=content,
        origin=origin,
        feed_id=feed_id,
        source=source,
        tier=2,
        poll_seq=1,
        poll_id="p_1",
        url=url,
        title=title,
        lead="",
        body=body,
        language="en",
        published_at=published_at,
        published_raw=published_at.isoformat() if published_at else None,
        date_quality=DateQuality.STATED if published_at else DateQuality.MISSING,
        first_seen_at=NOON + timedelta(minutes=1),
    )


def match(of: Article, theme_id: str = "ukraine-peacekeeping", *, matched_at: datetime = NOON + timedelta(minutes=2)) -> Match:
    evidence = Evidence(clause="force", field="title", start=0, end=9, text=of.title[:9], contribution=2.0)
    return Match(
        match_id=ids.match_id(of.revision_id, theme_id),
        theme_id=theme_id,
        theme_label=theme_id.replace("-", " "),
        theme_version="1",
        generation="g1",
        score=2.0,
        threshold=1.0,
        severity=Severity.NOTICE,
        evidence=(evidence,),
        also_matched=(ThemeScore(theme_id="us-trade", score=1.5, threshold=1.0),),
        matched_at=matched_at,
        article=of,
    )


def traits() -> Traits:
    """Traits as a classifier may give them, with a sentence that recurs."""
    return Traits(
        features={"language": ["en"], "names": ["s:harbr"], "title_words": ["w:harbou"]},
        digest="2:AAAA",
        rarity={"s:harbr": 0.875, "w:harbou": 0.5},
        formulaic=(TextSpan(field="lead", start=0, end=31),),
    )


def every_record() -> tuple[Record, ...]:
    """One of each, in the order of `records.ALL_RECORDS`."""
    one = article()
    hit = match(one)
    story_id = ids.story_id(hit.theme_id, one.article_id)
    event_id = ids.event_id(story_id)
    member = Member(
        article_id=one.article_id,
        event_id=event_id,
        revision_id=one.revision_id,
        match_id=hit.match_id,
        relation=Relation.OPENED,
        copy_of=None,
        source=one.source,
        tier=one.tier,
        url=one.url,
        title=one.title,
        language="en",
        published_at=one.published_at,
        first_seen_at=one.first_seen_at,
        score=2.0,
    )
    event = Event(
        event_id=event_id,
        title=one.title,
        opened_at=hit.matched_at,
        updated_at=hit.matched_at,
        article_count=1,
        copy_count=0,
        source_count=1,
        outlet_count=1,
        severity=Severity.NOTICE,
        severity_reason=SeverityReason.THEME_RULES,
    )
    story = Story(
        story_id=story_id,
        theme_id=hit.theme_id,
        revision=1,
        state=AlertState.OPENED,
        title=one.title,
        opened_at=hit.matched_at,
        updated_at=hit.matched_at,
        article_count=1,
        copy_count=0,
        source_count=1,
        outlet_count=1,
        languages=("en",),
        severity=Severity.NOTICE,
        event_count=1,
        event=event,
        latest=member,
        alert_decision=AlertReason.NEW_STORY,
        members=(member,),
    )
    alert = Alert(
        alert_id=ids.alert_id(hit.theme_id, story_id),
        revision=1,
        state=AlertState.OPENED,
        reason=AlertReason.NEW_STORY,
        severity=Severity.NOTICE,
        theme_id=hit.theme_id,
        theme_label=hit.theme_label,
        story_id=story_id,
        story_title=one.title,
        event_count=1,
        event=event,
        origin=Origin.LIVE,
        title=one.title,
        score=2.0,
        threshold=1.0,
        theme_version="1",
        generation="g1",
        evidence=hit.evidence,
        article_count=1,
        source_count=1,
        outlet_count=1,
        articles=(member,),
        lead="",
        opened_at=hit.matched_at,
        raised_at=hit.matched_at,
    )
    correction = Correction(
        correction_id=ids.correction_id(hit.theme_id, CorrectionKind.SPLIT.value, story_id, "", 1, (one.article_id,)),
        theme_id=hit.theme_id,
        kind=CorrectionKind.SPLIT,
        story_id=story_id,
        article_ids=(one.article_id,),
        story_revision=1,
        made_at=NOON,
        by="desk",
    )
    known = pack_entries([KnownEntry(article_id=one.article_id, content_hash=one.content_hash, revision=1)])
    return (
        Feed(feed_id="wire", url="https://wire.example/rss", source="Example Wire", language="en"),
        FeedState(
            feed_id="wire",
            url="https://wire.example/rss",
            poll_seq=1,
            polled_at=NOON,
            next_due_at=NOON,
            interval_s=300,
            known=known,
        ),
        FeedKnown(feed_id="wire", base_id=base_id(known), known=known),
        FetchOutcome(
            feed_id="wire",
            poll_seq=1,
            poll_id="p_1",
            started_at=NOON,
            finished_at=NOON,
            result=FetchResult.OK,
            status=200,
            entry_count=1,
            new_count=1,
            next_due_at=NOON,
        ),
        one,
        Classification(
            article_id=one.article_id,
            revision=1,
            revision_id=one.revision_id,
            origin=Origin.LIVE,
            feed_id="wire",
            poll_seq=1,
            language="en",
            outcome=ClassificationOutcome.MATCHED,
            scores=(ThemeScore(theme_id=hit.theme_id, score=2.0, threshold=1.0),),
            matched_theme_ids=(hit.theme_id,),
            generation="g1",
            classified_at=NOON,
        ),
        msgspec.structs.replace(hit, traits=traits()),
        story,
        StoryState(
            match_id=hit.match_id,
            theme_id=hit.theme_id,
            story_id=story_id,
            event_id=event_id,
            source_offset=0,
            matched_at=hit.matched_at,
            article_id=one.article_id,
            content_hash=one.content_hash,
            source=one.source,
            relation=Relation.OPENED,
            copy_of=None,
            features={"terms": ["force"]},
            digest="1:AAAA",
            story=story,
            alert=alert,
        ),
        alert,
        Delivery(
            delivery_id=ids.delivery_id(alert.alert_id, 1, "desk"),
            alert_id=alert.alert_id,
            revision=1,
            theme_id=hit.theme_id,
            receiver="desk",
            attempt=1,
            outcome=DeliveryOutcome.DELIVERED,
            reason="accepted",
            status=204,
            attempted_at=NOON,
        ),
        Notice(
            notice_id=ids.notice_id(NoticeKind.FEED_FAILING, "feed:wire", "2026-11-24T12:00:00Z"),
            revision=1,
            kind=NoticeKind.FEED_FAILING,
            state=NoticeState.RAISED,
            subject="feed:wire",
            text="The feed wire has failed 3 times in a row.",
            opened_at=NOON,
            at=NOON,
            stage="producer",
            details={"last_result": "timeout"},
        ),
        ActiveThemes(
            generation="5ec0de",
            theme_ids=("ukraine-peacekeeping",),
            archive=zlib.compress(b'{"a.toml": ""}'),
            published_at=NOON,
            worker="one",
        ),
        Feedback(
            feedback_id=ids.feedback_id(hit.article.article_id, hit.theme_id, "desk"),
            article_id=hit.article.article_id,
            revision_id=hit.article.revision_id,
            theme_id=hit.theme_id,
            verdict=FeedbackVerdict.USEFUL,
            by="desk",
            given_at=NOON,
        ),
        correction,
        Corrected(
            correction=correction,
            source_offset=1,
            outcome=CorrectionOutcome.APPLIED,
            decided_at=NOON,
            moved=(
                Moved(
                    match_id=hit.match_id,
                    article_id=one.article_id,
                    from_story_id=story_id,
                    to_story_id=ids.split_story_id(hit.theme_id, correction.correction_id),
                    event_id="e_1",
                ),
            ),
            stories=(story,),
        ),
        WordCounts(
            day="2026-11-24", partition=3, through_offset=41, articles_log=None, articles={"en": 12, "pl": 3},
            keys={"n:trump": 2, "w:harbou": 9},
        ),
    )  # fmt: skip
