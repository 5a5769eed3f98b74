"""Marking parts of a case as police-only or released, and giving police-only parts to one agency."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agencies import audit
from agencies.models import Agency, User
from agencies.refusals import ActRefused, NotPermitted
from cases import permissions, workflow
from cases.choices import AccessLevel, EventAction, PartGroup, PartReason, PublicItem
from cases.models import Case, CaseAccess, Child, PartMark, PartRelease, Person, Photo
from cases.models.part import Parted, forget_rights

# Which authorities to publish speak of a part; what may be published is not police-only, and the other way round.
PUBLISHED_BY: dict[tuple[type[Parted], str], tuple[str, ...]] = {
    (Child, PartGroup.NAMES): (PublicItem.CHILD_NAME,),
    (Photo, PartGroup.ROW): (PublicItem.PHOTO,),
    (Person, PartGroup.NAMES): (PublicItem.SUSPECT_NAME,),
    (Person, PartGroup.LOOKS): (PublicItem.SUSPECT_DETAILS,),
    (Person, PartGroup.ROW): (PublicItem.SUSPECT_NAME, PublicItem.SUSPECT_DETAILS),
}
SUBJECT_OF = {Child: "child", Photo: "photo", Person: "person"}
RELATED = (
    "children", "people", "vehicles", "crossingindications", "legs", "sightings", "references", "parallel_notices",
)  # fmt: skip


@dataclass(frozen=True)
class Part:
    """One part: a row and a group of it, with the decision that counts, if anybody made one."""

    row: Any
    group: str
    is_police_only: bool
    mark: PartMark | None = None

    @property
    def key(self) -> str:
        """Return what names the part in a form and in the API."""
        return f"{self.row._meta.model_name}:{self.row.pk}:{self.group}"

    @property
    def of_what(self) -> str:
        """Return the row in the reader's words: its kind, and the name or number by which it is known."""
        kind = self.row.get_role_display() if isinstance(self.row, Person) else capfirst(self.row._meta.verbose_name)
        known = (
            getattr(self.row, "known_as", "") or getattr(self.row, "name", "") or getattr(self.row, "plate", "")
            or (self.row.get_kind_display() if hasattr(self.row, "get_kind_display") else "")
        )  # fmt: skip
        return f"{kind} – {known}" if known else str(kind)

    @property
    def group_label(self) -> str:
        """Return the name of the group."""
        return str(PartGroup(self.group).label)

    def __str__(self) -> str:
        return gettext("%(row)s: %(part)s") % {"row": self.of_what, "part": self.group_label}


def parts_of(case: Case) -> list[Part]:
    """Return every part of a case with its standing, in a constant number of queries; for who leads the case."""
    rows: list[Any] = [case.abduction]
    for name in RELATED:
        rows += getattr(case, name).all()
    rows += [*case.photos.defer("jpeg"), *case.documents.defer("content")]
    # In the order in which they were made: of several decisions about one part the last one counts.
    decisions = PartMark.objects.filter(case=case).select_related("marked_by").order_by("marked_at", "id")
    marks = {(mark.subject_id, mark.group): mark for mark in decisions}
    return [
        Part(row, group, group in held, marks.get((row.pk, group)))
        for row in rows
        for held in [row.police_only_groups]
        for group in row.groups()
    ]


def police_only_parts(case: Case) -> list[Part]:
    """Return what of a case other agencies do not get unless it is given to them."""
    return [part for part in parts_of(case) if part.is_police_only]


def find_parts(case: Case, keys: Iterable[str]) -> list[Part]:
    """Return the parts with these keys. Refuses one that the case does not have."""
    known = {part.key: part for part in parts_of(case)}
    wanted = list(dict.fromkeys(keys))
    if not wanted or any(key not in known for key in wanted):
        raise ActRefused(_("Choose parts of this case."))
    return [known[key] for key in wanted]


