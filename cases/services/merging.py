"""Two people changed the same form: what goes together by itself, and what somebody has to choose (U31)."""

from __future__ import annotations

from dataclasses import dataclass, field

# A form's fields as a browser sends them: each name with its list of values.
Typed = dict[str, list[str]]


@dataclass(frozen=True)
class Merge:
    """The outcome: `values` hold mine where both changed, `conflicts` name those fields, `taken` the colleague's."""

    values: Typed
    conflicts: list[str] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)


def plain(values: list[str] | None) -> list[str]:
    """Return values so that "nothing", an empty text and an absent field are the same, in a fixed order."""
    return sorted(" ".join(value.split()) for value in values or [] if value.strip())


def merge(*, base: Typed, mine: Typed, theirs: Typed) -> Merge:
    """Put two versions that began at `base` together, field by field.

    What only one side changed is taken from that side. Where both changed to different values the field is a
    conflict and keeps mine until a person chooses; nothing is dropped.
    """
    values, conflicts, taken = dict(mine), [], []
    for name in sorted({*base, *mine, *theirs}):
        was, own, other = plain(base.get(name)), plain(mine.get(name)), plain(theirs.get(name))
        if other in (own, was):
            continue
        if own == was:
            values[name] = list(theirs.get(name, []))
            taken.append(name)
        else:
            conflicts.append(name)
    return Merge({name: found for name, found in values.items() if found}, conflicts, taken)
