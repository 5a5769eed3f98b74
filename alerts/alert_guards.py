"""What the steps of an alert demand beyond right and state: words, a second person, the law; and who may go alone."""

from __future__ import annotations

from typing import Any

from django.db.models import Max, QuerySet
from django.utils.translation import gettext_lazy as _

from agencies.models import AlertProgram, CriteriaVersion, User
from agencies.phones import show_phone
from agencies.refusals import ActRefused
from agencies.routing import national_hub
from alerts import permissions, publication
from alerts.choices import ApprovalBasis
from alerts.models import Alert, ApprovalCall
from alerts.territory import refuse_outside
from cases.choices import AUTHORING_EVENTS, ChildStatus
from cases.models import CaseEvent, LegalReview
from cases.models.seal import readers_of

ASK_FIRST = _("By now somebody else may approve for your program. Ask the approvers first.")


def texts_are_there(by: User | None, alert: Alert) -> None:
    """Refuse an alert without its required texts, beyond its program's territory, or with what may not be published."""
    written = set(alert.texts.values_list("language", flat=True))
    if missing := set(alert.program.languages_required) - written:
        raise ActRefused(
            _("The text in a required language is missing: %(languages)s.") % {"languages": ", ".join(sorted(missing))}
        )
    if not alert.areas.exists():
        raise ActRefused(_("The alert has no area."))
    refuse_outside(alert.program, list(alert.areas.values_list("subdivision_id", flat=True)))
    _shows_nobody_recovered(alert)
    if found := publication.objections(alert):
        raise ActRefused(found[0])


def _shows_nobody_recovered(alert: Alert) -> None:
    """No child's name or photo becomes public after recovery, also while a brother or sister is still missing (U14)."""
    if alert.photo is not None and alert.photo.child and alert.photo.child.status == ChildStatus.RECOVERED:
        raise ActRefused(_("The photo shows a child who was recovered. Choose another one."))
    last = alert.case.recoveries.filter(ended_at__isnull=True).aggregate(last=Max("confirmed_at"))["last"]
    if last is not None and alert.texts.filter(written_at__lt=last).exists():
        raise ActRefused(_("A child was recovered after these words were written. Compose them again from the facts."))


def check_second_person(by: User | None, alert: Alert) -> None:
    """Refuse an approver who submitted, or who wrote words or facts since the last approval (design §6)."""
    assert by is not None  # noqa: S101  approving is never done by the system
    if alert.submitted_by_id == by.pk or by.pk in alert.authors:
        raise ActRefused(_("You wrote or submitted this alert; a second officer of your program must approve it."))
    if by.pk in wrote_facts(alert):
        raise ActRefused(_("You recorded facts of this case; a second officer of your program must approve the alert."))
    texts_are_there(by, alert)


def wrote_facts(alert: Alert) -> set[Any]:
    """Return the ids of those who recorded facts of the case since the alert was last approved."""
    events = CaseEvent.objects.filter(case=alert.case)
    last = events.filter(kind="alert.approve", subject_id=str(alert.pk)).aggregate(last=Max("at"))["last"]
    wrote = events.filter(kind__in=AUTHORING_EVENTS, actor__isnull=False)
    return set((wrote.filter(at__gt=last) if last else wrote).values_list("actor", flat=True))


def languages_unapproved(alert: Alert) -> set[str]:
    """Return the required languages whose words nobody who reads them has approved or reviewed (U10)."""
    vouched = alert.texts.filter(approval_basis__in=(ApprovalBasis.READ, ApprovalBasis.REVIEWED))
    return set(alert.program.languages_required) - set(vouched.values_list("language", flat=True))


def _languages_are_approved(alert: Alert) -> None:
    if missing := languages_unapproved(alert):
        raise ActRefused(
            _("The text in a required language is not approved by a person who reads it: %(languages)s.")
            % {"languages": ", ".join(sorted(missing))}
        )
    if not alert.texts.filter(approved_at__isnull=False).exists():
        raise ActRefused(_("No text of this alert is approved."))


def is_approved_by_a_second_person(by: User | None, alert: Alert) -> None:
    """Refuse an approval that a second person has not given, or that leaves a required language without a reader."""
    check_second_person(by, alert)
    _languages_are_approved(alert)


def lacks_legal_opinion(alert: Alert) -> bool:
    """Say whether the program's criteria require a legal opinion that nobody has given yet (U30).

    What it says and whether facts have changed since is for the approvers to weigh: it is shown to them.
    """
    criteria = CriteriaVersion.in_force_for(alert.program)
    if criteria is None or not criteria.is_legal_review_required:
        return False
    return not LegalReview.objects.given_for(alert.case, alert.program).exists()  # type: ignore[attr-defined]


