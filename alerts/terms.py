"""How long an alert lasts under its program's rules: pure functions over one version of the criteria (U12).

Numbers come from `CriteriaVersion` (domain §1.1, §1.3); an empty number means that no such rule was found. Nothing here
reads the clock; only `rules_of` and `rules_for` read the database, for the rules.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from agencies.models import AlertProgram, CriteriaVersion
from agencies.refusals import ActRefused
from alerts.choices import AlertStatus

if TYPE_CHECKING:
    from alerts.models import Alert

DEFAULT_HOURS = 24
SHORTEST_HOURS = 1
# Where a program has no longest term, the portal's own: nothing stays public for longer without a fresh decision.
LONGEST_HOURS = 24 * 7
WEA_LONGEST = timedelta(hours=24)
# Ends that wait for no minimum: found, false, or dangerous to the child (U12).
EXEMPT_FROM_MINIMUM = frozenset({
    "found", "found_safe", "found_deceased", "hoax", "unfounded", "alert_endangers_child",
})  # fmt: skip
# The limits of a program's messages that stand for wireless alerts (domain §4.3).
WIRELESS_LIMITS = frozenset({"wea_short", "wea_long"})


class ExplanationNeeded(ActRefused):
    """The alert would end before its program's shortest duration, and nobody has written down why."""


@dataclass(frozen=True)
class TermRules:
    """The durations of one program, in hours; None where the program has no such rule."""

    min_hours: int | None = None
    max_hours: int | None = None
    is_renewable: bool = True
    max_total_hours: int | None = None
    renewal_deadline_hours: int | None = None

    @property
    def shortest(self) -> int:
        """Return the shortest term that may be chosen."""
        return self.min_hours or SHORTEST_HOURS

    @property
    def longest(self) -> int:
        """Return the longest term that may be chosen at once."""
        return min(self.max_hours or LONGEST_HOURS, self.max_total_hours or LONGEST_HOURS)


def rules_from(criteria: CriteriaVersion | None) -> TermRules:
    """Return the durations of a version; without one the portal's own limits alone."""
    if criteria is None:
        return TermRules()
    return TermRules(
        min_hours=criteria.min_duration_hours,
        max_hours=criteria.max_duration_hours,
        is_renewable=criteria.is_renewable,
        max_total_hours=criteria.max_total_hours,
        renewal_deadline_hours=criteria.renewal_deadline_hours,
    )


def rules_of(program: AlertProgram) -> TermRules:
    """Return the durations that count for a program now: its version in force, else the last that was."""
    return rules_from(CriteriaVersion.ruling_for(program))


def rules_for(alert: Alert) -> TermRules:
    """Return the durations that count for one alert: those it was activated under, before that its program's."""
    return rules_from(alert.criteria) if alert.criteria_id else rules_of(alert.program)


def proposed_hours(rules: TermRules) -> int:
    """Return the term that a new alert starts with: a day, within the program's limits."""
    return max(rules.shortest, min(DEFAULT_HOURS, rules.longest))


def check_term(rules: TermRules, hours: int) -> None:
    """Refuse a term shorter or longer than the program allows."""
    if not rules.shortest <= hours <= rules.longest:
        raise ActRefused(
            _("This program's alerts last from %(shortest)s to %(longest)s hours.")
            % {"shortest": rules.shortest, "longest": rules.longest}
        )


def earliest_regular_end(rules: TermRules, *, activated_at: datetime) -> datetime:
    """Return the moment from which an alert may end for any reason (Québec: 5 hours after activation)."""
    return activated_at + timedelta(hours=rules.min_hours or 0)


def is_before_minimum(rules: TermRules, *, activated_at: datetime | None, at: datetime) -> bool:
    """Say whether an alert would end before its program's shortest duration; what was never active would not."""
    return activated_at is not None and at < earliest_regular_end(rules, activated_at=activated_at)


def is_explanation_needed(rules: TermRules, *, activated_at: datetime | None, at: datetime, reason: str) -> bool:
    """Say whether ending an alert now for a coded reason has to be explained in writing (U12).

    `reason` is a code of the list end_reason. Recovery, a hoax, an unfounded report and danger from the alert itself
    wait for nothing and need no more words.
    """
    return reason not in EXEMPT_FROM_MINIMUM and is_before_minimum(rules, activated_at=activated_at, at=at)


def check_early_end(
    rules: TermRules, *, activated_at: datetime | None, at: datetime, reason: str, explanation: str = ""
) -> None:
    """Refuse to cancel without the written explanation that is needed before the program's minimum."""
    is_needed = is_explanation_needed(rules, activated_at=activated_at, at=at, reason=reason)
    if is_needed and not explanation.strip():
        raise ExplanationNeeded(
            _("This program's alerts last at least %(hours)s hours. Explain in writing why this one ends earlier.")
            % {"hours": rules.min_hours}
        )


def renewal_deadline(rules: TermRules, *, expires_at: datetime) -> datetime:
    """Return the last moment at which a renewal may be asked for (Texas: one hour before expiry)."""
    return expires_at - timedelta(hours=rules.renewal_deadline_hours or 0)


def end_of_total(rules: TermRules, *, activated_at: datetime) -> datetime | None:
    """Return when an alert ends whatever its renewals (Mexico: 72 hours after activation), None without such a rule."""
    return activated_at + timedelta(hours=rules.max_total_hours) if rules.max_total_hours else None


