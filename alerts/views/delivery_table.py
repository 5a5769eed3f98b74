"""The columns of the downloaded table of deliveries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agencies.choices import Country
from alerts.models import Delivery


def cells_of(row: Delivery) -> list[object]:
    """Return the cells of one placed delivery, in the order of `COLUMNS`; times are UTC (ISO 8601)."""
    return ["" if (value := read(row)) is None else value for read in COLUMNS.values()]


def _moment(name: str) -> Callable[[Any], object]:
    def read(row: Any) -> object:
        at = getattr(row, name)
        return at.isoformat(timespec="seconds") if at else ""

    return read


COLUMNS: dict[Any, Callable[[Any], object]] = {
    _("Country"): lambda row: Country(row.in_country).label,
    _("Agency or organization"): lambda row: row.of_whom,
    pgettext_lazy("of an agency", "Desk"): lambda row: row.recipient.desk.name if row.recipient.desk else "",
    _("Recipient"): lambda row: row.recipient.name,
    _("Position"): lambda row: row.recipient.position,
    _("Channel"): lambda row: row.get_channel_display(),
    _("Language"): lambda row: row.get_language_display(),
    _("Message"): lambda row: row.message.get_msg_type_display(),
    _("State"): lambda row: row.get_state_display(),
    _("Tries"): lambda row: row.attempts,
    _("Last error"): lambda row: row.error,
    _("Handed on (UTC)"): _moment("sent_at"),
    _("Acknowledged (UTC)"): _moment("acknowledged_at"),
    _("Acknowledged by"): lambda row: ", ".join(filter(None, (row.acknowledged_name, row.acknowledged_position))),
    _("Taken charge of (UTC)"): _moment("charge_taken_at"),
    _("Taken charge of by"): lambda row: row.charge_taken_by,
    _("Sent again (UTC)"): _moment("sent_again_at"),
    _("Sent again by"): lambda row: row.sent_again_by.full_name if row.sent_again_by else "",
    _("Number of the delivery"): lambda row: row.pk,
}
