"""The headline of an alert, as a field of forms."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class HeadlineField(forms.CharField):
    """A headline of at most 160 characters (CAP 1.2 recommends no more).

    The box shows all of it on a phone; what it holds is one line, so a line end that was typed becomes a space.
    """

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Headline"))
        kwargs.setdefault("max_length", 160)
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 2}))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:
        """Return the words on one line; a no-break space stays."""
        return re.sub(r"[ \t\r\n]+", " ", super().to_python(value) or "").strip()
