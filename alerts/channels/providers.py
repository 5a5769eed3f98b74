"""Which providers bring text messages here: accounts of the settings in their order, or the simulator alone."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from .simulator import Simulator
from .sms import Line, Provider
from .twilio import Twilio


def open_line() -> Line:
    """Return a line over the providers of the settings."""
    return Line(providers(), Simulator())


def providers() -> list[Provider]:
    """Return the providers in the order in which they are tried; none where nothing is set up."""
    if settings.ALERTS_SMS_SIMULATED:
        return [Simulator()]
    return list(accounts())


def accounts() -> list[Twilio]:
    """Return the accounts that operations set up."""
    return [Twilio(**account, receipts_url=callback_url("receipts", account["name"]))
            for account in settings.ALERTS_SMS_ACCOUNTS]  # fmt: skip


def token_of(name: str) -> str:
    """Return the token with which this account signs what it calls back; "" where there is no such account."""
    return next((account["token"] for account in settings.ALERTS_SMS_ACCOUNTS if account["name"] == name), "")


def callback_url(kind: str, name: str) -> str:
    """Return the address at which an account tells what became of its messages ("receipts")."""
    return settings.SITE_URL + reverse(f"alerts:sms-{kind}", args=[name])
