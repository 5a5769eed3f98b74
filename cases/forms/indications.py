"""A sighting taken over as an indication of crossing: the form, and a proposal of it in words."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agencies.choices import Country
from agencies.models import Subdivision
from agencies.refusals import ActRefused
from cases.models import CorrectionProposal, CrossingIndication, Sighting
from cases.models.code import code_label
from cases.services.indications import SAID, indication_of, names_of, refuse_taken

from .facts import subdivisions


class IndicationForm(forms.ModelForm):
    """Toward where, and how sure; evidence and time are those of the sighting."""

    class Meta:
        model = CrossingIndication
        fields = SAID

    def __init__(self, data: Any = None, *, sighting: Sighting, **kwargs: Any) -> None:
        super().__init__(data, instance=indication_of(sighting), **kwargs)
        self.fields["toward_subdivision"].queryset = subdivisions()  # type: ignore[attr-defined]
        self.fields["confidence"].required = True

    def clean(self) -> dict[str, Any]:
        """Refuse a state, entity or province of another country than the one named."""
        cleaned: dict[str, Any] = super().clean() or {}
        place: Subdivision | None = cleaned.get("toward_subdivision")
        if place and cleaned.get("toward") and place.country != cleaned["toward"]:
            self.add_error("toward_subdivision", _("This is in another country than the one chosen."))
        return cleaned


def proposed_indication(proposal: CorrectionProposal) -> tuple[CrossingIndication, list[str]]:
    """Return the proposed row, unsaved, and its filled columns. Refuses what no longer fits or was done already."""
    sighting: Sighting = proposal.subject()
    form = IndicationForm(_typed(proposal), sighting=sighting)
    if not form.is_valid():
        raise ActRefused(_("The proposed value no longer fits the other facts."))
    row: CrossingIndication = form.save(commit=False)
    refuse_taken(row)
    return row, names_of(row)


def words_of_indication(proposal: CorrectionProposal, places: dict[str, str]) -> str:
    """Return what a proposal would record, in the reader's language."""
    toward, place, point, confidence = [*proposal.value, "", "", "", ""][: len(SAID)]
    where = places.get(place) or str(dict(Country.choices).get(toward, toward))
    words = ", ".join(filter(None, [where, code_label("crossing_point", point)]))
    return gettext("Toward: %(where)s (%(confidence)s)") % {
        "where": words, "confidence": code_label("crossing_confidence", confidence),
    }  # fmt: skip


def _typed(proposal: CorrectionProposal) -> MultiValueDict[str, str]:
    return MultiValueDict({name: [value] for name, value in zip(SAID, proposal.value, strict=False)})
