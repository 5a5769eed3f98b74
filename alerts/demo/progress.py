"""Which parts of the demo data were made, and when: each part once, so that what users changed since stays."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from agencies import audit
from agencies.models import AuditEvent

ACTION = "demo.part_made"


class Progress:
    """Reads the marks once. A mark is an audit event: nobody can change or delete it.

    `base` is the moment of the first creation; recent dates of the demo are counted from it.
    """

    def __init__(self) -> None:
        marks = AuditEvent.objects.filter(action=ACTION).order_by("at").values_list("detail", "at")
        self.made: dict[str, datetime] = {detail["part"]: at for detail, at in marks}
        self.base = min(self.made.values(), default=timezone.now())

    @property
    def is_first(self) -> bool:
        """Say whether nothing of the demo was made yet."""
        return not self.made

    def lacks(self, part: str) -> bool:
        """Say whether a part is still to be made."""
        return part not in self.made

    def mark(self, part: str) -> None:
        """Note that a part was made, in the transaction that made it."""
        audit.record(ACTION, by=None, detail={"part": part})
        self.made[part] = timezone.now()