@transaction.atomic
def mark_parts(*, case: Case, by: User, keys: Iterable[str], is_police_only: bool, reason: str) -> list[PartMark]:
    """Mark parts as police-only or as released, with a reason; what stands so already stays as it is.

    Refuses everybody but the lead agency, no reason, and holding back what an authority allows to publish: that is
    taken back first, which takes it from the public (U28).
    """
    _lead(case, by)
    if reason not in PartReason.values:
        raise ActRefused(_("Give a reason."))
    parts = [part for part in find_parts(case, keys) if part.mark is None or part.is_police_only != is_police_only]
    if is_police_only and any(_is_published(part) for part in parts):
        raise ActRefused(_("An authority to publish covers this part. Revoke the authority first."))
    marks = [_mark(part, by=by, is_police_only=is_police_only, reason=reason) for part in parts]
    if not marks:
        return []
    names = [f"{part.row._meta.model_name}.{part.group}" for part in parts]
    detail: dict[str, object] = {"police_only": is_police_only, "reason": reason}
    workflow.note(
        case, EventAction.PARTS_MARKED, by=by, agency=case.lead_agency, subject=case, only_for=case.lead_agency,
        detail={"parts": names, **detail},
    )  # fmt: skip
    rows = list({part.row.pk: part.row for part in parts}.values())
    audit.record("case.parts_marked", by=by, objects=rows, case_id=case.pk, field_names=names, detail=detail)
    forget_rights()
    changed = [part for part in parts if part.is_police_only != is_police_only]
    if changed and case.is_open:  # what programs read and publish is another text now
        workflow.announce_facts(case, by=by, field_names=_facts_in(changed))
    return marks


def _mark(part: Part, *, by: User, is_police_only: bool, reason: str) -> PartMark:
    if part.mark is not None:
        PartMark.objects.filter(pk=part.mark.pk).update(replaced_at=timezone.now())
    model = type(part.row)
    row = model._base_manager.select_for_update().only("part_marks").get(pk=part.row.pk)
    row.part_marks = {**row.part_marks, part.group: is_police_only}
    row.save(update_fields=["part_marks"])
    return PartMark.objects.create(
        case_id=part.row.case_id, subject_type=model._meta.model_name, subject_id=part.row.pk, group=part.group,
        is_police_only=is_police_only, reason=reason, marked_by=by,
    )  # fmt: skip


def _facts_in(parts: list[Part]) -> list[str]:
    """Return the facts in parts, by the names that a change of facts has."""
    return sorted({
        f"{part.row._meta.model_name}.{name}"
        for part in parts
        for name in (part.row.PARTS.get(part.group) or part.row.IN_ROW)
        if part.row.__dict__.get(name)
    })  # fmt: skip


def _is_published(part: Part) -> bool:
    items = PUBLISHED_BY.get((type(part.row), part.group), ())
    if not items:
        return False
    rows = part.row.case.publication_authorities.valid().filter(item__in=items)
    return bool(rows.filter(**{SUBJECT_OF[type(part.row)]: part.row.pk}).exists())


def release_for_publication(*, case: Case, by: User, items: Iterable[tuple[str, Any]]) -> None:
    """Let parts be told of which an authority to publish is being recorded. Refuses what somebody marked police-only.

    What is police-only only by its kind (a photo of nobody known) is released with the authority of the lead agency;
    another agency that was given it may not make it known to all.
    """
    for item, row in items:
        for (model, group), names in PUBLISHED_BY.items():
            if item not in names or type(row) is not model or group not in row.police_only_groups:
                continue
            if row.part_marks.get(group):
                raise ActRefused(_("This part is marked police-only. Release it before you record an authority."))
            if not permissions.can_mark_parts(by, case):
                raise ActRefused(_("This part is police-only. The lead agency releases it first."))
            part = Part(row, group, is_police_only=True)
            _mark(part, by=by, is_police_only=False, reason=PartReason.PUBLICATION)
            audit.record(
                "case.parts_marked", by=by, objects=[row], case_id=case.pk,
                field_names=[f"{row._meta.model_name}.{group}"],
                detail={"police_only": False, "reason": PartReason.PUBLICATION.value},
            )  # fmt: skip


