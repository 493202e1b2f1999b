"""The articles that this producer's feeds have shown lately, so that one page under several spellings of its address is one article.

The same words and date at addresses with one skeleton (`www.`, mobile, AMP, a slash at the end) take the id that the first feed gave
them, and so do links to the address that a page which was read names as its own. In memory and bounded; filled again from the feeds'
states after a restart. Replicas do not see each other's feeds: where two of them show one article under two spellings, it stays two.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from newsmon import ids
from newsmon.records import FeedState, KnownEntry
from producers.articles.draft import Draft
from producers.articles.known_entries import newest_entries
from producers.articles.matching import TELLING_TITLE_CHARS

MOST = 50_000  # about 16 MB; ten thousand feeds bring as many articles in half a day
OF_A_FEED = 50  # of one feed's state, at most


class ArticlesAcrossFeeds:
    """What was shown, the newest last."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._ids: OrderedDict[str, str] = OrderedDict()
        self._pages: OrderedDict[str, str | None] = OrderedDict()  # by the id of a canonical address; None: several articles name it
        self._filled: frozenset[str] = frozenset()

    def id_for(self, draft: Draft) -> str | None:
        """The id that the same words at the same page have; the draft's own if they are shown for the first time."""
        key, named = _key(draft), self._pages.get(draft.article_id)
        if key is None or not _says_enough(draft):
            return named
        self._ids.setdefault(key, named or draft.article_id)
        self._ids.move_to_end(key)
        while len(self._ids) > self._most:
            self._ids.popitem(last=False)
        return self._ids[key]

    def same_page(self, canonical: str | None, article_id: str | None) -> None:
        """The page of an article was read, and names this address as its own: entries that link there are that article."""
        if canonical is None or article_id is None:
            return
        page_id = ids.article_id_of_url(canonical)
        if self._pages.setdefault(page_id, article_id) != article_id:
            self._pages[page_id] = None  # a site that names one address on all its pages
        while len(self._pages) > self._most:
            self._pages.popitem(last=False)

    def unfilled(self, feed_ids: Iterable[str]) -> frozenset[str]:
        """The feeds whose states were not looked at since they came here."""
        owned = frozenset(feed_ids)
        if owned == self._filled:
            return frozenset()
        self._filled &= owned
        return owned - self._filled

    def fill(self, feed_id: str, state: FeedState | None, *, feed_count: int) -> None:
        """Remember what a feed showed last, as its state has it. What is remembered already stays."""
        self._filled |= {feed_id}
        if state is None:
            return
        for entry in newest_entries(state.known, min(OF_A_FEED, max(1, self._most // max(1, feed_count)))):
            key = _key(entry)
            if key is not None and len(self._ids) < self._most:
                self._ids.setdefault(key, entry.article_id)


def _says_enough(draft: Draft) -> bool:
    """False for a short title without text or date, such as "Weather": at another spelling of the address it may be another site's."""
    return bool(draft.lead or draft.body or draft.date_hash) or len(draft.title) >= TELLING_TITLE_CHARS


def _key(one: Draft | KnownEntry) -> str | None:
    return f"{one.link_hash}{one.content_hash}{one.date_hash or ''}" if one.link_hash else None
