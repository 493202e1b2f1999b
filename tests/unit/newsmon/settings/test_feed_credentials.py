"""Secrets of feeds: read from files, for the feed's own host only, and shown nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsmon.errors import SettingsError
from newsmon.settings.feed_credentials import Credentials, load_credentials
from newsmon.settings.feeds import load_feeds

FEEDS = """
[[feed]]
id = "a"
url = "https://a.example/feed"
source = "A"
auth_file = "a.auth"
headers_file = "a.headers"
[[feed]]
id = "b"
url = "https://b.example/feed"
source = "B"
"""


def feeds_with(
    directory: Path, auth: bytes = b"me:s3cr3t:x\n", headers: bytes = b"# theirs\nX-Key: s3cr3t key\nCookie: a=s3cr3t\n"
) -> Path:
    file = directory / "feeds.toml"
    file.write_text(FEEDS, "utf-8")
    (directory / "a.auth").write_bytes(auth)
    (directory / "a.headers").write_bytes(headers)
    return file


def test_a_password_and_headers_come_from_files_beside_the_list_and_no_feed_has_them(tmp_path: Path) -> None:
    file = feeds_with(tmp_path)
    found = load_credentials(file)
    assert found["a"].headers == {"Authorization": "Basic bWU6czNjcjN0Ong=", "X-Key": "s3cr3t key", "Cookie": "a=s3cr3t"}
    assert list(found) == ["a"]
    assert "s3cr3t" not in repr(load_feeds(file)) + repr(found)


@pytest.mark.parametrize(
    ("url", "goes"),
    [
        ("https://a.example/other", True),
        ("https://A.example:443/feed", True),
        ("http://a.example/feed", False),
        ("https://a.example:8443/feed", False),
        ("https://www.a.example/feed", False),
        ("https://evil.example/feed", False),
        ("https://a.example@evil.example/feed", False),
    ],
)
def test_secrets_go_to_the_feeds_own_host_only(url: str, goes: bool) -> None:
    assert bool(Credentials("https://a.example/feed", {"X-Key": "s"}).headers_for(url)) is goes


def test_the_same_host_by_https_may_have_them_too() -> None:
    mine = Credentials("http://a.example/feed", {"X-Key": "s"})
    assert mine.headers_for("https://a.example/feed")
    assert not mine.headers_for("https://a.example:8443/feed")
    assert not mine.headers_for("https://b.example/feed")


@pytest.mark.parametrize(
    ("changes", "key", "says"),
    [
        ({"auth": b"s3cr3t"}, "auth_file", "must hold one line, user:password"),
        ({"auth": b""}, "auth_file", "must hold one line, user:password"),
        ({"auth": b"me:s3cr3t\xff"}, "auth_file", "is not text"),
        ({"headers": b"s3cr3t"}, "headers_file", "header 1 is not of the form Name: value"),
        ({"headers": b"X: 1\nX-\xc3\xa4: s3cr3t"}, "headers_file", "header 2 is not of the form Name: value"),
        ({"headers": b"Host: s3cr3t"}, "headers_file", "Host is newsmon's own to set"),
        ({"headers": b"# nothing\n"}, "headers_file", "must hold one header a line"),
    ],
)
def test_a_bad_file_is_named_with_its_key_and_its_content_is_not_shown(
    changes: dict[str, bytes], key: str, says: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError) as raised:
        load_credentials(feeds_with(tmp_path, **changes))
    [problem] = raised.value.problems
    assert problem.where.endswith(f"feeds.toml:feed.0.{key}")
    assert says in problem.message
    assert "s3cr3t" not in str(raised.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    file = feeds_with(tmp_path)
    (tmp_path / "a.auth").unlink()
    with pytest.raises(SettingsError, match=r"feed\.0\.auth_file: .*a\.auth: No such file"):
        load_credentials(file)
