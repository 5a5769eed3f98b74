"""What must be refused: in under a second, without fetching anything, and with a reason in words."""

from __future__ import annotations

import gzip
import socket
import time

import pytest
from lxml import etree

from alerts.cap import codes
from alerts.cap import receive as receive_module
from alerts.cap.reading import MOST_WARNINGS
from alerts.cap.receive import CapRefused, receive
from alerts.cap.safety import MAX_BYTES, MAX_DEPTH
from alerts.cap.xml import to_xml
from tests.alerts.cap.messages import CAP, add_before, amber_message, assert_clear, edited, remove, set_text

GOOD = to_xml(amber_message())
BODY = GOOD.split(b"\n", 1)[1]
DOCTYPE_TEXT = '<!DOCTYPE alert [<!ENTITY a "b">]>' + BODY.decode()

LAUGHS = b"".join(
    b'<!ENTITY l%d "%s">' % (level, b"&l%d;" % (level - 1) * 10) for level in range(1, 10)
)  # fmt: skip
BILLION_LAUGHS = b'<!DOCTYPE alert [<!ENTITY l0 "ha">' + LAUGHS + b"]>" + BODY.replace(b">911<", b">&l9;<")


def with_many(path: str, name: str, count: int, value: str = "") -> bytes:
    def edit(alert):
        place = alert.find("/".join(CAP + step for step in path.split("/")))
        for _number in range(count):
            element = etree.Element(CAP + name)
            element.text = value
            place.addnext(element)

    return edited(edit)


def with_copies(path: str, count: int) -> bytes:
    def edit(alert):
        element = alert.find("/".join(CAP + step for step in path.split("/")))
        copy = etree.tostring(element)
        for _number in range(count - len(alert.findall("/".join(CAP + step for step in path.split("/"))))):
            element.addnext(etree.fromstring(copy))

    return edited(edit)


def nested(depth: int) -> bytes:
    return GOOD.replace(b"</alert>", b"<x>" * depth + b"</x>" * depth + b"</alert>")


def polygon_of(points: int) -> bytes:
    return edited(set_text("info/area/polygon", " ".join(["1,2"] * points)))


def namespace(uri: str) -> bytes:
    return GOOD.replace(codes.CAP_NAMESPACE.encode(), uri.encode())


