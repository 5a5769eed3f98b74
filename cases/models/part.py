"""Parts of a case: what is police-only is there for the lead agency, and for whom it was given to by name.

A row that is police-only is in no query of anybody else, and a group of fields that is police-only is empty in every
row that is loaded for them: pages, API, administration, sheets and exports read the same rows. Who asks is the scope
of the connection (`agencies/scope.py`), as with the second lock. Defaults stand with each kind (domain §2.4, §6, U48).
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Iterator
from contextvars import ContextVar
from copy import copy
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce
from django.db.models.query import ModelIterable
from django.utils.translation import gettext_lazy as _

from agencies import access, scope
from agencies.choices import Capability
from cases.choices import AccessLevel, PartGroup

from .scoped import CaseScoped, CaseScopedQuerySet

LOADED = ("case_id", "part_marks")


def police_only(default: Any) -> models.GeneratedField:
    """Return the column that says whether a whole row is police-only: as it was marked, else by its kind."""
    marked = Cast(KeyTextTransform(PartGroup.ROW.value, "part_marks"), models.BooleanField())
    return models.GeneratedField(
        expression=Coalesce(marked, default, output_field=models.BooleanField()),
        output_field=models.BooleanField(), db_persist=True, verbose_name=_("police only"),
    )  # fmt: skip


def accesses_of(agency_ids: Collection[int]) -> Any:
    """Return the accesses of agencies that count now."""
    from .case_access import CaseAccess

    return CaseAccess.objects.valid().filter(agency_id__in=agency_ids)  # type: ignore[attr-defined]


@dataclass
class Rights:
    """Which police-only parts of one case some agencies read."""

    leads: bool
    given: frozenset[tuple[uuid.UUID, str]] = frozenset()

    def covers(self, row_id: uuid.UUID, group: str) -> bool:
        """Say whether a police-only part is read. Who was given a whole row reads what in it is not held back."""
        return self.leads or (row_id, str(group)) in self.given


def rights_on(case_ids: Collection[Any], agency_ids: Collection[int]) -> dict[Any, Rights]:
    """Return what these agencies read of the police-only parts of each case; without agencies nothing."""
    from .part_mark import PartRelease

    if not agency_ids:
        return dict.fromkeys(case_ids, Rights(leads=False))
    levels = set(accesses_of(agency_ids).filter(case__in=case_ids).values_list("case", "level"))
    led = {case for case, level in levels if level == AccessLevel.OWN}
    given: dict[Any, set[tuple[uuid.UUID, str]]] = {}
    if shared := {case for case, _level in levels} - led:
        rows = PartRelease.objects.current().filter(case__in=shared, agency_id__in=agency_ids)  # type: ignore[attr-defined]
        for case, subject, group in rows.values_list("case", "subject_id", "group"):
            given.setdefault(case, set()).add((subject, group))
    return {case: Rights(leads=case in led, given=frozenset(given.get(case, ()))) for case in case_ids}


@dataclass
class _Known:
    """The rights that were asked for inside one block of the scope."""

    block: scope.Scope | None = None
    rights: dict[Any, Rights] = field(default_factory=dict)


_known: ContextVar[_Known] = ContextVar("known_rights_on_parts", default=_Known())  # noqa: B039  replaced, not changed


def _rights_here(case_ids: Collection[Any]) -> dict[Any, Rights]:
    block, known = scope.current(), _known.get()
    if known.block is not block:
        known = _Known(block)
        _known.set(known)
    if missing := set(case_ids) - set(known.rights):
        known.rights.update(rights_on(missing, block.agency_ids))
    return known.rights


def forget_rights() -> None:
    """Ask anew after parts were given or taken back."""
    _known.set(_Known())


# Rows that were read and wait until the rights on all their cases are known, each with its case and the groups that
# are police-only.
Waiting = tuple[Any, Any, set[str]]
_waiting: ContextVar[list[Waiting] | None] = ContextVar("rows_that_wait_for_rights", default=None)


def _blank_what_is_not_read(rows: Collection[Waiting]) -> None:
    rights = _rights_here({case_id for _row, case_id, _held in rows})
    for row, case_id, held in rows:
        row.blank(group for group in held if not rights[case_id].covers(row.pk, group))


class RowsTogether(ModelIterable):
    """Rows of a query, with one question about the rights on the cases of a hundred rows, not one for each case."""

    def __iter__(self) -> Iterator[Any]:
        rows = super().__iter__()
        while together := self._blanked(rows):
            yield from together

    @staticmethod
    def _blanked(rows: Iterator[Any]) -> list[Any]:
        token = _waiting.set([])
        try:
            together = list(islice(rows, 100))
            waiting = _waiting.get()
        finally:
            _waiting.reset(token)
        if waiting:
            _blank_what_is_not_read(waiting)
        return together


class RowsWithParts(CaseScopedQuerySet):
    """Rows of which fields may be held back."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._iterable_class = RowsTogether


