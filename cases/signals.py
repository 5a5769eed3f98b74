"""The project's only signal: a case or a child took a step, a sighting was added, an authority to publish was
taken back ("revoke"), a case was offered to another agency ("offer") or sealed, the home program
decided ("decide"), or facts changed ("facts_changed").

Sent with `send()` inside the step's transaction, so that a receiver that raises undoes the step.
Arguments: `item`, `transition`, `by`; with "facts_changed" also `field_names`, `is_correction` and `unsaid`.
"""

from __future__ import annotations

from django.dispatch import Signal

case_transitioned = Signal()
