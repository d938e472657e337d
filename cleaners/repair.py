"""Repair: mojibake, entities, control characters, invisible characters, NFC. Line by line, each logged.

ftfy does the work under a configuration that harms no text; what it touches is told by rule and
reason, with the ends that stayed the same trimmed off.
"""

from __future__ import annotations

import os.path
import re

import ftfy

from winnow.cleaners.edits import Repair
from winnow.cleaners.suspects import is_within_bounds, suspect_lines

# Never curly quotes to straight ones (typography is content), never full-width CJK to ASCII (it changed
# 92% of Chinese lines in a measurement on lingua's sentences). The rest repairs what a program broke.
CONFIG = ftfy.TextFixerConfig(uncurl_quotes=False, fix_character_width=False, unescape_html=True)
_CONFIG_IN_MARKUP = CONFIG._replace(unescape_html=False)  # as ftfy does: where markup is shown, its entities are meant

# Soft hyphen, zero-width space, word joiner and in-text byte order mark: left over from layout. ZWNJ and
# ZWJ spell words in Persian, Hindi and emoji, and stay. In scripts that set no spaces between
# words the zero-width space is one, and stays too.
_NO_SPACES = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
_INVISIBLE = re.compile(f"[\ufeff\u2060]|(?<![{_NO_SPACES}])\u200b|\u200b(?![{_NO_SPACES}])")
_SOFT_HYPHEN = "\u00ad"


_SURROGATE = re.compile("[\ud800-\udfff]")

_STEP_NAMES = {
    "unescape_html": ("entities", "HTML entities written out"),
    "fix_c1_controls": ("mojibake", "C1 controls read as Windows-1252"),
    "restore_byte_a0": ("mojibake", "spaces read as no-break spaces"),
    "replace_lossy_sequences": ("mojibake", "half-lost characters marked"),
    "decode_inconsistent_utf8": ("mojibake", "UTF-8 sequences read as UTF-8"),
    "fix_latin_ligatures": ("ligatures", "ligatures spelled out"),
    "fix_line_breaks": ("line-ends", "line end made \\n"),
    "fix_surrogates": ("surrogates", "surrogates joined or marked"),
    "remove_terminal_escapes": ("control-characters", "terminal escapes taken out"),
    "remove_control_chars": ("control-characters", "control characters taken out"),
    "NFC": ("nfc", "composed to Unicode NFC"),
}
_INVISIBLE_STEP = ("invisible-characters", "soft hyphens, zero-width spaces or byte order marks taken out")


def repairs_of(source: str, *, entities: bool = True) -> tuple[Repair, ...]:
    """Every repair the text needs, sorted and disjoint, one for each line that changes.

    `entities`: whether written-out entities are to be read, where no markup is shown.

    Linear in the text; a line beyond the bounds of `suspects.py` is left alone but for lone surrogates.
    """
    entities = entities and "<" not in source
    config = CONFIG if entities else _CONFIG_IN_MARKUP
    repairs = []
    for start, line in suspect_lines(source, entities=entities):
        fixed, steps = _fixed(line, config) if is_within_bounds(line) else _made_valid(line)
        if fixed != line:
            repairs.append(_trimmed(start, line, fixed, steps))
    return tuple(repairs)


def _made_valid(line: str) -> tuple[str, list[tuple[str, str]]]:
    """A line beyond the bounds, without the surrogates that no encoding takes."""
    return _SURROGATE.sub("\ufffd", line), [_STEP_NAMES["fix_surrogates"]]


def _fixed(line: str, config: ftfy.TextFixerConfig) -> tuple[str, list[tuple[str, str]]]:
    """The line as it should be, and the names of what was done, each once."""
    steps: dict[tuple[str, str], None] = {}
    while True:
        visible = _INVISIBLE.sub("", line)
        fixed, explanation = ftfy.fix_and_explain(visible, config)
        without = fixed.replace(_SOFT_HYPHEN, "")  # not before: in mojibake it is a part of a letter
        if visible != line:
            steps[_INVISIBLE_STEP] = None
        steps.update(dict.fromkeys(_named(explanation or [])))
        if without != fixed:
            steps[_INVISIBLE_STEP] = None
        if without == line:
            return line, list(steps)
        line = without  # one repair can uncover another: &shy;, an accent behind a zero-width space


def _named(explanation: list[ftfy.ExplanationStep]) -> list[tuple[str, str]]:
    """ftfy's steps in our words. It tells a change of encoding as an encode and a decode."""
    names = []
    written = ""
    for step in explanation:
        if step.action == "encode":
            written = step.parameter.removeprefix("sloppy-")
        elif step.action == "decode":
            names.append(("mojibake", f"{step.parameter} had been read as {written}"))
        else:
            names.append(_STEP_NAMES[step.parameter])
    return names


def _trimmed(start: int, old: str, new: str, steps: list[tuple[str, str]]) -> Repair:
    """One repair without the ends that both lines share."""
    head = len(os.path.commonprefix((old, new)))
    tail = len(os.path.commonprefix((old[head:][::-1], new[head:][::-1])))
    rule = "+".join(dict.fromkeys(name for name, _ in steps))
    reason = "; ".join(dict.fromkeys(words for _, words in steps))
    removed, inserted = old[head : len(old) - tail], new[head : len(new) - tail]
    return Repair(start + head, removed, inserted, rule, reason)
