"""The shipped list of feeds, and every mistake a list can hold."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.shipped import shipped_feeds

from newsmon.errors import SettingsError
from newsmon.settings.feeds import load_feeds, same_address

GOOD = '[[feed]]\nid = "a"\nurl = "https://a.example/feed"\nsource = "A"\n'

# At least so many feeds from which the news of each area comes.
AREAS = {
    "world": (10, {"bbc-world", "guardian-world", "nyt-world", "al-jazeera", "france24-en", "dw-en", "npr-world", "tagesschau", "le-monde-en", "un-news"}),
    "ukraine": (10, {"kyiv-independent", "ukrinform-en", "pravda-ua", "pravda-ua-en", "unian-en", "tsn-ua", "nv-ua", "espreso", "meduza-ru", "un-peace-security"}),
    "australia": (8, {"abc-top", "abc-just-in", "guardian-australia", "smh", "the-age", "sbs-news", "canberra-times", "aspi-strategist"}),
    "us-trade": (6, {"ustr", "white-house-actions", "federal-register-ustr", "wto-news", "us-cbp", "supply-chain-dive"}),
    "defence": (6, {"defense-news", "defense-one", "breaking-defense", "military-times", "usni-news", "uk-mod"}),
}  # fmt: skip
REFUSING = (
    "peacekeeping.un.org", "nato.int", "eeas.europa.eu", "osce.org", "cfr.org", "janes.com", "acleddata.com", "feeds.reuters.com",
    "understandingwar.org", "rand.org", "chathamhouse.org", "csis.org", "defence.gov.au", "news.google.com",
)  # fmt: skip


def problems_of(text: str, tmp_path: Path) -> list[str]:
    file = tmp_path / "feeds.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(SettingsError) as caught:
        load_feeds(file)
    return [str(problem).removeprefix(str(file)) for problem in caught.value.problems]


def test_the_shipped_list_loads_and_holds_enough_feeds() -> None:
    feeds = shipped_feeds()
    assert len(feeds) >= 55
    assert len({feed.feed_id for feed in feeds}) == len(feeds)
    assert len({same_address(feed.url) for feed in feeds}) == len(feeds)
    assert {feed.language for feed in feeds} >= {"en", "uk", "ru", "de"}


@pytest.mark.parametrize("area", AREAS)
def test_the_shipped_list_covers(area: str) -> None:
    least, named = AREAS[area]
    assert len(named & {feed.feed_id for feed in shipped_feeds()}) >= least


def test_the_shipped_list_knows_publisher_country_and_zone_of_every_feed() -> None:
    for feed in shipped_feeds():
        assert feed.source, feed.feed_id
        assert feed.country, feed.feed_id
        assert feed.default_zone, feed.feed_id
        assert feed.url.startswith("https://"), feed.feed_id


def test_no_address_known_to_refuse_readers_is_shipped() -> None:
    hosts = [feed.url.split("/")[2] for feed in shipped_feeds()]
    assert [host for host in hosts if host.endswith(REFUSING)] == []


@pytest.mark.parametrize(
    ("text", "where", "says"),
    [
        (GOOD + GOOD.replace("a.example", "b.example"), ":feed.1.id", "is already used by feed.0"),
        (GOOD + GOOD.replace('"a"', '"b"').replace("https://a.example/feed", "http://www.A.example/feed/"), ":feed.1.url", "is already used by feed.0"),
        (GOOD + 'default_zone = "Australia/Sidney"\n', ":feed.0.default_zone", "is not a time zone"),
        (GOOD + 'langauge = "en"\n', ":feed.0.langauge", "unknown key"),
        (GOOD + "tier = 5\n", ":feed.0.tier", "must be at most 4"),
        (GOOD + "interval_s = 0\n", ":feed.0.interval_s", "must be at least 1"),
        (GOOD.replace('"a"', '"Ä b"'), ":feed.0.id", "must be 1 to 64 characters of a-z"),
        (GOOD.replace("https:", "ftp:"), ":feed.0.url", "must be an http(s) address"),
        (GOOD.replace("a.example", "me:secret@a.example"), ":feed.0.url", "name that file in credentials_file"),
        (GOOD.replace('source = "A"\n', ""), ":feed.0.source", "is missing"),
        ("title = 'x'\n" + GOOD, ":title", "unknown key"),
        ("[[feed]\n", "", "cannot be read"),
        ("", "", "contains no [[feed]]"),
        ('feed = "x"\n', ":feed", "must be [[feed]] tables"),
        ("feed = [1]\n", ":feed.0", "must be a table"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_file_and_key(text: str, where: str, says: str, tmp_path: Path) -> None:
    (problem,) = problems_of(text, tmp_path)
    assert problem.startswith(f"{where}: ")
    assert says in problem


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    found = problems_of(GOOD + "tier = 9\nnonsense = 1\n" + GOOD.replace("https:", "gopher:"), tmp_path)
    assert len(found) == 3


def test_a_missing_list_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such file"):
        load_feeds(tmp_path / "none.toml")
