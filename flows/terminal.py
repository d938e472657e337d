"""What the commands show a person: verdicts line by line, rules, the closing summary of a run.

All text from documents goes through `harmless`: nothing in it can steer the terminal.
"""

from __future__ import annotations

import dataclasses
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from winnow.cleaners import Action, Cleaned, Finding, Metadata
from winnow.cleaners.diffs import harmless, shown
from winnow.cleaners.page import Line
from winnow.cleaners.rules import Rule
from winnow.flows import summaries
from winnow.flows.documents import OUTCOMES
from winnow.flows.rule_usage import Usage

if TYPE_CHECKING:  # they need Arrow, which `winnow clean` does without
    from winnow.flows.counting import Counts
    from winnow.flows.runs import RunReport

_STYLES = {"struck": "red", "partly struck": "yellow", "noted": "cyan", "protected": "green", "repaired": "blue"}
_VERDICTS = {Action.NOTE: "noted", Action.PROTECT: "protected"}
_OUTCOMES = {
    "cleaned": "green",
    "quarantined": "yellow",
    "duplicate": "yellow",
    "failed": "red",
    "removed": "dim",
}
_WIDTH = len("partly struck")
_MOST_GUESSES = 5
_NAME_WIDTH = max(len(field.name) for field in dataclasses.fields(Metadata))


def complain(message: str) -> None:
    """Say on standard error what went wrong, in one line."""
    print(f"winnow: {harmless(message)}", file=sys.stderr)  # noqa: T201


def show_verdicts(console: Console, cleaned: Cleaned[bytes]) -> None:
    """What a page says about itself; every line with its verdict, and under it the rules and reasons."""
    if cleaned.metadata:
        _show_metadata(console, cleaned.metadata)
    page = cleaned.page
    by_line: dict[int, list[Finding]] = defaultdict(list)
    for finding in page.findings:
        for number in range(page.line_at(finding.start).number, page.line_at(finding.end - 1).number + 1):
            by_line[number].append(finding)
    repairs = _repairs_by_line(cleaned)
    digits = len(str(len(page.lines)))
    for line in page.lines:
        verdict = _verdict(cleaned, line, by_line[line.number], bool(repairs[line.number]))
        row = Text.assemble(
            (f"{line.number + 1:>{digits}}  {verdict:<{_WIDTH}}  ", "dim"),
            (harmless(line.text), _STYLES.get(verdict, "")),
        )
        console.print(row, soft_wrap=True)
        placed = page.blocks and verdict == "struck" and not _tells_place(by_line[line.number])
        where = [f"in {page.blocks[line.number].path}"] if placed else []
        for why in (*repairs[line.number], *_reasons(by_line[line.number]), *where):
            console.print(Text(f"{'':{digits}}  {'':{_WIDTH}}  ↳ {why}", style="dim italic"), soft_wrap=True)


def _tells_place(findings: Iterable[Finding]) -> bool:
    """Whether a reason already says where in the page the line stands."""
    return any(finding.cleaner == "extraction" for finding in findings)


def _show_metadata(console: Console, metadata: Metadata) -> None:
    told = {**dataclasses.asdict(metadata), "authors": ", ".join(metadata.authors)}
    for name, value in told.items():
        if value:
            row = Text.assemble((f"{name.replace('_', ' '):<{_NAME_WIDTH}}  ", "dim"), harmless(value))
            console.print(row, soft_wrap=True)
    if any(told.values()):
        console.print()


def show_findings(console: Console, findings: Iterable[Finding], texts: Iterable[str]) -> None:
    """Numbered findings, as `winnow restore --undo` takes them."""
    for number, (finding, text) in enumerate(zip(findings, texts, strict=True), 1):
        row = f"{number:>4}  {finding.action.value:7}  {finding.cleaner}  {finding.rule}  {shown(text)!r}"
        console.print(Text(row), soft_wrap=True)


