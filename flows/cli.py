"""The `winnow` command."""

from __future__ import annotations

import glob
import io
import json
import logging
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from winnow.cleaners import BadSettings, Cleaned, CleaningSettings, Finding, WinnowError, clean, diff_log
from winnow.cleaners.diffs import harmless
from winnow.cleaners.rules import shipped_rules
from winnow.flows import corpus_cli, restoring, rule_usage, server_cli, terminal
from winnow.flows.readers import streams
from winnow.flows.settings import RunSettings

_LARGEST = 100_000_000  # bytes that a compressed file may hold, as the setting largest_file of a run
_WIDE = 200  # columns of a table that goes into a file or a pipe
FAILED, MISUSED, INTERRUPTED = 1, 2, 130  # exit codes; 0: everything that was asked for is done

app = typer.Typer(
    name="winnow",
    help="Strips boilerplate from scraped text and accounts for every character it took out.",
    epilog="Examples:  winnow run seeds  ·  winnow clean page.txt > clean.txt  ·  winnow why page.txt",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.add_typer(corpus_cli.app)
app.add_typer(server_cli.app)

SettingsFile = Annotated[
    Path | None, typer.Option("--settings", help="TOML file of settings.", show_default=False, dir_okay=False)
]
OutFile = Annotated[
    Path | None, typer.Option("--out", help="Write here instead of to standard output.", show_default=False)
]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"winnow {version('winnow-corpus')}")
        raise typer.Exit


@app.callback()
def _root(
    _show: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    pass


@app.command(epilog="Examples:  winnow run seeds  ·  winnow run crawl/ 'more/*.txt' --out corpus --settings news.toml")
def run(
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[INPUT]...", help="Text files, folders or globs.  [default: seeds]", show_default=False
        ),
    ] = None,
    out: Annotated[str, typer.Option("--out", help="Folder or object store URL of the corpus.")] = "outputs",
    settings: SettingsFile = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Worker processes.  [default: one for each core]", show_default=False)
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait while another run is at work on the corpus.")] = False,
    allow_removals: Annotated[
        bool, typer.Option("--allow-removals", help="It is meant that many documents of a folder are gone.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show Prefect's own log.")] = False,
) -> None:
    """Clean files into a corpus with a diff log, as a recorded Prefect flow run.

    Run again, it does only what changed. The files of the newest release stand in OUT/latest.
    Exit code 1: an input that you named could not be read, or nothing was cleaned.
    """
    chosen = RunSettings.from_file(settings) if settings else RunSettings()
    if workers:
        chosen = chosen.model_copy(update={"workers": workers})
    if not verbose:
        os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")  # what goes wrong is told below, once
    signal.signal(signal.SIGTERM, _as_interrupt)
    began = time.perf_counter()
    with _progress("starting Prefect") as (progress, bar):
        from winnow.flows.clean_corpus import PROGRESS, clean_corpus

        PROGRESS.set(lambda done, total: progress.update(bar, completed=done, total=total, description="cleaning"))
        try:
            report, counts = clean_corpus(inputs or ["seeds"], out, chosen, allow_removals, -1.0 if wait else 0.0)
        except KeyboardInterrupt:
            _complain("stopped; nothing half-done was published. The same command goes on where it stopped")
            raise typer.Exit(INTERRUPTED) from None
        except RuntimeError as error:
            if "Failed to reach API" not in str(error):
                raise
            advice = "start the server, or unset PREFECT_API_URL to run without one"
            raise WinnowError(f"Prefect: {error}: {advice}") from error
        finally:
            if not verbose:
                logging.disable()  # Prefect's threads still murmur while they end
    terminal.show_summary(Console(), report, counts, out, time.perf_counter() - began)
    if not report.documents:
        _complain("the inputs hold no documents")
    if any(map(_missing, inputs or ["seeds"])) or not counts.outcomes["cleaned"]:
        raise typer.Exit(FAILED)


