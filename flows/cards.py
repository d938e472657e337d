"""The card of an export: what it holds, how it was made, and under which terms, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version

from winnow.flows import rows
from winnow.flows.counting import Counts
from winnow.flows.documents import OUTCOMES
from winnow.flows.store import Release

NAME = "README.md"
_UNITS = {
    "text": "the clean text",
    "characters": "code points of the source, of the page after repair, removed from it, and of the text",
    "findings": "what was struck, noted or protected: spans in code points, of the page and of the source",
    "repairs": "what was replaced in the source before",
    "made_by": "changes with rules, code, settings and libraries",
    "release": "in which release the row last changed",
    "first_release": "in which release the document came",
}


def card(release: Release, counts: Counts, form: str, licence: str | None) -> str:
    """The card of one release's export. `licence` is the user's word for the texts: an SPDX id or a sentence."""
    return "\n".join(_lines(release, counts, form, licence)) + "\n"


def _lines(release: Release, counts: Counts, form: str, licence: str | None) -> Iterator[str]:
    if form == "hf":
        yield from _front_matter(counts, licence)
    yield f"# Corpus, release {release.number}\n"
    yield f"Published {release.published:%F %T} UTC by Winnow {version('winnow-corpus')}; schema `{rows.VERSION}`;"
    yield f"ruleset `{release.told['ruleset']}`, all that made it `{release.told['made_by']}`.\n"
    yield f"Licence of the texts: {licence or 'not told by who exported them'}.\n"
    yield "| outcome | documents |\n| --- | --- |"
    yield from (f"| {outcome} | {counts.outcomes[outcome]:,} |" for outcome in OUTCOMES)
    removed = counts.characters["source"] - counts.characters["text"]
    yield f"\n{counts.characters['source']:,} code points came in, {removed:,} of them were taken out.\n"
    yield "| language | documents |\n| --- | --- |"
    yield from (f"| {tag} | {count:,} |" for tag, count in counts.languages.most_common(30))
    if form in ("parquet", "hf"):
        yield "\n| column | type | |\n| --- | --- | --- |"
        yield from (f"| `{field.name}` | `{field.type}` | {_UNITS.get(field.name, '')} |" for field in rows.SCHEMA)


def _front_matter(counts: Counts, licence: str | None) -> Iterator[str]:
    """What the Hub reads."""
    yield "---"
    if licence:
        yield f"license: {licence}" if " " not in licence else "license: other"
    yield "language:"
    yield from (f"- {tag.split('-')[0]}" for tag, _ in counts.languages.most_common(30) if tag != "und")
    yield "configs:\n- config_name: default\n  data_files: data/*.parquet\n---\n"
