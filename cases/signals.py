"""The project's only signal: a case or a child took a step, or a sighting was added.

Sent with `send()` inside the step's transaction, so that a receiver that raises undoes the step.
Arguments: `item`, `transition`, `by`.
"""

from __future__ import annotations

from django.dispatch import Signal

case_transitioned = Signal()
