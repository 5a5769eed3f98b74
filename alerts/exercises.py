"""Which notices and deliveries belong to an exercise, and the word that none of them goes without."""

from __future__ import annotations

from django.utils.translation import gettext

from alerts.models import Delivery, Notice


def exercise_mark() -> str:
    """Return EXERCISE / SIMULACRO / EXERCICE with the word of the active language first: it alone may be read."""
    return gettext("EXERCISE / SIMULACRO / EXERCICE")


def is_of_exercise(row: Delivery) -> bool:
    """Say whether a delivery is of an exercise: by the alert of its message, else by the case of its notice."""
    if row.message is not None:
        return row.message.alert.is_exercise
    return row.notice is not None and is_notice_of_exercise(row.notice)


def is_notice_of_exercise(notice: Notice) -> bool:
    """Say whether a notice is about the case of an exercise. What is about a desk or a shift is about real people."""
    ending = notice.role_ending
    case = notice.case or (ending.case if ending is not None else None)
    return case is not None and case.is_exercise
