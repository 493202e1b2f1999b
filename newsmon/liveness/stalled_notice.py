"""The notice that a stage stalled and is being restarted. It is raised and never resolved.

In: the stage, the reason. Out: a record on news.notices. I/O: Kafka, with a client of its own.
"""

from __future__ import annotations

from datetime import UTC, datetime

from newsmon import ids
from newsmon.codec import encode
from newsmon.errors import PublishError
from newsmon.kafka.publisher import Keyed, Publisher
from newsmon.logs import get_logger
from newsmon.records import Notice, NoticeKind, NoticeState, Severity
from newsmon.settings import Settings
from newsmon.topics import NOTICES

ACKNOWLEDGED_WITHIN_S = 8.0

log = get_logger(__name__)


def stalled_notice(stage: str, why: str, *, now: datetime) -> Notice:
    """The notice. The restart is the remedy, so nothing resolves it later."""
    text = f"The {stage} stage stalled and is being restarted: {why}. It continues with the waiting work after the restart."
    return Notice(
        notice_id=ids.notice_id(NoticeKind.STAGE_STALLED.value, stage, now.isoformat()), revision=1, kind=NoticeKind.STAGE_STALLED,
        state=NoticeState.RAISED, subject=stage, severity=Severity.URGENT, text=text, opened_at=now, at=now, stage=stage,
    )  # fmt: skip


def tell_stall(settings: Settings, stage: str, why: str, *, noticed_at: datetime | None = None) -> bool:
    """Publish the notice. False, with a log line, when Kafka did not take it although it may take others.

    `noticed_at` names the stall: a second attempt to tell of it is the same notice. Default: now.
    """
    notice = stalled_notice(stage, why, now=noticed_at or datetime.now(UTC))
    try:
        with Publisher(settings, client_id=f"newsmon-{stage}-stalled") as publisher:
            publisher.publish(NOTICES, [Keyed(stage.encode(), encode(notice))], within_s=ACKNOWLEDGED_WITHIN_S)
    except PublishError as error:
        log.error("notice.not_published", kind=notice.kind.value, reason=str(error)[:300])
        return not error.retryable
    return True
