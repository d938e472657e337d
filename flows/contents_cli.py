"""The commands about what a corpus holds: its statistics, what repeats across its documents, duplicates.

Each imports what it needs when it is called, as those of `corpus_cli.py` do.
"""

from __future__ import annotations

import dataclasses
import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from winnow.cleaners.diffs import harmless
from winnow.flows import terminal
from winnow.flows.options import Out, ReleaseName, corpus_at

app = typer.Typer()


@app.command(
    epilog="Examples:  winnow stats  ·  winnow stats --release 12 --most 50  ·  winnow stats --json > stats.json"
)
def stats(
    release: ReleaseName = "latest",
    most: Annotated[int, typer.Option(min=1, help="Languages and sites to tell of, the largest.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    out: Out = "outputs",
) -> None:
    """Show a corpus at a glance: outcomes, and quality signals before and after cleaning, by language and site."""
    from winnow.flows import stats_tables, tags
    from winnow.flows.statistics import statistics_of

    corpus = corpus_at(out)
    told = statistics_of(corpus, tags.resolved(corpus, release), most)
    if as_json:
        typer.echo(stats_tables.to_json(told))
    else:
        stats_tables.show(Console(highlight=False), told, out)


@app.command(
    epilog="Examples:  winnow repeats --kept  ·  winnow repeats --site news.example --most 99  ·  winnow repeats --json"
)
def repeats(
    site: Annotated[str | None, typer.Option("--site", help="Only of this site.", show_default=False)] = None,
    kept: Annotated[bool, typer.Option("--kept", help="Only what clean texts still hold.")] = False,
    least: Annotated[int, typer.Option(min=2, help="Documents of a site that a line must stand in.")] = 3,
    most: Annotated[int, typer.Option(min=1, help="So many lines, the most frequent.")] = 50,
    release: ReleaseName = "latest",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    out: Out = "outputs",
) -> None:
    """List the lines that stand in many documents of a site: its template, and what no rule has seen of it."""
    from winnow.flows import repeats as counting
    from winnow.flows import sites, tags

    corpus = corpus_at(out)
    table = corpus.table(tags.resolved(corpus, release))
    assert table is not None  # noqa: S101  (it has the release)
    found = counting.repeats_of(
        lambda: (sites.only(site, batch) for batch in corpus.read(table, counting.COLUMNS)), least, most, kept=kept
    )
    if as_json:
        for repeat in found:
            typer.echo(json.dumps(dataclasses.asdict(repeat), ensure_ascii=False))
        return
    shown = Table(box=None, pad_edge=False, header_style="bold")
    shown.add_column("documents", justify="right")
    shown.add_column("kept in", justify="right")
    shown.add_column("site", overflow="fold")
    shown.add_column("line", no_wrap=True, overflow="ellipsis")
    for repeat in found:
        counts = f"{repeat.documents:,} of {repeat.of:,}", f"{repeat.kept:,}"
        shown.add_row(*counts, Text(harmless(repeat.site)), Text(harmless(repeat.line)))
    Console(highlight=False).print(shown if found else f"no line stands in {least} documents of one site")


@app.command(epilog="Examples:  winnow duplicates  ·  winnow duplicates --out corpus --show 100")
def duplicates(
    show: Annotated[int, typer.Option(min=0, help="How many clusters, and documents that share, to show.")] = 10,
    out: Out = "outputs",
) -> None:
    """Find texts of the newest release that are the same, nearly the same, or share sentences.

    Keeps what it found as the Delta table OUT/duplicates, and what it needs to be quick the next time.
    """
    from winnow.flows import duplicates as finding

    corpus = corpus_at(out)
    table = corpus.table()
    assert table is not None  # noqa: S101  (it is there)
    found = finding.find(finding.ReleaseRows(corpus, table))
    finding.publish(corpus, found, corpus.releases(table)[0].number)
    terminal.show_duplicates(Console(highlight=False), found.to_pylist(), show)
