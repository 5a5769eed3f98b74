"""Cases and what belongs to them in the administration, for looking up; and the code lists, for editing."""

from . import case, closures, codes, events, handovers, law, movement, people, publication, records

__all__ = ["case", "closures", "codes", "events", "handovers", "law", "movement", "people", "publication", "records"]
