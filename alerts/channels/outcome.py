"""What a channel says of one message."""

from __future__ import annotations

from dataclasses import dataclass

from alerts.choices import DeliveryState


@dataclass(frozen=True)
class Outcome:
    """The state a delivery is in after one try; `detail` is technical and holds no personal data."""

    state: str
    detail: str = ""


ACCEPTED = Outcome(DeliveryState.SENT)


def try_again(detail: str) -> Outcome:
    """Say that the fault may pass."""
    return Outcome(DeliveryState.RETRY, detail[:200])


def never(detail: str) -> Outcome:
    """Say that this address will not take the message, however often it is tried."""
    return Outcome(DeliveryState.FAILED, detail[:200])
