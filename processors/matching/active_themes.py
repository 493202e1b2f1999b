"""Which theme set is active, decided the same way by every worker: the newest record on news.themes is, and nothing else. [pure]

The protocol. A changed directory is only a proposal: the worker that sees it publishes the files, whole, and goes on with what it
had. Every worker, the proposer too, adopts what it reads from the topic, in the topic's order; the topic has one partition, so all
see the same order and end with the same set, at most one read apart. Two workers that propose at once are no trouble: both
proposals are read by both, the later one stays. Each match names the generation it was made with.

Whether a directory proposes when a worker starts: only when it holds something else than when it was last looked at (kept in the
state directory), else a worker that comes back with old files would take the others back to them. A directory never looked at
before counts as changed: so does another directory in the settings, and a roll-back. A directory that cannot be used never
proposes; the worker then starts with the set on the topic, and refuses to start when there is none.
"""

from __future__ import annotations

import json
import zlib
from datetime import datetime
from enum import StrEnum

from newsmon import ids
from newsmon.errors import Problem, RecordError, RecordFault
from newsmon.records import ActiveThemes, Notice, NoticeKind, NoticeState, Severity
from processors.matching.lint import Kind, lint
from processors.themes import ThemeFiles, ThemeSet

KEY = b"active"
SUBJECT = "processor"
MOST_ARCHIVE_BYTES = 256 * 1024 * 1024  # unpacked: no record may fill the memory


class Step(StrEnum):
    """What a worker does with its directory when it starts."""

    REFUSE = "refuse"  # no usable directory, nothing on the topic
    PROPOSE = "propose"
    ADOPT = "adopt"  # what is on the topic


def first_step(*, own: str | None, active: str | None, last_looked: str | None) -> Step:
    """What to do at the start; `own` is the directory's generation (None: unusable), `last_looked` what it was before."""
    if active is None:
        return Step.REFUSE if own is None else Step.PROPOSE
    if own is None or own in (active, last_looked):
        return Step.ADOPT
    return Step.PROPOSE


def proposal(files: ThemeFiles, themes: ThemeSet, *, now: datetime, worker: str) -> ActiveThemes:
    """The record that makes these files everybody's; they must have compiled to `themes`."""
    texts = {name: content.decode("utf-8") for name, content in files.everything().items()}
    return ActiveThemes(
        generation=themes.generation, theme_ids=tuple(theme.theme_id for theme in themes.themes),
        archive=zlib.compress(json.dumps(texts, ensure_ascii=False, sort_keys=True).encode()), published_at=now, worker=worker,
    )  # fmt: skip


def files_of(record: ActiveThemes) -> ThemeFiles:
    """The files a record carries. RecordError when they cannot be unpacked."""
    unpacker = zlib.decompressobj()
    try:
        raw = unpacker.decompress(record.archive, MOST_ARCHIVE_BYTES)
        if not unpacker.eof:
            raise RecordError(RecordFault.WRONG_SHAPE, "the archive is cut off or too large")
        texts = json.loads(raw)
        return ThemeFiles.of({str(name): text.encode("utf-8") for name, text in texts.items()})
    except (zlib.error, ValueError, AttributeError) as error:
        raise RecordError(RecordFault.WRONG_SHAPE, f"the archive cannot be read: {error}") from error


def failing_examples(themes: ThemeSet) -> list[Problem]:
    """A theme that fails its own examples does not go live by itself."""
    return [Problem(one.where, one.message) for one in lint(themes) if one.kind is Kind.EXAMPLE_FAILS]


def notice_of(
    problems: tuple[Problem, ...], *, generation: str, revision: int, state: NoticeState, opened_at: datetime, now: datetime
) -> Notice:
    """Refused theme files, said to the operators; equal problems give an equal id in every worker."""
    episode = f"{generation}\n" + "\n".join(str(one) for one in problems)
    count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"
    text = f"changed theme files are not used ({count}, the first: {problems[0]}); generation {generation} stays active"
    if state is NoticeState.RESOLVED:
        text = f"theme files can be used again (there was: {problems[0]})"
    return Notice(
        notice_id=ids.notice_id(NoticeKind.THEMES_REFUSED, SUBJECT, episode), revision=revision, kind=NoticeKind.THEMES_REFUSED,
        state=state, subject=SUBJECT, severity=Severity.URGENT, text=text, opened_at=opened_at, at=now, stage="processor",
        details={"generation": generation, **{f"problem_{number}": str(one) for number, one in enumerate(problems[:10], 1)}},
    )  # fmt: skip
