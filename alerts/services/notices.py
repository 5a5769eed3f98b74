"""Telling portal users, in their language, that something waits for them."""

from __future__ import annotations

from collections.abc import Iterable

from agencies import access
from agencies.choices import Capability
from agencies.models import Agency, AlertProgram, User
from agencies.program_agencies import agencies_of
from alerts import delivery, tasks
from alerts.choices import NoticeKind
from alerts.models import Alert, ExtensionRequest, Notice
from cases.access import agencies_on, working_on
from cases.models import Case


def notify(
    kind: str,
    *,
    case: Case,
    agency: Agency,
    capability: str,
    request: ExtensionRequest | None = None,
    alert: Alert | None = None,
) -> Notice:
    """Tell everybody with this capability in an agency; rows in the caller's transaction, mail after commit."""
    notice = Notice.objects.create(kind=kind, case=case, request=request, alert=alert)
    delivery.queue_notice(notice, access.people_with(agency, capability))
    tasks.wake(tasks.notify)
    return notice


def tell_one(kind: str, *, case: Case, person: User) -> None:
    """Tell one person, while the case is still theirs to read; rows in the caller's transaction, mail after commit."""
    if not person.is_active or not Case.objects.visible_to(person).filter(pk=case.pk).exists():
        return
    delivery.queue_notice(Notice.objects.create(kind=kind, case=case), [person])
    tasks.wake(tasks.notify)


def notify_program(
    kind: str,
    *,
    case: Case,
    program: AlertProgram,
    capability: str,
    request: ExtensionRequest | None = None,
    alert: Alert | None = None,
    hub: AlertProgram | None = None,
) -> Notice:
    """Tell everybody with this capability in the agencies that run a program and are on the case, each person once.

    `hub` names a program that hears the number alone, without being on the case.
    """
    notice = Notice.objects.create(kind=kind, case=case, request=request, alert=alert, hub=hub)
    running = agencies_of(program).running
    people = {
        user.pk: user
        # A share that has ended must not leave a program's duty without a reader.
        for agency in Agency.objects.filter(pk__in=running & agencies_on(case) or running)
        for user in access.people_with(agency, capability)
    }
    delivery.queue_notice(notice, people.values())
    tasks.wake(tasks.notify)
    return notice


def notify_people(kind: str, *, case: Case, people: Iterable[User], alert: Alert) -> Notice:
    """Tell exactly these people something about an alert."""
    notice = Notice.objects.create(kind=kind, case=case, alert=alert)
    delivery.queue_notice(notice, people)
    tasks.wake(tasks.notify)
    return notice


def tell_the_program(kind: str, *, request: ExtensionRequest) -> None:
    """Tell the officers of the program that was asked."""
    notify_program(
        kind,
        case=request.case,
        program=request.program,
        capability=Capability.ANSWER_REQUESTS,
        request=request,
    )


def tell_the_asker(request: ExtensionRequest) -> None:
    """Tell the officers of the asking side that the program has answered."""
    notify(
        NoticeKind.REQUEST_ANSWERED,
        case=request.case,
        agency=request.requesting_agency,
        capability=Capability.SEND_REQUESTS,
        request=request,
    )


def notify_everybody_on(kind: str, *, case: Case) -> None:
    """Tell the officers of every agency on a case, each person once."""
    notify_agencies(kind, case=case, agency_ids=working_on(case))


def notify_agencies(kind: str, *, case: Case, agency_ids: Iterable[int]) -> None:
    """Tell the officers of these agencies, each person once."""
    notice = Notice.objects.create(kind=kind, case=case)
    people = {
        user.pk: user
        for agency in Agency.objects.filter(pk__in=agency_ids)
        for user in access.people_with(agency, Capability.REPORT_RECOVERY)
    }
    delivery.queue_notice(notice, people.values())
    tasks.wake(tasks.notify)
