"""What is wrong with a message: which rule, in words, and where."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.functional import Promise
from lxml import etree

from .nodes import where


@dataclass(frozen=True)
class Violation:
    """A broken rule. `rule` is a stable code, `message` lazy and translated, `where` a path such as /alert/info[2].

    `detail` is the schema processor's own English text for developers; it may quote values, so it is not in the repr.
    """

    rule: str
    message: Promise | str
    where: str
    detail: str = field(default="", repr=False, compare=False)


def broken(rule: str, message: Promise | str, element: etree._Element) -> Violation:
    """Return the violation of a rule at an element."""
    return Violation(rule, message, where(element))
