"""The story of a run, as Markdown for the dashboard: what it did, beside the run before, and where to look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from winnow.flows import summaries
from winnow.flows.comparing import Comparison
from winnow.flows.counting import Counts
from winnow.flows.documents import OUTCOMES, is_stored
from winnow.flows.runs import RunReport
from winnow.flows.summaries import table

_MOST_LANGUAGES = 8
_MOST_CAUSES = 20
_MOST_DRIFTS = 30


def story(out: str, report: RunReport, counts: Counts, comparison: Comparison | None) -> str:
    """The story of one run, the summary of the whole corpus behind it. `comparison`: where it made a release."""
    lines = [*_what_it_did(out, report)]
    if comparison:
        lines += [*_drifts(comparison), *_beside(comparison), *_causes(comparison)]
        lines += [*_cleaners(counts), *_worst(comparison)]
    return "\n".join([*lines, *_where(out)]) + "\n\n" + summaries.markdown(counts)


def _what_it_did(out: str, report: RunReport) -> Iterator[str]:
    if report.release is None:
        newest = f"release {report.newest} stands" if report.newest else "nothing was published"
        yield f"# {out}: nothing changed, {newest}\n"
    else:
        yield f"# {out}: release {report.release}\n"
    part = summaries.part_of(report.sample, report.limit)
    told = [
        f"{report.documents:,} documents: {report.renewed:,} new or changed, {report.unchanged:,} as they were",
        f"{report.removed:,} gone" if report.removed else "",
        f"{report.taken_over:,} taken over from a run that was interrupted" if report.taken_over else "",
        f"{report.excluded:,} files and folders left out by globs" if report.excluded else "",
        f"only {part} was looked at" if part else "",
        f"{report.seconds:,.1f} s, {_speed(report.documents, report.seconds)}",
    ]
    yield "; ".join(filter(None, told)) + ".\n"


def _beside(told: Comparison) -> Iterator[str]:
    """The release beside the one before; alone when it is the first."""
    if told.before is None:
        return
    if not told.same_rules:
        yield f"Rules, settings or code changed since release {told.before.number}: sites are not compared.\n"
    old, new = told.old, told.whole
    rows: list[tuple[str, str, str]] = [
        (name, f"{old.outcomes[name]:,}", f"{new.outcomes[name]:,}")
        for name in OUTCOMES
        if old.outcomes[name] or new.outcomes[name]
    ]
    rows.append(("removed of the pages' text", f"{old.share:.2%}", f"{new.share:.2%}"))
    for tag, _ in (old.languages + new.languages).most_common(_MOST_LANGUAGES):
        rows.append((f"language {tag}", _share(old.languages, tag), _share(new.languages, tag)))
    then, now = (_speed(r.told["documents"], r.told["seconds"]) for r in (told.before, told.release))
    rows.append(("speed", then, now))
    yield from table(("", f"release {told.before.number}", f"release {told.release.number}"), rows)


def _drifts(told: Comparison) -> Iterator[str]:
    if told.drifts:
        yield "## Sites that jumped: did their template change?\n"
        rows = [(d.site, d.what, d.before, d.now, d.documents) for d in told.drifts[:_MOST_DRIFTS]]
        yield from table(("site", "what", "before", "now", "new documents"), rows)


def _causes(told: Comparison) -> Iterator[str]:
    if told.causes:
        yield "## New documents that were not cleaned, by cause\n"
        causes = sorted(told.causes.items(), key=lambda cause: (-cause[1], cause[0]))[:_MOST_CAUSES]
        yield from table(("outcome", "cause", "documents"), [(*cause, count) for cause, count in causes])


def _cleaners(counts: Counts) -> Iterator[str]:
    struck: Counter[str] = Counter()
    for (cleaner, _), characters in counts.struck.items():
        struck[cleaner] += characters
    if struck:
        yield "## Characters struck, by cleaner\n"
        rows = sorted(struck.items(), key=lambda item: (-item[1], item[0]))
        yield from table(("cleaner", "characters"), ((name, f"{count:,}") for name, count in rows))


def _worst(told: Comparison) -> Iterator[str]:
    if told.worst:
        yield "## New documents that lost most\n"
        rows = [(source, f"{share:.0%}", f"{page:,}") for source, share, page in told.worst]
        yield from table(("document", "removed", "characters of the page"), rows)


def _where(out: str) -> Iterator[str]:
    if not is_stored(out):
        yield f"Files: `{Path(out).absolute() / 'latest'}`. "
    yield f"`winnow history --out {out}` lists the releases, `winnow why FILE` explains a document."


def _share(languages: Counter[str], tag: str) -> str:
    return f"{languages[tag] / languages.total():.1%}" if languages else "–"


def _speed(documents: int, seconds: float) -> str:
    return f"{documents / seconds:,.0f} documents a second" if seconds else "no time at all"
