"""How often each rule fired on a corpus, and what it struck most: read from a release's diff log."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from winnow.cleaners import Action, BadLog, WinnowError

_LONGEST_KEPT = 200  # code points of a struck text; longer ones are told apart by their beginning


@dataclass
class Usage:
    """What one rule of one cleaner did."""

    strikes: int = 0
    notes: int = 0
    characters: int = 0
    """Code points struck."""
    documents: int = 0
    texts: Counter[str] = field(default_factory=Counter)
    """What it found, by how often."""


def usage_of(log: Path) -> dict[tuple[str, str], Usage]:
    """Usage by (cleaner, rule), from a `diff_log.jsonl` or the folder of a release.

    Raises BadLog where the file is no diff log, WinnowError where it can't be read.
    """
    file = log / "diff_log.jsonl" if log.is_dir() else log
    used: dict[tuple[str, str], Usage] = defaultdict(Usage)
    try:
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                _count(json.loads(line)["findings"], used)
    except OSError as error:
        raise WinnowError(f"{file}: cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise BadLog(f"{file}: is not a diff log") from error
    return dict(used)


def _count(findings: list[dict[str, str | int]], used: dict[tuple[str, str], Usage]) -> None:
    here = set()
    for finding in findings:
        rule = str(finding["cleaner"]), str(finding["rule"])
        usage, text = used[rule], str(finding["text"])
        usage.texts[text.strip()[:_LONGEST_KEPT]] += 1
        usage.documents += rule not in here
        here.add(rule)
        if finding["action"] == Action.STRIKE:
            usage.strikes += 1
            usage.characters += len(text)
        else:
            usage.notes += 1
