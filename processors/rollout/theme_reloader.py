"""Keeps one worker on the active theme set: watches the directory, proposes its changes, adopts what the topic holds.

In: settings, the directory, news.themes. Out: a call of `adopt` with each new set; metrics; notices. The rules are in `active_themes`.
I/O: files, Kafka. All or nothing: a directory with a single problem, or a failing example, changes nothing.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from newsmon.codec import encode
from newsmon.errors import DependencyError, Problem, PublishError, RecordError, SettingsError
from newsmon.logs import get_logger
from newsmon.metrics import CONFIG_GENERATION, CONFIG_RELOAD_AT, CONFIG_RELOAD_OK, announce_themes
from newsmon.records import ActiveThemes, NoticeState
from newsmon.settings import Settings
from newsmon.topics import NOTICES, THEMES
from newsmon.words.watch import WordWatch
from processors.handling.kafka_access import KafkaAccess
from processors.handling.messages import Outgoing
from processors.matching.active_themes import KEY, SUBJECT, Step, failing_examples, files_of, first_step, notice_of, proposal
from processors.rollout.theme_topic import ThemeTopic
from processors.themes import ThemeFiles, ThemeSet, compile_files, read_files
from processors.themes.files import Fingerprint, fingerprint

BACKOFF_S = 2.0
LOOKED_FILE = "themes-looked-at.json"

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Trouble:
    """The reason why the directory is refused at the moment, and since when."""

    problems: tuple[Problem, ...]
    generation: str
    opened_at: datetime


class ThemeReloader:
    """One worker's reloader: call `start` before anything is classified, and let `run` run next to the runner."""

    def __init__(self, settings: Settings, kafka: KafkaAccess, adopt: Callable[[ThemeSet], None], words: WordWatch, *, worker: str) -> None:
        self._settings = settings
        self._directory = settings.themes.directory
        self._kafka = kafka
        self._adopt = adopt
        self._words = words
        self._worker = worker
        self._topic = ThemeTopic(settings, client_id=f"{worker.partition('@')[0]}-themes")
        self._active: str | None = None
        self._seen: Fingerprint = ()
        self._trouble: Trouble | None = None

    async def start(self) -> None:
        """Adopt the first set. SettingsError when neither directory nor topic holds a usable one."""
        self._seen = fingerprint(self._directory)
        problems: tuple[Problem, ...] = ()
        try:
            files, themes = await asyncio.to_thread(_usable, self._directory, examples=False)
        except SettingsError as error:
            files, themes, problems = None, None, error.problems
        record = await self._newest()
        own = None if themes is None else themes.generation
        step = first_step(own=own, active=record.generation if record is not None else None, last_looked=self._last_looked())
        if step is Step.REFUSE:
            raise SettingsError(problems)
        if step is Step.PROPOSE and files is not None and themes is not None:
            await self._kafka.publish([_outgoing(proposal(files, themes, now=datetime.now(UTC), worker=self._worker))])
            record = await self._newest() or record
        if themes is not None:
            self._remember(themes.generation)
        if record is not None and record.generation != own:
            log.warning("themes.directory_not_active", directory=str(self._directory), active=record.generation, proposed_by=record.worker)
            try:
                themes = await asyncio.to_thread(compile_files, files_of(record))
            except (SettingsError, RecordError) as error:
                if themes is None:
                    raise
                log.error("themes.record_refused", generation=record.generation, error=str(error)[:500])
        assert themes is not None  # one of the two was usable
        self._activate(themes)
        if problems:
            await self._refuse(problems)

    async def run(self, stop: asyncio.Event) -> None:
        """Watch topic and directory until `stop` is set."""
        check_s = self._settings.themes.reload_check_s
        next_check_s = time.monotonic() + check_s
        changed: Fingerprint | None = None
        try:
            while not stop.is_set():
                await self._follow()
                if time.monotonic() < next_check_s:
                    continue
                next_check_s = time.monotonic() + check_s
                self._words.look()
                now = fingerprint(self._directory)
                if now == self._seen:
                    changed = None
                elif now != changed:
                    changed = now  # perhaps still being written: check again
                else:
                    self._seen, changed = now, None
                    await self._consider()
        finally:
            await self._topic.close()

    async def _follow(self) -> None:
        """Adopt a set that has arrived on the topic."""
        try:
            record = await self._topic.next()
        except DependencyError as error:
            log.warning("themes.topic_out_of_reach", error=str(error)[:200], retry_in_s=BACKOFF_S)
            await asyncio.sleep(BACKOFF_S)
            return
        if record is None or record.generation == self._active:
            return
        try:
            themes = await asyncio.to_thread(compile_files, files_of(record))
        except (SettingsError, RecordError) as error:
            problems = error.problems if isinstance(error, SettingsError) else (Problem("news.themes", str(error)),)
            await self._refuse(problems)
            return
        self._activate(themes)
        await self._accepted()

    async def _consider(self) -> None:
        """Propose the changed directory if all of it can be used."""
        try:
            files, themes = await asyncio.to_thread(_usable, self._directory, examples=True)
            if themes.generation != self._active:
                await self._kafka.publish([_outgoing(proposal(files, themes, now=datetime.now(UTC), worker=self._worker))])
        except SettingsError as error:
            await self._refuse(error.problems)
            return
        except PublishError as error:
            await self._refuse((Problem(str(self._directory), f"too large for one record: {error}"),))
            return
        self._remember(themes.generation)
        log.info("themes.proposed", generation=themes.generation, active=self._active)
        await self._accepted()

    def _activate(self, themes: ThemeSet) -> None:
        before, self._active = self._active, themes.generation
        announce_themes(theme.theme_id for theme in themes.themes)
        self._adopt(themes)
        CONFIG_GENERATION.info({"generation": themes.generation})
        CONFIG_RELOAD_OK.set(1)
        CONFIG_RELOAD_AT.set_to_current_time()
        log.info("themes.active", generation=themes.generation, before=before, themes=len(themes.themes))

    async def _refuse(self, problems: tuple[Problem, ...]) -> None:
        CONFIG_RELOAD_OK.set(0)
        for problem in problems:
            log.error("themes.refused", where=problem.where, problem=problem.message, active=self._active)
        if self._trouble is not None and self._trouble.problems == problems:
            return
        await self._resolve()
        self._trouble = Trouble(problems, self._active or "", datetime.now(UTC))
        await self._notify(self._trouble, NoticeState.RAISED, 1)

    async def _accepted(self) -> None:
        """The newest files are usable: say so, and resolve the notice about unusable ones."""
        CONFIG_RELOAD_OK.set(1)
        await self._resolve()

    async def _resolve(self) -> None:
        if self._trouble is not None:
            trouble, self._trouble = self._trouble, None
            await self._notify(trouble, NoticeState.RESOLVED, 2)

    async def _notify(self, trouble: Trouble, state: NoticeState, revision: int) -> None:
        notice = notice_of(
            trouble.problems, generation=trouble.generation, revision=revision, state=state, opened_at=trouble.opened_at,
            now=datetime.now(UTC),
        )  # fmt: skip
        await self._kafka.publish([Outgoing(NOTICES, SUBJECT.encode(), encode(notice))])

    async def _newest(self) -> ActiveThemes | None:
        while True:
            try:
                return await self._topic.newest()
            except DependencyError as error:
                log.warning("themes.topic_out_of_reach", error=str(error)[:200], retry_in_s=BACKOFF_S)
                await asyncio.sleep(BACKOFF_S)

    def _last_looked(self) -> str | None:
        """The generation of this directory when it was last read; None when it never was."""
        try:
            known = json.loads((self._settings.state_dir / LOOKED_FILE).read_text("utf-8"))
        except (OSError, ValueError):
            return None
        found = known.get(str(self._directory.resolve())) if isinstance(known, dict) else None
        return found if isinstance(found, str) else None

    def _remember(self, generation: str) -> None:
        """Store the generation of the directory in use only: a different directory in the settings is a change, even one used before."""
        path = self._settings.state_dir / LOOKED_FILE
        scratch = path.with_suffix(f".{self._worker.rpartition(':')[2]}.tmp")
        try:
            scratch.write_text(json.dumps({str(self._directory.resolve()): generation}), "utf-8")
            scratch.replace(path)
        except OSError as error:
            log.warning("themes.state_not_kept", file=str(path), error=str(error))


def _usable(directory: Path, *, examples: bool) -> tuple[ThemeFiles, ThemeSet]:
    """The directory's files and the set they compile to. SettingsError with every problem, with `examples` also failing examples."""
    files = read_files(directory)
    themes = compile_files(files)
    failing = failing_examples(themes) if examples else []
    if failing:
        raise SettingsError(failing)
    return files, themes


def _outgoing(record: ActiveThemes) -> Outgoing:
    return Outgoing(THEMES, KEY, encode(record))
