"""CAP 1.2's rules in prose about the envelope (section 3.2.1), which no schema can check."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _
from lxml import etree

from . import codes
from .dates import parse_datetime
from .nodes import child, children, text, text_of
from .violation import Violation, broken


def alert_violations(alert: etree._Element) -> Iterator[Violation]:
    """Yield what is wrong with the children of `alert`, apart from its infos."""
    yield from _names(alert)
    yield from _references(alert)
    yield from _audience(alert)
    yield from _lists(alert)
    yield from _reason(alert)


def _names(alert: etree._Element) -> Iterator[Violation]:
    for name, rule in (("identifier", "identifier-characters"), ("sender", "sender-characters")):
        element = child(alert, name)
        if element is not None and codes.FORBIDDEN_IN_NAMES.search(text_of(element)):
            yield broken(rule, _("Spaces, commas, < and & are not allowed here."), element)


def _references(alert: etree._Element) -> Iterator[Violation]:
    element = child(alert, "references")
    triples = [triple.split(",") for triple in text_of(element).split()]
    if not triples and text(alert, "msgType") in codes.MSG_TYPES_WITH_REFERENCES:
        yield broken(
            "references-required", _("This type of message must say which earlier messages it is about."), alert
        )
    if element is None:
        return
    if not all(len(triple) == 3 and all(triple) and parse_datetime(triple[2]) for triple in triples):
        yield broken(
            "references-form",
            _("Each reference must be sender, identifier and time sent, joined by commas without spaces."),
            element,
        )
    # The time does not matter: an identifier may be used once only by its sender.
    if [text(alert, "sender"), text(alert, "identifier")] in [triple[:2] for triple in triples]:
        yield broken("references-self", _("The message refers to itself."), element)
    if len({tuple(triple) for triple in triples}) < len(triples):
        yield broken("references-repeated", _("The same message is referred to twice."), element)


def _audience(alert: etree._Element) -> Iterator[Violation]:
    scope, restriction = text(alert, "scope"), child(alert, "restriction")
    if scope == "Restricted" and not text_of(restriction):
        yield broken("restriction-required", _("A restricted message must say to whom it is restricted."), alert)
    if scope != "Restricted" and restriction is not None:
        yield broken("restriction-unexpected", _("Only a restricted message may carry a restriction."), restriction)
    if scope == "Private" and not text(alert, "addresses"):
        yield broken("addresses-required", _("A private message must name its recipients."), alert)
    if scope == "Public":
        for info in children(alert, "info"):
            for response in children(info, "responseType"):
                if text_of(response) == "Assess":
                    yield broken(
                        "response-assess-public", _("The response “Assess” is not for public messages."), response
                    )


def _lists(alert: etree._Element) -> Iterator[Violation]:
    for name, rule in (("addresses", "addresses-quotes"), ("incidents", "incidents-quotes")):
        element = child(alert, name)
        if element is not None and text_of(element).count('"') % 2:
            yield broken(rule, _("A double quote has no partner."), element)


def _reason(alert: etree._Element) -> Iterator[Violation]:
    if text(alert, "msgType") == "Error" and not text(alert, "note"):
        yield broken("error-note", _("An error message must give the reason in its note."), alert)
