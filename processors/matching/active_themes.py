"""Decides the active theme set, the same way in every worker: it is the newest record on news.themes.

The protocol. A changed directory is only a proposal: the worker that sees the change publishes the whole files and keeps its present
set. Every worker, the proposer too, adopts what it reads from the topic, in the topic's order. The topic has one partition, so all
workers see the same order and end with the same set, at most one read apart. Two workers may propose at once: both read both
proposals, and the later one stays. Each match names the generation that made it.

A directory proposes at a worker's start only when it has changed since it was last read (the state directory keeps that); otherwise
a worker that returns with old files would roll the others back. A directory never read before counts as changed, and so does a different
directory in the settings, or a roll-back. An unusable directory never proposes; the worker then starts with the set on the topic, or
with the directory's last good files, and refuses to start when there is neither.
"""

from __future__ import annotations

import json
import zlib
from datetime import datetime
from enum import StrEnum

from newsmon import ids
from newsmon.errors import Problem, RecordError, RecordFault
from newsmon.records import ActiveThemes, Notice, NoticeKind, NoticeState, Severity
from processors.matching.lint import Kind, check_examples
from processors.themes import ThemeFiles, ThemeSet

KEY = b"active"
SUBJECT = "processor"
MOST_ARCHIVE_BYTES = 256 * 1024 * 1024  # unpacked: a record must not fill the memory


class Step(StrEnum):
    """A worker's first step with its directory."""

    REFUSE = "refuse"  # no usable directory, nothing on the topic
    PROPOSE = "propose"
    RESTORE = "restore"  # propose the directory's last good files
    ADOPT = "adopt"  # the set on the topic


def first_step(*, own: str | None, active: str | None, last_looked: str | None, kept: str | None = None) -> Step:
    """The first step at a start; `own` is the directory's generation (None: unusable), `last_looked` the one it had when last read.

    `kept` is the generation of its last good files.
    """
    if active is None:
        return Step.PROPOSE if own is not None else Step.RESTORE if kept is not None else Step.REFUSE
    if own is None or own in (active, last_looked):
        return Step.ADOPT
    return Step.PROPOSE


def proposal(files: ThemeFiles, themes: ThemeSet, *, now: datetime, worker: str) -> ActiveThemes:
    """The record that proposes these files to every worker; they must have compiled to `themes`."""
    texts = {name: content.decode("utf-8") for name, content in files.everything().items()}
    return ActiveThemes(
        generation=themes.generation, theme_ids=tuple(theme.theme_id for theme in themes.themes),
        archive=zlib.compress(json.dumps(texts, ensure_ascii=False, sort_keys=True).encode()), published_at=now, worker=worker,
    )  # fmt: skip


def files_of(record: ActiveThemes) -> ThemeFiles:
    """The files in a record. RecordError when they cannot be unpacked."""
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
    """The failing examples; a set that has any does not go live."""
    return [Problem(one.where, one.message) for one in check_examples(themes) if one.kind is Kind.EXAMPLE_FAILS]


def trouble_id(problems: tuple[Problem, ...], generation: str) -> str:
    """The id of the notice about refused theme files: equal problems give an equal id in every worker."""
    episode = f"{generation}\n" + "\n".join(str(one) for one in problems)
    return ids.notice_id(NoticeKind.THEMES_REFUSED, SUBJECT, episode)


def notice_of(
    problems: tuple[Problem, ...], *, generation: str, revision: int, state: NoticeState, opened_at: datetime, now: datetime
) -> Notice:
    """The notice to operators about refused theme files. The same problems again, after they were mended, have a higher revision."""
    count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"
    text = f"The changed theme files are invalid ({count}, the first: {problems[0]}). Generation {generation} stays active."
    if state is NoticeState.RESOLVED:
        text = f"The theme files are valid again (earlier problem: {problems[0]})."
    return Notice(
        notice_id=trouble_id(problems, generation), revision=revision, kind=NoticeKind.THEMES_REFUSED,
        state=state, subject=SUBJECT, severity=Severity.URGENT, text=text, opened_at=opened_at, at=now, stage="processor",
        details={"generation": generation, **{f"problem_{number}": str(one) for number, one in enumerate(problems[:10], 1)}},
    )  # fmt: skip
