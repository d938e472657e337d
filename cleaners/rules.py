"""Rules are data: phrases in `phrases/<cleaner>/<language>.toml`.

This module reads and checks them; `scanning.py` finds their phrases in a page, and
`phrase_cleaners.py` decides what a phrase strikes. A rule applies whatever the document's language
is: a German page has English buttons.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

import tomli
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from winnow.cleaners.errors import BadRule
from winnow.cleaners.findings import Action

PHRASES = Path(__file__).parent / "phrases"

Where = Literal["whole line", "line start", "line end", "inside"]
Zone = Literal["anywhere", "head", "tail"]

# A line that a phrase only begins, ends or stands in must be short to be residue: a long one is a
# paragraph that also says something else. Words of prose run to about 25 a sentence; at 6 code
# points each this is two sentences. (Rules may set their own `longest`.)
LONGEST_LINE = 300


class Rule(BaseModel):
    """One reason to strike, note or protect a line, and the phrases that give it away."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    """`<language>.<what-it-is>`; the language is the file's, or `any`."""
    reason: str
    """Completes the sentence "struck because this is …"."""
    phrases: tuple[str, ...] = Field(min_length=1)
    where: Where = "whole line"
    """`whole line`: nothing but phrases of whole-line rules, numbers where allowed, and marks stand there."""
    with_any: tuple[str, ...] = ()
    """At least one of these must stand on the same line."""
    numbers: bool = False
    """Numbers may stand beside the phrase on the line ("12 comments")."""
    longest: int = LONGEST_LINE
    """Code points a line may have, for all but whole-line rules."""
    zone: Zone = "anywhere"
    beside: bool = False
    """Holds only for a line next to another that the same cleaner strikes (a button under a banner)."""
    run: int = 0
    """With `beside`: so many such phrases in a row, on one line or on lines that follow each other, hold by
    themselves (a menu). 0: never."""
    headlines: int = 0
    """Of the lines below a struck line, at most so many that look like headlines of other pages go with it,
    up to where prose begins."""
    action: Action = Action.STRIKE
    removes: tuple[str, ...] = Field(min_length=1)
    """Lines that the rule takes out; tested through the whole pipeline."""
    keeps: tuple[str, ...] = Field(min_length=1)
    """Lines that hold a phrase of the rule and must stay; tested through the whole pipeline."""


class Hit(NamedTuple):
    """A phrase that stands in a page where its rule wants it: half-open, in code points."""

    start: int
    end: int
    rule: Rule


def read_rules(path: Path) -> list[Rule]:
    """The rules of one phrase file. Raises BadRule, naming the file and the rule."""
    try:
        entries = tomli.loads(path.read_text("utf-8")).get("rule", [])
    except (tomli.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadRule(f"{path}: {error}") from error
    rules = []
    for entry in entries:
        try:
            rule = Rule(**entry)
        except ValidationError as error:
            what = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            raise BadRule(f"{path}: rule {entry.get('id', '(without id)')}: {what}") from error
        if not rule.id.startswith(f"{path.stem}."):
            raise BadRule(f"{path}: rule {rule.id}: its id must begin with {path.stem!r} and a dot")
        rules.append(rule)
    return rules


@cache
def shipped_rules() -> Mapping[str, tuple[Rule, ...]]:
    """The rules in `phrases/`, by cleaner; English first: of languages that share a phrase the first one
    is named, and every language's pages have English buttons."""
    found: dict[str, list[Rule]] = defaultdict(list)
    for path in sorted(PHRASES.glob("*/*.toml"), key=lambda path: (path.parent.name, path.stem != "en", path.stem)):
        found[path.parent.name] += read_rules(path)
    return {cleaner: tuple(rules) for cleaner, rules in found.items()}
