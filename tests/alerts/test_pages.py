"""Every page of the path answers, for those who may see it."""

from __future__ import annotations

import pytest
from django.urls import reverse


@pytest.mark.django_db
def test_pages_of_the_path_answer(client, active_alert, active_case, california_officer, baja_coordinator):
    request = active_alert.request
    for user in (california_officer, baja_coordinator):
        client.force_login(user)
        for name, args in [
            ("alerts:desk", []), ("cases:case-list", []), ("cases:case-detail", [active_case.pk]),
            ("alerts:request-list", []), ("alerts:request-detail", [request.pk]), ("alerts:alert-list", []),
            ("alerts:alert-detail", [active_alert.pk]), ("alerts:cap-import", []), ("cases:case-open", []),
        ]:  # fmt: skip
            response = client.get(reverse(name, args=args))
            assert response.status_code == 200, (user, name)
    client.force_login(california_officer)
    assert client.get(reverse("cases:case-facts", args=[active_case.pk])).status_code == 200
    assert client.get(reverse("alerts:request-send", args=[active_case.pk])).status_code == 200
    active_alert.refresh_from_db()
    public = active_alert.public
    public.refresh_from_db()
    for language in ("en", "es", "fr"):
        page = client.get(reverse("public:alert-detail", args=[language, public.public_id]))
        assert page.status_code == 200
        assert "Zoraida" in page.text
        assert client.get(reverse("public:alert-list", args=[language])).status_code == 200
        poster = client.get(reverse("public:alert-poster", args=[language, public.public_id]))
        assert poster.content.startswith(b"%PDF")
        assert "Zoraida" in client.get(reverse("public:feed", args=[language])).text
    assert client.get(reverse("public:alert-cap", args=[public.public_id])).content == bytes(public.cap_xml)
