"""Sealed cases: named people see them, and nobody else, by either lock, on any road."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agencies import access, scope
from agencies.choices import Capability
from agencies.models import Agency, AlertProgram, AuditEvent
from agencies.refusals import ActRefused, NotPermitted
from alerts import delivery
from alerts.choices import NoticeKind
from alerts.desk_items import what_needs
from alerts.models import Delivery, Duty, KeptRequest
from alerts.services import notices, requests
from alerts.statistics import corridors
from cases.models import Case, CaseAccess, CaseEvent, CaseHandover, CaseReader, CaseSeal, Child
from cases.services import handovers, seals, sharing
from cases.why_seen import explain
from tests.project.returned_forms import NONCE, signed_in

pytestmark = pytest.mark.django_db


@contextmanager
def refused(words: str) -> Iterator[None]:
    """Expect a refusal that says these words."""
    with pytest.raises(ActRefused) as refusal:
        yield
    assert words in str(refusal.value.message)


def fresh(user: Any) -> Any:
    return type(user).objects.get(pk=user.pk)


def seal(case: Any, by: Any, *readers: Any) -> CaseSeal:
    return seals.seal_case(case=case, by=by, reason="relative_of_officer", readers=readers)


def by_the_first_lock(user: Any) -> set[str]:
    """Return the references that the gateway and the list show, with the second lock wide open."""
    user = fresh(user)
    listed = {case.reference for case in CaseAccess.page(user).cases}
    assert listed == set(Case.objects.visible_to(user).values_list("reference", flat=True))
    return listed


def by_the_second_lock(user: Any) -> set[str]:
    """Return the references that the database alone shows to a request of this person."""
    ids = access.agency_ids(fresh(user), Capability.VIEW_CASES)
    with scope.acting_for(ids, person=user.pk):
        counts = (Child.objects.count(), CaseAccess.objects.filter(agency__in=ids).count())
        shown = set(Case.objects.values_list("reference", flat=True))
    assert all(counts) == bool(shown), counts
    return shown


@pytest.fixture
def everybody(
    california_officer: Any, california_coordinator: Any, california_legal: Any, california_staff: Any,
    baja_coordinator: Any, baja_approver: Any, superuser: Any,
) -> dict[str, Any]:  # fmt: skip
    """Everybody who would see the case of California that Baja was asked in, and an administrator."""
    return {
        "officer": california_officer, "sealer": california_coordinator, "legal": california_legal,
        "staff": california_staff, "asked": baja_coordinator, "colleague": baja_approver, "superuser": superuser,
    }  # fmt: skip


def test_only_named_people_see_it_by_either_lock(sent_request: Any, everybody: dict[str, Any]) -> None:
    case = sent_request.case
    before = {who for who, person in everybody.items() if by_the_first_lock(person)}
    assert before == set(everybody) - {"superuser"}
    seal(case, everybody["sealer"], everybody["asked"])
    for look in (by_the_first_lock, by_the_second_lock):
        assert {who for who, person in everybody.items() if look(person)} == {"sealer", "asked"}
    with scope.acting_for(access.all_agency_ids(everybody["officer"])):  # nobody says who acts
        assert Case.objects.count() == 0


def test_page_list_search_desk_and_administration_do_not_know_it(
    sent_request: Any, everybody: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    case = sent_request.case
    seal(case, everybody["sealer"], everybody["asked"])
    for who in ("officer", "legal", "staff", "colleague", "superuser"):
        client = signed_in(everybody[who])
        for address in (
            reverse("cases:case-detail", args=[case.pk]), reverse("cases:seal", args=[case.pk]),
            reverse("alerts:request-detail", args=[sent_request.pk]), f"/api/v1/cases/{case.pk}/",
            f"/api/v1/cases/{case.pk}/seal/", reverse("admin:cases_case_change", args=[case.pk]),
            reverse("admin:cases_child_change", args=[case.children.get().pk]),
        ):  # fmt: skip
            assert client.get(address).status_code == 404, (who, address)
        for address in (
            reverse("cases:case-list"), reverse("cases:case-list") + "?words=Quimby", reverse("alerts:desk"),
            reverse("cases:case-list") + f"?words={case.reference}", reverse("alerts:request-list"), "/api/v1/cases/",
            "/api/v1/desk/", reverse("admin:cases_case_changelist"), reverse("admin:cases_child_changelist"),
        ):  # fmt: skip
            page = (
                client.get(address).text.replace(f"words={case.reference}", "").replace(f'value="{case.reference}"', "")
            )
            assert case.reference not in page, (who, address)
            assert "Zoraida" not in page, (who, address)
    for who in ("sealer", "asked"):
        client = signed_in(everybody[who])
        assert client.get(reverse("cases:case-detail", args=[case.pk])).status_code == 200
        assert case.reference in client.get(reverse("cases:case-list") + "?words=Quimby").text
        assert client.get(reverse("alerts:request-detail", args=[sent_request.pk])).status_code == 200


def test_request_goes_on_for_the_named_receiver(sent_request: Any, everybody: dict[str, Any]) -> None:
    seal(sent_request.case, everybody["sealer"], everybody["asked"])
    client = signed_in(everybody["asked"])
    answer = client.post(reverse("alerts:request-acknowledge", args=[sent_request.pk]), {"nonce": NONCE})
    assert answer.status_code == 302
    sent_request.refresh_from_db()
    assert sent_request.status == "acknowledged"
    assert [item.kind for item in what_needs(fresh(everybody["colleague"]))] == []
    assert "request" in [item.kind for item in what_needs(fresh(everybody["asked"]))]


def test_program_with_a_request_needs_a_reader(sent_request: Any, everybody: dict[str, Any]) -> None:
    case = sent_request.case
    with refused("Name at least one person"):
        seal(case, everybody["sealer"], everybody["officer"])
    assert not CaseSeal.objects.exists()
    assert not CaseReader.objects.exists()
    assert by_the_first_lock(everybody["legal"])
    seal(case, everybody["sealer"], everybody["asked"])
    with refused("Name at least one person"):
        seals.remove_reader(reader=CaseReader.objects.get(user=everybody["asked"]), by=everybody["sealer"])
    assert by_the_first_lock(everybody["asked"])


def test_program_is_asked_in_a_sealed_case_only_once_somebody_is_named(
    active_case: Any, everybody: dict[str, Any]
) -> None:
    sealer, program = everybody["sealer"], AlertProgram.objects.get(code="mx-bcn")
    seal(active_case, sealer)
    with refused("First name somebody"):
        requests.send_request(case=active_case, program=program, by=fresh(sealer))
    seals.name_reader(case=active_case, by=sealer, reader=everybody["asked"])
    assert not by_the_first_lock(everybody["asked"])  # the agency is not on the case yet
    sent = requests.send_request(case=active_case, program=program, by=fresh(sealer))
    assert CaseAccess.objects.get(case=active_case, agency__code="mx-bcn-amber").is_sealed
    assert by_the_first_lock(everybody["asked"])
    assert by_the_second_lock(everybody["asked"])
    assert not by_the_second_lock(everybody["colleague"])
    told = Delivery.objects.filter(notice__request=sent).values_list("user__email", flat=True)
    assert list(told) == [everybody["asked"].email]


def test_notices_reach_named_readers_only_also_those_queued_before(
    sent_request: Any, everybody: dict[str, Any], mailoutbox: list[Any]
) -> None:
    case = sent_request.case
    notices.notify_everybody_on(NoticeKind.SIGHTING, case=case)
    seal(case, everybody["sealer"], everybody["asked"])
    notices.notify_everybody_on(NoticeKind.SIGHTING, case=case)
    while delivery.send_due():
        pass
    assert {mail.to[0] for mail in mailoutbox} == {everybody["sealer"].email, everybody["asked"].email}


def test_what_hangs_beside_the_case_is_hidden_too(sent_request: Any, everybody: dict[str, Any]) -> None:
    case, program = sent_request.case, sent_request.program
    texas = Agency.objects.get(code="us-tx-dps")
    CaseHandover.objects.create(
        case=case, reference=case.reference, from_agency=case.lead_agency, to_agency=texas, reason="capacity",
        offered_by=everybody["officer"], expires_at=case.opened_at, status="expired",
    )  # fmt: skip
    KeptRequest.objects.create(
        agency=program.agency, request=sent_request, case=case, number=sent_request.number, program=program,
        requesting_agency=case.lead_agency, ended_as="declined",
    )  # fmt: skip
    Duty.objects.create(
        kind="acknowledge_change", case=case, program=program, request=sent_request, due_at=case.opened_at
    )
    seal(case, everybody["sealer"], everybody["asked"])
    for model, hidden, shown in (
        (CaseHandover, "officer", "sealer"), (KeptRequest, "colleague", "asked"), (Duty, "colleague", "asked"),
    ):  # fmt: skip
        for who, count in ((hidden, 0), (shown, 1)):
            person = fresh(everybody[who])
            assert model.objects.visible_to(person).count() == count, (model, who)
            with scope.acting_for(access.agency_ids(person, Capability.VIEW_CASES), person=person.pk):
                assert model._base_manager.count() == count, (model, who)


def test_counts_do_not_tell_of_it(active_case: Any, everybody: dict[str, Any]) -> None:
    Case.objects.filter(pk=active_case.pk).update(destination_country="MX")
    totals = {(row.origin, row.destination): (row.total, row.yours) for row in corridors(everybody["sealer"])}
    assert totals["US", "MX"] == ("1", 1)
    seal(active_case, everybody["sealer"])
    totals = {(row.origin, row.destination): (row.total, row.yours) for row in corridors(everybody["sealer"])}
    assert totals["US", "MX"] == ("0", 0)
    assert CaseAccess.page(fresh(everybody["officer"])).count == 0
    assert CaseAccess.page(fresh(everybody["sealer"])).count == 1


def test_who_may_and_what_is_refused(
    sent_request: Any, everybody: dict[str, Any], quebec_coordinator: Any, make_user: Any
) -> None:
    case, sealer = sent_request.case, everybody["sealer"]
    for who in ("officer", "legal", "staff", "asked", "superuser"):
        with pytest.raises(NotPermitted):
            seal(case, everybody[who], everybody["asked"])
        assert signed_in(everybody[who]).get(reverse("cases:seal", args=[case.pk])).status_code == 404
    texas_officer = make_user("tess.officer@texas.example", "us-tx-dps", "duty_officer")
    offered = handovers.offer_case(
        case=case, by=sealer, agency=Agency.objects.get(code="us-tx-dps"), reason="capacity", hours=1
    )
    with refused("offered"):
        seal(case, sealer, everybody["asked"])
    handovers.refuse_handover(handover=offered, by=texas_officer, refusal="no_capacity")
    seal(case, sealer, everybody["asked"])
    with refused("sealed already"):
        seal(case, sealer)
    with refused("not handed over"):
        handovers.offer_case(
            case=case, by=sealer, agency=Agency.objects.get(code="us-tx-dps"), reason="capacity", hours=1
        )
    colleague = make_user("cora.coord@california.example", "us-ca-chp", "coordinator")
    for act in (
        lambda: seals.unseal_case(case=case, by=colleague, reason="reason_ended"),
        lambda: seals.name_reader(case=case, by=colleague, reader=colleague),
        lambda: seals.unseal_case(case=case, by=everybody["asked"], reason="reason_ended"),
    ):
        with pytest.raises(NotPermitted):
            act()
    with refused("named already"):
        seals.name_reader(case=case, by=sealer, reader=everybody["asked"])


def test_last_reader_who_can_lift_the_seal_stays(active_case: Any, everybody: dict[str, Any], make_user: Any) -> None:
    sealer, second = everybody["sealer"], make_user("cora.coord@california.example", "us-ca-chp", "coordinator")
    seal(active_case, sealer, everybody["officer"])
    own = CaseReader.objects.get(user=sealer)
    with refused("last reader"):
        seals.remove_reader(reader=own, by=sealer)
    seals.name_reader(case=active_case, by=sealer, reader=second)
    seals.remove_reader(reader=own, by=sealer)
    assert not by_the_first_lock(sealer)
    assert by_the_first_lock(second)
    with pytest.raises(NotPermitted):
        seals.unseal_case(case=active_case, by=fresh(sealer), reason="reason_ended")


def test_lifting_the_seal_shows_the_case_again_and_everything_is_recorded(
    sent_request: Any, everybody: dict[str, Any]
) -> None:
    case, sealer = sent_request.case, everybody["sealer"]
    seal(case, sealer, everybody["asked"])
    signed_in(everybody["asked"]).get(reverse("cases:case-detail", args=[case.pk]))
    seals.unseal_case(case=case, by=sealer, reason="reason_ended")
    for look in (by_the_first_lock, by_the_second_lock):
        assert {who for who, person in everybody.items() if look(person)} == set(everybody) - {"superuser"}
    done = AuditEvent.objects.filter(case_id=case.pk, action__in=["case.sealed", "case.unsealed"])
    assert set(done.values_list("action", "actor_id")) == {("case.sealed", sealer.pk), ("case.unsealed", sealer.pk)}
    assert AuditEvent.objects.reads().filter(actor_id=everybody["asked"].pk, case_id=case.pk).exists()
    assert set(CaseEvent.objects.filter(case=case, kind__endswith="sealed").values_list("kind", flat=True)) == {
        "sealed", "unsealed",
    }  # fmt: skip
    seal(case, sealer, everybody["asked"])  # again, with another list
    assert CaseReader.objects.current().count() == 2


def test_share_by_hand_opens_nothing_and_has_no_preview(
    active_case: Any, everybody: dict[str, Any], quebec_coordinator: Any
) -> None:
    seal(active_case, everybody["sealer"])
    quebec = Agency.objects.get(code="ca-qc-sq")
    sharing.share_by_hand(
        case=active_case, by=everybody["sealer"], agency=quebec, level="look", purpose="assist", hours=2
    )
    assert not by_the_first_lock(quebec_coordinator)
    assert not by_the_second_lock(quebec_coordinator)
    address = reverse("cases:share-list", args=[active_case.pk])
    form = {"agency": str(quebec.pk), "level": "look", "purpose": "border", "hours": "72", "preview": "1"}
    assert signed_in(everybody["sealer"]).post(address, form | {"nonce": NONCE}).status_code == 409


def test_why_somebody_does_not_see_it_is_explained(active_case: Any, everybody: dict[str, Any]) -> None:
    seal(active_case, everybody["sealer"])
    told = explain(everybody["officer"], active_case, reader=everybody["sealer"])
    assert not told.sees
    assert "sealed" in str(told.chains[0].missing)
    assert explain(everybody["sealer"], active_case, reader=everybody["sealer"]).sees


def test_case_that_is_not_sealed_costs_no_look_at_readers(active_case: Any, everybody: dict[str, Any]) -> None:
    with scope.acting_for(access.all_agency_ids(everybody["officer"]), person=everybody["officer"].pk):
        with CaptureQueriesContext(connection) as queries:
            CaseAccess.page(everybody["officer"])
        sql = next(item["sql"] for item in queries.captured_queries if "cases_casereader" in item["sql"])
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) " + sql)
            plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "never executed" in plan.split("cases_casereader", 1)[1].splitlines()[0], plan


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_page_seals_names_removes_and_lifts(sent_request: Any, everybody: dict[str, Any], language: str) -> None:
    case, client = sent_request.case, signed_in(everybody["sealer"], language)
    address = reverse("cases:seal", args=[case.pk])
    assert address in client.get(reverse("cases:case-detail", args=[case.pk])).text
    before = client.get(address).text
    assert str(sent_request.program.name_en if language == "en" else "") in before
    wrong = client.post(address, {"reason": "", "nonce": "a" * 20})
    assert wrong.status_code == 422
    assert set(wrong.context["form"].errors) == {"reason", "is_meant"}
    form = {"reason": "integrity", "readers": [str(everybody["asked"].pk)], "is_meant": "on", "nonce": NONCE}
    for _time in range(2):
        assert client.post(address, form).headers["Location"] == address
    assert CaseSeal.objects.count() == 1
    name = reverse("cases:reader-name", args=[case.pk])
    assert client.post(name, {"email": "nobody@nowhere.example", "nonce": "b" * 20}).status_code == 422
    assert client.post(name, {"email": everybody["officer"].email, "nonce": "c" * 20}).status_code == 302
    reader = CaseReader.objects.get(user=everybody["officer"])
    remove = reverse("cases:reader-remove", args=[case.pk, reader.pk])
    assert client.post(remove, {"nonce": "d" * 20}).status_code == 302
    lift = reverse("cases:unseal", args=[case.pk])
    assert client.post(lift, {"reason": "", "nonce": "e" * 20}).status_code == 422
    assert client.post(lift, {"reason": "reason_ended", "nonce": "f" * 20}).status_code == 302
    assert not case.is_sealed


def test_api_seals_names_removes_and_lifts(sent_request: Any, everybody: dict[str, Any]) -> None:
    client, address = signed_in(everybody["sealer"]), f"/api/v1/cases/{sent_request.case_id}/"

    def post(what: str, **body: Any) -> Any:
        return client.post(address + what, json.dumps(body), content_type="application/json")

    assert client.get(address + "seal/").json() == {"is_sealed": False, "reason": "", "readers": []}
    assert post("seal/", reason="integrity", readers=["nobody@nowhere.example"]).status_code == 400
    made = post("seal/", reason="integrity", readers=[everybody["asked"].email])
    assert made.status_code == 201, made.text
    assert [row["person"] for row in made.json()["readers"]] == [everybody["sealer"].email, everybody["asked"].email]
    named = post("name-reader/", person=everybody["officer"].email).json()["readers"][-1]
    assert len(post("remove-reader/", reader=named["id"]).json()["readers"]) == 2
    assert post("remove-reader/", reader=made.json()["readers"][0]["id"]).status_code == 409
    assert post("unseal/", reason="reason_ended").json()["is_sealed"] is False
