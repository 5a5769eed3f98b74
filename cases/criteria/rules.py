"""The questions that follow from one criteria version, each with the program's rule in the reader's language.

Nothing here looks at a case and nothing answers: officers do (domain §1.2).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from agencies.choices import AbductionTest, InfoPart, ParentalPolicy, RunawayPolicy
from agencies.models import CriteriaVersion
from cases.choices import CriteriaQuestion as Q
from cases.models.code import code_label

BRANCHES = "criteria_branch"

# Fragments: they follow a program's name and a colon, and stand alone with a capital.
ABDUCTION = {
    AbductionTest.CONFIRMED: _("the abduction must be confirmed"),
    AbductionTest.REASONABLE_BELIEF: _("a reasonable belief that the child was abducted is enough"),
    AbductionTest.NOT_REQUIRED: _("no abduction is required"),
}
PARENTAL = {
    ParentalPolicy.ALLOWED: _("taken by a parent: no further condition"),
    ParentalPolicy.DANGER_ONLY: _("taken by a parent only if the child is in imminent danger"),
    ParentalPolicy.HOMICIDE_ONLY: _("taken by a parent only if the parent committed or attempted murder"),
    ParentalPolicy.LIFE_THREATENING_ONLY: _("taken by a parent only in life-threatening situations"),
}
RUNAWAY = {
    RunawayPolicy.ALLOWED_IF_AT_RISK: _("a child who left on their own is covered when at risk"),
    RunawayPolicy.NOT_ELIGIBLE: _("a child who left on their own is not covered"),
    RunawayPolicy.OTHER_ALERT: _("for a child who left on their own another kind of alert is used"),
}
KNOWN_OF = dict(InfoPart.choices)


@dataclass(frozen=True)
class Question:
    """One question to an officer. A branch names what it hangs on, and the answer or the oldest age that opens it."""

    code: str
    title: str
    rule: str
    after: str = ""
    answer: str = ""
    max_age: int | None = None

    @property
    def is_branch(self) -> bool:
        """Say whether this question is asked only after another one."""
        return bool(self.after)

    @property
    def sentence(self) -> str:
        """Return the rule as a sentence of its own."""
        return capfirst(self.rule)


def questions_of(version: CriteriaVersion) -> list[Question]:
    """Return the questions of a version in their order, each followed by the branches that hang on it.

    A parameter that the program's rules do not name gives no question: nothing found is not a rule.
    """
    found: list[Question] = []

    def add_branches(of: str) -> None:
        for row in version.branches:
            if row["after"] == of and all(row["question"] != question.code for question in found):
                found.append(_branch(row))
                add_branches(row["question"])

    for code in Q:
        if rule := RULES[code](version):
            found.append(Question(code.value, str(code.label), str(rule)))
            add_branches(code.value)
    return found


def _branch(row: dict[str, Any]) -> Question:
    return Question(
        row["question"], code_label(BRANCHES, row["question"]), str(_opener(row)),
        after=row["after"], answer=row.get("answer", ""), max_age=row.get("max_age"),
    )  # fmt: skip


def _opener(row: dict[str, Any]) -> str:
    if "max_age" in row:
        return ngettext(
            "asked for a child of %(age)s year or younger", "asked for a child of %(age)s years or younger",
            row["max_age"],
        ) % {"age": row["max_age"]}  # fmt: skip
    names = dict(Q.choices)
    on = names.get(row["after"]) or code_label(BRANCHES, row["after"])
    if row["answer"] == "yes":
        return gettext("asked after a yes to “%(question)s”") % {"question": on}
    return gettext("asked after a no to “%(question)s”") % {"question": on}


def _age(version: CriteriaVersion) -> str:
    rule = ngettext("%(age)s year or younger", "%(age)s years or younger", version.max_age) % {"age": version.max_age}
    return (
        gettext("%(rule)s; vulnerable adults are covered too") % {"rule": rule}
        if (version.vulnerable_adult_allowed)
        else rule
    )


def _information(version: CriteriaVersion) -> str:
    test = version.info_test or {}
    listed = ", ".join(str(KNOWN_OF.get(name, name)) for name in test.get("of", ()))
    if not listed:
        return ""
    if test.get("rule") == "any_of":
        rule = gettext("a description of at least one of these: %(list)s") % {"list": listed}
    else:
        rule = gettext("a description of each of these: %(list)s") % {"list": listed}
    return gettext("%(rule)s; and a recent photo") % {"rule": rule} if test.get("photo_required") else rule


def _database(version: CriteriaVersion) -> str:
    name = version.db_entry_required
    return gettext("the entry in %(database)s is made first") % {"database": name} if name else ""


def _time(version: CriteriaVersion) -> str:
    hours = version.max_hours_since_event
    if hours is None:
        return ""
    return ngettext(
        "within %(hours)s hour of the event", "within %(hours)s hours of the event", hours
    ) % {"hours": hours}  # fmt: skip


RULES: dict[str, Callable[[CriteriaVersion], Any]] = {
    Q.AGE: _age,
    Q.ABDUCTION: lambda version: ABDUCTION[AbductionTest(version.abduction_test)],
    Q.DANGER: lambda version: version.danger_test,
    Q.INFORMATION: _information,
    Q.DATABASE: _database,
    Q.PARENTAL: lambda version: PARENTAL[ParentalPolicy(version.parental_policy)],
    Q.RUNAWAY: lambda version: RUNAWAY[RunawayPolicy(version.runaway_policy)],
    Q.TIME: _time,
}
