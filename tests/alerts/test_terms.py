"""Terms of alerts under the rules of Texas, Québec, Mexico and a program without rules (U12)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agencies.models import AlertProgram
from agencies.refusals import ActRefused
from alerts import terms
from alerts.terms import TermRules

START = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
TEXAS = TermRules(max_hours=24, renewal_deadline_hours=1)
QUEBEC = TermRules(min_hours=5)
MEXICO = TermRules(max_hours=72, max_total_hours=72)
NO_RULES = TermRules()
NEVER = TermRules(max_hours=24, is_renewable=False)


def at(hours: float) -> datetime:
    """Return the moment so many hours after activation."""
    return START + timedelta(hours=hours)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("program", "rules"),
    [
        ("us-tx", TEXAS),
        ("ca-qc", QUEBEC),
        ("mx-chh", MEXICO),
        ("mx-fgr", MEXICO),
        ("us-ca", NO_RULES),
        ("ca-on", NO_RULES),
    ],
)  # fmt: skip
def test_rules_come_from_the_programs_criteria(program: str, rules: TermRules) -> None:
    assert terms.rules_of(AlertProgram.objects.get(code=program)) == rules


@pytest.mark.parametrize(
    ("rules", "proposed", "allowed", "refused"),
    [
        (TEXAS, 24, (1, 24), (0, 25, 72)),
        (QUEBEC, 24, (5, 24, 168), (1, 4, 169)),
        (MEXICO, 24, (1, 72), (0, 73)),
        (NO_RULES, 24, (1, 168), (0, 169)),
        (TermRules(min_hours=30), 30, (30, 168), (29,)),
        (TermRules(max_hours=12), 12, (1, 12), (13,)),
        (TermRules(max_hours=96, max_total_hours=48), 24, (48,), (49,)),
    ],
)
def test_term_is_proposed_and_held_within_the_limits(
    rules: TermRules, proposed: int, allowed: tuple[int, ...], refused: tuple[int, ...]
) -> None:
    assert terms.proposed_hours(rules) == proposed
    for hours in allowed:
        terms.check_term(rules, hours)
    for hours in refused:
        with pytest.raises(ActRefused):
            terms.check_term(rules, hours)


@pytest.mark.parametrize("rules", [TEXAS, QUEBEC, MEXICO, NO_RULES, NEVER])
def test_what_is_proposed_is_allowed(rules: TermRules) -> None:
    terms.check_term(rules, terms.proposed_hours(rules))


@pytest.mark.parametrize(
    ("rules", "hours", "reason", "explanation", "is_refused"),
    [
        (QUEBEC, 4.99, "suspect_caught", "", True),
        (QUEBEC, 4.99, "criteria_not_met", "  ", True),
        (QUEBEC, 4.99, "criteria_not_met", "The mother has called.", False),
        (QUEBEC, 5, "criteria_not_met", "", False),
        (QUEBEC, 0.1, "found", "", False),
        (QUEBEC, 0.1, "found_safe", "", False),
        (QUEBEC, 0.1, "found_deceased", "", False),
        (QUEBEC, 0.1, "hoax", "", False),
        (QUEBEC, 0.1, "unfounded", "", False),
        (QUEBEC, 0.1, "alert_endangers_child", "", False),
        (TEXAS, 0.1, "criteria_not_met", "", False),
    ],
)
def test_end_before_the_minimum_needs_words_unless_the_reason_cannot_wait(
    rules: TermRules, hours: float, reason: str, explanation: str, is_refused: bool
) -> None:
    def end() -> None:
        terms.check_early_end(rules, activated_at=START, at=at(hours), reason=reason, explanation=explanation)

    if is_refused:
        with pytest.raises(ActRefused) as refused:
            end()
        assert "at least 5 hours" in str(refused.value.message)
    else:
        end()


@pytest.mark.django_db
def test_reasons_that_cannot_wait_are_codes_of_the_list() -> None:
    from cases.models import CodeValue

    codes = set(CodeValue.objects.filter(list_name="end_reason").values_list("code", flat=True))
    assert codes > terms.EXEMPT_FROM_MINIMUM


@pytest.mark.parametrize(
    ("rules", "term", "asked_at", "hours", "ends_after", "refusal"),
    [
        # Texas: 24 hours, on or before the 23-hour reminder
        (TEXAS, 24, 22, 24, 46, None),
        (TEXAS, 24, 23, 12, 35, None),
        (TEXAS, 24, 23.01, 24, None, "until 1 h before"),
        (TEXAS, 24, 24, 24, None, "reached its term"),
        (TEXAS, 24, 22, 25, None, "from 1 to 24 hours"),
        # Mexico: 72 hours in all, whatever was renewed
        (MEXICO, 24, 20, 24, 44, None),
        (MEXICO, 48, 40, 72, 72, None),
        (MEXICO, 72, 71, 24, None, "72 hours. The case stays open"),
        # Québec: a minimum only
        (QUEBEC, 24, 23.5, 3, 26.5, None),
        (NO_RULES, 24, 1, 24, 25, None),
        (NEVER, 24, 1, 24, None, "cannot be renewed"),
        (NO_RULES, 24, 1, 0, None, "from 1 to 168 hours"),
        (QUEBEC, 24, 1, 2, None, "would not last longer"),
    ],
)
def test_renewal_is_allowed_refused_or_capped(
    rules: TermRules, term: int, asked_at: float, hours: int, ends_after: float | None, refusal: str | None
) -> None:
    def renew() -> datetime:
        return terms.renewed_until(
            rules, activated_at=START, expires_at=at(term), at=at(asked_at), hours=hours, reason="Seen at the bridge."
        )

    if refusal is None:
        assert ends_after is not None
        assert renew() == at(ends_after)
    else:
        with pytest.raises(ActRefused) as refused:
            renew()
        assert refusal in str(refused.value.message)


def test_renewal_needs_a_reason() -> None:
    with pytest.raises(ActRefused) as refused:
        terms.renewed_until(TEXAS, activated_at=START, expires_at=at(24), at=at(1), hours=24, reason=" ")
    assert str(refused.value.message) == "A renewal needs a reason."


def test_last_moments() -> None:
    assert terms.renewal_deadline(TEXAS, expires_at=at(24)) == at(23)
    assert terms.renewal_deadline(MEXICO, expires_at=at(72)) == at(72)
    assert terms.earliest_regular_end(QUEBEC, activated_at=START) == at(5)
    assert terms.earliest_regular_end(TEXAS, activated_at=START) == START
    assert terms.end_of_total(MEXICO, activated_at=START) == at(72)
    assert terms.end_of_total(TEXAS, activated_at=START) is None


@pytest.mark.parametrize(("lasts", "wea"), [(72, 24), (24, 24), (5, 5), (168, 24)])
def test_wireless_rendition_lasts_a_day_at_most(lasts: int, wea: int) -> None:
    assert terms.wea_expires(sent_at=START, expires_at=at(lasts)) == at(wea)


@given(
    total=st.integers(1, 200), longest=st.integers(1, 168), term=st.integers(1, 168), hours=st.integers(1, 168),
    asked=st.floats(0, 200),
)  # fmt: skip
def test_no_renewal_outlasts_the_total(total: int, longest: int, term: int, hours: int, asked: float) -> None:
    rules = TermRules(max_hours=longest, max_total_hours=total)
    try:
        end = terms.renewed_until(
            rules, activated_at=START, expires_at=at(term), at=at(asked), hours=hours, reason="x"
        )  # fmt: skip
    except ActRefused:
        return
    assert end <= at(total)
