"""HTTP answers have a named result each, and any header value is survived."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsmon.records import FetchResult
from producers.answers.outcome import MAX_RETRY_AFTER_S, freshness_s, result_of_status, retry_after_s

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "body", "wanted"),
    [
        (200, b"<rss/>", FetchResult.OK),
        (226, b"<rss/>", FetchResult.OK),
        (200, b"", FetchResult.EMPTY_BODY),
        (200, b" \r\n", FetchResult.EMPTY_BODY),
        (204, b"", FetchResult.EMPTY_BODY),
        (304, b"", FetchResult.NOT_MODIFIED),
        (300, b"x", FetchResult.HTTP_ERROR),
        (401, b"x", FetchResult.HTTP_ERROR),
        (403, b"x", FetchResult.HTTP_ERROR),
        (404, b"x", FetchResult.HTTP_ERROR),
        (410, b"", FetchResult.GONE),
        (429, b"", FetchResult.RATE_LIMITED),
        (500, b"x", FetchResult.HTTP_ERROR),
        (503, b"", FetchResult.UNAVAILABLE),
        (999, b"", FetchResult.HTTP_ERROR),
    ],
)
def test_every_status_has_its_result(status: int, body: bytes, wanted: FetchResult) -> None:
    assert result_of_status(status, {}, body) is wanted


@pytest.mark.parametrize(
    ("status", "headers"), [(403, {"cf-mitigated": "challenge"}), (503, {"cf-mitigated": "challenge"}), (403, {"x-datadome": "protected"})]
)
def test_a_bot_wall_is_told_from_an_error(status: int, headers: dict[str, str]) -> None:
    assert result_of_status(status, headers, b"<html>") is FetchResult.BLOCKED_BY_SITE


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("120", 120), (" 120 ", 120), ("0", 0), ("99999999999999999999", MAX_RETRY_AFTER_S),
        ("Tue, 24 Nov 2026 12:10:00 GMT", 600), ("Tuesday, 24-Nov-26 12:10:00 GMT", 600), ("Tue Nov 24 12:10:00 2026", 600),
        ("Tue, 24 Nov 2026 11:00:00 GMT", 0), ("Tue, 24 Nov 2099 11:00:00 GMT", MAX_RETRY_AFTER_S),
        ("120s", 120), ("120 seconds", 120), ("120, 120", 120), ("2026-11-24T12:10:00Z", 600), ("2026-11-24T13:10:00+01:00", 600),
        ("", None), ("soon", None), ("-5", None), ("3.5", None), ("²", None), ("Tue, 24 Nov 2026 12:10:00 +99999999", None),
    ],
)  # fmt: skip
def test_retry_after_in_all_its_forms(text: str, wanted: int | None) -> None:
    assert retry_after_s({"retry-after": text}, now=NOW) == wanted


def test_no_retry_after_is_none() -> None:
    assert retry_after_s({}, now=NOW) is None


@pytest.mark.parametrize(
    ("headers", "wanted"),
    [
        ({"cache-control": "public, max-age=900"}, 900),
        ({"cache-control": 'max-age="60"'}, 60),
        ({"cache-control": "no-cache, max-age=900"}, None),
        ({"cache-control": "max-age=²"}, None),
        ({"cache-control": "max-age=900", "expires": "Tue, 24 Nov 2026 13:00:00 GMT"}, 900),
        ({"expires": "Tue, 24 Nov 2026 12:05:00 GMT"}, 300),
        ({"expires": "Tue, 24 Nov 2026 20:05:00 GMT", "date": "Tue, 24 Nov 2026 20:00:00 GMT"}, 300),
        ({"expires": "0"}, None),
        ({"expires": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0),
        ({}, None),
    ],
)
def test_how_long_an_answer_holds(headers: dict[str, str], wanted: int | None) -> None:
    assert freshness_s(headers, now=NOW) == wanted


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=40))
def test_no_header_value_makes_it_fail(value: str) -> None:
    waited = retry_after_s({"retry-after": value}, now=NOW)
    assert waited is None or 0 <= waited <= MAX_RETRY_AFTER_S
    fresh = freshness_s({"cache-control": value, "expires": value, "date": value}, now=NOW)
    assert fresh is None or fresh >= 0
