"""Numbers as they are compared: what people type around them (spaces, dashes, small letters) does not count."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Func, Value
from django.db.models.functions import Upper


def letters_and_digits(column: str, *, keep: str = "") -> Upper:
    """Return the expression for a column without anything but letters, digits and the signs in `keep`, in capitals."""
    return Upper(
        Func(
            F(column), Value(f"[^[:alnum:]{keep}]"), Value(""), Value("g"), function="REGEXP_REPLACE",
            output_field=models.CharField(),
        )
    )  # fmt: skip
