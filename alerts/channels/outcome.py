"""What a channel says of one message."""

from __future__ import annotations

from dataclasses import dataclass, field

from alerts.choices import DeliveryState

BACK_OFF_SECONDS = (5, 10, 30, 60, 120, 300)  # short and many; the last one repeats


@dataclass(frozen=True)
class Outcome:
    """The state a delivery is in after one try; `detail` is technical and holds no personal data.

    `wait_seconds` is what the other side asked for before the next try; 0 leaves it to our own back-off.
    `is_uncertain` says that the line broke before an answer: the message may have arrived all the same.
    `provider` took the message under the number `provider_key`, by which its receipts are told; empty where none come.
    """

    state: str
    detail: str = ""
    wait_seconds: int = 0
    is_uncertain: bool = False
    provider: str = ""
    provider_key: str = field(default="", compare=False)  # outcomes are written in groups of equals


ACCEPTED = Outcome(DeliveryState.SENT)


def accepted_by(provider: str, key: str, *, is_uncertain: bool = False) -> Outcome:
    """Say that a provider took it. Uncertain: another one before it may have taken it as well."""
    return Outcome(DeliveryState.SENT, is_uncertain=is_uncertain, provider=provider, provider_key=key[:80])


def try_again(detail: str, *, wait_seconds: int = 0, is_uncertain: bool = False) -> Outcome:
    """Say that the fault may pass."""
    return Outcome(DeliveryState.RETRY, detail[:200], wait_seconds, is_uncertain)


def never(detail: str) -> Outcome:
    """Say that this address will not take the message, however often it is tried."""
    return Outcome(DeliveryState.FAILED, detail[:200])


def not_begun(detail: str, *, wait_seconds: int = 0) -> Outcome:
    """Say that nothing was sent and no try counts; it has its turn again after so many seconds."""
    return Outcome(DeliveryState.QUEUED, detail[:200], wait_seconds)


def back_off(attempts: int) -> int:
    """Return the seconds until the next try after so many (at least one)."""
    return BACK_OFF_SECONDS[min(attempts, len(BACK_OFF_SECONDS)) - 1]
