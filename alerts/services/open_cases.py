"""The page of an open case: after the end of the broadcast, where the program's rules allow one (U13, ADR 58).

An approver puts it up in one act, with a coded reason. It shows what was approved and issued, less what was withdrawn
or has lost its authority since: nothing that two people did not approve becomes public. It leaves like everything else
that is public: by an approver's withdrawal, by a recovery, or when rules or authorities no longer carry it.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import audit
from agencies.models import CriteriaVersion, User
from agencies.refusals import ActRefused, NotPermitted
from alerts import permissions, workflow
from alerts.choices import AlertStatus, RedactionKind
from alerts.models import Alert, PublicAlert, Redaction
from alerts.publication import objections_to, told
from alerts.services import preparing, takedown
from alerts.services.issuing import replace_photo, replace_texts, withdraw_public
from cases.choices import ChildStatus
from cases.workflow import note


@transaction.atomic
def put_up(*, alert: Alert, by: User, reason: str) -> PublicAlert:
    """Show an expired alert again as the page of an open case, for a reason of the list open_case_reason.

    Two people stand behind what it shows: the words are those that were approved and issued, and who decides now wrote
    none of them. Refuses everybody but the program's approvers, and what `refusal` names.
    """
    alert = takedown.locked(alert)
    if not permissions.can_approve(by, alert):
        raise NotPermitted
    if refused := refusal(alert, by):
        raise refused
    if not reason:
        raise ActRefused(_("Choose why the page is put up."))
    public = PublicAlert.objects.select_for_update().get(alert=alert)
    _leave_out_recovered(alert)
    facts = takedown.facts_left(alert)
    issued = preparing.last_issued(alert)
    assert issued is not None  # noqa: S101  `refusal` looked
    photo = alert.photo if takedown.photo_may_stay(alert) else None
    texts = {language: dict(text) for language, text in issued.texts.items()}
    said = {
        language: told(text["headline"], text["description"], text["instruction"]) for language, text in texts.items()
    }
    typed = preparing.typed_languages(alert)
    if facts != preparing.issued_facts(alert) or objections_to(alert, photo, said, typed):
        composed = preparing.composed(facts, is_partly_withdrawn=True)
        texts = {language: composed[language] for language in texts}
    now = timezone.now()
    public.open_case_since, public.withdrawn_at, public.cap_xml = now, None, b""
    public.save(update_fields=["open_case_since", "withdrawn_at", "cap_xml"])
    replace_texts(public, texts)
    replace_photo(public, photo)
    agency = workflow.acting_agency(alert.program, alert.case, by)
    note(alert.case, "alert.open_case", by=by, agency=agency, subject=alert, detail={"reason": reason})
    audit.record("alert.open_case", by=by, objects=[alert], case_id=alert.case_id, detail={"reason": reason})
    return public


def refusal(alert: Alert, by: User) -> ActRefused | None:
    """Return the refusal that putting up the page now would meet; None if this person may put it up."""
    if words := _objection(alert):
        return ActRefused(words)
    if by.pk in _writers(alert):
        return ActRefused(_("You wrote or submitted these words; another approver of your program must decide."))
    return None


def _objection(alert: Alert) -> Any:
    """Return what keeps anybody from putting up the page now; "" when nothing does."""
    public: PublicAlert | None = getattr(alert, "public", None)
    if alert.status != AlertStatus.EXPIRED or public is None or preparing.last_issued(alert) is None:
        return _("Only an alert whose broadcast period has ended can be shown as an open case.")
    if not is_allowed(alert):
        return _("This program's rules keep nothing public after the broadcast period.")
    if public.is_open_case:
        return _("The page of the open case is public already.")
    if alert.redactions.filter(kind=RedactionKind.WHOLE, lifted_at__isnull=True).exists():
        return _("The whole alert was withdrawn from the public. Only a new alert puts it back.")
    return "" if is_searched(alert) else _("No one named in this alert is still missing.")


def is_allowed(alert: Alert) -> bool:
    """Say whether the program's rules allow the page now: a fresh decision is taken under the rules of today."""
    criteria = CriteriaVersion.ruling_for(alert.program)
    return criteria is not None and criteria.after_expiry_public


def is_searched(alert: Alert) -> bool:
    """Say whether the case is open and somebody whom the alert told of is still missing."""
    if not alert.case.is_open:
        return False
    missing = {str(pk) for pk in alert.case.children.exclude(status=ChildStatus.RECOVERED).values_list("pk", flat=True)}
    return bool(missing & {child.key for child in takedown.facts_left(alert).children})


@transaction.atomic
def end_unfounded() -> int:
    """Take down every page whose program's rules or case no longer carry it; the relay's periodic service."""
    rows = PublicAlert.objects.filter(open_case_since__isnull=False, withdrawn_at__isnull=True)
    rows = rows.select_related("alert__program__agency", "alert__case")
    count = 0
    for public in rows.select_for_update(of=("self",), skip_locked=True):
        alert = public.alert
        if is_allowed(alert) and is_searched(alert):
            continue
        withdraw_public(alert)
        note(alert.case, "alert.open_case_ended", by=None, subject=alert)
        audit.record("alert.open_case_ended", by=None, objects=[alert], case_id=alert.case_id)
        count += 1
    return count


def _leave_out_recovered(alert: Alert) -> None:
    """Withdraw for good whoever was recovered between the end of the broadcast and now (U14)."""
    for child in alert.case.children.filter(status=ChildStatus.RECOVERED):
        Redaction.objects.get_or_create(
            alert=alert, kind=RedactionKind.CHILD, child=child, lifted_at=None, defaults={"reason": takedown.RECOVERED}
        )


def _writers(alert: Alert) -> set[uuid.UUID]:
    """Return who wrote or submitted what was issued last."""
    texts = alert.texts.values_list("author", flat=True)
    update = alert.updates.filter(message__isnull=False).order_by("-decided_at").first()  # type: ignore[attr-defined]
    of_update = {update.created_by_id, update.submitted_by_id, *update.authors} if update else set()
    return {key for key in (alert.submitted_by_id, *texts, *of_update) if key}