HOSTILE = {
    "billion laughs": ("doctype", BILLION_LAUGHS),
    "doctype without entities": ("doctype", b"<!DOCTYPE alert>" + BODY),
    "doctype in small letters": ("doctype", b"<!doctype alert>" + BODY),
    "doctype in UTF-8 with mark": ("doctype", DOCTYPE_TEXT.encode("utf-8-sig")),
    "doctype in UTF-16": ("doctype", DOCTYPE_TEXT.encode("utf-16")),
    "doctype in UTF-16-LE without mark": ("doctype", DOCTYPE_TEXT.encode("utf-16-le")),
    "doctype in UTF-16-BE without mark": ("doctype", DOCTYPE_TEXT.encode("utf-16-be")),
    "doctype in UTF-32": ("doctype", DOCTYPE_TEXT.encode("utf-32")),
    "doctype in UTF-32-BE without mark": ("doctype", DOCTYPE_TEXT.encode("utf-32-be")),
    "doctype in UTF-7": ("encoding", b'<?xml version="1.0" encoding="UTF-7"?>' + DOCTYPE_TEXT.encode("utf-7")),
    "doctype in EBCDIC": ("not-xml", DOCTYPE_TEXT.replace("\u2019", "'").encode("cp037", "replace")),
    "says UTF-16 and is not": ("encoding", b'<?xml version="1.0" encoding="UTF-16"?>' + BODY),
    "undeclared entity": ("not-well-formed", BODY.replace(b">911<", b">&police;<")),
    "deep": ("too-deep", nested(MAX_DEPTH)),
    "very deep": ("too-deep", nested(20_000)),
    "truncated": ("truncated", GOOD[: len(GOOD) // 2]),
    "truncated at the end": ("truncated", GOOD[:-3]),
    "tags crossed": ("not-well-formed", GOOD.replace(b"</event><", b"</events><", 1)),
    "forbidden character": ("not-well-formed", GOOD.replace(b">911<", b">9\x0b11<")),
    "two documents": ("not-well-formed", GOOD + BODY),
    "6 MB": ("too-large", GOOD.replace(b">911<", b">" + b"9" * 6_000_000 + b"<")),
    "one byte too many": ("too-large", b" " * (MAX_BYTES + 1)),
    "empty": ("empty", b""),
    "blank": ("empty", b"\xef\xbb\xbf \n\t "),
    "image": ("not-xml", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 50),
    "zeros": ("not-xml", bytes(1000)),
    "text": ("not-xml", b"AMBER Alert: a blue car"),
    "JSON": ("not-xml", b'{"alert": {"identifier": "1"}}'),
    "gzip": ("compressed", gzip.compress(GOOD)),
    "comment that splits the sender": ("comment-in-value", GOOD.replace(b"tx@amber", b"tx@<!-- -->amber")),
    "comment that splits the description": ("comment-in-value", GOOD.replace(b"hooded", b"hoo<!---->ded")),
    "instruction that splits the sender": ("comment-in-value", GOOD.replace(b"tx@amber", b"tx@<?x y?>amber")),
    "element inside a value": ("markup-in-value", GOOD.replace(b"hooded", b"<b>hooded</b>")),
    "XInclude": ("xinclude", GOOD.replace(b"</alert>", (
        b'<x><i:include xmlns:i="http://www.w3.org/2001/XInclude" href="file:///etc/hostname"/></x></alert>'))),
    "XInclude inside a value": ("xinclude", GOOD.replace(b">911<", (
        b'><i:include xmlns:i="http://www.w3.org/2001/XInclude" href="file:///etc/hostname"/><'))),
    "51 infos": ("too-many-infos", with_copies("info", 51)),
    "501 areas": ("too-many-areas", with_copies("info/area", 501)),
    "20,001 points": ("too-many-vertices", polygon_of(6_667)),
    "60,000 elements": ("too-many-elements", GOOD.replace(b"</alert>", b"<x/>" * 60_000 + b"</alert>")),
    "60,000 attributes": ("too-many-elements", GOOD.replace(
        b"</alert>", b"<x " + b" ".join(b"a%d=''" % n for n in range(60_000)) + b"/></alert>")),
    "references without end": ("list-too-long", edited(add_before("incidents", "references", "a,b,c " * 700_000))),
    "incidents without end": ("list-too-long", edited(set_text("incidents", "x " * 2_000_000))),
    "alert inside the alert": ("nested-alert", GOOD.replace(b"</alert>", b"<x>" + BODY + b"</x></alert>")),
    "Atom feed": ("not-cap", b'<feed xmlns="http://www.w3.org/2005/Atom"><entry>' + BODY + b"</entry></feed>"),
    "CAP 1.0": ("wrong-namespace", namespace("http://www.incident.com/cap/1.0")),
    "CAP of the future": ("wrong-namespace", namespace("urn:oasis:names:tc:emergency:cap:2.0")),
    "no namespace": ("wrong-namespace", b"<alert><identifier>1</identifier></alert>"),
    "two senders": ("repeated-element", edited(add_before("sender", "sender", "other@example.org"))),
    "two values of one code": ("repeated-element", edited(add_before("info/eventCode/value", "value", "MEP"))),
    "code without value": ("missing-element", edited(remove("info/eventCode/value"))),
    "blank sender": ("missing-element", edited(set_text("sender", " \n "))),
    "resource without media type": ("missing-element", edited(remove("info/resource/mimeType"))),
    "sent without offset": ("bad-sent", edited(set_text("sent", "2026-05-04T21:30:00"))),
    "sent on no day": ("bad-sent", edited(set_text("sent", "2026-02-30T21:30:00-06:00"))),
    "status of its own": ("unknown-value", edited(set_text("status", "actual"))),
}  # fmt: skip
for missing in (
    "identifier", "sender", "sent", "status", "msgType", "scope", "info/category", "info/event", "info/urgency",
    "info/severity", "info/certainty", "info/area/areaDesc", "info/resource/resourceDesc", "info/parameter/valueName",
):  # fmt: skip
    HOSTILE[f"without {missing}"] = ("missing-element", edited(remove(missing)))


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*arguments, **options):
        raise AssertionError("A message from outside made us open a connection.")

    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refuse)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_message_is_refused_at_once(name):
    code, raw = HOSTILE[name]
    started = time.perf_counter()
    with pytest.raises(CapRefused) as refused:
        receive(raw)
    assert time.perf_counter() - started < 1
    assert refused.value.code == code
    assert_clear(refused.value.message)
    assert str(refused.value).startswith(f"{code}: ")


