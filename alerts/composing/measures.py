"""Heights and weights in the units people think in."""

from __future__ import annotations

CM_PER_INCH = 2.54
KG_PER_POUND = 0.45359237
CM_PER_METER = 100


def feet_and_inches(height_cm: int) -> tuple[int, int]:
    """Return whole feet and inches, rounded to the nearest inch."""
    return divmod(round(height_cm / CM_PER_INCH), 12)


def pounds(weight_kg: int) -> int:
    """Return the nearest whole pound."""
    return round(weight_kg / KG_PER_POUND)


def meters(height_cm: int, decimal_mark: str) -> str:
    """Return "1.24 m", below one meter "75 cm"; the decimal mark is the language's."""
    if height_cm < CM_PER_METER:
        return f"{height_cm} cm"
    whole, rest = divmod(height_cm, CM_PER_METER)
    return f"{whole}{decimal_mark}{rest:02d} m"


def both_units(metric: str, imperial: str, *, imperial_first: bool) -> str:
    """Return one measure with the other in parentheses; what is too small for inches or pounds stays metric."""
    if not imperial:
        return metric
    return f"{imperial} ({metric})" if imperial_first else f"{metric} ({imperial})"
