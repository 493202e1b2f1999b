"""Feed templates: dates relative to the start of the demo."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsmon.app.demo.recorded.templates import render
from newsmon.errors import SettingsError

NOW = datetime(2026, 11, 24, 3, 15, 7, 250_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("now-2h10m|rfc822:AEST", "Tue, 24 Nov 2026 11:05:07 AEST"),
        ("now|rfc822", "Tue, 24 Nov 2026 03:15:07 GMT"),
        ("now-1d|rfc822:+0100", "Mon, 23 Nov 2026 04:15:07 +0100"),
        ("now+4d|iso:Z", "2026-11-28T03:15:07Z"),
        ("now-90s|iso:-05:00", "2026-11-23T22:13:37-05:00"),
        ("now-15m|rfc822:MSK", "Tue, 24 Nov 2026 06:00:07 MSK"),
    ],
)
def test_a_date_is_written_in_the_zone_and_style_asked_for(expression: str, text: str) -> None:
    assert render(f"<d>{{{{{expression}}}}}</d>", now=NOW) == f"<d>{text}</d>"


@pytest.mark.parametrize("expression", ["yesterday|iso", "now-2x|iso", "now-2h|unix", "now-2h", "now|rfc822:XYZ", "now-|iso"])
def test_a_placeholder_that_cannot_be_read_is_named_by_file_and_line(expression: str) -> None:
    with pytest.raises(SettingsError) as caught:
        render(f"one\ntwo {{{{{expression}}}}}", now=NOW, name="a.xml")
    assert [problem.where for problem in caught.value.problems] == ["a.xml:2"]


def test_all_unreadable_placeholders_are_reported_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        render("{{a}}\n{{now|iso}}\n{{b}}", now=NOW, name="a.xml")
    assert [problem.where for problem in caught.value.problems] == ["a.xml:1", "a.xml:3"]


@given(minutes=st.integers(0, 20_000), hours=st.integers(-11, 13), back=st.booleans())
@settings(max_examples=60)
def test_both_styles_name_the_same_instant_in_any_zone(minutes: int, hours: int, back: bool) -> None:
    sign, zone = "-" if back else "+", f"{hours:+03d}00"
    expected = NOW.replace(microsecond=0) + timedelta(minutes=-minutes if back else minutes)
    assert parsedate_to_datetime(render(f"{{{{now{sign}{minutes}m|rfc822:{zone}}}}}", now=NOW)) == expected
    assert datetime.fromisoformat(render(f"{{{{now{sign}{minutes}m|iso:{zone}}}}}", now=NOW)) == expected
