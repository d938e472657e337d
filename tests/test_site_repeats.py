"""Lines that repeat on a site, noted or struck by a run: what goes, what stays and why, in whatever order documents
come and go."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from corpora import rows_of, run
from hypothesis import given, settings
from hypothesis import strategies as st

from winnow.cleaners import Action, Finding, clean
from winnow.cleaners.page import Page, Repeated, split_lines
from winnow.cleaners.repeats import BLOCK, CLEANER
from winnow.flows import driving, evidence, forgetting
from winnow.flows.page_lines import PageLines, hashed
from winnow.flows.pool import Pool
from winnow.flows.settings import RunSettings
from winnow.flows.store import Corpus

STRIKE, NOTE, OFF = (RunSettings(workers=1, repeats=mode, most_removed=1) for mode in ("strike", "note", "off"))
STORY = (
    "The harvest in the {} valley began two weeks early this year because the spring was warm and dry. The growers"
    " had asked for help in March, and the council sent four machines and thirty people to the upper fields.\n\nBy"
    " Friday most of the fruit of the {} fields was in, and the mill had opened its doors to the public for the first"
    " time since the flood of 1987, which had taken the bridge and the road with it.\n"
)
VALLEYS = ("northern", "southern", "eastern", "western", "upper", "lower", "green", "narrow")
# The model takes these for likely residue, but is not sure.
TEMPLATE = ("Follow the Courier", "Mill reopens after flood", "A look back at the flood")
REFRAIN = "And the river runs to the sea, my love, and the river runs to the sea."
PHRASE = "Das Urteil ist vorläufig vollstreckbar."


def article(number: int, *below: str) -> str:
    return "\n".join((STORY.format(*2 * (VALLEYS[number % len(VALLEYS)],)), *below)) + "\n"


def text_of(site: str, number: int, below: tuple[str, ...], titled: dict[str, int]) -> str:
    """An article, on top of one of the site's the refrain, which stands in others."""
    text = article(number, *below)
    return f"{REFRAIN}\n\n{text}" if titled.get(site) == number else text


def write(folder: Path, texts: dict[str, str]) -> None:
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")


def told(out: Path) -> dict[str, list[tuple[str, str, str]]]:
    """What the cleaner found, by source: action, line, reason."""
    return {
        row["source"]: [
            (f["action"], f["text"].strip(), f["reason"]) for f in row["findings"] if f["cleaner"] == "repeats"
        ]
        for row in rows_of(out)
    }


def lasting(out: Path) -> list[dict[str, Any]]:
    """All that rows hold but for the releases."""
    rows = [row for row in rows_of(out) if row["outcome"] != "removed"]
    return [{name: row[name] for name in row if name not in ("release", "first_release")} for row in rows]


def test_a_template_goes_where_three_documents_hold_it(tmp_path: Path, warm: Pool) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    write(source, {f"courier/{n}.txt": article(n, *TEMPLATE) for n in range(2)})
    run(out, source, settings=STRIKE, warm=warm)
    assert not any(told(out).values()), "two documents are no template"
    write(source, {f"courier/{n}.txt": article(n, *TEMPLATE) for n in range(2, 4)})
    report = run(out, source, settings=STRIKE, warm=warm)
    assert report.renewed == 4, "what the new ones tell of the old ones"
    for row in rows_of(out):
        assert row["text"] == article(int(row["source"][-5])).rstrip("\n") + "\n"
        assert row["outcome"] == "cleaned"
    reason = "stands in 3 documents of in/courier or more, in a block of 3 such lines, and looks like residue"
    goes = told(out)["in/courier/0.txt"]
    assert goes, "the model is sure of all of the template: take other lines"
    assert set(goes) <= {("strike", line, reason) for line in TEMPLATE}
    assert run(out, source, settings=STRIKE, warm=warm).release is None, "nothing new, nothing to tell"
    write(source, {"courier/4.txt": article(4, *TEMPLATE)})
    assert run(out, source, settings=STRIKE, warm=warm).renewed == 1, "what it tells of the others was known"
    for number in range(3):
        (source / f"courier/{number}.txt").unlink()
    assert run(out, source, settings=STRIKE, warm=warm).renewed == 2, "what those tell of the others goes with them"
    assert not any(told(out).values())


