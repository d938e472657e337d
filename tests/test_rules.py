"""Every rule proves itself by its own examples, run through the whole pipeline. A new rule needs no new test."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from carrier import AFTER, BEFORE, around, at_the_end, at_the_top

from winnow.cleaners import Action, BadRule, CleaningSettings, clean
from winnow.cleaners.folding import fold
from winnow.cleaners.page import split_lines
from winnow.cleaners.rules import Rule, read_rules, shipped_rules
from winnow.cleaners.scanning import Scanner, trim

RULES = [(cleaner, rule) for cleaner, own in shipped_rules().items() for rule in own]
PLACES = {"head": at_the_top, "tail": at_the_end, "anywhere": around}


WITHOUT_MODEL = CleaningSettings(residue="off")
PROSE = [line for line in (BEFORE + AFTER).split("\n") if line]


def each_rule() -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("cleaner", "rule"), RULES, ids=[f"{c}-{r.id}" for c, r in RULES])


def lines_to_remove(cleaner: str, rule: Rule) -> Iterator[str]:
    """Each `removes` example, and for a whole-line rule each phrase alone, with what it must stand beside."""
    company = anchor(cleaner, rule) if rule.beside else ""
    yield from (example + company for example in rule.removes)
    if rule.where == "whole line":
        yield from (phrase + company for phrase in rule.phrases)


def anchor(cleaner: str, rule: Rule) -> str:
    """A line that the same cleaner strikes by itself, in the same language or any."""
    language = rule.id.split(".")[0]
    own = [r for c, r in RULES if c == cleaner and not r.beside and r.action is Action.STRIKE]
    own.sort(key=lambda r: r.id.split(".")[0] != language)
    return "\n" + own[0].removes[0]


@each_rule()
def test_takes_out_its_examples(cleaner: str, rule: Rule) -> None:
    """Through all rules; another language's rule with the same phrase may be the one that says so. Without the model,
    which comes after the rules: it must not strike what they leave, and takes four fifths of the time."""
    for example in lines_to_remove(cleaner, rule):
        cleaned = clean(PLACES[rule.zone](example), WITHOUT_MODEL)
        told = [f for f in cleaned.findings if f.cleaner == cleaner and f.action is rule.action]
        assert told, f"{rule.id} finds nothing in {example!r}"
        if rule.action is Action.STRIKE:
            assert [line for line in cleaned.text.split("\n") if line] == PROSE, f"{rule.id}: {example!r}"


@cache
def scanner_of(cleaner: str, language: str) -> Scanner:
    return Scanner({cleaner: [r for c, r in RULES if c == cleaner and r.id.startswith((f"{language}.", "en."))]})


@each_rule()
def test_finds_its_own_phrases(cleaner: str, rule: Rule) -> None:
    """With the rules of its language alone, each phrase is a hit of this rule, and each example holds one."""
    scanner = scanner_of(cleaner, rule.id.split(".")[0])

    def found(line: str) -> set[str]:
        hits = scanner.scan(fold(line), split_lines(line)).get(cleaner, ())
        return {hit.rule.id for hit in hits}

    for example in rule.removes:  # English has some words of every language and is named first
        assert {rule.id, f"en.{rule.id.split('.', 1)[1]}"} & found(example), f"{example!r} gives {found(example)}"
    if rule.where == "whole line" and not rule.with_any:
        for phrase in rule.phrases:
            assert found(phrase), phrase


@each_rule()
def test_keeps_its_examples(cleaner: str, rule: Rule) -> None:
    phrases = [trim(fold(phrase)) for phrase in rule.phrases]
    for example in rule.keeps:
        assert any(p in fold(example) for p in phrases), f"{rule.id}: {example!r} holds no phrase of the rule"
        cleaned = clean(around(example))
        assert example in cleaned.text, f"{rule.id}: {list(cleaned.findings)}"
        assert not any(f.rule == rule.id and f.cleaner == cleaner for f in cleaned.findings), example


@each_rule()
def test_every_phrase_has_an_example(cleaner: str, rule: Rule) -> None:
    """Whole-line phrases are examples of their own (see `lines_to_remove`)."""
    if rule.where == "whole line":
        return
    examples = [fold(example) for example in rule.removes]
    for phrase in rule.phrases:
        assert any(trim(fold(phrase)) in example for example in examples), f"{rule.id}: no example with {phrase!r}"


@each_rule()
def test_no_phrase_twice(cleaner: str, rule: Rule) -> None:
    folded = [trim(fold(phrase)) for phrase in rule.phrases]
    assert len(set(folded)) == len(folded), sorted({p for p in folded if folded.count(p) > 1})


def test_a_broken_rule_is_told_by_file_and_name(tmp_path: Path) -> None:
    path = tmp_path / "en.toml"
    path.write_text('[[rule]]\nid = "en.x"\nreason = "r"\nphrasez = ["a"]\nremoves = ["a"]\nkeeps = ["a b"]\n')
    with pytest.raises(BadRule, match=r"en\.toml: rule en\.x: .*phrasez"):
        read_rules(path)
    path.write_text('[[rule]]\nid = "de.x"\nreason = "r"\nphrases = ["a"]\nremoves = ["a"]\nkeeps = ["a b"]\n')
    with pytest.raises(BadRule, match="must begin with 'en'"):
        read_rules(path)
    path.write_text("[[rule]\n")
    with pytest.raises(BadRule, match=r"en\.toml"):
        read_rules(path)
