"""The commands about a corpus that is there: its releases, what changed, exports, previews, old files.

Each imports what it needs when it is called: Arrow and Delta take half a second, which `winnow clean`,
a filter, should not wait for.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from winnow.cleaners import BadSettings, WinnowError
from winnow.cleaners.diffs import harmless
from winnow.flows.options import (
    Exclude,
    Include,
    Limit,
    Out,
    ReleaseName,
    Sample,
    SettingsFile,
    corpus_at,
    narrowed,
    settings_of,
)

_MOST_NAMED = 20

app = typer.Typer()


@app.command(epilog="Examples:  winnow history  ·  winnow history --out s3://bucket/corpus")
def history(out: Out = "outputs") -> None:
    """List the releases of a corpus, the newest first."""
    from winnow.flows import tags

    corpus = corpus_at(out)
    names = {number: name for name, number in tags.tags(corpus).items()}
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("release", "published (UTC)", "tag"):
        table.add_column(column)
    for column in ("changed", "unchanged", "gone", "bytes written"):
        table.add_column(column, justify="right")
    for release in corpus.releases():
        counts = (release.told.get(name, 0) for name in ("renewed", "unchanged", "removed", "bytes_written"))
        when = f"{release.published:%F %T}"
        table.add_row(str(release.number), when, names.get(release.number, ""), *(f"{count:,}" for count in counts))
    Console(highlight=False).print(table)


@app.command(epilog="Examples:  winnow tag paper-1 --release 12  ·  winnow tag paper-1 --remove")
def tag(
    name: Annotated[str, typer.Argument(help="A name; one that is in use moves to this release.")],
    release: ReleaseName = "latest",
    remove: Annotated[bool, typer.Option("--remove", help="Take the name away.")] = False,
    out: Out = "outputs",
) -> None:
    """Name a release, so that `winnow vacuum` keeps it."""
    from winnow.flows import tags

    corpus = corpus_at(out)
    if remove:
        tags.untag(corpus, name)
    else:
        tags.tag(corpus, name, tags.resolved(corpus, release))


@app.command(
    epilog="Examples:  winnow changes --since 3 > changes.jsonl  ·  winnow changes --since paper-1 --format parquet"
    " --to changes.parquet"
)
def changes(
    since: Annotated[str, typer.Option("--since", help="Release (number or tag); 0 for everything.")],
    until: Annotated[str, typer.Option("--until", help="Up to this release.")] = "latest",
    form: Annotated[str, typer.Option("--format", help="jsonl or parquet.")] = "jsonl",
    to: Annotated[
        Path | None, typer.Option("--to", help="Write here instead of to standard output.", show_default=False)
    ] = None,
    out: Out = "outputs",
) -> None:
    """Tell which documents were added, changed or removed since a release."""
    from winnow.flows import changes as feed
    from winnow.flows import tags

    corpus = corpus_at(out)
    if form not in ("jsonl", "parquet") or (form == "parquet" and to is None):
        raise BadSettings("--format is jsonl, or parquet with a file named by --to")
    fresh = feed.changes(corpus, tags.resolved(corpus, since), tags.resolved(corpus, until))
    try:
        if form == "parquet":
            feed.to_parquet(fresh, to)
            return
        with to.open("wb") if to else sys.stdout.buffer as file:
            file.writelines(line.encode() + b"\n" for line in feed.to_jsonl(fresh))
    except BrokenPipeError:
        raise
    except OSError as error:
        raise WinnowError(f"{to or 'standard output'}: cannot be written: {error.strerror}") from error


@app.command(
    epilog="Examples:  winnow export --format hf --to dataset --license CC-BY-4.0  ·  winnow export --release 12"
    " --format jsonl --to corpus-12"
)
def export(
    to: Annotated[Path, typer.Option("--to", help="Folder to write; an older export in it is replaced.")],
    form: Annotated[str, typer.Option("--format", help="jsonl, parquet, txt (texts and diffs) or hf.")] = "jsonl",
    release: ReleaseName = "latest",
    licence: Annotated[
        str | None, typer.Option("--license", help="Of the texts, for the card: an SPDX id.", show_default=False)
    ] = None,
    out: Out = "outputs",
) -> None:
    """Write a release as files, with a card that tells what they hold."""
    from winnow.flows import exporting, tags

    corpus = corpus_at(out)
    chosen = next((known for known in exporting.FORMATS if known == form), None)
    if chosen is None:
        raise BadSettings(f"--format {form}: the formats are {', '.join(exporting.FORMATS)}")
    held = corpus.release(tags.resolved(corpus, release))
    counts = exporting.export(corpus, held, chosen, to, licence)
    typer.echo(f"{to}: release {held.number}, {counts.documents:,} documents")


@app.command(epilog="Examples:  winnow preview crawl/ --settings news.toml  ·  winnow preview crawl/ --examples 20")
def preview(
    inputs: Annotated[list[str], typer.Argument(metavar="INPUT...", help="As given to `winnow run`.")],
    settings: SettingsFile = None,
    include: Include = None,
    exclude: Exclude = None,
    sample: Sample = None,
    limit: Limit = None,
    examples: Annotated[int, typer.Option(min=0, help="How many differences to show.")] = 5,
    out: Out = "outputs",
) -> None:
    """Tell what changed rules or settings would do, before anything is written. Takes as long as the run would."""
    from winnow.flows import previewing, terminal

    corpus = corpus_at(out)
    chosen = narrowed(settings_of(settings), include, exclude, sample, limit)
    seen = previewing.preview(corpus, inputs, chosen, examples, lambda _done: None)
    console = Console(highlight=False)
    console.print(
        f"{seen.documents:,} documents: {seen.new:,} new, {seen.again:,} would be cleaned again,"
        f" [bold]{len(seen.touched):,} would change[/]"
    )
    for (now, then), count in sorted(seen.outcomes.items()):
        if now != then:
            console.print(f"  {count:,} from {now} to {then}")
    terminal.show_guesses(console, seen.guessed)
    for source in seen.touched[:_MOST_NAMED]:
        console.print(Text(f"  {harmless(source)}"), soft_wrap=True)
    if len(seen.touched) > _MOST_NAMED:
        console.print(f"  … and {len(seen.touched) - _MOST_NAMED:,} more")
    for source, difference in seen.examples:
        console.print(f"\n[bold]{escape(harmless(source))}[/]", soft_wrap=True)
        for line in difference.split("\n"):
            style = "red" if line.startswith("-") else "green" if line.startswith("+") else "dim"
            console.print(Text(harmless(line), style=style), soft_wrap=True)


@app.command(epilog="Examples:  winnow vacuum --dry-run  ·  winnow vacuum --keep 10")
def vacuum(
    keep: Annotated[int, typer.Option(min=1, help="Newest releases to keep; tagged ones are kept anyway.")] = 5,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would go.")] = False,
    out: Out = "outputs",
) -> None:
    """Delete the data files that only old releases need. Those releases can no longer be read.

    What is kept beside them of documents that are gone goes too: hashes of lines, fingerprints.
    """
    from winnow.flows import forgetting, store, tags
    from winnow.flows.workspace import workspace

    corpus = corpus_at(out)
    numbers = [release.number for release in corpus.releases()][:keep]
    with workspace(corpus):
        gone = store.vacuum(corpus, sorted({*numbers, *tags.tags(corpus).values()}), dry_run=dry_run)
        if not dry_run:
            forgetting.forget(corpus)
    verb = "would be deleted" if dry_run else "deleted"
    typer.echo(f"{len(gone):,} files {verb}; {len(numbers):,} releases and {len(tags.tags(corpus)):,} tags are kept")
