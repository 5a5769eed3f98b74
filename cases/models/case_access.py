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
FEW_CASES = 2000  # so many are looked through faster than an index of words is asked


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
    agency = models.ForeignKey(
        "agencies.Agency", models.PROTECT, related_name="+", verbose_name=_("agency"),
        db_index=False,  # the index of the page begins with it; a second one leads the planner astray
    )  # fmt: skip
    level = models.CharField(_("level"), max_length=10, choices=AccessLevel.choices)
    purpose = models.CharField(_("purpose"), max_length=10, choices=AccessPurpose.choices)
    opened_at = models.DateTimeField(_("case opened"))
    granted_at = models.DateTimeField(_("granted"), default=timezone.now)
    granted_by = models.ForeignKey("agencies.User", models.PROTECT, related_name="+", verbose_name=_("granted by"))
    granted_for = models.ForeignKey(
        "agencies.Agency", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("granted for")
    )
    until = models.DateTimeField(_("until"), null=True, blank=True)
    # Repeats that the case is sealed, for the page and the policies; a trigger sets it on new rows (ADR 65).
    is_sealed = models.BooleanField(_("case is sealed"), default=False, editable=False)

    objects = CaseAccessQuerySet.as_manager()

    class Meta:
        verbose_name = _("agency on a case")
        verbose_name_plural = _("agencies on cases")
        default_permissions = ("view",)
        constraints = [models.UniqueConstraint(fields=["case", "agency"], name="one_access_per_case_and_agency")]
        # With `until` and the seal in it a page and its count are read from the index alone (design §7).
        indexes = [
            models.Index(
                fields=["agency", "-opened_at", "-case"], include=["until", "is_sealed"], name="case_access_page"
            )
        ]

    def __str__(self) -> str:
        return f"{self.case} – {self.agency}"

    @property
    def is_valid(self) -> bool:
        """Say whether the access counts now."""
        return self.until is None or self.until > timezone.now()

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

        One branch per agency walks its own index (design §7), so a small agency with old cases is as fast as a
        large one. A search starts at the cases that its words may mean, or at those of the person's agencies where
        they are few. Without agencies no query is made. Refuses a malformed `after` with ValueError.
        """
        ids = sorted(access.agency_ids(user, Capability.VIEW_CASES))
        if not ids:
            return CasePage([], "", 0, False)
        chosen = chosen or CaseFilter(statuses=statuses, exercise=exercise)
        with connection.cursor() as cursor:
            rows, count = (
                _search(cursor, user, ids, chosen, after=after, limit=limit)
                if chosen.is_search
                else _list(cursor, user, ids, chosen, after=after, limit=limit)
            )
        found = Case.objects.select_related("lead_agency", "origin").in_bulk([row[0] for row in rows[:limit]])
        following = key_of(rows[limit - 1][1], rows[limit - 1][0]) if len(rows) > limit else ""
        return CasePage(
            [found[row[0]] for row in rows[:limit] if row[0] in found],
            following,
            min(count, COUNT_CAP),
            count > COUNT_CAP,
        )


_BRANCH = """
    (SELECT access.case_id, access.opened_at FROM cases_caseaccess access {join}
    WHERE access.agency_id = %s AND (access.until IS NULL OR access.until > statement_timestamp()) AND {open}{where}
    {order} LIMIT %s)
"""
_ORDER = "ORDER BY access.opened_at DESC, access.case_id DESC"
_PAGE = """
    SELECT DISTINCT case_id, opened_at FROM ({branches}) reached ORDER BY opened_at DESC, case_id DESC LIMIT %s
"""
# Walked in the order of the page the agencies' branches merge, and the first thousand rows are enough.
_COUNT_IN_ORDER = f"SELECT count(*) FROM ({_PAGE}) capped"  # noqa: S608  our own words
_COUNT = "SELECT count(*) FROM (SELECT DISTINCT case_id FROM ({branches}) reached LIMIT %s) capped"
_PAGE_WITH_COUNT = """
    SELECT case_id, opened_at, ({count}) FROM ({page}) page ORDER BY opened_at DESC, case_id DESC
