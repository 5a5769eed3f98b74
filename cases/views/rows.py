"""Pages of single rows of facts: a child, a person, a vehicle, a leg, a link; plates; the place in detail."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, replace
from typing import Any

from django.db import models
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agencies import audit
from agencies.refusals import ActRefused, NotPermitted
from agencies.views.acting import act_once, with_nonce
from cases import permissions
from cases.forms.blank_choices import say_blank_choices
from cases.forms.conflicts import read_base, sent_values
from cases.forms.facts import CrossingForm
from cases.forms.kind_of_change import KindOfChangeForm
from cases.forms.movement import LegForm, LinkForm, PlaceForm, PlateForm, ReplacePlateForm
from cases.forms.rows import ChildRowForm, PersonRowForm, VehicleRowForm
from cases.models import Case, Child, CrossingIndication, Link, Person, Plate, TravelLeg, Vehicle
from cases.services import plates
from cases.services.facts import ChangeUnsaid, record_facts
from cases.services.links import record_link

from .acts import CaseAct
from .merging import PageState, put_together, who_changed

Make = Callable[[Any], Any]  # what a form is made of: nothing, or what a browser sent


@dataclass(frozen=True)
class Kind:
    """One kind of row: its model, its form, and what its pages are called."""

    model: type[models.Model]
    form: type[Any]
    add: Any
    change: Any


KINDS = {
    "child": Kind(Child, ChildRowForm, _("Add a child"), _("Edit the child")),
    "person": Kind(Person, PersonRowForm, _("Add a person"), _("Edit the person")),
    "vehicle": Kind(Vehicle, VehicleRowForm, _("Add a vehicle"), _("Edit the vehicle")),
    "leg": Kind(TravelLeg, LegForm, _("Add a travel leg"), _("Edit the travel leg")),
    "link": Kind(Link, LinkForm, _("Record who is with whom, and in what vehicle"), _("Edit the link")),
    "crossing": Kind(CrossingIndication, CrossingForm, _("Add an indication of crossing"), _("Edit the indication")),
}


class RowPage(CaseAct):
    """Base of pages with one form about one row of a case, for the lead agency."""

    def editable(self, pk: uuid.UUID) -> Case:
        """Return the case for those who change its facts; for everybody else it does not exist here."""
        case = self.find(pk)
        if not permissions.can_edit_case(self.user, case):
            raise NotPermitted
        return case

    def show(
        self, case: Case, form: ModelForm, title: Any, *, status: int = 200, state: PageState | None = None,
        kind: KindOfChangeForm | None = None,
    ) -> HttpResponse:  # fmt: skip
        """Show the form; for a change with the version and the values that it began with, and of which kind it is."""
        say_blank_choices(form)
        context = {
            "case": case, "form": form, "title": title, "nav_section": "cases", "is_exercise": case.is_exercise,
            "version": state.version if state else case.facts_version, "state": state, "kind_of_change": kind,
        }  # fmt: skip
        return render(self.request, "cases/row_form.html", with_nonce(context), status=status)

    def show_row(self, case: Case, make: Make, title: Any) -> HttpResponse:
        """Show the form of a row that is there."""
        form = make(None)
        state = PageState(sent_values([form]), case.facts_version)
        return self.show(case, form, title, state=state, kind=KindOfChangeForm())

    def change(self, case: Case, make: Make, title: Any) -> HttpResponse:
        """Save what was changed of a row; what a colleague changed meanwhile goes together field by field.

        Where both changed one field, both values come back and nothing is saved yet. A page without the values that
        it began with is refused once the facts have a newer version.
        """
        kind = KindOfChangeForm(self.request.POST)
        now = make(None)
        state = PageState(sent_values([now]), case.facts_version)
        typed: Any = self.request.POST
        base = read_base(typed)
        if base is not None:
            typed, conflicts = put_together(typed, [now], base, who_changed(case))
            state = replace(state, conflicts=tuple(conflicts))
        else:
            state = PageState(None, self.seen_version())
        form = make(typed)
        if state.conflicts or not form.is_valid():
            return self.show(case, form, title, status=422, state=state, kind=kind)
        said = {"is_correction": kind.is_correction, "is_asked": True}
        try:
            return self.save(case, form, title, lambda: self.record(case, form, state.version, **said))
        except ChangeUnsaid as unsaid:
            kind.refuse(unsaid.message)
        return self.show(case, make(typed), title, status=422, state=state, kind=kind)

    def save(self, case: Case, form: Any, title: Any, perform: Callable[[], object]) -> HttpResponse:
        """Perform once and go back to the case; on an error everything typed stays on the page."""
        if not form.is_valid():
            return self.show(case, form, title, status=422)

        def and_go_back() -> str:
            perform()
            return reverse("cases:case-detail", args=[case.pk])

        return act_once(self.request, and_go_back, _("The facts were saved."))

    def seen_version(self) -> int:
        """Return the version of the facts that the form was made on. Refuses a form without it."""
        try:
            return int(self.request.POST.get("facts_version", ""))
        except ValueError as error:
            raise ActRefused(_("This form has no valid key. Load the page again.")) from error

    def record(self, case: Case, form: Any, seen_version: int | None, **said: Any) -> None:
        """Save the row that a valid form describes; `said` is what was said of the kind of the change."""
        row, names = form.save(commit=False), form.changed_names
        if isinstance(row, Link):
            record_link(case=case, by=self.user, link=row, names=names, seen_version=seen_version, **said)
        else:
            record_facts(case=case, by=self.user, items=[(row, names)], seen_version=seen_version, **said)


class AddRow(RowPage):
    """One more row of a kind."""

    def get(self, request: HttpRequest, pk: uuid.UUID, kind: str) -> HttpResponse:
        """Show the empty form."""
        case, found = self._asked(pk, kind)
        return self.show(case, found.form(instance=found.model(case=case)), found.add)

    def post(self, request: HttpRequest, pk: uuid.UUID, kind: str) -> HttpResponse:
        """Record the row; a form in which nothing was filled in changes nothing."""
        case, found = self._asked(pk, kind)
        form = found.form(request.POST, instance=found.model(case=case))
        return self.save(case, form, found.add, lambda: self.record(case, form, None))

    def _asked(self, pk: uuid.UUID, kind: str) -> tuple[Case, Kind]:
        case = self.editable(pk)
        if kind not in KINDS:
            raise Http404
        return case, KINDS[kind]


class ChangeRow(RowPage):
    """A row that is there."""

    def get(self, request: HttpRequest, pk: uuid.UUID, kind: str, row: uuid.UUID) -> HttpResponse:
        """Show the row; the read is recorded."""
        case, found, item = self._asked(pk, kind, row)
        audit.record_read(by=self.user, objects=[item], case_id=case.pk)
        return self.show_row(case, self._make(found, item), found.change)

    def post(self, request: HttpRequest, pk: uuid.UUID, kind: str, row: uuid.UUID) -> HttpResponse:
        """Save what was changed, together with what a colleague changed meanwhile."""
        case, found, item = self._asked(pk, kind, row)
        return self.change(case, self._make(found, item), found.change)

    @staticmethod
    def _make(found: Kind, item: Any) -> Make:
        """Return how the form is made; each time of a row of its own, because a form writes into its row."""
        return lambda typed: found.form(typed, instance=copy(item))

    def _asked(self, pk: uuid.UUID, kind: str, row: uuid.UUID) -> tuple[Case, Kind, Any]:
        case = self.editable(pk)
        if kind not in KINDS:
            raise Http404
        return case, KINDS[kind], get_object_or_404(KINDS[kind].model._default_manager, pk=row, case=case)


class PlaceDetails(RowPage):
    """The place of the event in detail: colonia, municipio, road and kilometer, intersection, code, coordinates."""

    title = _("Place in detail")

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show what is known."""
        case = self.editable(pk)
        audit.record_read(by=self.user, objects=[case.abduction], case_id=case.pk)
        return self.show_row(case, lambda typed: PlaceForm(typed, instance=copy(case.abduction)), self.title)

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Save what was changed, together with what a colleague changed meanwhile."""
        case = self.editable(pk)
        return self.change(case, lambda typed: PlaceForm(typed, instance=copy(case.abduction)), self.title)


class AddPlate(RowPage):
    """One more plate of a vehicle."""

    title = _("Add a license plate")

    def get(self, request: HttpRequest, pk: uuid.UUID, vehicle: uuid.UUID) -> HttpResponse:
        """Show the empty form."""
        case, _found = self._asked(pk, vehicle)
        return self.show(case, PlateForm(), self.title)

    def post(self, request: HttpRequest, pk: uuid.UUID, vehicle: uuid.UUID) -> HttpResponse:
        """Record the plate beside those that the vehicle carries."""
        case, found = self._asked(pk, vehicle)
        form = PlateForm(request.POST)
        return self.save(
            case, form, self.title,
            lambda: plates.add_plate(vehicle=found, by=self.user, plate=form.save(commit=False)),
        )  # fmt: skip

    def _asked(self, pk: uuid.UUID, vehicle: uuid.UUID) -> tuple[Case, Vehicle]:
        case = self.editable(pk)
        return case, audit.noted(get_object_or_404(Vehicle, pk=vehicle, case=case), by=self.user)


class ReplacePlate(RowPage):
    """A plate in the place of another: a correction or a change."""

    title = _("Replace the license plate")

    def get(self, request: HttpRequest, pk: uuid.UUID, plate: uuid.UUID) -> HttpResponse:
        """Show the form with the issuer of the earlier plate."""
        case, earlier = self._asked(pk, plate)
        audit.record_read(by=self.user, objects=[earlier], case_id=case.pk)
        form = ReplacePlateForm(initial={"issuer": earlier.issuer_id, "kind": earlier.kind})
        return self.show(case, form, self.title)

    def post(self, request: HttpRequest, pk: uuid.UUID, plate: uuid.UUID) -> HttpResponse:
        """Record the plate; the earlier one stays as wrong or as former."""
        case, earlier = self._asked(pk, plate)
        form = ReplacePlateForm(request.POST)
        return self.save(
            case, form, self.title,
            lambda: plates.replace_plate(
                earlier=earlier, by=self.user, plate=form.save(commit=False), because=form.cleaned_data["because"],
                on=form.cleaned_data["on"],
            ),
        )  # fmt: skip

    def _asked(self, pk: uuid.UUID, plate: uuid.UUID) -> tuple[Case, Plate]:
        case = self.editable(pk)
        return case, get_object_or_404(Plate.objects.select_related("vehicle__case"), pk=plate, case=case)
