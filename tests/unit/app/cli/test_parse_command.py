"""`newsmon parse` as a person uses it: articles on standard output, rejections on standard error, an exit code that tells."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from newsmon.app.cli.feeds.parse import command
from newsmon.codec import decode
from newsmon.records import Article
from producers.articles.parse_job import CUT_DETAIL

FEED = b"""<rss version="2.0"><channel><item><title>One</title><link>/1</link><description>First.</description></item>
<item><title>One</title><link>https://desk.example/1#top</link><description>First.</description></item><item><link>https://desk.example/2</link></item></channel></rss>"""


def test_articles_go_to_standard_output_and_rejections_to_standard_error(tmp_path: Path) -> None:
    file = tmp_path / "feed.xml"
    file.write_bytes(FEED)
    answer = CliRunner().invoke(command, ["--url", "https://desk.example/feed", str(file)])
    assert answer.exit_code == 0
    (only,) = [decode(line.encode(), Article) for line in answer.stdout.splitlines()]
    assert (only.title, only.url, only.feed_id, only.lead) == ("One", "https://desk.example/1", "parse", "First.")
    assert answer.stderr.splitlines() == ["entry 2: duplicate_entry", "entry 3: no_text"]


def test_a_cut_feed_is_said_to_be_cut_after_the_rejections() -> None:
    answer = CliRunner().invoke(command, ["-"], input=FEED[: FEED.index(b"#top")])
    assert (answer.exit_code, len(answer.stdout.splitlines())) == (0, 1)
    rejected, said = answer.stderr.splitlines()
    assert rejected == "entry 2: cut_off"
    assert said.startswith("newsmon parse: ")
    assert said.endswith(CUT_DETAIL)


def test_standard_input_is_read_for_a_dash() -> None:
    answer = CliRunner().invoke(command, ["--content-type", "application/rss+xml", "-"], input=FEED)
    assert answer.exit_code == 0
    assert len(answer.stdout.splitlines()) == 2  # without an address the relative link names nothing: two articles


@pytest.mark.parametrize("body", [b"", b"<html><body>Hello</body></html>", b"\x00\xff" * 1000, b"{}", b"%PDF-1.7"])
def test_what_is_no_feed_gives_exit_code_1_and_one_line(body: bytes) -> None:
    answer = CliRunner().invoke(command, ["-"], input=body)
    assert (answer.exit_code, answer.stdout) == (1, "")
    assert answer.stderr.count("\n") == 1
    assert "not a feed" in answer.stderr


def test_a_file_that_is_not_there_is_a_wrong_argument(tmp_path: Path) -> None:
    assert CliRunner().invoke(command, [str(tmp_path / "nothing")]).exit_code == 2
