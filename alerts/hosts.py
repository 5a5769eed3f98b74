"""Which hosts a webhook may reach: public addresses, and private ones that operations listed (ASVS 1.3.6)."""

from __future__ import annotations

import ipaddress
import socket

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from yarl import URL


class HostRefused(OSError):
    """The address is private, or not secure; the argument says which, without repeating a path."""


def is_listed(host: str) -> bool:
    """Say whether operations allowed this very host, private or without TLS (`ALERTS_WEBHOOK_PRIVATE_HOSTS`)."""
    return host.lower() in settings.ALERTS_WEBHOOK_PRIVATE_HOSTS


def check_address(host: str, *, is_secure: bool) -> None:
    """Refuse a host without TLS, and an address of a private network written as a number.

    Names are judged again by what they resolve to, at the moment of the connection: a name may change.
    """
    if not host:
        raise HostRefused("no host")
    if is_listed(host):
        return
    if not is_secure:
        raise HostRefused("not https")
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        if _is_a_number(host):
            raise HostRefused("not a name") from None
        return
    if not _is_public(address):
        raise HostRefused("private network")


def validate_webhook_url(value: str) -> None:
    """Refuse, when it is registered, an address that nothing would be sent to: without TLS, or of a private network."""
    try:
        url = URL(value)
        check_address(url.host or "", is_secure=url.scheme == "https")
    except (ValueError, HostRefused) as refusal:
        raise ValidationError(
            _("Enter an HTTPS address of a public host. Operations must list a host of your own network first."),
            code="webhook_host",
        ) from refusal


class PublicResolver(AbstractResolver):
    """Resolves names to public addresses only; the connection goes to exactly what was judged."""

    def __init__(self) -> None:
        self._plain = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the addresses of a name. Refuses a name of which any address is private."""
        found = await self._plain.resolve(host, port, family)
        if not is_listed(host) and not all(_is_public(ipaddress.ip_address(item["host"])) for item in found):
            raise HostRefused("private network")
        return found

    async def close(self) -> None:
        """Release nothing: threads belong to the loop."""
        await self._plain.close()


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    mapped = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    if mapped is not None:
        return _is_public(mapped)
    return address.is_global and not address.is_multicast


def _is_a_number(host: str) -> bool:
    """Say whether a resolver may read this as an address: 2130706433, 0x7f.1, 0177.0.0.1."""
    last = host.rstrip(".").rpartition(".")[2].lower()
    return last.isdecimal() or last.startswith("0x")
