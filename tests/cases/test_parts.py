"""Parts of a case: marked with a reason, given by name, taken back; and what a reader of another agency gets."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agencies import scope
from agencies.models import Agency, AuditEvent
from agencies.refusals import ActRefused, NotPermitted
from cases.models import (
    Case,
    CaseEvent,
    Child,
    Document,
    ExternalReference,
    PartMark,
    Photo,
    Plate,
    Vehicle,
)
from cases.models.part import as_read_by, forget_rights
from cases.services import parts, records, sharing
from cases.services.corrections import propose_correction
from cases.services.facts import add_photo, keep_document, record_facts
from cases.services.files import open_case
from cases.services.publication import record_authority
from tests.project.conftest import photo_bytes

pytestmark = pytest.mark.django_db
QUEBEC = "ca-qc-sq"


def share(case: Any, by: Any, agency: Any, **values: Any) -> Any:
    return sharing.share_by_hand(
        case=case, by=by, agency=agency, **({"level": "look", "purpose": "assist", "hours": 24} | values)
    )


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(user: Any, case: Any) -> str:
    return signed_in(user).get(reverse("cases:case-detail", args=[case.pk])).text


def key(row: Any, group: str) -> str:
    return f"{row._meta.model_name}:{row.pk}:{group}"


def hold(case: Any, by: Any, *keys: str, reason: str = "protection") -> Any:
    return parts.mark_parts(case=case, by=by, keys=keys, is_police_only=True, reason=reason)


def test_kinds_have_their_defaults(shared: Any, california_officer: Any) -> None:
    with pytest.MonkeyPatch.context():
        document = keep_document(
            case=shared, by=california_officer, content=b"%PDF-", name="a", mime_type="application/pdf",
            kind="authority",
        )  # fmt: skip
    photo = add_photo(case=shared, by=california_officer, raw=photo_bytes())
    portrait = add_photo(case=shared, by=california_officer, raw=photo_bytes(), child=shared.children.get())
    held = {part.key for part in parts.police_only_parts(shared)}
    reporter = shared.people.get(role="reporter")
    assert held == {
        key(shared.abduction, "address"), key(reporter, "row"), key(document, "row"), key(photo, "row"),
    }  # fmt: skip
    assert portrait.is_police_only is False


def test_other_agency_reads_what_is_released_only(
    shared: Any, california_officer: Any, quebec_coordinator: Any
) -> None:
    own, theirs = page(california_officer, shared), page(quebec_coordinator, shared)
    for word in ("Zqroad", "Zq000", "Zqwitness", "0100"):
        assert word in own
        assert word not in theirs
    assert "Zqwords" in theirs
    assert "Zoraida" in theirs


def test_marking_needs_the_lead_agency_a_reason_and_a_part_of_the_case(
    shared: Any, california_officer: Any, quebec_coordinator: Any
) -> None:
    wanted = key(shared.abduction, "words")
    with pytest.raises(NotPermitted):
        hold(shared, quebec_coordinator, wanted)
    with pytest.raises(ActRefused):
        hold(shared, california_officer, wanted, reason="because")
    for wrong in ("abduction:x:words", f"child:{shared.abduction.pk}:words", key(shared.abduction, "looks")):
        with pytest.raises(ActRefused):
            hold(shared, california_officer, wrong)
    assert not PartMark.objects.exists()


def test_marks_say_who_when_and_why_and_are_never_written_over(
    shared: Any, california_officer: Any, quebec_coordinator: Any
) -> None:
    wanted = key(shared.abduction, "words")
    hold(shared, california_officer, wanted, reason="witness")
    assert "Zqwords" not in page(quebec_coordinator, shared)
    hold(shared, california_officer, wanted)  # stands so already: nothing is added
    parts.mark_parts(case=shared, by=california_officer, keys=[wanted], is_police_only=False, reason="search")
    assert "Zqwords" in page(quebec_coordinator, shared)
    rows = list(PartMark.objects.values_list("group", "is_police_only", "reason", "marked_by", "replaced_at"))
    assert [row[:4] for row in rows] == [
        ("words", True, "witness", california_officer.pk), ("words", False, "search", california_officer.pk),
    ]  # fmt: skip
    assert [row[4] is None for row in rows] == [False, True]
    event = AuditEvent.objects.filter(action="case.parts_marked").latest("at")
    assert (event.field_names, event.detail) == (["abduction.words"], {"police_only": False, "reason": "search"})
    assert "Zqwords" not in str(list(AuditEvent.objects.values_list("detail", "field_names")))


def test_entry_about_parts_stays_inside_the_lead_agency(
    shared: Any, california_officer: Any, quebec_coordinator: Any
) -> None:
    hold(shared, california_officer, key(shared.abduction, "words"))
    assert CaseEvent.objects.visible_to(california_officer).filter(kind="parts_marked").exists()
    assert not CaseEvent.objects.visible_to(quebec_coordinator).filter(kind="parts_marked").exists()


@pytest.mark.parametrize("group", ["names", "papers", "looks", "health"])
def test_each_group_of_a_child_is_held_back_alone(
    shared: Any, california_officer: Any, quebec: Any, group: str
) -> None:
    child = shared.children.get()
    Child.objects.update(birth_date="2018-05-04", age_years=None, medical=["diabetic"], name_on_document="Zqdocument")
    shared.publication_authorities.all().delete()  # what may be published is not held back
    hold(shared, california_officer, key(child, group))
    with scope.acting_for([quebec.pk]):
        row = Child.objects.get(pk=child.pk)
    empty = {
        "names": row.given_names == "", "papers": row.birth_date is None and row.name_on_document == "",
        "looks": row.hair == "" and row.height_cm is None and row.clothing == [], "health": row.medical == [],
    }  # fmt: skip
    assert {name for name, is_empty in empty.items() if is_empty} == {group}
    assert row.age_now() is not None  # the age is told, also without the day
    with pytest.raises(ValueError, match="emptied"):
        row.save()
    with scope.acting_for([shared.lead_agency_id]):
        assert Child.objects.get(pk=child.pk).is_blanked is False


def test_hidden_rows_are_in_no_query_and_empty_behind_a_foreign_key(
    shared: Any, california_officer: Any, quebec: Any
) -> None:
    reporter = shared.people.get(role="reporter")
    photo = add_photo(case=shared, by=california_officer, raw=photo_bytes(), person=reporter)
    vehicle = shared.vehicles.get()
    hold(shared, california_officer, key(photo, "row"), key(vehicle, "row"))
    with scope.acting_for([quebec.pk]):
        case = Case.objects.get(pk=shared.pk)
        assert list(case.photos.all()) == []
        assert not case.people.filter(role="reporter").exists()
        assert list(case.vehicles.all()) == []
        assert list(case.plates.all()) == []
        behind = Photo._base_manager.select_related("person").get(pk=photo.pk)
        assert (bytes(behind.jpeg), behind.person.given_names, behind.person.phone) == (b"", "", "")
        gone = Vehicle._base_manager.get(pk=vehicle.pk)
        assert (gone.plate, gone.plate_issuer, gone.make) == ("", None, "")
        deferred = Photo._base_manager.defer("jpeg").get(pk=photo.pk)
        assert bytes(deferred.jpeg) == b""
    with scope.acting_for([shared.lead_agency_id]):
        assert bytes(Photo.objects.get(pk=photo.pk).jpeg).startswith(b"\xff\xd8")


@pytest.mark.parametrize("words", ["Zqwitness", "Zqnumber", "7XYZ123"])
def test_search_finds_no_case_by_a_part_that_is_not_read(
    shared: Any, california_officer: Any, quebec_coordinator: Any, words: str
) -> None:
    number = records.add_reference(case=shared, by=california_officer, kind="nic", number="Zqnumber")
    hold(shared, california_officer, key(shared.vehicles.get(), "row"), key(number, "row"))

    def hits(user: Any) -> int:
        return signed_in(user).get(reverse("cases:case-list"), {"q": words}).text.count(shared.reference)

    assert hits(california_officer) > 0
    assert hits(quebec_coordinator) == 0


def test_plate_of_a_vehicle_that_is_held_back_finds_nothing(
    shared: Any, california_officer: Any, quebec_coordinator: Any, quebec: Any
) -> None:
    vehicle = shared.vehicles.get()
    Plate.objects.create(vehicle=vehicle, case=shared, number="9OLD999")
    client, address = signed_in(quebec_coordinator), reverse("cases:case-list")
    assert shared.reference in client.get(address, {"q": "9OLD999"}).text
    hold(shared, california_officer, key(vehicle, "row"))
    assert shared.reference not in client.get(address, {"q": "9OLD999"}).text
    assert shared.reference in signed_in(california_officer).get(address, {"q": "9OLD999"}).text
    parts.give_parts(case=shared, by=california_officer, agency=quebec, keys=[key(vehicle, "row")])
    assert shared.reference in client.get(address, {"q": "9OLD999"}).text


def test_search_by_a_name_that_is_held_back(
    shared: Any, california_officer: Any, quebec_coordinator: Any, quebec: Any
) -> None:
    child = shared.children.get()
    for item in shared.publication_authorities.filter(item="child_name"):
        item.delete()
    hold(shared, california_officer, key(child, "names"))
    client = signed_in(quebec_coordinator)
    assert shared.reference not in client.get(reverse("cases:case-list"), {"q": "Zoraida"}).text
    parts.give_parts(case=shared, by=california_officer, agency=quebec, keys=[key(child, "names")])
    assert shared.reference in client.get(reverse("cases:case-list"), {"q": "Zoraida"}).text


def test_files_of_a_hidden_row_do_not_exist(shared: Any, california_officer: Any, quebec_coordinator: Any) -> None:
    photo = add_photo(case=shared, by=california_officer, raw=photo_bytes())
    document = keep_document(
        case=shared, by=california_officer, content=b"%PDF-", name="a", mime_type="application/pdf", kind="authority"
    )
    for name, row in (("cases:photo-file", photo), ("cases:document-file", document)):
        assert signed_in(california_officer).get(reverse(name, args=[row.pk])).status_code == 200
        assert signed_in(quebec_coordinator).get(reverse(name, args=[row.pk])).status_code == 404
    assert str(photo.pk) not in page(quebec_coordinator, shared)
    assert Document.objects.visible_to(quebec_coordinator).count() == 0  # type: ignore[attr-defined]
    entries = CaseEvent.objects.visible_to(quebec_coordinator).filter(subject_type="photo")  # type: ignore[attr-defined]
    assert not entries.exists()
    assert CaseEvent.objects.visible_to(california_officer).filter(subject_type="photo").count() == 1  # type: ignore[attr-defined]


def test_police_only_and_authority_to_publish_exclude_each_other(shared: Any, california_officer: Any) -> None:
    child = shared.children.get()
    portrait = add_photo(case=shared, by=california_officer, raw=photo_bytes(), child=child, basis="parental_consent")
    with pytest.raises(ActRefused):
        hold(shared, california_officer, key(portrait, "row"))
    crowd = add_photo(case=shared, by=california_officer, raw=photo_bytes())
    hold(shared, california_officer, key(crowd, "row"))
    with pytest.raises(ActRefused):
        record_authority(
            case=shared, by=california_officer, items=[("photo", Photo.objects.get(pk=crowd.pk))], countries=["US"],
            basis="parental_consent",
        )  # fmt: skip
    unmarked = add_photo(case=shared, by=california_officer, raw=photo_bytes(), basis="parental_consent")
    assert Photo.objects.get(pk=unmarked.pk).is_police_only is False


def test_proposals_about_a_part_that_was_held_back_are_not_shown_to_others(
    shared: Any, california_officer: Any, quebec: Any, quebec_coordinator: Any, baja_coordinator: Any
) -> None:
    share(shared, california_officer, quebec, level="contribute")
    share(shared, california_officer, Agency.objects.get(code="mx-bcn-amber"))
    case = Case.objects.get(pk=shared.pk)
    proposal = propose_correction(
        case=case, by=quebec_coordinator, subject=case.children.get(), field_name="hair", before=["BRO"],
        value=["BLK"], reason="Seen.",
    )  # fmt: skip
    hold(shared, california_officer, key(case.children.get(), "looks"))
    visible = type(proposal).objects.visible_to  # type: ignore[attr-defined]
    assert visible(california_officer).count() == visible(quebec_coordinator).count() == 1
    assert visible(baja_coordinator).count() == 0


def test_agency_always_reads_what_it_recorded_itself(
    shared: Any, california_officer: Any, quebec: Any, quebec_coordinator: Any
) -> None:
    share(shared, california_officer, quebec, level="contribute")
    case = Case.objects.get(pk=shared.pk)
    number = records.add_reference(case=case, by=quebec_coordinator, kind="cpic", number="C-77")
    hold(shared, california_officer, key(number, "row"))
    with scope.acting_for([quebec.pk]):
        assert ExternalReference.objects.get(pk=number.pk).number == "C-77"
    with pytest.raises(ActRefused):
        records.add_reference(case=case, by=quebec_coordinator, kind="cpic", number="C77")


def test_rows_for_others_are_copies(shared: Any, quebec: Any) -> None:
    forget_rights()
    event = shared.abduction
    [theirs] = as_read_by([event], [quebec.pk])
    assert (theirs.road, event.road) == ("", "Zqroad")
    assert as_read_by([shared.people.get(role="reporter")]) == []


def test_history_of_the_fields_leaves_out_what_is_held_back(
    shared: Any, california_officer: Any, california_coordinator: Any, quebec_coordinator: Any, quebec: Any
) -> None:
    share(shared, california_officer, quebec, level="contribute")
    case = Case.objects.get(pk=shared.pk)
    child, vehicle = case.children.get(), case.vehicles.get()
    child.hair, vehicle.make, child.name_on_document = "RED", "Zqmake", "Zqpaper"
    record_facts(case=case, by=california_officer, items=[(child, ["hair", "name_on_document"]), (vehicle, ["make"])])
    hold(case, california_officer, key(vehicle, "row"), key(child, "papers"))

    def told(user: Any) -> str:
        return signed_in(user).get(reverse("cases:case-history", args=[case.pk])).text

    assert all(word in told(california_coordinator) for word in ("Zqmake", "Zqpaper"))
    theirs = told(quebec_coordinator)
    assert "Zqmake" not in theirs
    assert "Zqpaper" not in theirs
    assert "<td" in theirs or "<li" in theirs


def test_rights_on_many_cases_are_asked_for_together(california_officer: Any, quebec: Any) -> None:
    chp = Agency.objects.get(code="us-ca-chp")
    for number in range(12):
        case = open_case(by=california_officer, agency=chp)
        child = Child.objects.create(case=case, given_names="Zqname", part_marks={"names": True})
        share(case, california_officer, quebec, level="look")
        if number == 0:
            parts.give_parts(case=case, by=california_officer, agency=quebec, keys=[key(child, "names")])
    asked, names = [], []
    for most in (3, 12):
        forget_rights()
        with scope.acting_for([quebec.pk]), CaptureQueriesContext(connection) as queries:
            names = [child.given_names for child in Child.objects.order_by("id")[:most]]
        asked.append(sum(query["sql"].startswith("SELECT") and "cases_" in query["sql"] for query in queries))
    assert names == ["Zqname", *[""] * 11]
    assert asked == [3, 3]
    with scope.acting_for([chp.pk]):
        assert {child.given_names for child in Child.objects.iterator(chunk_size=5)} == {"Zqname"}
