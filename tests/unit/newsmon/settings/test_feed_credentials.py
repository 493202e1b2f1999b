"""Credentials of feeds: read strictly, shown nowhere, sent to one origin."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsmon.errors import SettingsError
from newsmon.settings.feed_credentials import FeedCredentials, load_credentials, origin_of
from newsmon.settings.feeds import load_feeds

FEED = '[[feed]]\nid = "desk"\nurl = "https://wire.example/feed"\nsource = "Wire"\ncredentials_file = "wire.toml"\n'
SECRET = "hunter2-hunter2"


def loaded(tmp_path: Path, content: str) -> FeedCredentials:
    feeds = tmp_path / "feeds.toml"
    feeds.write_text(FEED)
    (tmp_path / "wire.toml").write_text(content)
    return load_credentials(feeds)["desk"]


def test_a_user_name_and_password_become_basic_authentication(tmp_path: Path) -> None:
    found = loaded(tmp_path, 'username = "Aladdin"\npassword = "open sesame"')
    assert found.headers_for("https://wire.example/feed") == {"Authorization": "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="}  # RFC 7617


def test_headers_are_sent_as_written(tmp_path: Path) -> None:
    found = loaded(tmp_path, f'[headers]\nX-Api-Key = "{SECRET}"\nCookie = "session=1"')
    assert found.headers_for("https://wire.example:443/other?page=2") == {"X-Api-Key": SECRET, "Cookie": "session=1"}


@pytest.mark.parametrize(
    "url",
    [
        "http://wire.example/feed",
        "https://www.wire.example/feed",
        "https://wire.example:8443/feed",
        "https://wire.example.evil.example/",
        "https://evil.example/?https://wire.example/",
    ],
)
def test_another_origin_gets_nothing(tmp_path: Path, url: str) -> None:
    assert loaded(tmp_path, f'[headers]\nX-Api-Key = "{SECRET}"').headers_for(url) == {}


@pytest.mark.parametrize(
    ("url", "is_sent"),
    [
        ("https://wire.example/feed", True),
        ("http://wire.example:80/other", True),
        ("https://wire.example:8443/feed", False),
        ("https://www.wire.example/feed", False),
    ],
)  # fmt: skip
def test_a_server_that_moves_its_feed_to_https_still_gets_them(url: str, is_sent: bool) -> None:
    credentials = FeedCredentials(origin_of("http://wire.example/feed"), {"X-Api-Key": SECRET})
    assert bool(credentials.headers_for(url)) is is_sent
    odd_port = FeedCredentials(origin_of("http://wire.example:8080/feed"), {"X-Api-Key": SECRET})
    assert not odd_port.headers_for(url)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "needs username and password, or headers"),
        (f'password = "{SECRET}"', "username and password go together"),
        (f'username = "a:b"\npassword = "{SECRET}"', "colon"),
        (f'username = "a"\npassword = "{SECRET}"\ntoken = "{SECRET}"', "token unknown key"),
        (f'[headers]\nHost = "{SECRET}"', "Host"),
        (f'[headers]\n"X Key" = "{SECRET}"', "X Key"),
        (f'[headers]\nX-Key = "{SECRET}\\r\\nHost: x"', "X-Key"),
        (f'username = "a"\npassword = "{SECRET}"\n[headers]\nauthorization = "{SECRET}"', "contradicts"),
        (f"password = {SECRET}", "not valid TOML"),
        (f'username = 5\npassword = "{SECRET}"', "username"),
        (f'username = "a"\npassword = ["{SECRET}"]', "password"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_without_the_secret(tmp_path: Path, content: str, problem: str) -> None:
    with pytest.raises(SettingsError) as caught:
        loaded(tmp_path, content)
    assert "feeds.toml:feed.0.credentials_file" in str(caught.value)
    assert problem in str(caught.value)
    assert SECRET not in str(caught.value)


def test_a_missing_file_is_a_problem_of_its_key(tmp_path: Path) -> None:
    feeds = tmp_path / "feeds.toml"
    feeds.write_text(FEED)
    with pytest.raises(SettingsError, match=r"feed\.0\.credentials_file: .*wire\.toml: No such file"):
        load_credentials(feeds)


def test_a_secret_is_in_no_repr_and_in_no_feed(tmp_path: Path) -> None:
    found = loaded(tmp_path, f'username = "a"\npassword = "{SECRET}"\n[headers]\nX-Key = "{SECRET}"')
    assert SECRET not in repr(found)
    assert "wire.toml" not in repr(load_feeds(tmp_path / "feeds.toml"))


def test_a_password_in_an_address_is_refused_with_the_way_to_do_it(tmp_path: Path) -> None:
    feeds = tmp_path / "feeds.toml"
    feeds.write_text(f'[[feed]]\nid = "a"\nurl = "http://user:{SECRET}@host.example/feed"\nsource = "A"\n')
    with pytest.raises(SettingsError, match="credentials_file") as caught:
        load_feeds(feeds)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("url", ["http://host.example:99999/feed", "http://host.example:x/feed", "http://[::1/feed"])
def test_an_address_that_cannot_be_dialled_is_a_problem_of_its_key(tmp_path: Path, url: str) -> None:
    feeds = tmp_path / "feeds.toml"
    feeds.write_text(FEED.replace("https://wire.example/feed", url))
    (tmp_path / "wire.toml").write_text('username = "a"\npassword = "b"')
    with pytest.raises(SettingsError, match=r"feed\.0\.url: must be an http\(s\) address"):
        load_credentials(feeds)