def agencies_to_give(case: Case) -> QuerySet[Agency]:
    """Return the agencies that read the case now and do not lead it."""
    on_it = CaseAccess.objects.valid().filter(case=case).exclude(level=AccessLevel.OWN)  # type: ignore[attr-defined]
    return Agency.objects.filter(pk__in=on_it.values("agency")).order_by("country", "name")


def releases_of(case: Case) -> list[PartRelease]:
    """Return what police-only parts were given to whom, and not taken back."""
    rows = PartRelease.objects.current().filter(case=case)  # type: ignore[attr-defined]
    return list(rows.select_related("agency", "given_by"))


@transaction.atomic
def give_parts(
    *, case: Case, by: User, agency: Agency, keys: Iterable[str], reason: str = PartReason.OWN_LAW
) -> list[PartRelease]:
    """Let one agency read police-only parts while it is on the case, because its own law keeps them with the police.

    Refuses everybody but the lead agency, and an agency that does not read the case. Released parts need no giving.
    """
    _lead(case, by)
    if reason not in PartReason.values:
        raise ActRefused(_("Give a reason."))
    if not agencies_to_give(case).filter(pk=agency.pk).exists():
        raise ActRefused(_("This agency is not on the case."))
    parts = [part for part in find_parts(case, keys) if part.is_police_only]
    held = PartRelease.objects.current().filter(case=case, agency=agency)  # type: ignore[attr-defined]
    has = set(held.values_list("subject_id", "group"))
    given = [
        PartRelease.objects.create(
            case=case, agency=agency, subject_type=part.row._meta.model_name, subject_id=part.row.pk,
            group=part.group, reason=reason, given_by=by,
        )
        for part in parts
        if (part.row.pk, part.group) not in has
    ]  # fmt: skip
    if given:
        _tell(case, EventAction.PARTS_GIVEN, "case.parts_given", given, by=by)
    return given


@transaction.atomic
def take_back_parts(*, case: Case, by: User, releases: Iterable[uuid.UUID]) -> list[PartRelease]:
    """Take police-only parts back from agencies: they do not find them from the next request on. Refuses as above."""
    _lead(case, by)
    rows = PartRelease.objects.current().filter(case=case, pk__in=list(releases)).select_related("agency")  # type: ignore[attr-defined]
    taken = list(rows.select_for_update(of=("self",)))
    if not taken:
        raise ActRefused(_("These parts have already been withdrawn."))
    _end(taken, by=by)
    _tell(case, EventAction.PARTS_TAKEN_BACK, "case.parts_taken_back", taken, by=by)
    return taken


def end_releases(*, case: Case, agency: Agency, by: User | None) -> None:
    """Take back what was given to an agency whose sight has ended; inside the act that ends or renews it."""
    rows = PartRelease.objects.current().filter(case=case, agency=agency)  # type: ignore[attr-defined]
    taken = list(rows.select_related("agency"))
    if taken:
        _end(taken, by=by)
        _tell(case, EventAction.PARTS_TAKEN_BACK, "case.parts_taken_back", taken, by=by)


def _end(releases: list[PartRelease], *, by: User | None) -> None:
    PartRelease.objects.filter(pk__in=[row.pk for row in releases]).update(ended_at=timezone.now(), ended_by=by)


def _tell(case: Case, entry: str, action: str, releases: list[PartRelease], *, by: User | None) -> None:
    names = [f"{row.subject_type}.{row.group}" for row in releases]
    ids = sorted({row.agency_id for row in releases})
    workflow.note(
        case, entry, by=by, agency=releases[0].agency, subject=case, only_for=case.lead_agency,
        detail={"parts": names},
    )  # fmt: skip
    audit.record(action, by=by, objects=releases, case_id=case.pk, field_names=names, detail={"agencies": ids})
    forget_rights()


def _lead(case: Case, by: User) -> None:
    if not permissions.can_mark_parts(by, case):
        raise NotPermitted
    case.refresh_from_db(from_queryset=Case.objects.select_for_update(of=("self",), no_key=True))
