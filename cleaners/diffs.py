"""The diff for people: unified, from source to clean text, with the reasons above it.

It is derived from the spans, not guessed from two texts, so it takes time linear in the text.
`patch` and `git apply` take it: both skip what stands before the file header. Line ends are the
source's own where that is LF or CRLF.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from winnow.cleaners.cleaning import Cleaned
from winnow.cleaners.edits import gaps
from winnow.cleaners.findings import Action
from winnow.cleaners.page import Line, split_lines

_CONTEXT = 3
_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f"\\\ud800-\udfff]')
_LONGEST_QUOTE = 60  # code points of a struck text that the reasons show


@dataclass(frozen=True, slots=True)
class _Change:
    """Source lines [first, last) give way to `new` lines of the clean text."""

    first: int
    last: int
    new: tuple[str, ...]


def unified(cleaned: Cleaned[bytes], source: str) -> str:
    """The diff of one document, or "" where source and clean text are the same."""
    spans = split_lines(cleaned.source)
    lines = [cleaned.source[span.start : span.end] for span in spans]
    changes = list(_changes(cleaned, spans))
    if cleaned.decoded.bom and cleaned.decoded.encoding == "utf-8" and lines:
        lines[0] = "\ufeff" + lines[0]
        if not changes or changes[0].first > 0:
            changes.insert(0, _Change(0, 1, (lines[0][1:],)))
    if not changes:
        return ""
    head = [f"# {reason}\n" for reason in _reasons(cleaned, source, spans)]
    body = [f"--- {_file_name('a/' + source)}\n", f"+++ {_file_name('b/' + source)}\n"]
    end = "\r\n" if cleaned.decoded.line_end == "\r\n" else "\n"
    body += (_with_end(line, end) for line in _hunks(lines, changes))
    return "".join(head + body)


def shown(text: str) -> str:
    """A piece of text as one harmless line: control characters escaped, shortened in the middle."""
    text = " ".join(text.split())
    if len(text) > _LONGEST_QUOTE:
        half = _LONGEST_QUOTE // 2
        text = f"{text[:half].rstrip()} … {text[-half:].lstrip()}"
    return harmless(text)


def harmless(text: str) -> str:
    """Control characters and lone surrogates as escapes: nothing that a terminal would obey."""
    return "".join(c if c.isprintable() or c == " " else c.encode("unicode_escape").decode() for c in text)


def _changes(cleaned: Cleaned[bytes], spans: Sequence[Line]) -> Iterator[_Change]:
    """Runs of source lines that repairs or strikes touched, and what stands there in the clean text."""
    touched = _touched(cleaned, spans)
    to_clean = _ToClean(cleaned)
    number = 0
    while number < len(spans):
        if not touched[number]:
            number += 1
            continue
        first = number
        while number < len(spans) and touched[number]:
            number += 1
        start = to_clean.offset(spans[first].start)
        while True:
            at_end = number == len(spans)
            end = len(cleaned.text) if at_end else to_clean.offset(spans[number].start)
            new = cleaned.text[start:end]
            if at_end or not new or new.endswith("\n"):
                break
            number += 1  # its line end is struck: the next line is glued to it
        new_lines = tuple(new[line.start : line.end] for line in split_lines(new))
        yield _Change(first, number, new_lines)


def _touched(cleaned: Cleaned[bytes], spans: Sequence[Line]) -> bytearray:
    touched = bytearray(len(spans))
    edges = [(r.start, max(r.end, r.start + 1)) for r in cleaned.repairs]
    edges += (cleaned.alignment.to_source(start, end) for start, end in cleaned.page.struck)
    edges.sort()
    number = 0
    for start, end in edges:
        while number + 1 < len(spans) and spans[number].end <= start:
            number += 1
        here = number
        while here < len(spans) and spans[here].start < end:
            touched[here] = 1
            here += 1
    return touched


class _ToClean:
    """Tells where a source offset that no edit covers lies in the clean text; offsets must not fall."""

    def __init__(self, cleaned: Cleaned[bytes]) -> None:
        self._repairs = iter(cleaned.repairs)
        self._repair = next(self._repairs, None)
        self._kept = gaps(cleaned.page.struck, 0, len(cleaned.page.text))
        self._gap = next(self._kept, None)
        self._shift = self._before = 0

    def offset(self, source: int) -> int:
        while self._repair is not None and self._repair.end <= source and self._repair.start < source:
            self._shift += len(self._repair.inserted) - len(self._repair.removed)
            self._repair = next(self._repairs, None)
        page = source + self._shift
        while self._gap is not None and self._gap[1] <= page:
            self._before += self._gap[1] - self._gap[0]
            self._gap = next(self._kept, None)
        return self._before + (max(0, page - self._gap[0]) if self._gap else 0)


def _hunks(lines: Sequence[str], changes: Sequence[_Change]) -> Iterator[str]:
    shift = 0  # how many lines longer the clean text is up to here
    for group in _near(changes):
        start = max(0, group[0].first - _CONTEXT)
        stop = min(len(lines), group[-1].last + _CONTEXT)
        growth = sum(len(change.new) - (change.last - change.first) for change in group)
        old, new = stop - start, stop - start + growth
        yield f"@@ -{_range(start, old)} +{_range(start + shift, new)} @@\n"
        done = start
        for change in group:
            yield from (" " + line for line in lines[done : change.first])
            yield from ("-" + line for line in lines[change.first : change.last])
            yield from ("+" + line for line in change.new)
            done = change.last
        yield from (" " + line for line in lines[done:stop])
        shift += growth


def _near(changes: Sequence[_Change]) -> Iterator[list[_Change]]:
    """Changes whose contexts meet."""
    group: list[_Change] = []
    for change in changes:
        if group and change.first - group[-1].last > 2 * _CONTEXT:
            yield group
            group = []
        group.append(change)
    yield group


def _range(start: int, count: int) -> str:
    return f"{start + 1 if count else start},{count}"


def _with_end(line: str, end: str) -> str:
    if line.startswith("@@ "):
        return line
    return line[:-1] + end if line.endswith("\n") else line + "\n\\ No newline at end of file\n"


def _reasons(cleaned: Cleaned[bytes], source: str, spans: Sequence[Line]) -> Iterator[str]:
    yield f"{harmless(source)}: {len(cleaned.source)} code points, {len(cleaned.text)} after cleaning"
    decoded = cleaned.decoded
    if decoded.rendered:
        yield "of an HTML page: the diff is of its visible text"
    elif decoded.encoding != "utf-8" or decoded.undecodable:
        yield f"decoded from {decoded.encoding} ({decoded.reason}): the diff is of the text in UTF-8"
    if decoded.line_end == "\r":
        yield "line ends were CR: the diff is of the text with LF"
    told = [(r.start, f"repaired ({r.rule}): {r.reason}", r.removed) for r in cleaned.repairs]
    spacing = 0
    for finding in cleaned.findings:
        if finding.cleaner == "spacing" and finding.action is Action.STRIKE:
            spacing += finding.end - finding.start
            continue
        start, _ = cleaned.alignment.to_source(finding.start, finding.end)
        verb = {"strike": "struck", "note": "noted, kept", "protect": "protected"}[finding.action]
        text = cleaned.page.text[finding.start : finding.end]
        told.append((start, f"{verb} by {finding.cleaner} ({finding.rule}): {finding.reason}", text))
    number = 0
    for start, what, text in sorted(told):
        while number + 1 < len(spans) and spans[number + 1].start <= start:
            number += 1
        yield f"line {number + 1} {what}: {shown(text)!r}"
    if spacing:
        yield f"white space beside what was struck: {spacing} code points"


def _file_name(name: str) -> str:
    """A name as git writes it: quoted where it must be, with a tab behind it where it holds blanks."""
    if _UNSAFE.search(name):
        raw = name.encode("utf-8", "surrogateescape")
        quoted = "".join(chr(b) if 0x20 <= b < 0x7F and b not in b'"\\' else f"\\{b:03o}" for b in raw)
        return f'"{quoted}"'
    return name + "\t" if " " in name else name
