"""All addresses of the portal."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("agencies.urls")),
    path("", include("cases.urls")),
    path("", include("alerts.urls")),
    path("", include("alerts.public_urls")),
    path("api/v1/", include("config.api_urls")),
    path("admin/", admin.site.urls),
]

handler404 = "agencies.views.errors.not_found"
handler500 = "agencies.views.errors.server_error"