class PartedQuerySet(RowsWithParts):
    """Rows of which some are police-only."""

    def visible_to(self, user: Any) -> PartedQuerySet:
        """Return the rows of the cases that this person may see, without what is police-only to their agencies."""
        return super().visible_to(user).read_by(access.agency_ids(user, Capability.VIEW_CASES))  # type: ignore[attr-defined, no-any-return]

    def released(self) -> PartedQuerySet:
        """Return what is not police-only."""
        return self.filter(is_police_only=False)

    def read_by(self, agency_ids: Collection[int]) -> PartedQuerySet:
        """Return what these agencies read: what is released, their own, what they lead or were given."""
        if not agency_ids:
            return self.released()
        from .part_mark import PartRelease

        accesses, row = accesses_of(agency_ids).filter(case=OuterRef("case")), OuterRef("pk")
        given = PartRelease.objects.current().filter(subject_id=row, group=PartGroup.ROW, agency_id__in=agency_ids)  # type: ignore[attr-defined]
        read = Q(is_police_only=False) | Exists(accesses.filter(level=AccessLevel.OWN)) | Exists(given)
        if any(column.name == "agency" for column in self.model._meta.concrete_fields):
            read |= Q(agency_id__in=agency_ids)
        return self.filter(read)

    def read_here(self) -> PartedQuerySet:
        """Return what the agencies read for which the connection acts; a door sees every row."""
        acting = scope.current()
        return self if acting.everything else self.read_by(acting.agency_ids)


class PartedManager(models.Manager.from_queryset(PartedQuerySet)):  # type: ignore[misc]
    """The rows that the agencies read for which the connection acts."""

    def get_queryset(self) -> PartedQuerySet:
        """Return them; a foreign key reaches a hidden row too, and finds it empty."""
        return super().get_queryset().read_here()  # type: ignore[no-any-return]


