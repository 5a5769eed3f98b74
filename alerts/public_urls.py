"""Addresses that everybody may read."""

from __future__ import annotations

from django.urls import path, re_path

from alerts.views import public

LANGUAGE = r"^(?P<language>en|es|fr)/alerts/"

app_name = "public"
urlpatterns = [
    path("", public.home, name="home"),
    re_path(LANGUAGE + r"$", public.AlertList.as_view(), name="alert-list"),
    re_path(LANGUAGE + r"(?P<public_id>[\w-]{16})/$", public.AlertDetail.as_view(), name="alert-detail"),
    re_path(LANGUAGE + r"(?P<public_id>[\w-]{16})/poster\.pdf$", public.poster, name="alert-poster"),
    path("alerts/<str:public_id>/cap.xml", public.cap_xml, name="alert-cap"),
    path("alerts/photos/<str:public_id>.jpg", public.photo, name="alert-photo"),
    re_path(r"^feeds/(?P<language>en|es|fr)\.atom$", public.feed, name="feed"),
    path("a/<str:number>", public.AlertNumber.as_view(), name="alert-number"),
    path("a/", public.AlertNumber.as_view(), name="alert-number-form"),
]
