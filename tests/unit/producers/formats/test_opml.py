"""Lists of feeds survive a round trip through OPML; imported lists are merged, with duplicates and mistakes named."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner
from lxml import etree

from newsmon import paths
from newsmon.app.cli.feeds.opml import export_command, import_command
from newsmon.errors import SettingsError
from newsmon.records import Feed
from newsmon.settings.feeds import load_feeds
from producers.formats.opml import NotOpmlError, Outline, read_opml, slug_of, table_of, write_opml
from producers.lists.feed_import import Added, append_to, merged

FULL = Feed(
    feed_id="kyiv-desk", url="https://desk.example/feed?a=1&b=2", source='Kyiv "Desk" & Sons', language="uk", country="UA", tier=2,
    default_zone="Europe/Kyiv", interval_s=120,
)  # fmt: skip
FOREIGN = """<?xml version="1.0" encoding="UTF-8"?><opml version="1.1"><head><title>Mine</title></head><body>
<outline text="World"><outline type="rss" text="Harbour &amp; Wire" xmlUrl="https://harbour.example/rss" htmlUrl="https://harbour.example/" language="en-gb"/>
<outline text="Deeper"><outline TEXT="Новини Києва" XMLURL="feed://kyiv.example/feed"/></outline></outline>
<outline text="Twice" xmlUrl="http://www.harbour.example/rss/"/>
<outline text="No address"/><outline text="Odd" xmlUrl="ftp://odd.example/f"/><outline text="" xmlUrl="https://nameless.example/news/feed.xml"/>
</body></opml>"""


def outline(url: str, title: str = "T", **extra: str) -> Outline:
    return Outline(url, title, "", "", extra)


def test_what_goes_out_comes_back_the_same(tmp_path: Path) -> None:
    feeds = (FULL, Feed(feed_id="plain", url="https://plain.example/f", source="Plain"))
    file = tmp_path / "feeds.toml"
    append_to(file, merged(read_opml(write_opml(feeds, title="x")), ()))
    assert load_feeds(file) == feeds


def test_the_shipped_list_survives_the_round_trip_and_a_second_import_adds_nothing(tmp_path: Path) -> None:
    shipped = load_feeds(paths.seeds() / "feeds.toml")
    file = tmp_path / "feeds.toml"
    imports = merged(read_opml(write_opml(shipped, title="x")), ())
    append_to(file, imports)
    assert load_feeds(file) == shipped
    assert {one.result for one in merged(read_opml(write_opml(shipped, title="x")), shipped)} == {Added.DUPLICATE}


def test_export_writes_opml_that_other_readers_read() -> None:
    root = etree.fromstring(write_opml([FULL], title="Mine"))
    (found,) = root.iter("outline")
    assert (root.tag, root.get("version"), root.findtext("head/title")) == ("opml", "2.0", "Mine")
    assert (found.get("type"), found.get("xmlUrl"), found.get("text")) == ("rss", FULL.url, 'Kyiv "Desk" & Sons (kyiv-desk)')
    assert write_opml([FULL], title="Mine") == write_opml([FULL], title="Mine")


def test_a_foreign_list_is_read_through_its_folders_and_spellings() -> None:
    found = merged(read_opml(FOREIGN.encode()), ())
    assert [(one.result, one.url) for one in found] == [
        (Added.ADDED, "https://harbour.example/rss"),
        (Added.ADDED, "https://kyiv.example/feed"),
        (Added.DUPLICATE, "http://www.harbour.example/rss/"),
        (Added.INVALID, "ftp://odd.example/f"),
        (Added.ADDED, "https://nameless.example/news/feed.xml"),
    ]
    assert [one.detail for one in found] == [
        "harbour-wire", "novyny-kyieva", "harbour-wire", "url: must be an http(s) address", "nameless-example-news-feed-xml",
    ]  # fmt: skip
    first = tomllib.loads(found[0].table)["feed"][0]
    assert first == {"id": "harbour-wire", "url": "https://harbour.example/rss", "source": "Harbour & Wire", "language": "en"}


def test_what_the_file_has_already_is_named_with_its_id_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "feeds.toml"
    file.write_text('# my comment\n[[feed]]\nid = "mine"\nurl = "https://harbour.example/rss"\nsource = "H"  # inline\n', "utf-8")
    imports = merged(read_opml(FOREIGN.encode()), load_feeds(file))
    assert (imports[0].result, imports[0].detail) == (Added.DUPLICATE, "mine")
    append_to(file, imports)
    assert file.read_text("utf-8").startswith('# my comment\n[[feed]]\nid = "mine"')
    assert "# inline" in file.read_text("utf-8")
    assert [feed.feed_id for feed in load_feeds(file)] == ["mine", "novyny-kyieva", "nameless-example-news-feed-xml"]


def test_an_id_that_is_taken_gets_a_number() -> None:
    found = merged(
        [outline("https://a.example/1", "Wire"), outline("https://a.example/2", "Wire"), outline("https://a.example/3", "Wire")], ()
    )
    assert [one.detail for one in found] == ["wire", "wire-2", "wire-3"]
    assert slug_of("x" * 80, "", ["x" * 64]) == "x" * 62 + "-2"


def test_a_value_our_own_attributes_get_wrong_is_named() -> None:
    (one,) = merged([outline("https://a.example/1", tier="nine", default_zone="Mars/Base")], ())
    assert one.result is Added.INVALID
    assert "tier" in one.detail
    assert "default_zone" in one.detail


@pytest.mark.parametrize("host", ["a.example", "[::1"])
def test_a_password_in_an_address_is_not_shown(host: str) -> None:
    (one,) = merged([outline(f"https://user:hunter2@{host}/1")], ())
    assert (one.result, one.url) == (Added.INVALID, f"https://***@{host}/1")
    assert "hunter2" not in one.detail


@pytest.mark.parametrize("body", [b"", b"<html><body>hi</body></html>", b"not xml", b"<rss version='2.0'/>"])
def test_what_is_no_opml_is_refused(body: bytes) -> None:
    with pytest.raises(NotOpmlError):
        read_opml(body)


def test_a_list_cut_off_is_read_as_far_as_it_goes() -> None:
    assert [one.url for one in read_opml(FOREIGN.encode()[:420])][:1] == ["https://harbour.example/rss"]


def test_texts_that_would_break_the_file_do_not(tmp_path: Path) -> None:
    nasty = 'a"b\\c\n[[feed]]\u007f\tünï'
    file = tmp_path / "f.toml"
    append_to(file, merged([outline("https://a.example/1", nasty)], ()))
    assert load_feeds(file)[0].source.startswith('a"b\\c')
    assert tomllib.loads(table_of({"id": nasty}))["feed"]


def test_the_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "f.toml"
    file.write_text("feed = []\n", "utf-8")  # tables cannot be appended to a list written inline
    with pytest.raises(SettingsError):
        append_to(file, merged([outline("https://a.example/1")], ()))
    assert file.read_text("utf-8") == "feed = []\n"
    assert list(tmp_path.iterdir()) == [file]


def test_the_commands_as_a_person_uses_them(tmp_path: Path) -> None:
    opml, config, feeds = tmp_path / "in.opml", tmp_path / "newsmon.toml", tmp_path / "feeds.toml"
    opml.write_text(FOREIGN, "utf-8")
    config.write_text('[producer]\nfeeds_file = "feeds.toml"\n', "utf-8")
    run = CliRunner()
    dry = run.invoke(import_command, ["--config", str(config), "--dry-run", str(opml)])
    assert (dry.exit_code, feeds.exists()) == (1, False)
    done = run.invoke(import_command, ["--config", str(config), str(opml)])
    assert done.exit_code == 1, "an invalid feed is a no"
    assert "duplicate  http://www.harbour.example/rss/  as harbour-wire" in done.output
    assert f"3 added to {feeds}, 1 already there, 1 invalid." in done.output
    out = tmp_path / "out.opml"
    assert run.invoke(export_command, ["--config", str(config), str(out)]).exit_code == 0
    again = run.invoke(import_command, ["--config", str(config), str(out)])
    assert (again.exit_code, "0 added to" in again.output, "3 already there" in again.output) == (0, True, True)


def test_the_list_newsmon_came_with_is_not_written_to(tmp_path: Path) -> None:
    opml = tmp_path / "in.opml"
    opml.write_text(FOREIGN, "utf-8")
    answer = CliRunner().invoke(import_command, ["--to", str(paths.seeds() / "feeds.toml"), str(opml)])
    assert isinstance(answer.exception, SettingsError)
