"""The history of the fields of a case in words: who, when, which field, from what to what (ADR 62)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import CharField, OuterRef, Q, Subquery, Value
from django.db.models.functions import JSONObject
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agencies import access
from agencies.choices import Capability
from agencies.models import Agency, Subdivision, User
from cases.access import working_on
from cases.choices import PartGroup
from cases.fact_words import EMPTY, fact_in_words
from cases.models import VERSIONS, Case, CaseAccess, Child, Person, Photo, Plate, TravelLeg, Vehicle
from cases.models.part import Parted, Rights, rights_on

PAGE_SIZE = 50
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# By name, because one order of all kinds decides between versions of the same microsecond.
KINDS: dict[str, type[models.Model]] = {str(model._meta.model_name): model for model in VERSIONS}
WHAT = {
    "insert": pgettext_lazy("version of a fact", "Added"),
    "update": pgettext_lazy("version of a fact", "Changed"),
    "delete": pgettext_lazy("version of a fact", "Removed"),
    "begin": _("Kept when the history began"),
}
# Who recorded a row and when, and what it belongs to: said by the entry itself.
SAID_ELSEWHERE = {"case", "recorded_by", "recorded_at", "reported_by", "reported_at", "added_by", "added_at",
                  "opened_by", "sha256"}  # fmt: skip


@dataclass(frozen=True)
class FieldChange:
    """One field: its name in code, its label, and both values in words ("" for nothing)."""

    name: str
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class HistoryEntry:
    """One version of one row: when it came to be, by whom, of what, and which fields it changed."""

    kind: str
    version: int
    at: datetime
    label: str
    what: Any
    object_id: uuid.UUID
    subject: str
    person: str
    agencies: str
    changes: list[FieldChange]


@dataclass(frozen=True)
class HistoryPage:
    """Some entries, newest first, and the key of the next page, empty on the last."""

    rows: list[HistoryEntry]
    after: str

    def shown(self) -> list[models.Model]:
        """Return the versions on the page, for the event of the read."""
        return [VERSIONS[KINDS[entry.kind]](pgh_id=entry.version) for entry in self.rows]


def history_of(case: Case, *, reader: User, after: str = "", size: int = PAGE_SIZE) -> HistoryPage:
    """Return one page of the versions of a case's facts, at most `size`, in a constant number of queries.

    The lead agency sees all of them, any other one those since it came on the case: what was replaced before was
    never shown to it, and neither is what is police-only to it now. Refuses a malformed key with ValueError.
    """
    key = _read_key(after) if after else None
    since = _since(case, reader)
    branches = [_versions(kind, case, since, key)[: size + 1] for kind in KINDS]
    merged = branches[0].union(*branches[1:], all=True)
    found = list(merged.order_by("-pgh_created_at", "-row_kind", "-pgh_id")[: size + 1])
    shown = found[:size]
    following = _key(shown[-1]) if len(found) > size else ""
    return HistoryPage(_without_held_back(_in_words(shown, case), shown, case, reader), following)


def _since(case: Case, reader: User) -> datetime | None:
    """Return the moment from which this person's agencies may read the history; None for all of it."""
    mine = access.agency_ids(reader, Capability.READ_AUDIT) & working_on(case)
    if case.lead_agency_id in mine:
        return None
    shares = CaseAccess.objects.valid().filter(case=case, agency_id__in=mine)  # type: ignore[attr-defined]
    granted: datetime = shares.aggregate(first=models.Min("granted_at"))["first"]
    return granted


Key = tuple[datetime, str, int]


def _versions(kind: str, case: Case, since: datetime | None, key: Key | None) -> Any:
    """Return the versions of one kind with the one before each, newest first, as rows of one shape for all kinds."""
    versions = VERSIONS[KINDS[kind]]
    rows = versions.objects.filter(**{"pgh_obj" if kind == "case" else "case": case.pk})
    if since is not None:
        rows = rows.filter(pgh_created_at__gte=since)
    if key is not None:
        moment, key_kind, key_id = key
        at_once = Q(pgh_created_at=moment, pgh_id__lt=key_id) if kind == key_kind else Q(pgh_created_at=moment)
        rows = rows.filter(Q(pgh_created_at__lt=moment) | at_once if kind <= key_kind else Q(pgh_created_at__lt=moment))
    columns = {field.attname: field.name for field in _facts(kind)}
    earlier = versions.objects.filter(pgh_obj_id=OuterRef("pgh_obj_id"), pgh_id__lt=OuterRef("pgh_id"))
    before = earlier.order_by("-pgh_id").values(before_=JSONObject(**columns))[:1]
    rows = rows.annotate(
        row_kind=Value(kind, output_field=CharField()), row_now=JSONObject(**columns),
        row_before=Subquery(before, output_field=models.JSONField()),
    )  # fmt: skip
    names = ("row_kind", "pgh_id", "pgh_created_at", "pgh_label", "pgh_context", "pgh_obj_id", "row_now", "row_before")
    return rows.order_by("-pgh_created_at", "-pgh_id").values(*names)


