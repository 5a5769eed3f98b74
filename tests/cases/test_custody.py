"""Custody is coded: what courts have said, for whom and where, in the reader's own words (U11, domain §2.4)."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

from alerts.differences import differences
from alerts.services import requests
from alerts.services.facts_read import before_and_now
from alerts.sheet_content import request_sheet
from cases.forms.proposals import show_proposals
from cases.models import Child, CorrectionProposal
from cases.models.code import code_choices
from cases.models.history import VERSIONS
from cases.services import parts
from tests.cases import test_api as api
from tests.cases.test_facts_merging import Editor
from tests.cases.test_rows_merging import RowEditor
from tests.project.returned_forms import NONCE, signed_in

pytestmark = pytest.mark.django_db
MINE = {"custody": "order_sole", "custody_holder": "mother", "custody_country": "US", "custody_subdivision_id": "US-CA"}


def custody_of(child: Any) -> tuple[str, ...]:
    """Return what is stored."""
    child.refresh_from_db()
    return child.custody, child.custody_holder, child.custody_country, child.custody_subdivision_id or ""


def test_facts_page_takes_the_country_from_the_court(intake_case: Any, california_officer: Any) -> None:
    child, editor = intake_case.children.get(), Editor(california_officer, intake_case)
    wrong = editor.save(child__custody="order_sole", child__custody_country="MX", child__custody_subdivision="US-CA")
    assert wrong.status_code == 422
    assert "is in another country" in wrong.text
    saved = {"child__custody": "order_sole", "child__custody_holder": "mother", "child__custody_subdivision": "US-CA"}
    assert editor.save(**saved).status_code == 302
    assert custody_of(child) == ("order_sole", "mother", "US", "US-CA")
    changed = intake_case.events.filter(kind="facts_changed").latest("at").detail["fields"]
    assert sorted(changed) == [
        "child.custody", "child.custody_country", "child.custody_holder", "child.custody_subdivision",
    ]  # fmt: skip


def test_row_page_keeps_a_court_of_any_country(active_case: Any, california_officer: Any) -> None:
    child = active_case.children.get()
    editor = RowEditor(california_officer, reverse("cases:row-change", args=[active_case.pk, "child", child.pk]))
    assert editor.save(custody="proceedings", custody_country="GT", is_correction="False").status_code == 302
    assert custody_of(child) == ("proceedings", "", "GT", "")


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ("Order in force: one holder", "Mother", "California (United States)")),
     ("es", ("Resolución vigente: una sola persona o institución titular", "Madre", "California (Estados Unidos)")),
     ("fr", ("Ordonnance en vigueur\xa0: un seul titulaire", "Mère", "Californie (États-Unis)"))],
)  # fmt: skip
def test_case_decision_and_sheet_say_custody_in_the_readers_language(
    language: str, words: tuple[str, ...], sent_request: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    sent_request.case.children.update(**MINE)
    for person, route, key in ((california_officer, "cases:case-detail", sent_request.case_id),
                               (baja_coordinator, "alerts:request-detail", sent_request.pk)):  # fmt: skip
        person.language = language
        person.save()
        text = signed_in(person).get(reverse(route, args=[key])).text
        assert [said for said in words if said not in text] == []
    sheet = request_sheet(sent_request, language, california_officer)
    said = "\n".join(f"{label} {value}" for part in sheet.sections for label, value in part.rows)
    assert [wanted for wanted in words if wanted not in said] == []


def test_program_that_read_the_request_sees_what_changed(
    sent_request: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    requests.acknowledge(request=sent_request, by=baja_coordinator)
    child = sent_request.case.children.get()
    editor = RowEditor(california_officer, reverse("cases:row-change", args=[child.case_id, "child", child.pk]))
    changed = {"custody": "order_shared", "custody_holder": "both_parents", "custody_country": "MX"}
    assert editor.save(**changed, is_correction="False").status_code == 302
    kept = before_and_now(sent_request, None)
    assert kept is not None
    with translation.override("es"):
        found = {item.field: (item.before, item.after) for item in differences(*kept)}
    assert found == {
        "guarda y custodia": ("", "Resolución vigente: guarda y custodia compartida"),
        "titular de la custodia": ("", "Ambos progenitores"),
        "tribunal de la resolución de custodia": ("", "México"),
    }


def test_api_reads_and_changes_custody(active_case: Any, california_officer: Any) -> None:
    child, client = active_case.children.get(), api.signed_in(california_officer)
    address = api.url("child-detail", child.pk)
    body = {"version": active_case.facts_version, "is_correction": False, "custody": "order_sole"}
    for wrong, field in (({"custody": "mine"}, "custody"), ({"custody_country": "ZZ"}, "custody_country"),
                         ({"custody_country": "MX", "custody_subdivision": "US-CA"}, "custody_country")):  # fmt: skip
        answer = client.patch(address, {**body, **wrong})
        assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    told = {"custody_holder": "father", "custody_subdivision": "US-CA"}
    assert client.patch(address, {**body, **told}).status_code == 200
    assert custody_of(child) == ("order_sole", "father", "US", "US-CA")
    file = client.get(api.url("case-detail", active_case.pk)).json()
    assert file["children"][0]["custody_country"] == "US"


def test_every_version_of_custody_is_kept(active_case: Any) -> None:
    child = active_case.children.get()
    for status in ("none_known", "order_shared"):
        Child.objects.filter(pk=child.pk).update(custody=status)
    kept = VERSIONS[Child].objects.filter(pgh_obj_id=child.pk).order_by("pgh_id")
    assert [row.custody for row in kept][-2:] == ["none_known", "order_shared"]


def test_asked_agency_proposes_another_court(sent_request: Any, baja_coordinator: Any) -> None:
    child = sent_request.case.children.get()
    Child.objects.filter(pk=child.pk).update(custody_country="MX")
    address = reverse("cases:correction-propose", args=[child.case_id, "child", child.pk, "custody_country"])
    sent = {"fact-custody_country": "CA", "reason": "Sentencia", "nonce": NONCE}
    assert signed_in(baja_coordinator).post(address, sent).status_code == 302
    with translation.override("fr"):
        (shown,) = show_proposals(CorrectionProposal.objects.all())
    assert (shown.now, shown.proposed) == ("Mexique", "Canada")


def test_history_is_coded_among_the_dangers() -> None:
    known = dict(code_choices("danger", blank=False))
    assert {"violence_history", "earlier_abduction", "earlier_reports", "protection_order"} <= set(known)


def test_custody_that_is_held_back_is_told_to_nobody_else(
    sent_request: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    sent_request.case.children.update(**MINE)
    page = reverse("alerts:request-detail", args=[sent_request.pk])
    words = ("Madre", "una sola persona o institución titular")
    assert all(word in signed_in(baja_coordinator).get(page).text for word in words)
    (key,) = [part.key for part in parts.parts_of(sent_request.case) if part.group == "custody"]
    parts.mark_parts(case=sent_request.case, by=california_officer, keys=[key], is_police_only=True, reason="law")
    told = signed_in(baja_coordinator).get(page).text
    assert [word for word in words if word in told] == []
    sheet = request_sheet(sent_request, "es", california_officer)
    assert not any(word in str(value) for part in sheet.sections for _label, value in part.rows for word in words)
