"""Who has a second factor, and taking it away from somebody whose phone is lost (ADR 70)."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from agencies import audit, second_factor
from agencies.models import User
from agencies.reach import may_edit_account
from agencies.views.acting import act_once, first_answer, with_nonce

from .acting import acting


class HasFactor(SimpleListFilter):
    """People with and without a second factor."""

    title = _("second factor")
    parameter_name = "has_factor"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer both."""
        return [("yes", _("Yes")), ("no", _("No"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Keep those who have one, or those who have none."""
        wanted = {"yes": False, "no": True}.get(self.value() or "")
        return queryset if wanted is None else queryset.filter(second_factor__isnull=wanted)


class FactorReset:
    """A column, a line on the page of a person, and the page that resets; for the administration of people."""

    admin_site: Any
    opts: Any

    @admin.display(description=_("second factor"), boolean=True)
    def has_factor(self, obj: User) -> bool:
        """Say whether this person has one."""
        return obj.second_factor_id is not None

    @admin.display(description=_("second factor"))
    def factor_link(self, obj: User) -> Any:
        """Say whether this person has one, with the link to the page that resets it."""
        if obj.second_factor_id is None:
            return _("None")
        address = reverse("admin:agencies_user_factor_reset", args=[obj.pk])
        return format_html('{} · <a href="{}">{}</a>', _("Authenticator app set up"), address, _("Reset it"))

    def get_urls(self) -> list[Any]:
        """Add the page before the addresses of people."""
        door = self.admin_site.admin_view
        return [
            path("<uuid:object_id>/factor/reset/", door(self.reset_factor), name="agencies_user_factor_reset"),
            *super().get_urls(),  # type: ignore[misc]
        ]

    def reset_factor(self, request: HttpRequest, object_id: uuid.UUID) -> HttpResponse:
        """Ask once more, then take the factor away. Missing for whoever may not change the account, oneself too."""
        person = self.get_queryset(request).filter(pk=object_id).first()  # type: ignore[attr-defined]
        if person is None or not may_edit_account(acting(request), person):
            raise Http404
        if request.method == "POST":
            return first_answer(request) or self._reset(request, person)
        audit.record_read(by=acting(request), objects=[person])
        context = {**self.admin_site.each_context(request), "opts": self.opts, "person": person,
                   "title": _("Reset the second factor")}  # fmt: skip
        return TemplateResponse(request, "admin/agencies/user/factor_reset.html", with_nonce(context))

    def _reset(self, request: HttpRequest, person: User) -> HttpResponse:
        def perform() -> str:
            second_factor.reset(user=person, by=acting(request))
            return reverse("admin:agencies_user_change", args=[person.pk])

        return act_once(request, perform, _("The second factor was reset; the person was told by mail."))