def _facts(kind: str) -> list[Any]:
    """Return the kept fields of one kind."""
    return [field for field in VERSIONS[KINDS[kind]]._meta.concrete_fields if not field.name.startswith("pgh_")]


def _key(row: dict[str, Any]) -> str:
    microseconds = (row["pgh_created_at"] - EPOCH) // timedelta(microseconds=1)
    return f"{microseconds}_{row['row_kind']}_{row['pgh_id']}"


def _read_key(text: str) -> Key:
    """Return moment, kind and version of a key. Refuses with ValueError what no page gave."""
    parts = text.split("_")
    if len(parts) != 3 or parts[1] not in KINDS or not (parts[2].isascii() and parts[2].isdigit()):
        raise ValueError(text)
    try:
        moment = EPOCH + timedelta(microseconds=int(parts[0]))
    except OverflowError as error:
        raise ValueError(text) from error
    if int(parts[2]) >= 2**63:
        raise ValueError(text)
    return moment, parts[1], int(parts[2])


def _in_words(rows: list[dict[str, Any]], case: Case) -> list[HistoryEntry]:
    names = _Names(rows, case)
    return [_entry(row, names) for row in rows]


def _entry(row: dict[str, Any], names: _Names) -> HistoryEntry:
    before, now = row["row_before"] or {}, row["row_now"]
    if row["pgh_label"] == "delete":
        before, now = now, {}
    context = row["pgh_context"] or {}
    model = KINDS[row["row_kind"]]
    called = _called(row["row_kind"], row["row_now"])
    subject = capfirst(str(model._meta.verbose_name))
    return HistoryEntry(
        kind=row["row_kind"], version=row["pgh_id"], at=row["pgh_created_at"], label=row["pgh_label"],
        what=WHAT[row["pgh_label"]], object_id=row["pgh_obj_id"],
        subject=f"{subject} – {called}" if called else subject,
        person=names.person(context.get("actor")), agencies=names.agencies(context),
        changes=[] if row["pgh_label"] == "begin" else _changes(row["row_kind"], before, now, names),
    )  # fmt: skip


def _without_held_back(
    entries: list[HistoryEntry], rows: list[dict[str, Any]], case: Case, reader: User
) -> list[HistoryEntry]:
    """Return the entries without what is police-only to the reader: by how its part stands now (ADR 67).

    What was police-only by its kind when it was written stays so, though the kind was corrected since (an address
    of a home is none of a street now). Of a row that was removed nobody can say any more how its parts stood: only
    the lead agency reads of it.
    """
    mine = access.agency_ids(reader, Capability.VIEW_CASES)
    rights = rights_on([case.pk], mine)[case.pk]
    if rights.leads:
        return entries
    held: dict[str, set[str]] = {}
    for model in (model for model in KINDS.values() if issubclass(model, Parted)):
        for row in model._base_manager.filter(case=case).defer(*(("jpeg",) if model is Photo else ())):
            is_own = getattr(row, "agency_id", None) in mine
            groups = row.police_only_groups
            held[str(row.pk)] = set() if is_own else {group for group in groups if not rights.covers(row.pk, group)}
    return [
        told
        for entry, row in zip(entries, rows, strict=True)
        if not any(PartGroup.ROW in held.get(str(row["row_now"].get(name)), ()) for name in LEADS_TO)
        for told in _told_of(entry, held.get(str(entry.object_id)), _held_by_kind(row, rights))
    ]


LEADS_TO = ("vehicle_id", "person_id", "leg_id")


def _held_by_kind(row: dict[str, Any], rights: Rights) -> set[str]:
    """Return the groups that were police-only by their kind before or after a change, and were not given."""
    model: Any = KINDS[row["row_kind"]]
    versions = [version for version in (row["row_before"], row["row_now"]) if version]
    if not issubclass(model, Parted):
        return set()
    groups = {str(group) for group in model.PARTS for told in versions if model.by_kind(group, told)}
    if any(model.row_by_kind(told) for told in versions):
        groups.add(str(PartGroup.ROW))
    return {group for group in groups if not rights.covers(row["pgh_obj_id"], group)}


