"""The gateway of cases: which agencies are on a case, and by what."""

from __future__ import annotations

from cases.choices import GRANTED, AccessLevel, AccessPurpose
from cases.models import Case, CaseAccess


def agencies_on(case: Case, *levels: str) -> frozenset[int]:
    """Return the ids of the agencies that are on this case now, with one of these levels if any are named.

    Read once per case object: a page asks many predicates about the same case.
    """
    return frozenset(agency_id for agency_id, level, _purpose in _held(case) if not levels or level in levels)


def working_on(case: Case, *levels: str) -> frozenset[int]:
    """Return the agencies that work on this case now: those on it but for those that only read it.

    Only reading are those that give legal advice (U30), and those with which it was shared to look.
    """
    return frozenset(
        agency_id
        for agency_id, level, purpose in _held(case)
        if (not levels or level in levels) and not _only_reads(level, purpose)
    )


def party_to(case: Case) -> frozenset[int]:
    """Return the agencies that are on this case by their own part in it: not by a share that somebody granted."""
    return frozenset(
        agency_id
        for agency_id, level, purpose in _held(case)
        if not _only_reads(level, purpose) and purpose not in GRANTED
    )


def _only_reads(level: str, purpose: str) -> bool:
    return purpose == AccessPurpose.LEGAL or (purpose in GRANTED and level == AccessLevel.LOOK)


def _held(case: Case) -> list[tuple[int, str, str]]:
    held: list[tuple[int, str, str]] | None = getattr(case, "_agencies_now", None)
    if held is None:
        held = list(CaseAccess.objects.valid().filter(case=case).values_list("agency_id", "level", "purpose"))
        case._agencies_now = held  # type: ignore[attr-defined]
    return held


def forget_agencies(case: Case) -> None:
    """Ask anew after a share was granted or ended."""
    case.__dict__.pop("_agencies_now", None)