def why_not_renewable(
    rules: TermRules, *, activated_at: datetime, expires_at: datetime, at: datetime
) -> ActRefused | None:
    """Return the refusal that a renewal asked for now would meet, None if it may be asked for."""
    total = end_of_total(rules, activated_at=activated_at)
    if not rules.is_renewable:
        return ActRefused(_("Alerts of this program cannot be renewed."))
    if at >= expires_at:
        return ActRefused(_("The alert has reached its term and can no longer be renewed."))
    if at > renewal_deadline(rules, expires_at=expires_at):
        return ActRefused(
            _("This program accepts a renewal until %(hours)s h before the end of the term.")
            % {"hours": rules.renewal_deadline_hours}
        )
    if total is not None and expires_at >= total:
        return ActRefused(
            _("The alert ends with the longest total of its program, %(hours)s hours. The case stays open.")
            % {"hours": rules.max_total_hours}
        )
    return None


def renewed_until(
    rules: TermRules, *, activated_at: datetime, expires_at: datetime, at: datetime, hours: int, reason: str
) -> datetime:
    """Return the end of the term after a renewal by so many hours, capped by the program's longest total.

    The new term runs from the moment of the renewal. Refuses a program without renewals, a term that has ended, a
    renewal after its deadline or beyond the total, hours outside the program's limits, and one without a reason.
    """
    if refusal := why_not_renewable(rules, activated_at=activated_at, expires_at=expires_at, at=at):
        raise refusal
    if not reason.strip():
        raise ActRefused(_("A renewal needs a reason."))
    if not SHORTEST_HOURS <= hours <= rules.longest:
        raise ActRefused(
            _("This program's alerts last from %(shortest)s to %(longest)s hours.")
            % {"shortest": SHORTEST_HOURS, "longest": rules.longest}
        )
    return issued_until(rules, activated_at=activated_at, expires_at=expires_at, at=at, hours=hours)


def check_renewed_end(
    rules: TermRules, *, activated_at: datetime, expires_at: datetime, at: datetime, end: datetime, reason: str
) -> None:
    """Refuse what the rules forbid of a renewal until this end, made at `at` in the program's own system (U8, U12).

    The same limits as for a renewal here: renewable, in time, with a reason, a new term within the program's hours
    counted from the moment of the renewal, and an end within its longest total.
    """
    if refusal := why_not_renewable(rules, activated_at=activated_at, expires_at=expires_at, at=at):
        raise refusal
    if not reason.strip():
        raise ActRefused(_("A renewal needs a reason."))
    if end <= expires_at:
        raise ActRefused(_("The new end must be later than the present one."))
    if not timedelta(hours=SHORTEST_HOURS) <= end - at <= timedelta(hours=rules.longest):
        raise ActRefused(
            _("This program's alerts last from %(shortest)s to %(longest)s hours.")
            % {"shortest": SHORTEST_HOURS, "longest": rules.longest}
        )
    total = end_of_total(rules, activated_at=activated_at)
    if total is not None and end > total:
        raise ActRefused(
            _("With its renewals an alert of this program lasts at most %(hours)s hours.")
            % {"hours": rules.max_total_hours}
        )


def latest_renewed_end(rules: TermRules, *, activated_at: datetime, at: datetime) -> datetime:
    """Return the latest end that a renewal made at this moment may have."""
    total = end_of_total(rules, activated_at=activated_at)
    end = at + timedelta(hours=rules.longest)
    return end if total is None else min(end, total)


def issued_until(
    rules: TermRules, *, activated_at: datetime, expires_at: datetime, at: datetime, hours: int
) -> datetime:
    """Return the end of the term of a renewal that is issued at this moment, capped by the program's longest total.

    That it was asked for in time was checked when it was asked for. Refuses one that would not make the alert longer.
    """
    end = at + timedelta(hours=hours)
    total = end_of_total(rules, activated_at=activated_at)
    end = end if total is None else min(end, total)
    if end <= expires_at:
        raise ActRefused(_("With these hours the alert would not last longer than it does now."))
    return end


def longest_renewal(rules: TermRules, *, activated_at: datetime | None, at: datetime) -> int:
    """Return the most hours that a renewal asked for now may have: the program's limit, capped by its longest total."""
    total = end_of_total(rules, activated_at=activated_at) if activated_at else None
    if total is None:
        return rules.longest
    return max(SHORTEST_HOURS, min(rules.longest, math.ceil((total - at) / timedelta(hours=1))))


def wea_expires(*, sent_at: datetime, expires_at: datetime) -> datetime:
    """Return when the wireless rendition of a message ends: with the alert, at most 24 hours after it was sent."""
    return min(expires_at, sent_at + WEA_LONGEST)


def wireless_until(alert: Alert) -> datetime | None:
    """Return when the wireless rendition of an active alert's newest message ends; None without one.

    A program has one where its rules set limits of its length. CAP itself carries the alert's own end: the rendition
    is a message of its own in the systems that send it (interop §2).
    """
    criteria, public = alert.criteria, getattr(alert, "public", None)
    if alert.status != AlertStatus.ACTIVE or alert.expires_at is None or public is None or criteria is None:
        return None
    if WIRELESS_LIMITS.isdisjoint(criteria.message_limits):
        return None
    return wea_expires(sent_at=public.sent_at, expires_at=alert.expires_at)
