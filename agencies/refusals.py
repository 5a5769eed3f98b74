"""What a service raises when it refuses; middleware and API turn these into answers."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils.translation import gettext_lazy as _


class NotPermitted(Http404):
    """The person may not do this here. Looks exactly like an object that does not exist."""


class ActRefused(Exception):
    """The act is against a rule; `message` says which, in the reader's language. Answered with 409."""

    def __init__(self, message: object) -> None:
        super().__init__(str(type(self).__name__))
        self.message = message


class TransitionConflict(ActRefused):
    """The object's state does not allow this step; `allowed` names the steps that it does allow now."""

    def __init__(self, *, state: object, allowed: list[object]) -> None:
        super().__init__(_("This step is not possible in the present state."))
        self.state = state
        self.allowed = allowed


class EditConflict(ActRefused):
    """Somebody changed the same fields meanwhile; `conflicts` holds both values of each, nothing was saved (U31)."""

    def __init__(self, message: object, conflicts: dict[str, dict[str, Any]]) -> None:
        super().__init__(message)
        self.conflicts = conflicts
