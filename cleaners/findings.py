"""What a cleaner says of a page: a span, what to do with it, by which rule and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """What a finding does to its span."""

    STRIKE = "strike"
    """Take it out."""
    NOTE = "note"
    """Seen and left in place; says why; protects nothing."""
    PROTECT = "protect"
    """No later cleaner may strike it; says why."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A span of the page text that a cleaner judged: half-open, in code points."""

    start: int
    end: int
    cleaner: str
    rule: str
    reason: str
    action: Action = Action.STRIKE