class Parted(CaseScoped):
    """A row with parts. `PARTS` names the fields of each group, `part_marks` what somebody has decided of them."""

    PARTS: ClassVar[dict[str, tuple[str, ...]]] = {}
    DECIDING: ClassVar[tuple[str, ...]] = ()

    part_marks = models.JSONField(_("marks of parts"), default=dict, editable=False)

    objects = RowsWithParts.as_manager()  # type: ignore[misc]

    class Meta(CaseScoped.Meta):
        abstract = True

    @classmethod
    def groups(cls) -> tuple[str, ...]:
        """Return what can be held back of a row of this kind, the whole row first where it can be."""
        has_row = any(column.name == "is_police_only" for column in cls._meta.concrete_fields)
        return ((PartGroup.ROW.value,) if has_row else ()) + tuple(map(str, cls.PARTS))

    @classmethod
    def by_kind(cls, _group: str, _told: dict[str, Any]) -> bool:
        """Say whether a group is police-only by its kind, where nobody has decided; `_told`: the deciding columns."""
        return False

    @classmethod
    def is_held(cls, group: str) -> Q:
        """Return the condition under which a group of fields is police-only: as `held_back` says of a loaded row."""
        return Q(**{f"part_marks__{group}": True})

    @classmethod
    def row_by_kind(cls, _told: dict[str, Any]) -> bool:
        """Say whether a whole row is police-only by its kind, as `is_police_only` has it; `_told`: the columns."""
        return False

    @classmethod
    def held_back(cls, told: dict[str, Any]) -> set[str]:
        """Return the groups of a row that are police-only: as marked, else by kind."""
        marks: dict[str, bool] = told["part_marks"] or {}
        found = {group for group in map(str, cls.PARTS) if marks.get(group, cls.by_kind(group, told))}
        return found | ({PartGroup.ROW.value} if told.get("is_police_only") else set())

    def holds_back(self, name: str) -> bool:
        """Say whether a field of this row is police-only now."""
        return name in self._fields_of(self.police_only_groups)

    @property
    def police_only_groups(self) -> set[str]:
        """Return what of this row is police-only now."""
        return self.held_back({name: getattr(self, name) for name in self._deciding()})

    @classmethod
    def _deciding(cls) -> tuple[str, ...]:
        has_row = PartGroup.ROW.value in cls.groups()
        return (*LOADED, *cls.DECIDING, *(("is_police_only",) if has_row else ()))

    @classmethod
    def _fields_of(cls, groups: Iterable[str]) -> set[str]:
        named = {name for group in groups for name in cls.PARTS.get(group, ())}
        return named | ({name for names in cls.PARTS.values() for name in names} | set(cls.IN_ROW)
                        if PartGroup.ROW in groups else set())  # fmt: skip

    @classmethod
    def _columns_of(cls, groups: Iterable[str]) -> set[str]:
        """Return the same by the names under which an object keeps them: keys of foreign rows end in `_id`."""
        return {str(getattr(cls._meta.get_field(name), "attname", name)) for name in cls._fields_of(groups)}

    IN_ROW: ClassVar[tuple[str, ...]] = ()  # further fields that are empty where the whole row is hidden

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **kwargs: Any) -> Any:
        """Return the row as the agencies may read it for which the connection acts."""
        row = super().from_db(db, field_names, values, **kwargs)
        acting = scope.current()
        if acting.everything or not cls._columns_of(cls.groups()) & set(field_names):
            return row
        told = {name: row.__dict__[name] for name in cls._deciding() if name in row.__dict__}
        if len(told) < len(cls._deciding()):
            told = cls._base_manager.filter(pk=row.pk).values(*cls._deciding()).first() or told
        if "part_marks" not in told or getattr(row, "agency_id", None) in acting.agency_ids:
            return row
        held = cls.held_back(told)
        if any(row.__dict__.get(name) for name in cls._columns_of(held)):  # an empty part costs no question
            waiting = _waiting.get()
            if waiting is None:
                _blank_what_is_not_read([(row, told["case_id"], held)])
            else:
                waiting.append((row, told["case_id"], held))
        return row

    def blank(self, groups: Iterable[str]) -> None:
        """Empty the fields of groups in this object; it can no longer be saved with them."""
        names = self._columns_of(list(groups)) & set(self.__dict__)
        if "birth_date" in names and self.__dict__["birth_date"] and "age_years" not in names:
            self.age_years = self.age_now()  # type: ignore[attr-defined]
            self.__dict__["_blanked"] = self.__dict__.get("_blanked", set()) | {"age_years"}
        for name in names:
            column: Any = self._meta.get_field(name.removesuffix("_id"))
            value = column.get_default() if column.has_default() else None if column.null else ""
            setattr(self, name, b"" if isinstance(column, models.BinaryField) else value)
        self.__dict__["_blanked"] = self.__dict__.get("_blanked", set()) | names

    @property
    def is_blanked(self) -> bool:
        """Say whether parts of this object were emptied for its reader."""
        return bool(self.__dict__.get("_blanked"))

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save. Refuses with ValueError to write what was emptied for the reader over what is recorded."""
        blanked = self.__dict__.get("_blanked", set())
        names = kwargs.get("update_fields")
        if blanked and (names is None or blanked & {column for name in names for column in (name, f"{name}_id")}):
            raise ValueError(f"{self._meta.label}: parts were emptied for the reader")
        super().save(*args, **kwargs)


def as_read_by(rows: Iterable[Any], agency_ids: Collection[int] = ()) -> list[Any]:
    """Return rows of one case as these agencies read them, without agencies: as everybody does; the rows stay whole.

    For what is made for others than the acting agencies: the sheet of a receiver, the text for the public.
    """
    rows = list(rows)
    shown, rights = [], rights_on({row.case_id for row in rows if row.police_only_groups}, agency_ids)
    for row in rows:
        held = row.police_only_groups
        if held:
            is_own = getattr(row, "agency_id", None) in agency_ids
            held = {group for group in held if not is_own and not rights[row.case_id].covers(row.pk, group)}
        if PartGroup.ROW in held:
            continue
        if held:
            row = copy(row)  # noqa: PLW2901
            row.blank(held)
        shown.append(row)
    return shown
