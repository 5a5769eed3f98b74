"""The system page: whether every process lives, and whether what must go out goes out."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.generic import TemplateView

from agencies import permissions
from agencies.refusals import NotPermitted
from agencies.views.acting import SignedIn
from alerts import heartbeats, sending_state
from alerts.heartbeats import CANARIES


class SystemState(SignedIn, TemplateView):
    """Processes, queues and channels, for staff who keep the reference data; anybody else finds nothing here."""

    template_name = "alerts/system.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show it as it is now."""
        if not self.user.is_staff or not permissions.can_manage_reference_data(self.user):
            raise NotPermitted
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return signs of life and counts; a query per channel and two more, however much there is."""
        signs = heartbeats.signs()
        queues = set(CANARIES.values())
        return super().get_context_data(
            processes=[sign for sign in signs if sign.kind not in queues],
            queues=[sign for sign in signs if sign.kind in queues],
            channels=sending_state.channel_states(),
            seen_at=timezone.now(),
            **kwargs,
        )
