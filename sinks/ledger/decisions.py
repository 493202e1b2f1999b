"""The ledger's lines from the stored article to the decision to alert or not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select

from newsmon.quarantine import Stage
from newsmon.records import AlertReason, AlertState, CorrectionOutcome, Relation
from newsmon.topics import ALERTS, ARTICLES, CLASSIFICATIONS, MATCHES, STORIES
from sinks.database.earlier import is_explained
from sinks.database.tables import (
    alerts,
    classifications,
    classified_themes,
    corrections,
    earlier_decisions,
    matches,
    members,
    quarantined,
    revisions,
    sightings,
    stories,
)
from sinks.database.tables import corrected as corrected_rows
from sinks.ledger.balance import Line, line_of
from sinks.ledger.lost_inputs import Inputs, lost_unanswered, lost_unread
from sinks.ledger.tally import Horizon, tally

ALERTING = (
    AlertReason.NEW_STORY,
    AlertReason.FIRST_FRESH_REPORT,
    AlertReason.NEW_DEVELOPMENT,
    AlertReason.NEW_FACTS,
    AlertReason.MORE_SOURCES,
    AlertReason.SEVERITY_RAISED,
    AlertReason.REVISED_TEXT,
)

LOST, DECIDED_AGAIN = "lost with their log", "decided again"  # shown where there are any


def _shown(counts: Mapping[str, int]) -> dict[str, int]:
    return {name: count for name, count in counts.items() if count or name not in (LOST, DECIDED_AGAIN)}


def _grouped_by(at: datetime) -> ColumnElement[bool]:
    """The match was decided by then, though it may have been decided again since."""
    first = exists().where(earlier_decisions.c.match_id == matches.c.match_id, earlier_decisions.c.decided_at <= at)
    return or_(exists().where(members.c.match_id == matches.c.match_id, members.c.decided_at <= at), first)


_GROUPED = Inputs(matches, matches.c.matched_at, _grouped_by)


def _quarantined(subject: ColumnElement[str], *stages: Stage) -> ColumnElement[bool]:
    return exists().where(quarantined.c.subject == subject, quarantined.c.stage.in_([stage.value for stage in stages]))


def answered(connection: Connection, horizon: Horizon) -> Line:
    """Every article record was classified or quarantined."""
    answer = and_(
        classifications.c.revision_id == sightings.c.revision_id,
        classifications.c.feed_id == sightings.c.feed_id,
        classifications.c.poll_seq == sightings.c.poll_seq,
    )

    def answered_by(at: datetime) -> ColumnElement[bool]:
        return exists().where(answer, classifications.c.classified_at <= at)

    inputs = Inputs(sightings, sightings.c.first_seen_at, answered_by)
    counts, missing = tally(
        connection,
        sightings,
        (
            ("classified", exists().where(answer)),
            ("quarantined", _quarantined(sightings.c.revision_id, Stage.CLASSIFY, Stage.STORE)),
            ("under way", ~horizon.processed_before(sightings, ARTICLES)),
            (LOST, lost_unanswered(connection, sightings, inputs.made_at, ARTICLES, inputs)),
        ),
        where=horizon.recent(sightings.c.first_seen_at),
        named=(sightings.c.revision_id, sightings.c.feed_id, sightings.c.poll_seq),
        name_format="{0} ({1} poll {2}) has no classification",
    )
    _, without_article = tally(
        connection,
        classifications,
        (
            ("stored", exists().where(revisions.c.revision_id == classifications.c.revision_id)),
            ("quarantined", _quarantined(classifications.c.revision_id, Stage.STORE)),
            ("under way", ~horizon.before_end(classifications, CLASSIFICATIONS)),
        ),
        where=horizon.recent(classifications.c.classified_at),
        named=(classifications.c.revision_id, classifications.c.feed_id, classifications.c.poll_seq),
        name_format="{0} ({1} poll {2}) was classified, but its article is not stored",
    )
    return line_of("classifications", "article records", _shown(counts), missing, strangers=without_article)


def named_themes(connection: Connection, horizon: Horizon) -> Line:
    """The number of themes each classification matched is the number stored for it."""
    key = ("revision_id", "feed_id", "poll_seq", "generation")
    stored = (
        select(func.count())
        .where(*(classified_themes.c[name] == classifications.c[name] for name in key))
        .correlate(classifications)
        .scalar_subquery()
    )
    counts, missing = tally(
        connection,
        classifications,
        (
            ("matched", and_(classifications.c.matched_count > 0, classifications.c.matched_count == stored)),
            ("unmatched", and_(classifications.c.matched_count == 0, stored == 0)),
        ),
        where=horizon.recent(classifications.c.classified_at),
        named=(classifications.c.revision_id, classifications.c.feed_id, classifications.c.poll_seq, classifications.c.matched_count),
        name_format="{0} ({1} poll {2}) matched {3} themes, but a different number is stored",
    )
    return line_of("themes", "classifications", counts, missing)


def matched(connection: Connection, horizon: Horizon) -> Line:
    """Every revision and theme named by a classification has a match."""
    hits = (
        select(classified_themes.c.match_id, classified_themes.c.theme_id, classified_themes.c.revision_id)
        .where(horizon.recent(classified_themes.c.classified_at))
        .distinct()
        .subquery()
    )
    counts, missing = tally(
        connection,
        hits,
        (
            ("matches", exists().where(matches.c.match_id == hits.c.match_id)),
            ("quarantined", _quarantined(hits.c.match_id, Stage.STORE)),
            ("under way", exists().where(sightings.c.revision_id == hits.c.revision_id, ~horizon.processed_before(sightings, ARTICLES))),
        ),
        where=hits.c.match_id.is_not(None),
        named=(hits.c.match_id, hits.c.theme_id, hits.c.revision_id),
        name_format="{0} ({1}, of {2}) is not stored",
    )
    _, without_classification = tally(
        connection,
        matches,
        (
            ("named", exists().where(classified_themes.c.match_id == matches.c.match_id)),
            ("quarantined", _quarantined(matches.c.revision_id, Stage.STORE)),
            ("under way", exists().where(sightings.c.revision_id == matches.c.revision_id, ~horizon.processed_before(sightings, ARTICLES))),
        ),
        where=and_(horizon.recent(matches.c.matched_at), horizon.before_end(matches, MATCHES)),
        named=(matches.c.match_id, matches.c.theme_id),
        name_format="{0} ({1}) is stored, but no classification names it",
    )
    return line_of("matches", "themes named", counts, missing, strangers=without_classification)


def grouped(connection: Connection, horizon: Horizon) -> Line:
    """Every match opened a story, joined one, is a copy, or updates a member."""
    member = members.c.match_id == matches.c.match_id
    counts, missing = tally(
        connection,
        matches,
        (
            *((relation.value, exists().where(member, members.c.relation == relation.value)) for relation in Relation),
            ("quarantined", _quarantined(matches.c.match_id, Stage.GROUP, Stage.STORE)),
            ("under way", ~horizon.processed_before(matches, MATCHES)),
            (
                LOST,
                or_(
                    lost_unanswered(connection, matches, matches.c.matched_at, MATCHES, _GROUPED),
                    lost_unread(connection, matches.c.theme_id, matches.c.matched_at, STORIES, members, members.c.decided_at),
                ),
            ),
        ),
        where=horizon.recent(matches.c.matched_at),
        named=(matches.c.match_id, matches.c.theme_id),
        name_format="{0} ({1}) is in no story",
    )
    _, strangers = tally(
        connection,
        members,
        (
            ("matched", exists().where(matches.c.match_id == members.c.match_id)),
            ("quarantined", _quarantined(members.c.match_id, Stage.STORE)),
            ("under way", ~horizon.before_end(members, STORIES)),
        ),
        where=horizon.recent(members.c.decided_at),
        named=(members.c.match_id, members.c.story_id),
        name_format="{0} is a member of {1}, but its match is not stored",
    )
    return line_of("stories' members", "matches", _shown(counts), missing, strangers=strangers)


def corrected(connection: Connection, horizon: Horizon) -> Line:
    """Every correction by a person was answered: it changed stories, or there is a reason why not."""
    answer = corrected_rows.c.correction_id == corrections.c.correction_id
    counts, missing = tally(
        connection,
        corrections,
        (
            *((outcome.value, exists().where(answer, corrected_rows.c.outcome == outcome.value)) for outcome in CorrectionOutcome),
            ("quarantined", _quarantined(corrections.c.correction_id, Stage.GROUP, Stage.STORE)),
            ("under way", ~horizon.processed_before(corrections, MATCHES)),
            (LOST, lost_unanswered(connection, corrections, corrections.c.made_at, MATCHES, _GROUPED)),
        ),
        where=horizon.recent(corrections.c.made_at),
        named=(corrections.c.correction_id, corrections.c.story_id),
        name_format="{0} (of story {1}) has no answer",
    )
    _, strangers = tally(
        connection,
        corrected_rows,
        (
            ("asked for", exists().where(answer)),
            ("quarantined", _quarantined(corrected_rows.c.correction_id, Stage.STORE)),
            ("under way", ~horizon.before_end(corrected_rows, STORIES)),
        ),
        where=horizon.recent(corrected_rows.c.decided_at),
        named=(corrected_rows.c.correction_id,),
        name_format="{0} is answered, but the correction is not stored",
    )
    return line_of("corrections", "corrections", _shown(counts), missing, strangers=strangers)


def opened(connection: Connection, horizon: Horizon) -> Line:
    """Every story was opened by one of its members or split off by a person, and every member's story is stored.

    The member that opened a story may be in another one since: if a loss explains that it was decided again.
    """
    of_story = members.c.story_id == stories.c.story_id
    of_opening = and_(earlier_decisions.c.story_id == stories.c.story_id, earlier_decisions.c.relation == Relation.OPENED.value)
    counts, missing = tally(
        connection,
        stories,
        (
            ("opened by a member", exists().where(of_story, members.c.relation == Relation.OPENED.value)),
            ("split off by a person", exists().where(corrected_rows.c.new_story_id == stories.c.story_id)),
            (DECIDED_AGAIN, _decided_again(of_opening)),
            (LOST, lost_unread(connection, stories.c.theme_id, stories.c.opened_at, STORIES, members, members.c.decided_at)),
            ("under way", ~horizon.before_end(stories, STORIES)),
        ),
        where=horizon.recent(stories.c.opened_at),
        named=(stories.c.story_id, stories.c.theme_id),
        name_format="{0} ({1}) has no opening member",
    )
    _, without_story = tally(
        connection,
        members,
        (("in a story", exists().where(of_story)),),
        where=horizon.recent(members.c.decided_at),
        named=(members.c.story_id, members.c.match_id),
        name_format="{0} is not stored, though {1} is a member of it",
    )
    return line_of("stories", "stories", _shown(counts), missing, strangers=without_story)


def _decided_again(earlier: ColumnElement[bool]) -> ColumnElement[bool]:
    """The match of this earlier decision is a member still, of another story; and something explains that it was decided again."""
    return exists().where(earlier, is_explained(), members.c.match_id == earlier_decisions.c.match_id)


def decided(connection: Connection, horizon: Horizon) -> Line:
    """Every decision to alert made one alert revision, and every other decision has a reason."""
    source = members.outerjoin(matches, matches.c.match_id == members.c.match_id)
    finished = horizon.processed_before(matches, MATCHES)
    alerted = members.c.alert_decision.in_([reason.value for reason in ALERTING])
    raised = exists().where(alerts.c.match_id == members.c.match_id, alerts.c.story_id == members.c.story_id)
    quiet = [reason for reason in AlertReason if reason not in ALERTING]
    counts, missing = tally(
        connection,
        source,
        (
            *((reason.value, and_(~alerted, members.c.alert_decision == reason.value)) for reason in quiet),
            ("alerts", and_(alerted, raised)),
            ("under way", ~finished),
            (LOST, lost_unread(connection, members.c.theme_id, members.c.decided_at, ALERTS, alerts, alerts.c.raised_at)),
        ),
        where=horizon.recent(members.c.decided_at),
        named=(members.c.match_id, members.c.story_id, members.c.alert_decision),
        name_format="{0} (story {1}) was decided as {2}, but its alert is not stored",
    )
    by_member = and_(members.c.match_id == alerts.c.match_id, members.c.story_id == alerts.c.story_id, alerted)
    # A burst belongs to a theme, not to a story; the match that caused it is stored.
    is_burst = alerts.c.reason == AlertReason.BURST.value
    of_match = members.c.match_id == alerts.c.match_id
    told = and_(earlier_decisions.c.match_id == alerts.c.match_id, earlier_decisions.c.story_id == alerts.c.story_id)
    earlier = and_(told, earlier_decisions.c.alert_decision.in_([reason.value for reason in ALERTING]))
    _, strangers = tally(
        connection,
        alerts.outerjoin(matches, matches.c.match_id == alerts.c.match_id),
        (
            ("decided", exists().where(by_member)),
            (DECIDED_AGAIN, _decided_again(earlier)),
            ("burst", and_(is_burst, exists().where(of_match))),
            ("under way", ~finished),
        ),
        where=and_(horizon.recent(alerts.c.raised_at), alerts.c.state != AlertState.CLOSED.value, horizon.before_end(alerts, ALERTS)),
        named=(alerts.c.alert_id, alerts.c.revision, alerts.c.match_id),
        name_format="{0} revision {1} is stored, but no member caused it (match {2})",
    )
    shown = {name: count for name, count in counts.items() if count or name in ("alerts", "under way")}
    return line_of("alert decisions", "members", shown, missing, strangers=strangers)


LINES = (answered, named_themes, matched, grouped, corrected, opened, decided)