def _legal_opinion_is_given(alert: Alert) -> None:
    if lacks_legal_opinion(alert):
        raise ActRefused(_("Your program requires a legal opinion before activation; none has been given yet."))


def is_approved_and_may_go_out(by: User | None, alert: Alert) -> None:
    """Refuse to activate what changed after its approval, and what must not go out now."""
    if alert.case.is_open and not alert.content_hash:
        raise ActRefused(_("The alert was changed after its approval and must be approved again."))
    _may_go_out(by, alert)


def _may_go_out(by: User | None, alert: Alert) -> None:
    if not alert.case.is_open:
        raise ActRefused(_("The case has ended; this alert can no longer be activated."))
    _languages_are_approved(alert)
    _legal_opinion_is_given(alert)
    texts_are_there(by, alert)  # an authority to publish may have been taken back since the approval


def last_call(alert: Alert) -> ApprovalCall | None:
    """Return the last time that approvers were asked since the alert was submitted; None when nobody was."""
    calls = alert.approval_calls.filter(created_at__gte=alert.submitted_at) if alert.submitted_at else None
    return calls.order_by("-created_at").first() if calls is not None else None


def may_still_approve(alert: Alert, submitter: User, *, despite_seal: bool = False) -> QuerySet[User]:
    """Return who may approve the alert and wrote neither it nor facts of its case; empty where nobody else may.

    With `despite_seal` also those who may not read the case because it is sealed.
    """
    known = {submitter.pk, *alert.authors, *wrote_facts(alert)}
    return permissions.approvers_of(alert, despite_seal=despite_seal).exclude(pk__in=known)


def seal_forbids_alone(alert: Alert, by: User) -> ActRefused | None:
    """Return why nobody activates alone behind the seal of a case, None where nothing of it stands against that.

    A seal must not make one officer enough (ADR 65): whom it keeps from approving is named a reader and asked first,
    and somebody else must be able to review the activation.
    """
    if readers_of(alert.case_id) is None:
        return None
    able, call = set(may_still_approve(alert, by).values_list("pk", flat=True)), last_call(alert)
    if not able and may_still_approve(alert, by, despite_seal=True).exists():
        return ActRefused(
            _("Name another officer of the program who may approve as a reader of the sealed case first.")
        )
    if able and (call is None or able.isdisjoint(call.asked)):
        return ActRefused(ASK_FIRST)  # who was asked before the case was sealed does not find it any more
    if not permissions.reader_may_review(alert, by):
        return ActRefused(
            _(
                "Name another supervisor of the program as a reader of the sealed case first: somebody else must review an activation by a single officer."  # noqa: E501
            )
        )
    return None


def whom_to_turn_to(program: AlertProgram) -> AlertProgram | None:
    """Return the national hub of the program's country, where the program itself cannot put its alert in force."""
    hub = national_hub(program.country)
    return None if hub is None or hub.pk == program.pk else hub


def _switched_off(program: AlertProgram) -> ActRefused:
    hub = whom_to_turn_to(program)
    if hub is None:
        return ActRefused(_("Your program does not allow an activation by a single officer."))
    return ActRefused(
        _("Your program does not allow an activation by a single officer. Turn to %(hub)s: %(phone)s.")
        % {"hub": hub, "phone": show_phone(hub.agency.desk_phone, hub.agency.desk_extension) or "–"}
    )


def nobody_else_answers(by: User | None, alert: Alert) -> None:
    """One officer activates alone only after the program's approvers were asked and none has answered in time (U9).

    Where nobody else may approve, the same minutes run; whoever was named an approver meanwhile is asked first.
    """
    if not alert.program.single_officer_activation:
        raise _switched_off(alert.program)
    if alert.exception:
        raise ActRefused(_("This alert is decided under a fallback rule, which still takes two people."))
    if by is None or alert.submitted_by_id != by.pk:
        raise ActRefused(_("Only the officer who submitted the alert may activate it alone."))
    call = last_call(alert)
    if call is None:
        raise ActRefused(_("Ask the approvers of your program first. Alone you may activate only when none answers."))
    # Asking again about the same words does not undo an answer: what an approver refused is changed first.
    about_the_same = alert.approval_calls.filter(content_hash=call.content_hash, answered_at__isnull=False)
    if call.answered_at is not None or about_the_same.exists():
        raise ActRefused(_("An approver has answered. Alone you may activate only when none answers."))
    if not call.is_overdue:
        raise ActRefused(
            _("The approvers still have time to answer. Wait until it is over.")
            if call.asked
            else _("Your program's minutes for an answer still run. Wait until they are over.")
        )
    if not call.asked and may_still_approve(alert, by).exists():
        raise ActRefused(ASK_FIRST)
    if refusal := seal_forbids_alone(alert, by):
        raise refusal
    _may_go_out(by, alert)