HEAVY = {
    "distinct unknown elements": GOOD.replace(
        b"</alert>", b"".join(b"<x%d/>" % n for n in range(58_000)) + b"</alert>"
    ),
    "unknown categories": with_many("info/category", "category", 28_000, "x"),
    "unreadable polygons": with_many("info/area/polygon", "polygon", 28_000, ""),
    "codes": with_many("code", "code", 28_000, "x"),
    "parameters": with_copies("info/parameter", 9_000),
    "resources": with_copies("info/resource", 4_000),
    "comments": GOOD.replace(b"<status>", b"<!-- -->" * 58_000 + b"<status>"),
    "one long text": GOOD.replace(b">911<", b">" + b"9 " * 2_400_000 + b"<", 1),
    "signatures": GOOD.replace(
        b"</alert>", b'<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>' * 28_000 + b"</alert>"
    ),
    "spaces before the declaration": b" " * 4_900_000 + GOOD,
    "long declaration": b"<?xml " + b"encoding " * 500_000 + b"?>" + BODY,
    "character references": GOOD.replace(b">911<", b">" + b"&#65;" * 900_000 + b"<", 1),
}


@pytest.mark.parametrize("name", HEAVY)
def test_heavy_message_takes_no_longer_whether_read_or_refused(name):
    # The time of this process, because nothing here waits, and the machine may be busy with other tests.
    started = time.process_time()
    try:
        warnings = receive(HEAVY[name]).warnings
    except CapRefused:
        warnings = ()
    assert time.process_time() - started < 1
    assert len(warnings) <= MOST_WARNINGS


@pytest.mark.parametrize(
    "raw",
    [with_copies("info", 50), with_copies("info/area", 498), polygon_of(6_664), nested(MAX_DEPTH - 1)],
    ids=["50 infos", "498 areas in one info, 500 in all", "20,000 points with circles", "29 deep"],
)
def test_message_at_the_limit_is_read(raw):
    assert receive(raw).message.identifier == "US-TX-2026-00042-1"


EXTERNAL = (
    '<!DOCTYPE alert [<!ENTITY x SYSTEM "{url}">]>',
    '<!DOCTYPE alert SYSTEM "{url}">',
    '<!DOCTYPE alert [<!ENTITY % p SYSTEM "{url}"> %p; <!ENTITY x "y">]>',
    '<?xml-stylesheet type="text/xsl" href="{url}"?>',
)


@pytest.fixture
def listener(monkeypatch):
    monkeypatch.undo()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        yield server


@pytest.mark.parametrize("prolog", EXTERNAL)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_nothing_is_fetched_from_a_listening_server(listener, prolog, encoding):
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/payload"
    text = prolog.format(url=url) + BODY.decode().replace(
        ">911<", ">&x;<" if "ENTITY x" in prolog else ">911<"
    ).replace("<alert ", f'<alert xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="u {url}" ')
    if "DOCTYPE" in prolog:
        with pytest.raises(CapRefused) as refused:
            receive(text.encode(encoding))
        assert refused.value.code == "doctype"
    else:
        assert receive(text.encode(encoding)).message.identifier
    with pytest.raises(TimeoutError):
        listener.accept()


def test_no_file_of_ours_is_read(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("canary-4711")
    raw = f'<!DOCTYPE alert [<!ENTITY x SYSTEM "file://{secret}">]>'.encode() + BODY.replace(b">911<", b">&x;<")
    with pytest.raises(CapRefused) as refused:
        receive(raw)
    assert "canary" not in str(refused.value)


def test_parser_itself_would_not_expand_or_fetch_either(monkeypatch, listener, tmp_path):
    """The second lock: should the search for declarations ever miss one, the parser's result is refused as well."""
    secret = tmp_path / "secret"
    secret.write_text("canary-4711")
    monkeypatch.setattr("alerts.cap.safety._check_text", lambda text: None)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/payload"
    for target in (url, f"file://{secret}"):
        for prolog in EXTERNAL[:3]:
            with pytest.raises(CapRefused) as refused:
                receive(prolog.format(url=target).encode() + BODY.replace(b">911<", b">&x;<"))
            assert refused.value.code in {"doctype", "not-well-formed"}
    with pytest.raises(TimeoutError):
        listener.accept()
    started = time.perf_counter()
    with pytest.raises(CapRefused):
        receive(BILLION_LAUGHS)
    assert time.perf_counter() - started < 1


def test_parser_does_not_even_open_an_external_entity(monkeypatch, tmp_path):
    """The file is no XML: a parser that opened it would call the message broken, ours only sees the doctype."""
    monkeypatch.setattr("alerts.cap.safety._check_text", lambda text: None)
    (tmp_path / "broken").write_text("<<&")
    raw = EXTERNAL[0].format(url=f"file://{tmp_path}/broken").encode() + BODY.replace(b">911<", b">&x;<")
    with pytest.raises(CapRefused) as refused:
        receive(raw)
    assert refused.value.code == "doctype"


def test_limits_are_the_ones_promised():
    limits = (receive_module.MAX_INFOS, receive_module.MAX_AREAS, receive_module.MAX_VERTICES, MAX_BYTES, MAX_DEPTH)
    assert limits == (50, 500, 20_000, 5_000_000, 30)
