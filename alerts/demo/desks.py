"""Who acts for an agency in the demo: found by what people may do now, since users may change the demo's people."""

from __future__ import annotations

from dataclasses import dataclass

from agencies import access
from agencies.choices import Capability
from agencies.models import Agency, User


class DeskUnmanned(Exception):
    """An agency has nobody left for a step; the message names the agency by its code."""


@dataclass
class Desk:
    """The people of one agency, each list in the order in which they joined.

    User objects are kept between acts, because what they may do is read once per object.
    """

    agency: Agency
    recorders: list[User]
    composers: list[User]
    approvers: list[User]
    advisors: list[User]

    @property
    def recorder(self) -> User:
        """Return who records facts: one who does not approve alerts, if there is one."""
        others = [user for user in self.recorders if user not in self.approvers]
        return self._first([*others, *self.recorders])

    @property
    def advisor(self) -> User:
        """Return a legal advisor."""
        return self._first(self.advisors)

    def pair(self, barred: frozenset[object] = frozenset()) -> tuple[User, User]:
        """Return who words an alert and who approves it: two people, the second not among the barred ids.

        Refuses with `DeskUnmanned` where there are no such two.
        """
        for approver in reversed(self.approvers):
            if approver.pk in barred:
                continue
            others = [user for user in self.composers if user != approver]
            coordinating = [user for user in others if user in self.approvers]
            if others:
                return (coordinating or others)[0], approver
        raise DeskUnmanned(self.agency.code)

    def _first(self, people: list[User]) -> User:
        if not people:
            raise DeskUnmanned(self.agency.code)
        return people[0]


def open_desk(agency: Agency) -> Desk:
    """Return the desk of an agency as it is manned now."""

    def able(capability: str) -> list[User]:
        return list(access.people_with(agency, capability).order_by("date_joined", "email"))

    return Desk(
        agency=agency,
        recorders=able(Capability.EDIT_CASES),
        composers=able(Capability.COMPOSE_ALERTS),
        approvers=able(Capability.APPROVE_ALERTS),
        advisors=able(Capability.GIVE_OPINIONS),
    )


def open_desks(*codes: str) -> dict[str, Desk]:
    """Return the desks of these agencies by code."""
    return {agency.code: open_desk(agency) for agency in Agency.objects.filter(code__in=codes)}
