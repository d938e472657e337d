"""Write `docs/rules.md`: which cleaner knows which language, in how many rules, phrases and examples.

python docs/make_rules_table.py
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from winnow.cleaners.rules import shipped_rules

FILE = Path(__file__).parent / "rules.md"
HEAD = """# Rules by cleaner and language

Made by `python docs/make_rules_table.py`; a test holds it to the rules. Each cell tells rules / phrases / examples
(lines that must go and lines that must stay; a whole-line phrase is an example of its own). A rule applies whatever
the language of the document is: the language is that of its phrases.
"""


def page() -> str:
    """The whole page."""
    return HEAD + "\n" + "\n".join(_rows()) + "\n"


def _rows() -> Iterator[str]:
    rules = shipped_rules()
    cleaners = sorted(rules)
    languages = sorted({rule.id.split(".")[0] for own in rules.values() for rule in own})
    yield f"| | {' | '.join(cleaners)} | all |"
    yield "| --- |" + " ---: |" * (len(cleaners) + 1)
    for language in languages:
        own = {c: [r for r in rules[c] if r.id.startswith(f"{language}.")] for c in cleaners}
        yield _row(language, [*own.values(), [rule for some in own.values() for rule in some]])
    yield _row("all", [*(rules[c] for c in cleaners), [rule for some in rules.values() for rule in some]])


def _row(name: str, cells: list) -> str:
    return f"| {name} | " + " | ".join(map(_cell, cells)) + " |"


def _cell(rules: list) -> str:
    if not rules:
        return ""
    phrases = sum(len(rule.phrases) for rule in rules)
    alone = sum(len(rule.phrases) for rule in rules if rule.where == "whole line")
    examples = alone + sum(len(rule.removes) + len(rule.keeps) for rule in rules)
    return f"{len(rules)} / {phrases} / {examples}"


if __name__ == "__main__":
    FILE.write_text(page(), "utf-8")
