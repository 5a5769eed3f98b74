"""Which agencies are on a case, and the one way to list cases fast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection, models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import access
from agencies.choices import Capability
from agencies.keyset import key_of, read_key
from cases.choices import AccessLevel, AccessPurpose

from .case import Case
from .case_search import CaseFilter, found_cases

if TYPE_CHECKING:
    from agencies.models import User

COUNT_CAP = 1000


@dataclass(frozen=True)
class CasePage:
    """One page of cases, newest first; `after` is the key of the next page or an empty string."""

    cases: list[Case]
    after: str
    count: int
    is_count_capped: bool


class CaseAccessQuerySet(models.QuerySet["CaseAccess"]):
    """Accesses by time."""

    def valid(self) -> CaseAccessQuerySet:
        """Return the accesses that count now."""
        return self.filter(Q(until__isnull=True) | Q(until__gt=timezone.now()))


class CaseAccess(models.Model):
    """One agency on one case. `opened_at` repeats the case's, so that an index serves the list."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="accesses", verbose_name=_("case"))
    agency = models.ForeignKey("agencies.Agency", models.PROTECT, related_name="+", verbose_name=_("agency"))
    level = models.CharField(_("level"), max_length=10, choices=AccessLevel.choices)
    purpose = models.CharField(_("purpose"), max_length=10, choices=AccessPurpose.choices)
    opened_at = models.DateTimeField(_("case opened"))
    granted_at = models.DateTimeField(_("granted"), default=timezone.now)
    granted_by = models.ForeignKey("agencies.User", models.PROTECT, related_name="+", verbose_name=_("granted by"))
    until = models.DateTimeField(_("until"), null=True, blank=True)

    objects = CaseAccessQuerySet.as_manager()

    class Meta:
        verbose_name = _("agency on a case")
        verbose_name_plural = _("agencies on cases")
        default_permissions = ("view",)
        constraints = [models.UniqueConstraint(fields=["case", "agency"], name="one_access_per_case_and_agency")]
        indexes = [models.Index(fields=["agency", "-opened_at", "-case"], name="case_access_page")]

    def __str__(self) -> str:
        return f"{self.case} – {self.agency}"

    @classmethod
    def page(
        cls,
        user: User,
        *,
        after: str = "",
        limit: int = 50,
        statuses: tuple[str, ...] = (),
        exercise: bool | None = None,
        chosen: CaseFilter | None = None,
    ) -> CasePage:
        """Return one page of the cases this person may see, newest first, by key.

        One LATERAL branch per agency walks its own index (design §7), so a small agency with old cases is as
        fast as a large one. A search starts at the few cases that its words may mean and asks for each whether
        the person's agencies are on it. Without agencies no query is made. Refuses a malformed `after` with
        ValueError.
        """
        ids = sorted(access.agency_ids(user, Capability.VIEW_CASES))
        if not ids:
            return CasePage([], "", 0, False)
        chosen = chosen or CaseFilter(statuses=statuses, exercise=exercise)
        (page_sql, page_values), (count_sql, count_values) = _statements(ids, chosen, after, limit)
        with connection.cursor() as cursor:
            cursor.execute(page_sql, page_values)
            rows = cursor.fetchall()
            cursor.execute(count_sql, count_values)
            count = cursor.fetchone()[0]
        found = Case.objects.select_related("lead_agency", "origin").in_bulk([row[0] for row in rows[:limit]])
        following = key_of(rows[limit - 1][1], rows[limit - 1][0]) if len(rows) > limit else ""
        return CasePage(
            [found[row[0]] for row in rows[:limit] if row[0] in found],
            following,
            min(count, COUNT_CAP),
            count > COUNT_CAP,
        )


_PAGE = """
    SELECT DISTINCT reached.case_id, reached.opened_at
    FROM unnest(%s::bigint[]) AS mine(agency_id)
    CROSS JOIN LATERAL (
        SELECT access.case_id, access.opened_at FROM cases_caseaccess access {branch}
        ORDER BY access.opened_at DESC, access.case_id DESC LIMIT %s
    ) reached
    ORDER BY reached.opened_at DESC, reached.case_id DESC LIMIT %s
"""
_COUNT = """
    SELECT count(*) FROM (
        SELECT DISTINCT reached.case_id
        FROM unnest(%s::bigint[]) AS mine(agency_id)
        CROSS JOIN LATERAL (SELECT access.case_id FROM cases_caseaccess access {branch} LIMIT %s) reached
        LIMIT %s
    ) capped
"""


_SEARCH = """
    WITH found AS MATERIALIZED ({found})
    {select} FROM found CROSS JOIN LATERAL (
        SELECT access.case_id, access.opened_at FROM cases_caseaccess access {join}
        WHERE access.case_id = found.case_id AND access.agency_id = ANY(%s)
            AND (access.until IS NULL OR access.until > now()){where}
        LIMIT 1
    ) reached
"""
_SEARCH_PAGE = " ORDER BY reached.opened_at DESC, reached.case_id DESC LIMIT %s"
_JOIN = "JOIN cases_case listed ON listed.id = access.case_id"
Statement = tuple[str, list[Any]]


def _statements(ids: list[int], chosen: CaseFilter, after: str, limit: int) -> tuple[Statement, Statement]:
    """Return the SQL of a page and of its capped count; what is put into the text are only our own clauses."""
    where, values = chosen.conditions()
    join = _JOIN if chosen.needs_case else ""
    key_clause, key = _key_clause(after)
    if chosen.is_search:
        found, words = found_cases(chosen.words)
        shared = {"found": found, "join": join, "where": where + key_clause}
        page = _SEARCH.format(select="SELECT reached.case_id, reached.opened_at", **shared) + _SEARCH_PAGE
        shared["where"] = where
        count = f"SELECT count(*) FROM ({_SEARCH.format(select='SELECT 1', **shared)} LIMIT %s) capped"  # noqa: S608
        return (page, [*words, ids, *values, *key, limit + 1]), (count, [*words, ids, *values, COUNT_CAP + 1])
    branch = f"{join} WHERE access.agency_id = mine.agency_id AND (access.until IS NULL OR access.until > now()){where}"
    page = _PAGE.format(branch=branch + key_clause)
    count = _COUNT.format(branch=branch)
    return (
        (page, [ids, *values, *key, limit + 1, limit + 1]),
        (count, [ids, *values, COUNT_CAP + 1, COUNT_CAP + 1]),
    )


def _key_clause(after: str) -> tuple[str, list[Any]]:
    if not after:
        return "", []
    return " AND (access.opened_at, access.case_id) < (%s, %s)", list(read_key(after))
