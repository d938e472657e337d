"""The statistics of a corpus as tables for the terminal, and as JSON."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from winnow.cleaners.diffs import harmless
from winnow.flows import summaries
from winnow.flows.documents import OUTCOMES
from winnow.flows.statistics import Change, Group, Spread, Statistics

_BY_GROUP = ("characters", "winnow_residue_share", "winnow_line_punctuation", "fineweb_short_line_share")
HEAD = ("signal", "before: tenth, median, tenth", "after: tenth, median, tenth")
_NO_SIGNALS = "The corpus holds no quality signals: `signals = true` in the settings stores them."


def show(console: Console, told: Statistics, out: str) -> None:
    """The corpus at a glance."""
    console.print(f"[bold]{told.counts.documents:,} documents[/] in release {told.release} of", out, end=": ")
    console.print(f"{summaries.removed(told.counts)} removed\n", soft_wrap=True)
    for outcome in OUTCOMES:
        if told.counts.outcomes[outcome]:
            console.print(f"  {outcome:12} {told.counts.outcomes[outcome]:>9,}")
    if told.counts.gated:
        console.print(f"\n  {summaries.gate(told.counts)}", soft_wrap=True)
    console.print()
    _print(console, HEAD, rows(told))
    if not told.has_signals:
        console.print(f"\n  {_NO_SIGNALS}", soft_wrap=True)
    if told.sampled < told.whole.documents:
        console.print(f"\n  Spreads of a sample of {told.sampled:,} documents.")
    for what, groups in (("language", told.languages), ("site", told.sites)):
        console.print()
        _print(console, group_head(what), group_rows(groups))


def rows(told: Statistics) -> Iterator[tuple[str, str, str]]:
    """One row a signal of the whole corpus."""
    for name, change in told.whole.signals.items():
        if change.before or change.after:
            yield name, _told(change.before), _told(change.after)


def group_head(what: str) -> tuple[str, ...]:
    """The head of a table of languages or sites."""
    return (what, "documents", *(f"{name}, median" for name in _BY_GROUP))


def group_rows(groups: list[Group]) -> Iterator[tuple[str, ...]]:
    """One row a language or site: documents, and medians before → after."""
    for group in groups:
        yield (group.name, f"{group.documents:,}", *(_medians(group.signals[name]) for name in _BY_GROUP))


def to_json(told: Statistics) -> str:
    """All of it as one JSON object; spreads are [tenth, median, tenth], null where no document has the signal."""
    counts = told.counts
    return json.dumps(
        {
            "release": told.release,
            "documents": counts.documents,
            "outcomes": {name: counts.outcomes[name] for name in OUTCOMES},
            "characters": dict(counts.characters),
            "gate": {
                **{kind: counts.gated[kind] for kind in ("page", "text", "saved")},
                "rejecting": [[kind, name, count] for (kind, name), count in sorted(counts.rejecting.items())],
            }
            if counts.gated
            else None,
            "sampled": told.sampled,
            "signals": _signals(told.whole),
            "languages": [_of_group(group) for group in told.languages],
            "sites": [_of_group(group) for group in told.sites],
        },
        ensure_ascii=False,
    )


def _of_group(group: Group) -> dict[str, object]:
    return {"name": group.name, "documents": group.documents, "signals": _signals(group)}


def _signals(group: Group) -> dict[str, object]:
    return {
        name: {
            "before": change.before and [*map(_rounded, dataclasses.astuple(change.before))],
            "after": change.after and [*map(_rounded, dataclasses.astuple(change.after))],
        }
        for name, change in group.signals.items()
    }


def _rounded(value: float) -> float:
    return float(f"{value:.6g}")


def _told(spread: Spread | None) -> str:
    return "  ".join(_number(value) for value in dataclasses.astuple(spread)) if spread else "–"


def _medians(change: Change) -> str:
    before, after = (_number(spread.median) if spread else "–" for spread in (change.before, change.after))
    return before if before == after else f"{before} → {after}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _print(console: Console, head: tuple[str, ...], cells: Iterator[tuple[str, ...]]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(head[0], overflow="fold")
    for name in head[1:]:
        table.add_column(name, justify="right")
    for row in cells:
        table.add_row(*(Text(harmless(cell)) for cell in row))
    console.print(table)