def _told_of(entry: HistoryEntry, held: set[str] | None, by_kind: set[str]) -> Iterator[HistoryEntry]:
    model, kind = KINDS[entry.kind], str(KINDS[entry.kind]._meta.verbose_name)
    if not issubclass(model, Parted):
        yield entry
        return
    groups = by_kind | ({str(PartGroup.ROW)} if held is None else held)
    if PartGroup.ROW in groups:
        return
    names = model._fields_of(groups)
    left = [change for change in entry.changes if change.name not in names]
    if left or not entry.changes:
        yield replace(entry, changes=left, subject=capfirst(kind) if PartGroup.NAMES in groups else entry.subject)


def _changes(kind: str, before: dict[str, Any], now: dict[str, Any], names: _Names) -> list[FieldChange]:
    found = []
    for field in _facts(kind):
        old, new = before.get(field.attname), now.get(field.attname)
        if field.name in SAID_ELSEWHERE or old == new or (not (before and now) and (old or new) in EMPTY):
            continue
        words = (fact_in_words(field, values, names.of) for values in (before, now))
        found.append(FieldChange(field.name, capfirst(str(field.verbose_name)), *words))
    return found


def _called(kind: str, values: dict[str, Any]) -> str:
    """Return what tells one row of a kind from another, taken from the version itself."""
    parts = {
        "child": ("given_names", "first_surname", "second_surname"),
        "person": ("given_names", "first_surname", "second_surname"),
        "vehicle": ("make", "model"),
        "plate": ("number",),
        "externalreference": ("number",),
        "travelleg": ("from_place", "to_place"),
    }.get(kind, ())
    return " ".join(str(values[name]) for name in parts if values.get(name))


class _Names:
    """What ids on a page are called: one query for people, agencies, places and each kind of row of the case."""

    def __init__(self, rows: list[dict[str, Any]], case: Case) -> None:
        contexts = [row["pgh_context"] or {} for row in rows]
        self.on_case = set(CaseAccess.objects.filter(case=case).values_list("agency_id", flat=True))
        # With somebody who is always there, so that a page without anybody costs the same.
        ids = {case.lead_agency_id, *(agency for context in contexts for agency in context.get("agencies", ()))}
        people = {str(case.opened_by_id)} | {str(context["actor"]) for context in contexts if context.get("actor")}
        people |= _ids_to(User, rows)
        self.called: dict[tuple[type[models.Model], str], str] = {}
        self._keep(User, User.objects.filter(pk__in=people).values_list("pk", "full_name"))
        agencies = Agency.objects.filter(pk__in=ids | {int(key) for key in _ids_to(Agency, rows)})
        self._keep(Agency, ((agency.pk, agency.name) for agency in agencies))
        self._keep(Subdivision, ((place.pk, str(place)) for place in Subdivision.objects.all()))
        for model in (Child, Person, Vehicle, Plate, TravelLeg):
            kind, listed = str(model._meta.model_name), model._default_manager.filter(case=case)  # type: ignore[misc]
            self._keep(model, ((row.pk, _called(kind, row.__dict__)) for row in listed))

    def _keep(self, model: type[models.Model], pairs: Iterable[tuple[Any, str]]) -> None:
        self.called |= {(model, str(key)): name for key, name in pairs}

    def of(self, field: models.Field, value: Any) -> str:
        """Return the name of what a foreign key leads to, else what kind of row it is."""
        model: Any = field.related_model
        return self.called.get((model, str(value))) or capfirst(str(model._meta.verbose_name))

    def person(self, actor: str | None) -> str:
        """Return the name of who made a version, "" for the portal itself."""
        return self.called.get((User, str(actor)), "") if actor else ""

    def agencies(self, context: dict[str, Any]) -> str:
        """Return for which agencies a person acted: those on the case, else all of theirs."""
        listed = context.get("agencies", ())
        concerned = [key for key in listed if key in self.on_case] or listed
        return ", ".join(name for key in concerned if (name := self.called.get((Agency, str(key)))))


def _ids_to(model: type[models.Model], rows: list[dict[str, Any]]) -> set[str]:
    """Return the ids of this model that versions name."""
    found = set()
    for row in rows:
        for field in _facts(row["row_kind"]):
            if field.related_model is model:
                found |= {str(values[field.attname]) for values in (row["row_now"], row["row_before"] or {})
                          if values.get(field.attname) is not None}  # fmt: skip
    return found
