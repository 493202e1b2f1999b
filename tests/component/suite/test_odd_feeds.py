"""Raw answers of odd feeds reach newsmon byte for byte, one after the other, from an address that the case can name."""

from __future__ import annotations

from pathlib import Path

from support.odd_feeds.running import verdict_on

BODY = (
    "<rss version='2.0'><channel><title>Q</title><item><title>Ferry</title><link>http://127.0.0.1:PORT/ferry</link></item></channel></rss>"
)
MOVED = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:PORT/there\r\nContent-Length: 0\r\n\r\n"
FOUND = f"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nContent-Length: {len(BODY)}\r\n\r\n{BODY}"
COMMAND = "command: newsmon feeds check http://127.0.0.1:PORT/ (allow_private 127.0.0.0/8)\n"


def case(folder: Path, expected: str, *responses: str) -> Path:
    folder.mkdir()
    (folder / "expected.txt").write_text(f"what: x\nsource: y\n{COMMAND}expected: {expected}\n", "utf-8")
    for number, response in enumerate(responses, start=1):
        name = "response.http" if number == 1 else f"response-{number}.http"
        (folder / name).write_bytes(response.encode())
    return folder


def test_a_redirect_to_the_server_itself_leads_to_the_second_answer(tmp_path: Path) -> None:
    expected = "ok, 1 article\n  article 1: url is 'http://127.0.0.1:PORT/ferry'"
    assert verdict_on(case(tmp_path / "http-moved", expected, MOVED, FOUND)).wrong == ()


def test_one_answer_is_given_again_and_again(tmp_path: Path) -> None:
    assert verdict_on(case(tmp_path / "http-loop", "a failure: too_many_redirects", MOVED)).wrong == ()


def test_a_body_that_is_shorter_than_its_length_is_seen(tmp_path: Path) -> None:
    verdict = verdict_on(case(tmp_path / "http-cut", "ok, 1 article", FOUND[:-20]))
    assert [claim for claim, _got in verdict.wrong] == ["ok, 1 article"]
