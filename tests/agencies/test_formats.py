"""Times as each language writes them (U27)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.template.loader import render_to_string
from django.utils import dateformat, timezone, translation
from django.utils.formats import date_format

from agencies.templatetags.punctuation import unbroken
from agencies.views.acting import clock

AT = datetime(2026, 11, 1, 4, 5, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "shown", "to_the_second"),
    [
        ("en", "Nov 1, 2026, 04:05", "04:05:06"),
        ("es", "1 de noviembre de 2026, 04:05", "04:05:06"),
        # Held together, so that no line ends between the 4 and the h.
        ("fr", "1er\u00a0novembre 2026, 4\u00a0h\u00a005", "4\u00a0h\u00a005\u00a0min\u00a006\u00a0s"),
    ],
)
def test_times_follow_the_language(language: str, shown: str, to_the_second: str) -> None:
    with translation.override(language), timezone.override(UTC):
        assert date_format(AT, "DATETIME_FORMAT") == shown
        assert clock(AT) == to_the_second


def test_only_the_first_of_a_month_has_an_ending_in_french() -> None:
    with translation.override("fr"):
        assert date_format(AT + timedelta(days=1), "DATE_FORMAT") == "2\u00a0novembre 2026"
        assert dateformat.format(AT, "jS") == "1er"
    with translation.override("en"):
        assert dateformat.format(AT, "jS") == "1st"


def test_a_comma_or_bracket_may_follow_a_moment() -> None:
    shown = render_to_string("components/moment.html", {"at": AT})
    assert shown.startswith("<time")
    assert shown == shown.strip()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Call 705-555-0138.", "705-555-0138"),
        ("Call +52 656 555 0199; or", "+52 656 555 0199"),
        ("number CHH-2026-0001.", "CHH-2026-0001"),
        ("US-CA-2026-00001/CHH", "US-CA-2026-00001"),
        ("a Ford F-150", "F-150"),
    ],
)
def test_no_line_ends_within_a_number(text: str, kept: str) -> None:
    assert unbroken(text) == text.replace(kept, f'<span class="nowrap">{kept}</span>')


@pytest.mark.parametrize("text", ["2026-11-23 17:40", "3 ft 11 in, 120 cm", "/705-555-0138/"])
def test_other_figures_are_left_alone(text: str) -> None:
    assert unbroken(text) == text


def test_what_keeps_numbers_together_escapes_what_was_typed() -> None:
    assert unbroken("<b>d'un</b> & 705-555-0138") == (
        '&lt;b&gt;d&#x27;un&lt;/b&gt; &amp; <span class="nowrap">705-555-0138</span>'
    )
