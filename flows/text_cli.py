"""The commands that need no corpus: one text cleaned, shown, restored; the rules."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from winnow.cleaners import BadSettings, Cleaned, CleaningSettings, Finding, WinnowError, clean, diff_log
from winnow.cleaners.rules import shipped_rules
from winnow.flows import restoring, rule_usage, terminal
from winnow.flows.options import SettingsFile
from winnow.flows.readers import streams
from winnow.flows.settings import RunSettings

_LARGEST: int = RunSettings.model_fields["largest_file"].default  # bytes that a compressed file may hold
_WIDE = 200  # columns of a table that goes into a file or a pipe

app = typer.Typer()

OutFile = Annotated[
    Path | None, typer.Option("--out", help="Write here instead of to standard output.", show_default=False)
]


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
        terminal.complain(f"{file}: holds no text: there is nothing to clean")
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
    if not streams.compression_of(raw):
        return raw
    try:
        unpacked = streams.unpacking(io.BytesIO(raw)).read(_LARGEST + 1)
    except streams.FAULTS as error:
        raise WinnowError(f"{file}: cannot be unpacked, it is cut or damaged ({error}): fetch it again") from error
    if len(unpacked) > max(_LARGEST, len(raw)):
        raise WinnowError(f"{file}: unpacks to more than {_LARGEST:,} bytes: unpack and cut it first")
    return unpacked


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