@app.command("clean", epilog="Examples:  winnow clean page.txt > clean.txt  ·  curl … | winnow clean - --log log.json")
def clean_(
    file: Annotated[str, typer.Argument(metavar="[FILE|-]", help="A text file, or - for standard input.")] = "-",
    out: OutFile = None,
    log: Annotated[
        Path | None, typer.Option("--log", help="Write the diff log here (JSON).", show_default=False)
    ] = None,
    settings: SettingsFile = None,
) -> None:
    """Clean one text: a filter without Prefect."""
    raw, cleaned = _cleaned(file, settings)
    if not cleaned.source.strip():
        _complain(f"{file}: holds no text: there is nothing to clean")
    _write(out, cleaned.text.encode("utf-8", "surrogatepass"))
    if log:
        name = "stdin" if file == "-" else Path(file).name
        _write(log, (diff_log.to_json(diff_log.record_of(cleaned, name, raw)) + "\n").encode())


@app.command(epilog="Example:  winnow why seeds/001_135f17b6cedbf266.txt | less -R")
def why(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="A text file, or - for standard input.")],
    settings: SettingsFile = None,
) -> None:
    """Show every line of a raw file with its verdict, rule and reason."""
    _, cleaned = _cleaned(file, settings)
    terminal.show_verdicts(Console(highlight=False), cleaned)


@app.command(
    epilog="Examples:  winnow restore outputs/latest/text/seeds/a.txt > a.txt  ·"
    "  winnow restore a.txt --log log.json --undo en.reply-heading"
)
def restore(
    text: Annotated[Path, typer.Argument(metavar="TEXT", help="A clean text that Winnow wrote.")],
    log: Annotated[
        Path | None,
        typer.Option("--log", help="Its log.  [default: the diff_log.jsonl of its release]", show_default=False),
    ] = None,
    undo: Annotated[
        list[str] | None,
        typer.Option("--undo", help="Undo only this finding: its number, or the id of a rule.", show_default=False),
    ] = None,
    show: Annotated[bool, typer.Option("--list", help="List the findings with their numbers.")] = False,
    out: OutFile = None,
) -> None:
    """Give the original bytes back from a clean text and its log, or undo chosen findings."""
    try:
        cleaned = restoring.read_cleaned(text, log)
    except OSError as error:
        raise WinnowError(f"{error.filename}: cannot be read: {error.strerror}") from error
    if show:
        page = cleaned.page.text
        texts = (page[f.start : f.end] for f in cleaned.findings)
        terminal.show_findings(Console(highlight=False), cleaned.findings, texts)
    elif undo:
        undone = cleaned.undo(*(number for wanted in undo for number in _numbers(wanted, cleaned.findings)))
        _write(out, undone.text.encode("utf-8", "surrogatepass"))
    else:
        _write(out, cleaned.restore())


@app.command(
    epilog="Examples:  winnow rules  ·  winnow rules cookie_banners  ·  winnow rules en.reply-heading"
    "  ·  winnow rules --corpus outputs/latest"
)
def rules(
    which: Annotated[
        str | None, typer.Argument(metavar="[CLEANER|RULE]", help="Only these.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One rule a line, as JSON, with everything.")] = False,
    corpus: Annotated[
        Path | None,
        typer.Option("--corpus", help="A release or its diff_log.jsonl: how often rules fired.", show_default=False),
    ] = None,
) -> None:
    """List the rules that decide by phrases, or show one with its phrases and examples.

    With --corpus, tell how often each rule fired on a corpus and what it struck most.
    """
    shipped = [(cleaner, rule) for cleaner, own in shipped_rules().items() for rule in own]
    found = [(cleaner, rule) for cleaner, rule in shipped if which in (None, cleaner, rule.id)]
    if not found and corpus is None:
        cleaners = ", ".join(shipped_rules())
        raise BadSettings(f"there is no cleaner or rule {which!r}; cleaners with phrases are {cleaners}")
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = _WIDE
    if corpus:
        terminal.show_usage(console, rule_usage.usage_of(corpus), which)
    elif as_json:
        for cleaner, rule in found:
            typer.echo(json.dumps({"cleaner": cleaner, **rule.model_dump(mode="json")}, ensure_ascii=False))
    elif which is not None and which not in shipped_rules():
        for cleaner, rule in found:
            terminal.show_rule(console, cleaner, rule)
    else:
        terminal.show_rules(console, found)