def show_rules(console: Console, rules: Iterable[tuple[str, Rule]]) -> None:
    """One row a rule."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("cleaner", "rule", "action", "where", "phrases", "examples", "reason"):
        table.add_column(column, overflow="fold", no_wrap=column in ("cleaner", "rule", "action"))
    for cleaner, rule in rules:
        where = rule.where + (", beside another" if rule.beside else "")
        examples = f"{len(rule.removes)}/{len(rule.keeps)}"
        table.add_row(cleaner, rule.id, rule.action.value, where, str(len(rule.phrases)), examples, rule.reason)
    console.print(table)


def show_rule(console: Console, cleaner: str, rule: Rule) -> None:
    """Everything about one rule."""
    console.print(Text(f"{rule.id}  ({cleaner}, {rule.action.value}, {rule.where})", style="bold"))
    console.print(Text(f"  {rule.reason}\n"))
    for title, entries in (("phrases", rule.phrases), ("removes", rule.removes), ("keeps", rule.keeps)):
        console.print(Text(f"  {title}", style="bold"))
        for entry in entries:
            console.print(Text(f"    {entry}"), soft_wrap=True)


def show_usage(console: Console, used: Mapping[tuple[str, str], Usage], which: str | None) -> None:
    """One row a rule that fired, the strongest first, with what it found most."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("cleaner", "rule"):
        table.add_column(column, no_wrap=True)
    for column in ("documents", "strikes", "notes", "characters"):
        table.add_column(column, justify="right")
    table.add_column("found most", overflow="fold")
    for (cleaner, rule), usage in sorted(used.items(), key=lambda item: (-item[1].characters, item[0])):
        if which in (None, cleaner, rule):
            most = "\n".join(f"{shown(text)} ×{times:,}" for text, times in usage.texts.most_common(3) if text)
            numbers = (usage.documents, usage.strikes, usage.notes, usage.characters)
            table.add_row(cleaner, rule, *(f"{number:,}" for number in numbers), Text(most))
    console.print(table)


def show_summary(console: Console, report: RunReport, counts: Counts, out: str, seconds: float) -> None:
    """The closing words of a run."""
    console.print(
        f"\n[bold]{_documents(counts.documents)}[/] in {seconds:.1f} s: {summaries.removed(counts)} removed\n"
    )
    for outcome in OUTCOMES:
        if counts.outcomes[outcome]:
            console.print(f"  [{_OUTCOMES[outcome]}]{outcome:12}[/] {counts.outcomes[outcome]:>7,}")
    for source, outcome, reason in counts.failures[:10]:
        told = Text(f"    {harmless(source)}: {outcome}: {harmless(reason)}", style=_OUTCOMES[outcome])
        console.print(told, soft_wrap=True)
    if len(counts.failures) > 10:
        console.print("    … the others stand in the table")
    if counts.gated:
        console.print(f"\n  [bold]Quality gate[/]    {summaries.gate(counts)}")
    show_guesses(console, counts.guessed)
    _show_top(console, "Struck most", counts.struck, counts.findings)
    if counts.noted:
        total = counts.noted.total()
        console.print(f"\n  [bold]Noted and kept[/]  {total:,} (credits and the like; `strike_noted` takes them out)")
    if counts.languages:
        shares = ", ".join(f"{tag} {count:,}" for tag, count in counts.languages.most_common(8))
        console.print(f"\n  [bold]Languages[/]       {shares}")
    _show_run(console, report, out)
    _show_places(console, out)


def show_guesses(console: Console, guessed: Mapping[str, Collection[str]]) -> None:
    """Which columns of tables were taken for what because no setting names them, files that are alike together."""
    told = summaries.guesses(guessed)
    if not told:
        return
    console.print("\n  [bold]Columns guessed[/] (text_column, id_column, url_column, date_column name others)")
    for guess, files, first in told[:_MOST_GUESSES]:
        where = harmless(first) + (f" and {files - 1:,} more" if files > 1 else "")
        console.print(Text(f"    {where}: {harmless(guess)}"), soft_wrap=True)
    if len(told) > _MOST_GUESSES:
        console.print(f"    … and {len(told) - _MOST_GUESSES:,} more ways")


def _documents(count: int) -> str:
    return f"{count:,} document{'' if count == 1 else 's'}"


