"""The simulator's addresses: what stands in the deliveries of an exercise in place of a real address (ADR 81)."""

from __future__ import annotations

import re

# Nobody can ever register a name below "invalid" (RFC 2606 §2), and no telephone network knows an address with a name.
# A trigger on the table of deliveries knows it too (migration 0071).
DOMAIN = "exercise.invalid"
_ENDING = re.compile(r"(\d\d)(?=@|/?$)")


def address_for(channel: str, address: str, *, is_exercise: bool) -> str:
    """Return the address that a delivery gets: the real one, in an exercise the simulator's for the same channel.

    The last two digits of the number, mailbox or URL are kept, because they decide what becomes of a simulated message.
    """
    return f"{channel}-{ending_of(address) or '00'}@{DOMAIN}" if is_exercise else address


def is_simulated(address: str) -> bool:
    """Say whether this address is one of the simulator's."""
    return address.endswith(f"@{DOMAIN}")


def ending_of(address: str) -> str:
    """Return the two digits at the end of a number, of a mailbox's name or of a URL; "" where there are none."""
    found = _ENDING.search(address)
    return found[1] if found else ""
