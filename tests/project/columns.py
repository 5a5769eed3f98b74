"""The columns of the leak matrix: who asks, by which tie to the case, and what that tie shows them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from agencies import access
from agencies.models import Agency, AlertProgram
from alerts.services import requests
from cases.models import Case, CaseAccess
from cases.services.sharing import share_by_hand

QUEBEC = "ca-qc-sq"


def nothing(_world: Any) -> None:
    """The agency has no tie to the case."""


def share_over(world: Any) -> None:
    """The share of the program that was asked is over."""
    receiver = access.all_agency_ids(world.people["receiver_coordinator"])
    assert CaseAccess.objects.filter(agency_id__in=receiver).update(until=timezone.now() - timedelta(hours=1)) == 1


def declined(world: Any) -> None:
    """Baja California was asked, declined, and its time to read is over (U35); it keeps its own record."""
    by, asked_again = world.people["baja"], Case.objects.filter(pk=world.samples["case"])
    status = asked_again.get().status
    asked_again.update(status="active")  # before the child was located
    case = asked_again.get()
    request = requests.send_request(
        case=case, program=AlertProgram.objects.get(code="mx-bcn"), by=world.people["owner_officer"]
    )
    requests.acknowledge(request=request, by=by)
    requests.decide(request=request, by=by, decision="decline", reason="criteria_not_met")
    ended = CaseAccess.objects.filter(case=case, agency=request.program.agency, until__isnull=False)
    assert ended.update(until=timezone.now() - timedelta(minutes=1)) == 1
    asked_again.update(status=status)
    access.forget(by)


def shared(level: str) -> Callable[[Any], None]:
    """Return what shares the case with Québec by hand, at this level."""

    def share(world: Any) -> None:
        share_by_hand(
            case=Case.objects.get(pk=world.samples["case"]), by=world.people["owner_officer"],
            agency=Agency.objects.get(code=QUEBEC), level=level, purpose="assist", hours=24,
        )  # fmt: skip

    return share


@dataclass(frozen=True)
class Column:
    """One column: who asks, what happened before, and the models of which it released what is written in them."""

    who: str
    before: Callable[[Any], None] = nothing
    released: frozenset[str] = frozenset()

    @property
    def keeps_a_record(self) -> bool:
        """Say whether the agency keeps its own record of a request that has ended, with the sheet as released to it."""
        return self.before in (share_over, declined)


# A share shows the file of the case and what is published of it: not what was said between the sides of a request, to
# whom an alert went, the opinions of lawyers, or what somebody is still writing.
FILE = frozenset({
    "cases.Case", "cases.Abduction", "cases.Child", "cases.Person", "cases.Vehicle", "cases.TravelLeg",
    "cases.Sighting", "cases.Recovery", "cases.ParallelNotice", "cases.PublicationAuthority",
    "cases.CorrectionProposal", "alerts.AlertText",
})  # fmt: skip

OFF = {
    "other_country": Column("outsider"),
    "other_country_staff": Column("outsider_staff"),
    "other_agency": Column("baja"),
    "no_agency": Column("superuser"),
    "share_expired": Column("receiver_coordinator", share_over),
    "share_expired_staff": Column("receiver_staff", share_over),
    "request_declined": Column("baja", declined),
}
ON = {
    "shared_look": Column("outsider", shared("look"), FILE),
    "shared_look_staff": Column("outsider_staff", shared("look"), FILE),
    # Whoever contributes corrects the name of a document, too; the one there is a partner's own alert.
    "shared_contribute": Column("outsider", shared("contribute"), FILE | {"cases.Document"}),
}
COLUMNS = OFF | ON
