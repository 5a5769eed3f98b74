"""Taking people in from a table: choose a file, look at what it would do, then do it (U36)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from agencies.choices import Role
from agencies.idempotency import new_nonce
from agencies.people_import import CHANGED, COLUMNS, NEW, REFUSED, REQUIRED, SAME, Plan, look_at, plan_of, take_in
from agencies.reach import managed_agencies
from agencies.refusals import ActRefused
from agencies.spreadsheets import csv_answer
from agencies.tables_read import MOST_BYTES, MOST_ROWS, TableRefused, text_of
from agencies.views.acting import act_once, first_answer

from .acting import acting

OUTCOMES = {
    NEW: _("New person"),
    CHANGED: pgettext_lazy("row of a table", "Changed"),
    SAME: _("Nothing to do"),
    REFUSED: pgettext_lazy("row of a table", "Refused"),
}


class TableForm(forms.Form):
    """The file."""

    table = forms.FileField(
        label=_("Table (CSV)"), widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        error_messages={"required": _("Choose a file."), "empty": _("The file has no rows.")},
    )  # fmt: skip


class PeopleImport:
    """The pages of the import, for the administration of people."""

    admin_site: Any
    opts: Any

    def get_urls(self) -> list[Any]:
        """Add the pages before the addresses of people."""
        door = self.admin_site.admin_view
        return [
            path("import/", door(self.import_people), name="agencies_user_import"),
            path("import/empty.csv", door(self.empty_table), name="agencies_user_import_table"),
            *super().get_urls(),  # type: ignore[misc]
        ]

    def empty_table(self, request: HttpRequest) -> HttpResponse:
        """Give the columns, with one row as an example."""
        agency = self._agencies(request).first()
        if agency is None:
            raise PermissionDenied
        example = ("name@agency.example", "Given Names Surnames", (agency.languages or ["en"])[0], "en es",
                   agency.time_zone, agency.code, Role.DUTY_OFFICER.value, "")  # fmt: skip
        return csv_answer([COLUMNS, example], "people.csv")

    def import_people(self, request: HttpRequest) -> HttpResponse:
        """Show the form; show what a file would do; do what was looked at, once."""
        self._agencies(request)
        if request.method != "POST":
            return self._page(request, TableForm())
        if "seal" in request.POST:
            return first_answer(request) or self._take_in(request)
        form = TableForm(request.POST, request.FILES)
        if form.is_valid():
            file = form.cleaned_data["table"]
            try:
                # One byte more than is read tells a file that is too large.
                text = text_of(file.read(MOST_BYTES + 1))
                return self._page(request, TableForm(), plan=look_at(text, by=acting(request)), text=text)
            except TableRefused as refusal:
                form.add_error("table", refusal.message)
        return self._page(request, form, status=422)

    def _take_in(self, request: HttpRequest) -> HttpResponse:
        user, text = acting(request), request.POST.get("text", "")
        plans: list[Plan] = []

        def perform() -> str:
            plans.append(take_in(text, by=user, seal=request.POST["seal"]))
            return reverse("admin:agencies_user_changelist")

        def told() -> str:
            count = plans[0].count(NEW) + plans[0].count(CHANGED)
            return ngettext("%(count)d row was taken in.", "%(count)d rows were taken in.", count) % {"count": count}

        try:
            return act_once(request, perform, told)
        except ActRefused as refusal:
            return self._again(request, text, str(refusal.message))
        except TableRefused as refusal:
            return self._again(request, "", refusal.message)

    def _again(self, request: HttpRequest, text: str, fault: str) -> HttpResponse:
        """Show what the table would do now, and why nothing was done."""
        try:
            plan = plan_of(text, by=acting(request)) if text else None
        except TableRefused as refusal:
            plan, fault = None, refusal.message
        return self._page(request, TableForm(), plan=plan, text=text, fault=fault, status=409)

    def _agencies(self, request: HttpRequest) -> Any:
        if not self.has_add_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied
        return managed_agencies(acting(request))

    def _page(
        self, request: HttpRequest, form: forms.Form, *, plan: Plan | None = None, text: str = "", fault: str = "",
        status: int = 200,
    ) -> HttpResponse:  # fmt: skip
        context = {
            **self.admin_site.each_context(request),
            "title": _("Import people from a table"),
            "opts": self.opts,
            "form": form,
            "fault": fault,
            "plan": plan,
            "text": text,
            "rows": [(row, OUTCOMES[row.outcome]) for row in plan.rows] if plan else [],
            "counts": [(OUTCOMES[key], plan.count(key)) for key in OUTCOMES] if plan else [],
            "nonce": new_nonce(),
            "columns": COLUMNS,
            "required": ", ".join(REQUIRED),
            "roles": Role.choices,
            "most_rows": MOST_ROWS,
        }
        return TemplateResponse(request, "admin/agencies/user/import.html", context, status=status)
