"""How far a moment's zone is from UTC, as people write it."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django import template
from django.conf import settings
from django.utils import timezone

register = template.Library()


@register.filter
def also_for_reader(moment: datetime, zone: str) -> bool:
    """Say whether the reader's own clock shows another time than the place's (U25); a visitor has no zone of ours."""
    own = timezone.get_current_timezone()
    if str(own) == settings.TIME_ZONE:
        return False
    return moment.astimezone(own).utcoffset() != moment.astimezone(ZoneInfo(zone)).utcoffset()


@register.filter
def utc_offset(moment: datetime) -> str:
    """Return for instance UTC−8 or UTC−3:30, in the zone that the template is in."""
    offset = timezone.localtime(moment).utcoffset() or timedelta()
    minutes = int(abs(offset).total_seconds()) // 60
    if not minutes:
        return "UTC"
    sign = "\u2212" if offset < timedelta() else "+"
    return f"UTC{sign}{minutes // 60}" + (f":{minutes % 60:02d}" if minutes % 60 else "")
