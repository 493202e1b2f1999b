"""Keeps one worker on the active theme set: watches the directory, proposes its changes, adopts what the topic holds.

In: settings, the directory, news.themes. Out: a call of `adopt` with each new set; metrics; notices. The rules are in `active_themes`.
I/O: files, Kafka. All or nothing: a directory with a single problem, or a failing example, changes nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
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
from processors.matching.active_themes import KEY, SUBJECT, Step, failing_examples, files_of, first_step, notice_of, proposal, trouble_id
from processors.rollout.kept_themes import KeptThemes, Trouble
from processors.rollout.theme_topic import ThemeTopic
from processors.themes import ThemeFiles, ThemeSet, compile_files, read_files
from processors.themes.files import Fingerprint, fingerprint

BACKOFF_S = 2.0

Usable = tuple[ThemeFiles, ThemeSet]

log = get_logger(__name__)


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
        self._kept = KeptThemes(settings.state_dir, self._directory)
        self._trouble = self._kept.trouble()  # an earlier process may have raised the notice

    async def start(self) -> None:
        """Adopt the first set. SettingsError when directory, topic and state directory hold no usable one."""
        self._seen = fingerprint(self._directory)
        problems: tuple[Problem, ...] = ()
        own: Usable | None = None
        try:
            own = await asyncio.to_thread(_usable, self._directory, examples=False)
        except SettingsError as error:
            problems = error.problems
        kept = None if own is not None else await asyncio.to_thread(self._kept.last_good)
        record = await self._newest()
        step = first_step(
            own=_generation(own), active=record.generation if record is not None else None, last_looked=self._kept.last_looked(),
            kept=_generation(kept),
        )  # fmt: skip
        if step is Step.REFUSE:
            raise SettingsError(problems)
        if step is Step.PROPOSE and record is not None and own is not None:
            problems = tuple(await asyncio.to_thread(failing_examples, own[1]))
        offered = kept if step is Step.RESTORE else own if step is Step.PROPOSE and not problems else None
        if offered is not None:
            await self._kafka.publish([_outgoing(proposal(*offered, now=datetime.now(UTC), worker=self._worker))])
            record = await self._newest() or record
        if own is not None and not problems:
            self._remember(own)
        self._activate(await self._first_set(record, own or kept, problems))
        if problems:
            await self._refuse(problems)
        else:
            await self._accepted()

    async def _first_set(self, record: ActiveThemes | None, own: Usable | None, problems: tuple[Problem, ...]) -> ThemeSet:
        """The topic's set; if this version refuses that, the directory's own."""
        if record is None or record.generation == _generation(own):
            assert own is not None  # one of the two was usable
            return own[1]
        log.warning("themes.directory_not_active", directory=str(self._directory), active=record.generation, proposed_by=record.worker)
        try:
            return await asyncio.to_thread(compile_files, files_of(record))
        except (SettingsError, RecordError) as error:
            log.error("themes.record_refused", generation=record.generation, error=str(error)[:500])
            if own is None:
                raise SettingsError(problems) from error
            return own[1]

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
        self._remember((files, themes))
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
        trouble = self._trouble
        if trouble is None or trouble.problems != problems:
            await self._resolve()
            generation = self._active or ""
            revision = self._kept.next_revision(trouble_id(problems, generation))
            trouble = Trouble(problems, generation, datetime.now(UTC), revision)
            self._keep_trouble(trouble)
        if not trouble.is_told:  # an earlier process may have ended before Kafka took its notice
            await self._notify(trouble, NoticeState.RAISED, trouble.revision)
            self._keep_trouble(replace(trouble, is_told=True))

    def _keep_trouble(self, trouble: Trouble | None) -> None:
        self._trouble = trouble
        self._kept.keep_trouble(trouble)

    async def _accepted(self) -> None:
        """The newest files are usable: say so, and resolve the notice about unusable ones."""
        CONFIG_RELOAD_OK.set(1)
        await self._resolve()

    async def _resolve(self) -> None:
        if self._trouble is not None:
            trouble, self._trouble = self._trouble, None
            await self._notify(trouble, NoticeState.RESOLVED, trouble.revision + 1)
            self._kept.mended(trouble_id(trouble.problems, trouble.generation), trouble.revision + 1)
            self._keep_trouble(None)

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

    def _remember(self, good: Usable) -> None:
        self._kept.keep(good[0])
        self._kept.looked(good[1].generation)


def _generation(one: Usable | None) -> str | None:
    return None if one is None else one[1].generation


def _usable(directory: Path, *, examples: bool) -> Usable:
    """The directory's files and the set they compile to. SettingsError with every problem, with `examples` also failing examples."""
    files = read_files(directory)
    themes = compile_files(files)
    failing = failing_examples(themes) if examples else []
    if failing:
        raise SettingsError(failing)
    return files, themes


def _outgoing(record: ActiveThemes) -> Outgoing:
    return Outgoing(THEMES, KEY, encode(record))
