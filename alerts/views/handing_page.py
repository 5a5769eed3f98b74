"""What the page of a request shows of handing on: where it came from, where it went, to whom it may be handed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from agencies.choices import RouteKind
from agencies.models import User
from agencies.routing import Handing, routes_of, ways_in
from alerts import permissions
from alerts.choices import NATIONAL_DECISION
from alerts.forms.handing import HandOnForm
from alerts.models import ExtensionRequest
from alerts.services.handing_on import handed_before, targets_of


@dataclass(frozen=True)
class Way:
    """One way on: the words of its button, its form, and whether the route was confirmed by the program."""

    key: str
    label: str
    form: HandOnForm
    is_up: bool
    is_verified: bool | None


def ways_on(item: ExtensionRequest, data: Any = None) -> list[Way]:
    """Return one way for who decides from here on, one for whom it was meant, and one for all others of the route."""
    targets = targets_of(item)
    up = [target for target in targets if target.is_up]
    meant = [target for target in targets if target.program.pk == item.asked_for_id and not target.is_up]
    along = [target for target in targets if not target.is_up and target not in meant]
    ways = [_way(f"up-{target.program.code}", words_for(target), [target], data) for target in up]
    ways += [_way("meant", words_for(target), [target], data) for target in meant]
    if along:
        label = words_for(along[0]) if len(along) == 1 else str(_("Pass on to another program"))
        ways.append(_way("along", label, along, data))
    return ways


def words_for(target: Handing) -> str:
    """Return the words of the button: the program's own where a decision is handed up to it."""
    program = target.program
    if target.is_up and program.escalation_label:
        return program.escalation_label
    return str((_("Escalate to %(program)s") if target.is_up else _("Pass on to %(program)s")) % {"program": program})


def _way(key: str, label: str, targets: list[Handing], data: Any) -> Way:
    verified = [target.is_verified for target in targets]
    is_verified = None if None in verified else all(verified)
    return Way(key, label, HandOnForm(data, prefix=key, targets=targets), targets[0].is_up, is_verified)


def handing_context(item: ExtensionRequest, user: User, names: set[str]) -> dict[str, Any]:
    """Return what came with the request, where it was handed, and the ways on for the program that has it."""
    may_hand_on = "escalate" in names and permissions.can_answer(user, item)
    return {
        "decides_abroad": item.kind == NATIONAL_DECISION
        and item.status in permissions.DECIDES_ABROAD
        and permissions.can_answer(user, item)
        and permissions.can_send_requests(user, item.case),
        "handed_to": item.handed_to,
        "is_handed_visible": permissions.can_ask(user, item),  # of the programs each sees what was asked of it
        "handed_before": handed_before(item),
        "ways_on": ways_on(item) if may_hand_on else [],
        "inbound_verified": item.asked_for is not None and ways_in().of(item.asked_for).is_verified,
        "inbound": routes_of(item.program, RouteKind.RECEIVES) if may_hand_on else [],
    }