def _show_run(console: Console, report: RunReport, out: str) -> None:
    if report.release is None and report.newest is not None:
        console.print(f"\n  Nothing changed: {out} stays at release {report.newest}.")
    elif report.release is not None:
        parts = [f"{report.renewed:,} new or changed", f"{report.unchanged:,} unchanged", f"{report.removed:,} gone"]
        told = ", ".join(part for part in parts if not part.startswith("0 "))
        taken = f"; {report.taken_over:,} taken over from a run that was interrupted" if report.taken_over else ""
        console.print(f"\n  [bold]Release {report.release}[/]       {told}{taken}")
    if report.excluded:
        console.print(f"  {report.excluded:,} files and folders were left out, as the globs say.")
    if part := summaries.part_of(report.sample, report.limit):
        console.print(f"  Only {part} was looked at; the rest stays as it is, and nothing is taken to be gone.")


def _show_places(console: Console, out: str) -> None:
    latest = Path(out) / "latest"
    places = [
        (latest / "text", "the clean texts"),
        (latest / "diff", "what changed, with the reasons"),
        (latest / "corpus.jsonl", "one document a line, for programs"),
        (latest / "diff_log.jsonl", "every removal, undoable with `winnow restore`"),
        (latest / "summary.md", "this summary in full"),
    ]
    console.print()
    for place, what in places if latest.is_dir() else ():
        console.print(Text(f"  {place}", style="cyan"), Text(f" {what}", style="dim"), soft_wrap=True)
    table = Text(f"  {out.rstrip('/')}/corpus", style="cyan")
    console.print(table, Text(" all of it as a Delta table; `winnow export` writes files", style="dim"), soft_wrap=True)


def _show_top(console: Console, title: str, struck: Counter[tuple[str, str]], times: Counter[tuple[str, str]]) -> None:
    if not struck:
        return
    console.print(f"\n  [bold]{title}[/]")
    for (cleaner, rule), characters in struck.most_common(8):
        console.print(f"    {cleaner:15} {rule:26} {characters:>8,} characters in {times[cleaner, rule]:,}")


def _verdict(cleaned: Cleaned[bytes], line: Line, findings: list[Finding], repaired: bool) -> str:
    page = cleaned.page
    content_end = line.start + len(line.text)
    if line.number in page.touched and not page.stands(line):
        return "struck"
    if page.surviving(line.start, content_end) != line.text:
        return "partly struck"
    told = [_VERDICTS[f.action] for f in findings if f.action in _VERDICTS]
    return told[0] if told else "repaired" if repaired else "kept" if not line.blank else ""


def _reasons(findings: list[Finding]) -> Iterator[str]:
    for finding in findings:
        yield f"{finding.cleaner} {finding.rule}: {finding.reason}"


def _repairs_by_line(cleaned: Cleaned[bytes]) -> dict[int, list[str]]:
    by_line: dict[int, list[str]] = defaultdict(list)
    shift = 0
    for repair in cleaned.repairs:
        if cleaned.page.lines:
            line = cleaned.page.line_at(min(repair.start + shift, len(cleaned.page.text) - 1))
            by_line[line.number].append(f"repair {repair.rule}: {repair.reason}")
        shift += len(repair.inserted) - len(repair.removed)
    return by_line


def show_duplicates(console: Console, found: Sequence[Mapping[str, Any]], most: int) -> None:
    """How many documents are duplicates, the largest clusters, and those that share most with other texts."""
    kinds = Counter(row["kind"] for row in found)
    groups: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in found:
        if row["kind"] != "single":
            groups[row["canonical"]].append(row)
    console.print(
        f"[bold]{kinds['exact'] + kinds['near']:,}[/] documents say again what another says: {kinds['exact']:,}"
        f" exactly, {kinds['near']:,} nearly, of {kinds['canonical']:,} documents"
    )
    for canonical, rows in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))[:most]:
        console.print(Text(harmless(canonical)), soft_wrap=True)
        for row in (row for row in rows if row["kind"] != "canonical"):
            console.print(
                Text(f"  {row['jaccard']:>4.0%}  {row['kind']:<5}  {harmless(row['source'])}"), soft_wrap=True
            )
    sharing = sorted((row for row in found if row["shared"]), key=lambda row: (-row["shared"], row["source"]))
    console.print(f"[bold]{len(sharing):,}[/] documents hold sentences that stand in others too; share of their text:")
    for row in sharing[:most]:
        console.print(Text(f"  {row['shared']:>4.0%}  {harmless(row['source'])}"), soft_wrap=True)
