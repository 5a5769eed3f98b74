"""Small readers of CAP elements, for the rules and for the receiver; children are of their parent's namespace."""

from __future__ import annotations

import re

from lxml import etree

XML_SPACE = " \t\r\n"
_LIST_VALUE = re.compile(r'"([^"]*)"|(\S+)')


def children(parent: etree._Element, name: str) -> list[etree._Element]:
    """Return the direct children of that CAP name."""
    return list(parent.iterchildren(_tag_beneath(parent, name)))


def child(parent: etree._Element, name: str) -> etree._Element | None:
    """Return the first direct child of that CAP name, or None."""
    return next(parent.iterchildren(_tag_beneath(parent, name)), None)


def _tag_beneath(parent: etree._Element, name: str) -> str:
    # Cheaper than etree.QName, and asked for every element of a message.
    namespace, brace, _name = parent.tag.rpartition("}")
    return f"{namespace}{brace}{name}"


def text_of(element: etree._Element | None) -> str:
    """Return the element's text without outer white space; empty for None."""
    return (element.text or "").strip(XML_SPACE) if element is not None else ""


def text(parent: etree._Element, name: str) -> str:
    """Return the text of the first child of that name; empty if there is none."""
    return text_of(child(parent, name))


def named_values(parent: etree._Element, name: str) -> tuple[tuple[str, str], ...]:
    """Return the (valueName, value) pairs of the eventCode, parameter or geocode children."""
    return tuple((text(pair, "valueName"), text(pair, "value")) for pair in children(parent, name))


def list_values(value: str) -> tuple[str, ...]:
    """Return the values of `addresses` or `incidents`: separated by spaces, with spaces inside double quotes."""
    return tuple(quoted or plain for quoted, plain in _LIST_VALUE.findall(value) if quoted or plain)


def where(element: etree._Element) -> str:
    """Return a short path such as /alert/info[2]/area[1]/polygon; numbers only where siblings share the name."""
    steps = [_step(element), *(_step(ancestor) for ancestor in element.iterancestors())]
    return "/" + "/".join(reversed(steps))


def _step(element: etree._Element) -> str:
    before = sum(1 for _ in element.itersiblings(element.tag, preceding=True))
    alone = before == 0 and next(element.itersiblings(element.tag), None) is None
    name = etree.QName(element).localname
    return name if alone else f"{name}[{before + 1}]"