def test_rows_judged_again_keep_what_came_with_their_source(tmp_path: Path, warm: Pool) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    lines = [{"url": f"https://courier.example/{n}", "text": article(n, *TEMPLATE)} for n in range(3)]
    (source / "pages.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    names = ("source", "origin", "guessed", "came_with", "source_site", "made_by", "source_sha256")
    run(out, source, settings=OFF, warm=warm)
    before = [[row[name] for name in names] for row in rows_of(out)]
    assert run(out, source, settings=STRIKE, warm=warm).renewed == 3
    assert any("strike" in {action for action, *_ in found} for found in told(out).values())
    assert [[row[name] for name in names] for row in rows_of(out)] == before
    assert run(out, source, settings=STRIKE, warm=warm).release is None


def test_what_repeats_without_a_second_reason_stays_and_says_why(tmp_path: Path, warm: Pool) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    write(source, {f"songs/{n}.txt": article(n, REFRAIN) for n in range(3)})
    write(source, {f"court/{n}.txt": article(n, PHRASE) for n in range(3)})
    write(source, {f"courier/{n}.txt": article(n, TEMPLATE[1]) for n in range(3)})
    run(out, source, settings=STRIKE, warm=warm)
    for name, line in (("songs", REFRAIN), ("court", PHRASE), ("courier", TEMPLATE[1])):
        rows = [row for row in rows_of(out) if f"/{name}/" in row["source"]]
        assert all(line in row["text"] for row in rows)
        for row in rows:
            ((action, kept, reason), *rest) = [t for t in told(out)[row["source"]] if t[1] == line]
            assert (action, kept, rest) == ("note", line, [])
            assert reason.startswith(f"stands in 3 documents of in/{name} or more")
            assert "; kept: " in reason


def test_a_line_that_is_another_documents_title_is_noted(tmp_path: Path, warm: Pool) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    title = "The flood of 1987 took the bridge"
    write(source, {"courier/flood.txt": f"{title}\n\n{article(0)}", "courier/1.txt": article(1, title)})
    write(source, {"courier/2.txt": article(2), "other/1.txt": article(3, title)})
    run(out, source, settings=STRIKE, warm=warm)
    expected = {"in/courier/1.txt": [("note", title, "is the title of in/courier/flood.txt")]}
    assert {name: found for name, found in told(out).items() if found} == expected
    write(source, {"courier/again.txt": f"{title}\n\n{article(4)}"})
    run(out, source, settings=STRIKE, warm=warm)
    assert {action for found in told(out).values() for action, *_ in found} == {"note"}
    assert not [reason for found in told(out).values() for *_, reason in found if "title" in reason], "a section's name"


def test_copies_of_a_page_are_one(tmp_path: Path, warm: Pool) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    write(source, {f"courier/{n}.txt": article(0, *TEMPLATE) for n in range(4)})
    run(out, source, settings=STRIKE, warm=warm)
    assert not any(told(out).values())


def test_pages_of_html_keep_what_repeats(tmp_path: Path, warm: Pool) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    paragraphs = "".join(f"<p>{line}</p>" for line in TEMPLATE)
    page = "<!DOCTYPE html><html><body><article><p>{}</p>{}</article></body></html>"
    write(source, {f"courier/{n}.html": page.format(STORY.format(*2 * (VALLEYS[n],)), paragraphs) for n in range(3)})
    either = STRIKE.model_copy(update={"strike_noted": ("repeats",), "extraction": "off"})
    run(out, source, settings=either, warm=warm)
    assert [action for found in told(out).values() for action, *_ in found] == ["note"] * 9


def test_what_is_kept_of_documents_that_are_gone_can_be_forgotten(tmp_path: Path, warm: Pool) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    write(source, {f"courier/{n}.txt": article(n, *TEMPLATE) for n in range(6)})
    mode = STRIKE.model_copy(update={"duplicates": "label"})
    run(out, source, settings=mode, warm=warm)
    corpus = Corpus(str(out))
    assert forgetting.forget(corpus) == 0
    before = lasting(out)
    for number in (4, 5):
        (source / f"courier/{number}.txt").unlink()
    run(out, source, settings=mode, warm=warm)
    pages = PageLines(corpus).known
    assert len(pages) == 6
    assert forgetting.forget(corpus) >= 2
    assert len(PageLines(corpus).known) == 4
    assert PageLines(corpus).known < pages
    write(source, {f"courier/{n}.txt": article(n, *TEMPLATE) for n in (4, 5)})
    run(out, source, settings=mode, warm=warm)
    assert lasting(out) == before


def test_settings_are_taken_back(tmp_path: Path, warm: Pool) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    texts = {f"courier/{n}.txt": article(n, *TEMPLATE, PHRASE) for n in range(3)}
    write(source, {**texts, "other/0.txt": article(0, *TEMPLATE)})
    signals = {"signals": True, "gate": "gopher"}
    modes = [mode.model_copy(update=signals) for mode in (OFF, STRIKE, NOTE, STRIKE, OFF)]
    by_mode: dict[str, list[list[dict[str, Any]]]] = {}
    for mode in modes:
        run(out, source, settings=mode, warm=warm)
        by_mode.setdefault(mode.repeats, []).append(lasting(out))
        fresh = tmp_path / f"fresh-{len(by_mode)}-{mode.repeats}"
        run(fresh, source, settings=mode, warm=warm)
        assert lasting(fresh) == lasting(out)
    assert by_mode["strike"][0] == by_mode["strike"][1] != by_mode["note"][0] != by_mode["off"][0]
    assert by_mode["off"][0] == by_mode["off"][1]
    assert [row["text"] for row in by_mode["note"][0]] == [row["text"] for row in by_mode["off"][0]]


documents = st.dictionaries(
    st.tuples(st.sampled_from(("courier", "songs")), st.integers(0, 7)),
    st.sampled_from((TEMPLATE, TEMPLATE, (*TEMPLATE, PHRASE), (REFRAIN,), (PHRASE, TEMPLATE[1]), ())),
    min_size=3,
)


@settings(max_examples=12, deadline=None)
@given(
    data=st.data(),
    texts=documents,
    titled=st.dictionaries(st.sampled_from(("courier", "songs")), st.integers(0, 7)),
    mode=st.sampled_from((STRIKE, NOTE, STRIKE.model_copy(update={"duplicates": "mark"}))),
)
def test_rows_hang_on_the_documents_not_on_their_history(
    data: st.DataObject,
    texts: dict[tuple[str, int], tuple[str, ...]],
    titled: dict[str, int],
    mode: RunSettings,
    warm: Pool,
) -> None:
    """Added in one run or in several, in any order, others having come and gone meanwhile: the rows are equal."""
    order = data.draw(st.permutations(sorted(texts)))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(order) - 1), max_size=4)))
    passing = data.draw(st.lists(st.tuples(st.sampled_from(("courier", "songs")), st.integers(0, 7)), max_size=3))
    with tempfile.TemporaryDirectory() as home:
        source, out = Path(home) / "in", Path(home) / "out"
        write(source, {f"{site}/gone-{number}.txt": article(number, *TEMPLATE, "x") for site, number in passing})
        for begin, end in zip([0, *cuts], [*cuts, len(order)], strict=True):
            write(source, {f"{key[0]}/{key[1]}.txt": text_of(*key, texts[key], titled) for key in order[begin:end]})
            if end == len(order):
                for path in source.glob("*/gone-*"):
                    path.unlink()
            run(out, source, settings=mode, warm=warm)
        run(Path(home) / "at-once", source, settings=mode, warm=warm)
        assert lasting(out) == lasting(Path(home) / "at-once")


