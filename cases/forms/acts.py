"""Forms of acts on a case."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency, User
from agencies.permissions import may
from agencies.uploads import AtMost
from cases.models.code import code_choices


class OpenCaseForm(forms.Form):
    """For which agency a case is opened, and whether it is an exercise."""

    agency: forms.ModelChoiceField[Agency] = forms.ModelChoiceField(label=_("Agency"), queryset=Agency.objects.none())
    agency_reference = forms.CharField(label=_("Your file number"), max_length=60, required=False)
    is_exercise = forms.BooleanField(
        label=_("This is an exercise"), required=False,
        help_text=_("Cannot be changed afterwards. Nothing of it leaves the portal: its messages go to the simulator, "
                    "and who takes part watches the desk."),
    )  # fmt: skip

    def __init__(self, *args: Any, user: User, capability: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        agencies = [item for item in Agency.objects.active() if may(user, capability, item)]  # type: ignore[attr-defined]
        self.fields["agency"].queryset = Agency.objects.filter(pk__in=[item.pk for item in agencies])  # type: ignore[attr-defined]
        self.only_agency = agencies[0] if len(agencies) == 1 else None
        if self.only_agency is not None:
            self.fields["agency"].initial = self.only_agency
            self.fields["agency"].widget = forms.HiddenInput()


class PhotoForm(forms.Form):
    """A picture of the child, and the authority to publish it; `upload_url` takes the file in parts (U32)."""

    sends_in_parts = True

    upload = forms.UUIDField(required=False, widget=forms.HiddenInput)
    photo = forms.FileField(
        label=_("Photo"),
        required=False,
        validators=[AtMost(settings.CASES_PHOTO_MAX_BYTES)],
        help_text=_("JPEG, PNG or WebP, at most 10 MB. Place, time and device are removed."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )
    publication_basis = forms.ChoiceField(
        label=_("Legal basis of publication"),
        choices=lambda: code_choices("publication_basis", blank_label=_("No basis: do not publish")),
        required=False,
        help_text=_("Without a basis the photo stays inside the agencies on the case."),
    )

    def __init__(self, *args: Any, upload_url: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["photo"].widget.attrs["data-upload"] = upload_url
        self.fields["photo"].required = not self.data.get(self.add_prefix("upload"))

    def clean(self) -> dict[str, Any]:
        """A file sent along is a newer choice than one that has arrived in parts."""
        told = super().clean() or {}
        return {**told, "upload": None} if told.get("photo") else told

    def forget_upload(self) -> None:
        """Ask for a file again: what had arrived is gone."""
        self.data = {**{name: self.data.get(name) for name in self.data}, self.add_prefix("upload"): ""}


class UploadForm(forms.Form):
    """What the browser tells of a file that it sends in parts."""

    name = forms.CharField(max_length=400)
    size = forms.IntegerField(min_value=0, max_value=2**31 - 1)
