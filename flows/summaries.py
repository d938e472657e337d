"""The summary of a run: as Markdown for `summary.md` and the dashboard, and as rows for a table."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from winnow.cleaners.diffs import harmless
from winnow.flows.documents import OUTCOMES

if TYPE_CHECKING:  # they need Arrow, which `winnow clean` does without
    from winnow.flows.counting import Counts

_MOST_RULES = 30
_MOST_GUESSES = 30
_ESCAPED = str.maketrans({character: f"\\{character}" for character in "\\`*_[]<>|#"})


def markdown(counts: Counts) -> str:
    """The summary of a release. Holds no times and no paths: the same corpus gives the same bytes."""
    return "\n".join(_sections(counts)) + "\n"


def rule_rows(counts: Counts) -> list[dict[str, str | int]]:
    """Rules by code points struck, the strongest first."""
    return [
        {"cleaner": cleaner, "rule": rule, "strikes": counts.findings[cleaner, rule], "characters": struck}
        for (cleaner, rule), struck in sorted(counts.struck.items(), key=lambda item: (-item[1], item[0]))
    ]


def removed(counts: Counts) -> str:
    """How much of the source text is gone, in words."""
    source, text = counts.characters["source"], counts.characters["text"]
    share = f" ({1 - text / source:.1%})" if source else ""
    return f"{source - text:,} of {source:,} characters{share}"


def part_of(sample: float, limit: int) -> str:
    """The part of the documents that a run looked at, in words; "" for all."""
    told = [f"a sample of {sample:.6%}".rstrip("0%").rstrip(".") + "%"] if sample < 1 else []
    return " of ".join([*([f"the first {limit:,} documents"] if limit else []), *told])


def gate(counts: Counts) -> str:
    """What the quality gate did, in words."""
    told = counts.gated
    return (
        f"{told['saved']:,} documents saved by cleaning: of {told['page']:,} pages and {told['text']:,} clean texts"
        " the gate says no"
    )


def guesses(guessed: Mapping[str, Collection[str]]) -> list[tuple[str, int, str]]:
    """(what was guessed of a table's columns, files, the first of them), the most frequent first."""
    told = [(guess, len(files), min(files)) for guess, files in guessed.items()]
    return sorted(told, key=lambda guess: (-guess[1], guess[0]))


def _sections(counts: Counts) -> Iterator[str]:
    yield "# Winnow: what was cleaned\n"
    yield f"{counts.documents:,} documents; {removed(counts)} removed.\n"
    yield from table(("outcome", "documents"), [(name, counts.outcomes[name]) for name in OUTCOMES])
    if counts.gated:
        yield "## Quality gate\n"
        yield f"{gate(counts)}.\n"
        signals = sorted({signal for _, signal in counts.rejecting})
        cells = ((name, counts.rejecting["page", name], counts.rejecting["text", name]) for name in signals)
        yield from table(("signal", "pages rejected", "clean texts rejected"), cells)
    if counts.guessed:
        yield "## Columns that were guessed\n"
        yield "Settings name others: `text_column`, `id_column`, `url_column`, `date_column`.\n"
        yield from table(("columns", "files", "first of them"), guesses(counts.guessed)[:_MOST_GUESSES])
    if counts.struck:
        yield "## What was struck\n"
        rows = [tuple(row.values()) for row in rule_rows(counts)]
        yield from table(("cleaner", "rule", "strikes", "characters"), rows[:_MOST_RULES])
        if len(rows) > _MOST_RULES:
            yield f"… and {len(rows) - _MOST_RULES} rules more, in `diff_log.jsonl`.\n"
    if counts.noted:
        yield "## What was noted and kept\n"
        yield from table(("cleaner", "rule", "times"), [(*k, n) for k, n in counts.noted.most_common(_MOST_RULES)])
    if counts.repairs:
        yield "## What was repaired\n"
        yield from table(("repair", "lines"), counts.repairs.most_common(_MOST_RULES))
    if counts.languages:
        yield "## Languages\n"
        yield from table(("language", "documents"), counts.languages.most_common())
    if counts.failures:
        yield "## Not cleaned\n"
        yield from table(("document", "outcome", "reason"), counts.failures)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The lines of a Markdown table, and an empty one."""
    yield "| " + " | ".join(head) + " |"
    yield "|" + " --- |" * len(head)
    for row in rows:
        yield "| " + " | ".join(_cell(value) for value in row) + " |"
    yield ""


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else harmless(str(value)).translate(_ESCAPED)
