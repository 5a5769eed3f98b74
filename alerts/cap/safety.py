"""Turns bytes from outside into an XML tree, or refuses them: nothing is fetched, expanded or guessed.

Markup declarations are looked for in the decoded text and the parser gets that same text, so that no choice of encoding
can hide from the check what the parser would then see.
"""

from __future__ import annotations

import codecs
import re

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from lxml import etree

from .codes import VALUES, XINCLUDE_NAMESPACE

MAX_BYTES = 5_000_000
MAX_DEPTH = 30
# Counted before parsing, because a tree of a million empty elements would cost the second that a refusal may take.
MAX_TAGS = 60_000
MAX_QUOTES = 60_000

# Longest first: the UTF-32 mark begins with the UTF-16 one.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# How "<" looks in encodings that came without a mark (XML 1.0, appendix F).
_FIRST_BYTES = ((b"<\0\0\0", "utf-32-le"), (b"\0\0\0<", "utf-32-be"), (b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
_DECLARED_ENCODING = re.compile(rb"""\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_READABLE_ENCODINGS = frozenset({"utf-8", "utf8", "us-ascii", "iso-8859-1", "iso-8859-15", "windows-1252"})
_XML_DECLARATION = re.compile(r"\s*<\?xml\s[^>]{0,400}\?>")
_MARKUP_DECLARATION = re.compile(r"<!\s*(?:DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)", re.IGNORECASE)
_END_OF_ALERT = re.compile(r"</(?:[\w.-]{1,80}:)?alert\s*>")
_START_OF_ALERT = re.compile(r"<(?:[\w.-]{1,80}:)?alert(?:[\s>]|$)")


class CapRefused(ValueError):
    """A message that cannot be taken in. `code` is for machines and tests, `message` (lazy, translated) for people."""

    def __init__(self, code: str, message: Promise | str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


def open_tree(raw: bytes) -> etree._Element:
    """Return the root element of the XML in `raw`. Refuses (CapRefused) whatever is too large, hostile or broken."""
    if len(raw) > MAX_BYTES:
        raise CapRefused(
            "too-large", format_lazy(_("The message is larger than {limit} MB."), limit=MAX_BYTES // 1_000_000)
        )
    text = _decode(raw)
    if not text.strip():
        raise CapRefused("empty", _("The message is empty."))
    _check_text(text)
    root = _parse(_XML_DECLARATION.sub("", text, count=1) if _XML_DECLARATION.match(text) else text)
    _check_tree(root)
    return root


def _decode(raw: bytes) -> str:
    if raw.startswith(b"\x1f\x8b"):
        raise CapRefused("compressed", _("The message is compressed. Send it as plain XML."))
    for mark, encoding in _BYTE_ORDER_MARKS:
        if raw.startswith(mark):
            return _decode_as(raw[len(mark) :], encoding)
    for first_bytes, encoding in _FIRST_BYTES:
        if raw.startswith(first_bytes):
            return _decode_as(raw, encoding)
    declared = _DECLARED_ENCODING.match(raw[:400])
    encoding = declared[1].decode("ascii").lower() if declared else "utf-8"
    if encoding not in _READABLE_ENCODINGS:
        raise CapRefused(
            "encoding", _("The message uses a character encoding that is not accepted here. Send it as UTF-8.")
        )
    return _decode_as(raw, encoding)


def _decode_as(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise CapRefused("not-xml", _("The message is not text, so it cannot be XML.")) from error


def _check_text(text: str) -> None:
    if _MARKUP_DECLARATION.search(text):
        raise CapRefused("doctype", _("The message declares a document type or entities, which is not accepted."))
    if not text.lstrip().startswith("<"):
        raise CapRefused("not-xml", _("The message is not XML."))
    if text.count("<") > MAX_TAGS or text.count('"') + text.count("'") > MAX_QUOTES:
        raise CapRefused("too-many-elements", _("The message has too many elements or attributes."))


def _parse(text: str) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        recover=False, collect_ids=False, encoding="utf-8",
    )  # fmt: skip
    try:
        return etree.fromstring(text.encode("utf-8"), parser)
    except etree.XMLSyntaxError as error:
        if error.code == etree.ErrorTypes.ERR_RESOURCE_LIMIT:
            raise _too_deep() from error
        if _START_OF_ALERT.search(text) and not _END_OF_ALERT.search(text):
            raise CapRefused("truncated", _("The message is cut off: its end is missing.")) from error
        raise CapRefused("not-well-formed", _("The message is broken XML.")) from error


def _check_tree(root: etree._Element) -> None:
    document = root.getroottree().docinfo
    if document.doctype or document.internalDTD is not None or next(root.iter(etree.Entity), None) is not None:
        raise CapRefused("doctype", _("The message declares a document type or entities, which is not accepted."))
    if next(root.iter(f"{{{XINCLUDE_NAMESPACE}}}*"), None) is not None:
        raise CapRefused("xinclude", _("The message asks to include other documents, which is not accepted."))
    _check_depth(root)
    _check_values(root)


def _check_depth(root: etree._Element) -> None:
    depth = 0
    for event, _element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH:
            raise _too_deep()


def _check_values(root: etree._Element) -> None:
    """Refuse values with anything but text inside: programs that read only the first piece would see another value."""
    namespace = etree.QName(root).namespace
    for element in root.iter(*(f"{{{namespace}}}{name}" for name in VALUES)):
        if len(element) == 0:
            continue
        if next(element.iterchildren("*"), None) is not None:
            raise CapRefused("markup-in-value", _("Elements stand inside a value that may only hold text."))
        raise CapRefused("comment-in-value", _("A comment or instruction stands inside a value."))


def _too_deep() -> CapRefused:
    return CapRefused("too-deep", format_lazy(_("Elements are nested more than {limit} deep."), limit=MAX_DEPTH))