def main() -> None:
    """Run the command; every error that Winnow foresees is one line on standard error."""
    try:
        app()
    except BadSettings as error:
        _complain(str(error))
        sys.exit(MISUSED)
    except WinnowError as error:
        _complain(str(error))
        sys.exit(FAILED)
    except BrokenPipeError:  # `winnow why … | head`: the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)


def _as_interrupt(*_: object) -> None:
    raise KeyboardInterrupt


@contextmanager
def _progress(first: str) -> Iterator[tuple[Progress, TaskID]]:
    """A bar on a terminal, nothing elsewhere."""
    errors = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as progress:
        yield progress, progress.add_task(first, total=None)


def _missing(given: str) -> bool:
    return not os.path.lexists(given) and not glob.glob(given, recursive=True)  # noqa: PTH207  (absolute patterns)


def _numbers(wanted: str, findings: tuple[Finding, ...]) -> list[int]:
    """Positions of the findings that `--undo` names by number (from 1) or by rule."""
    if wanted.isdecimal() and 1 <= int(wanted) <= len(findings):
        return [int(wanted) - 1]
    numbers = [number for number, finding in enumerate(findings) if finding.rule == wanted]
    if not numbers:
        rules = ", ".join(dict.fromkeys(finding.rule for finding in findings)) or "none"
        raise BadSettings(
            f"--undo {wanted}: there is no such finding; numbers go to {len(findings)}, rules are {rules}"
        )
    return numbers


def _complain(message: str) -> None:
    print(f"winnow: {harmless(message)}", file=sys.stderr)  # noqa: T201


def _cleaned(file: str, settings: Path | None) -> tuple[bytes, Cleaned[bytes]]:
    """The bytes of a file, or of standard input for "-", and what cleaning makes of them."""
    chosen = CleaningSettings.from_file(settings) if settings else CleaningSettings()
    raw = _read(file)
    try:
        return raw, clean(raw, chosen)
    except WinnowError as error:
        raise WinnowError(f"{file}: {error}") from error


def _read(file: str) -> bytes:
    try:
        if file != "-" and not file.startswith("/dev/"):  # there the shell's <(command) stands, as a link or a pipe
            _refuse_traps(Path(file))
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise WinnowError(f"{file}: cannot be read: {error.strerror}") from error
    try:
        unpacked = streams.unpacking(io.BytesIO(raw)).read(_LARGEST + 1)
    except streams.FAULTS as error:
        raise WinnowError(f"{file}: cannot be unpacked, it is cut or damaged ({error}): fetch it again") from error
    if len(unpacked) > max(_LARGEST, len(raw)):
        raise WinnowError(f"{file}: unpacks to more than {_LARGEST:,} bytes: unpack and cut it first")
    return unpacked if streams.compression_of(raw) else raw


def _refuse_traps(path: Path) -> None:
    """Raise WinnowError for a link that leads elsewhere, and for a pipe, at which one would wait for ever."""
    real = Path(os.path.realpath(path))
    if path.is_symlink() and not real.is_relative_to(os.path.realpath(path.parent)):
        raise WinnowError(f"{path}: is a link out of its folder, to {real}: name that file itself")
    if path.is_fifo():
        raise WinnowError(f"{path}: is a named pipe: to read it, winnow clean - < {path}")


def _write(out: Path | None, content: bytes) -> None:
    if out is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    try:
        out.write_bytes(content)
    except OSError as error:
        raise WinnowError(f"{out}: cannot be written: {error.strerror}") from error