def test_rows_of_a_run_that_was_killed_are_judged_anew(tmp_path: Path, warm: Pool) -> None:
    """Parts that a dead run had judged already are taken over, also by a run that wants none of it."""
    source, out = tmp_path / "in", tmp_path / "out"
    write(source, {f"courier/{n}.txt": article(n, *TEMPLATE) for n in range(3)})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("winnow.flows.publishing.publish", _die)
        with pytest.raises(KeyboardInterrupt):
            run(out, source, settings=STRIKE, warm=warm)
    write(source, {"courier/3.txt": article(3, "Nothing of that.")})
    (source / "courier/0.txt").unlink()
    for mode in (OFF, STRIKE):
        copy = tmp_path / mode.repeats
        shutil.copytree(out, copy)
        assert run(copy, source, settings=mode, warm=warm).taken_over == 3
        run(tmp_path / f"{mode.repeats}-afresh", source, settings=mode, warm=warm)
        assert lasting(copy) == lasting(tmp_path / f"{mode.repeats}-afresh")


def _die(*_: object) -> None:
    raise KeyboardInterrupt


lines = st.lists(st.sampled_from((*TEMPLATE, REFRAIN, PHRASE, "明天山谷里会下雨。", "", "* * *")), max_size=12)


@given(lines, st.sets(st.integers(0, 11)), st.sets(st.integers(0, 11)))
def test_only_what_has_all_three_reasons_goes(given: list[str], repeating: set[int], leaning: set[int]) -> None:
    text = "".join(f"{line}\n" for line in given)
    found = split_lines(text)
    filled = [line.number for line in found if line.text]
    likely = [
        Finding(line.start, line.end, "residue", "any.likely-residue", "90% residue: short", Action.NOTE)
        for line in found
        if line.number in leaning and line.text
    ]
    repeated = {number: Repeated("courier.example", 10) for number in repeating if number in filled}
    page = Page(text, found, findings=tuple(likely), repeated=repeated)
    by_line = {page.line_at(finding.start).number: finding for finding in CLEANER.find(page)}
    assert by_line.keys() == repeated.keys()
    for number, finding in by_line.items():
        at = begin = end = filled.index(number)
        while begin and filled[begin - 1] in repeated:
            begin -= 1
        while end + 1 < len(filled) and filled[end + 1] in repeated:
            end += 1
        assert begin <= at <= end
        goes = end + 1 - begin >= BLOCK and number in leaning
        assert (finding.action is Action.STRIKE) == goes
        assert "10 documents of courier.example" in finding.reason


def test_a_page_that_is_cleaned_alone_repeats_nothing() -> None:
    assert not [f for f in clean(article(0, *TEMPLATE)).findings if f.cleaner == "repeats"]


def test_steps_are_few_and_begin_at_the_least() -> None:
    assert evidence.STEPS[0] == evidence.LEAST
    assert (evidence.STEPS[1:] > evidence.STEPS[:-1] * 2).all()


def test_lines_are_the_same_in_any_case_and_with_any_digits() -> None:
    numbers, hashes = hashed("12 Comments\n\n* * *\n37 comments\nकल वर्षा होगी।\n")
    assert numbers.tolist() == [0, 3, 4]
    assert hashes[0] == hashes[1] != hashes[2]


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    with driving.pool_for(STRIKE, tmp_path_factory.mktemp("log") / "workers.log") as pool:
        yield pool