"""
_SEARCH = """
    WITH found AS ({found}),
    hits AS MATERIALIZED (
        SELECT DISTINCT access.case_id, access.opened_at
        FROM found JOIN cases_caseaccess access ON access.case_id = found.case_id {join}
        WHERE access.agency_id = ANY(%s) AND (access.until IS NULL OR access.until > statement_timestamp())
            AND {open}{where}
    )
    SELECT access.case_id, access.opened_at, (SELECT count(*) FROM (SELECT 1 FROM hits LIMIT %s) capped)
    FROM hits access WHERE true{key} ORDER BY access.opened_at DESC, access.case_id DESC LIMIT %s
"""
# A sealed case is there for its named readers only: one look at an index, and none for any other case (ADR 65).
_OPEN_TO = """(NOT access.is_sealed OR EXISTS (
    SELECT FROM cases_casereader reader
    WHERE reader.case_id = access.case_id AND reader.user_id = %s AND reader.ended_at IS NULL))"""
_FEW = "SELECT count(*) FROM (SELECT 1 FROM cases_caseaccess WHERE agency_id = ANY(%s) LIMIT %s) capped"
_JOIN = "JOIN cases_case listed ON listed.id = access.case_id"
Rows = tuple[list[tuple[Any, ...]], int]


def _list(cursor: Any, user: User, ids: list[int], chosen: CaseFilter, *, after: str, limit: int) -> Rows:
    """Return a page and its capped count: one branch per agency along its own index, merged (design §7).

    Each branch names its agency, so that the planner knows whether few or many cases are the agency's.
    """
    where, values = chosen.conditions()
    join = _JOIN if chosen.needs_case else ""
    key_clause, key = _key_clause(after)
    page = _PAGE.format(branches=_branches(len(ids), join=join, where=where + key_clause, order=_ORDER))
    # Where the case itself is asked about, few may match: the planner is left to find them its own way.
    count, order = (_COUNT, "") if join else (_COUNT_IN_ORDER, _ORDER)
    count = count.format(branches=_branches(len(ids), join=join, where=where, order=order))
    counting = [*(item for key_ in ids for item in (key_, user.pk, *values, COUNT_CAP + 1)), COUNT_CAP + 1]
    paging = [*(item for key_ in ids for item in (key_, user.pk, *values, *key, limit + 1)), limit + 1]
    cursor.execute(_PAGE_WITH_COUNT.format(page=page, count=count), [*counting, *paging])
    rows = cursor.fetchall()
    if rows or not after:
        return rows, rows[0][2] if rows else 0
    cursor.execute(count, counting)  # a key past the last page: the count is asked alone
    return rows, cursor.fetchone()[0]


def _branches(count: int, **clauses: str) -> str:
    return " UNION ALL ".join([_BRANCH.format(open=_OPEN_TO, **clauses)] * count)


def _search(cursor: Any, user: User, ids: list[int], chosen: CaseFilter, *, after: str, limit: int) -> Rows:
    """Return a page and its capped count of what words mean, in one statement.

    Where the agencies have few cases, those are looked through; where they have many, the indexes of the words are
    asked first. What is put into the text are only our own clauses.
    """
    cursor.execute(_FEW, [ids, FEW_CASES + 1])
    few = cursor.fetchone()[0] <= FEW_CASES
    where, values = chosen.conditions()
    key_clause, key = _key_clause(after)
    found, words = found_cases(chosen.words, ids, are_few=few)
    sql = _SEARCH.format(
        found=found, join=_JOIN if chosen.needs_case else "", where=where, key=key_clause, open=_OPEN_TO
    )
    cursor.execute(sql, [*words, ids, user.pk, *values, COUNT_CAP + 1, *key, limit + 1])
    rows = cursor.fetchall()
    if rows or not after:
        return rows, rows[0][2] if rows else 0
    # A key past the last page: the count is asked alone.
    _rows, count = _search(cursor, user, ids, chosen, after="", limit=1)
    return [], count


def _key_clause(after: str) -> tuple[str, list[Any]]:
    if not after:
        return "", []
    return " AND (access.opened_at, access.case_id) < (%s, %s)", list(read_key(after))
