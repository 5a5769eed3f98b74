"""Pages of a weak link: intake, request and decision transfer at most 100 kB with an empty cache (U32).

The public page of an alert weighs half of that (U29): at 2G (50 kbit/s) it is there in eight seconds.

Counted are the page as it is sent (nobody promises that a proxy compresses it), and everything that it loads before
photos, compressed as it is served: style, scripts with the modules that they import, icon, fonts.
"""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse
from lxml import html

from alerts.models import PublicAlert
from alerts.services import drafts, open_cases, requests
from tests.alerts.expiring import expire_with_open_cases
from tests.project.returned_forms import signed_in

pytestmark = pytest.mark.django_db
MOST_BYTES = 100_000
MOST_PUBLIC_BYTES = 50_000
LOADS = ('//link[@rel="stylesheet" or @rel="icon" or @rel="preload" or @rel="modulepreload"]/@href', "//script/@src")
INNER = re.compile(r"""(?:\bimport\b[^"';]*|@import\s+|url\()["']?(\.{0,2}/?[\w./-]+\.(?:js|css|woff2?|svg))""")


def files_of(text: str) -> set[str]:
    """Return every static file that a page loads, with those that these files load."""
    page = html.fromstring(text)
    waiting = [address.removeprefix("/static/") for path in LOADS for address in page.xpath(path)]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in found or name.startswith("data:"):
            continue
        found.add(name)
        path = finders.find(name)
        assert path, name
        if name.endswith((".js", ".css")):
            folder = Path(name).parent
            inner = INNER.findall(Path(path).read_text())
            waiting += [(folder / other).as_posix().replace("./", "") for other in inner]
    return found


def weight_of(text: str) -> tuple[int, dict[str, int]]:
    """Return the bytes of a page with an empty cache, and of each part."""
    parts = {name: len(gzip.compress(Path(finders.find(name)).read_bytes(), 6)) for name in files_of(text)}
    parts["the page"] = len(text.encode())
    return sum(parts.values()), parts


def _submitted(request: Any, coordinator: Any) -> Any:
    """Accept the request and submit its alert; return the alert."""
    requests.acknowledge(request=request, by=coordinator)
    requests.decide(request=request, by=coordinator, decision="accept")
    drafts.submit(alert=request.alert, by=coordinator)
    return request.alert


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_pages_of_a_weak_link_are_light(
    language: str, sent_request: Any, california_officer: Any, baja_coordinator: Any, baja_approver: Any
) -> None:
    baja_approver.reads_languages = ["en", "es", "fr"]  # every text is on the page
    baja_approver.save()
    asker, decider = signed_in(california_officer, language), signed_in(baja_coordinator, language)
    approver, alert = signed_in(baja_approver, language), _submitted(sent_request, baja_coordinator)
    pages = {
        "intake": asker.get(reverse("cases:case-open")),
        "request": asker.get(reverse("alerts:request-send", args=[sent_request.case_id])),
        "case": asker.get(reverse("cases:case-detail", args=[sent_request.case_id])),
        "decision": decider.get(reverse("alerts:request-detail", args=[sent_request.pk])),
        "desk": decider.get(reverse("alerts:desk")),
        "approval": approver.get(reverse("alerts:alert-approval", args=[alert.pk])),
    }
    heavy = {}
    for name, answer in pages.items():
        assert answer.status_code == 200, name
        weight, parts = weight_of(answer.text)
        assert parts["css/site.css"] > 1000 and parts["js/tokens.js"] > 100, "what is loaded is counted"
        if weight > MOST_BYTES:
            heavy[name] = (weight, parts)
    assert heavy == {}


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_public_page_is_light_and_loads_no_script(
    language: str, active_alert: Any, baja_approver: Any, client: Any
) -> None:
    """Page, style, icon and fonts, compressed as they are served; the photo comes afterwards and holds up nothing."""
    public = PublicAlert.objects.get()
    address = reverse("public:alert-detail", args=[language, public.public_id])
    pages = {"active": client.get(address)}
    expire_with_open_cases(active_alert)
    pages["ended"] = client.get(address)
    open_cases.put_up(alert=active_alert, by=baja_approver, reason="public_can_help")
    pages["open case"] = client.get(address)
    assert [answer.status_code for answer in pages.values()] == [200, 410, 200]
    for name, answer in pages.items():
        page = html.fromstring(answer.text)
        assert page.xpath("//script | //*[@onclick or @onload]") == [], name
        assert page.xpath('//a[@href="tel:' + public.program.tip_phone + '"]'), name
        weight, parts = weight_of(answer.text)
        assert parts["css/site.css"] > 1000, "what is loaded is counted"
        assert weight <= MOST_PUBLIC_BYTES, (name, weight, parts)
