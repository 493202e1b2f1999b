"""Polls one feed once, from the request to the report. Publishes nothing.

In: a feed, its state, the clock. Out: a FeedReport, which the service publishes and `newsmon feeds check` only shows. I/O: HTTP, a
worker process.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

from newsmon import ids, metrics
from newsmon.records import Feed, FeedState, FetchResult
from newsmon.settings import ProducerSettings
from newsmon.settings.feed_credentials import FeedCredentials
from producers.addresses.sites import registrable_domain
from producers.answers.outcome import Fetched
from producers.answers.redirects import address_to_poll
from producers.answers.validators import is_same_body, validators_for
from producers.articles.across_feeds import ArticlesAcrossFeeds
from producers.articles.comparison import PollStamp
from producers.articles.known_entries import fingerprints_of
from producers.articles.parse_job import ParsedBody, ParseJob
from producers.articles.publishers import Publishers
from producers.health.network_outage import NetworkOutage, reach_of
from producers.http.fetch import Fetcher
from producers.http.sitemap_fetch import whole_sitemap
from producers.reports.poll_report import FeedReport, PollPolicy, poll_report
from producers.timing.pace import shared_pace, usual_pace
from producers.timing.schedule import Limits
from producers.workers.worker_pool import WorkerPool


def utc_now() -> datetime:
    return datetime.now(UTC)


def stamp_of(feed: Feed, state: FeedState | None, *, now: datetime, worker: str, max_revisions: int) -> PollStamp:
    """The feed's next poll number, and an id that no other attempt has."""
    poll_seq = state.poll_seq + 1 if state else 1
    poll_id = ids.poll_id(feed.feed_id, poll_seq, now.isoformat(), f"{worker}:{random.getrandbits(64)}")
    return PollStamp(poll_seq, poll_id, now, max_revisions)


def limits_of(feed: Feed, settings: ProducerSettings) -> Limits:
    """The bounds for all feeds; a feed's own interval is its longest wait while it is healthy."""
    longest_s = None if feed.interval_s is None else float(feed.interval_s)
    return Limits(settings.interval_s, settings.min_interval_s, settings.max_interval_s, longest_s)


def pace_of_feeds(states: Mapping[str, FeedState | None], feeds: Mapping[str, Feed], settings: ProducerSettings) -> float:
    """The pace at which these feeds spend the budget. The polls that failing feeds do not make go to the others."""
    well = [feed_id for feed_id, state in states.items() if state is None or not state.failure_count]
    if not well:
        return usual_pace(settings.interval_s)
    rhythms = ((state.rhythm if (state := states[one]) else None, limits_of(feeds[one], settings).bounds) for one in well)
    return shared_pace(rhythms, settings.interval_s * len(well) / len(states))


@dataclass
class Poller:
    """Everything that polls share. `worker` is the name that tells this process from others."""

    fetcher: Fetcher
    workers: WorkerPool
    settings: ProducerSettings
    worker: str
    clock: Callable[[], datetime] = utc_now
    pace: float | None = None
    outage: NetworkOutage = field(default_factory=lambda: NetworkOutage("producer"))
    after_fetch: Callable[[Feed, FeedReport, Fetched], FeedReport] | None = None
    credentials: Mapping[str, FeedCredentials] = field(default_factory=dict)  # by feed id
    across: ArticlesAcrossFeeds | None = None
    publishers: Publishers = field(default_factory=dict)

    async def poll(self, feed: Feed, state: FeedState | None) -> FeedReport:
        """Fetch, parse and compare once. Whatever the server does ends in a report; only cancellation is raised."""
        started_at = self.clock()
        stamp = stamp_of(feed, state, now=started_at, worker=self.worker, max_revisions=self.settings.max_revisions)
        validators = validators_for(state, feed, now=started_at)
        address = address_to_poll(feed, state, follow=self.settings.follow_moves)
        fetch = partial(self.fetcher.fetch, credentials=self.credentials.get(feed.feed_id))
        fetched = await fetch(address, etag=validators.etag, last_modified=validators.last_modified)
        fetched = await whole_sitemap(fetched, fetch, max_bytes=self.settings.max_body_bytes, spacing_s=self.settings.host_spacing_s)
        metrics.FEED_FETCH_DURATION.observe(fetched.duration_s)
        policy = self._policy(feed)
        reach = reach_of(fetched.result, fetched.status, failure_count_before=state.failure_count if state else 0)
        outage = self.outage.observe(registrable_domain(feed.url), reach, now=self.clock(), again_after=policy.again_after)
        parsed: ParsedBody | None = None
        if fetched.result is FetchResult.OK and not is_same_body(fetched, state, feed):
            parsed = await self.workers.parse(self._job(feed, state, fetched, started_at))
            metrics.FEEDS_PARSED.labels(parsed.reader or "failed").inc()
        found = poll_report(
            feed, state, stamp, fetched, parsed,
            finished_at=self.clock(), policy=policy, jitter=random.random(), sent=validators, outage=outage,
        )  # fmt: skip
        return found if self.after_fetch is None else self.after_fetch(feed, found, fetched)

    def _policy(self, feed: Feed) -> PollPolicy:
        again_after = timedelta(seconds=self.settings.renotice_s)
        elsewhere = self.across.id_for if self.across else None
        return PollPolicy(limits_of(feed, self.settings), self.pace, self.settings.follow_moves, again_after, elsewhere, self.publishers)

    def _job(self, feed: Feed, state: FeedState | None, fetched: Fetched, first_seen_at: datetime) -> ParseJob:
        return ParseJob(
            feed=feed,
            body=fetched.body,
            content_type=fetched.headers.get("content-type", ""),
            url=fetched.final_url or feed.url,
            max_entries=self.settings.max_entries,
            first_seen_at=first_seen_at,
            fingerprints=fingerprints_of(state.known) if state else frozenset(),
            guids_repeat=state is not None and state.guids_repeat,
            charset=state.charset if state and state.url == feed.url else None,  # another address may have another
            links=state.links if state else None,
        )
