"""Gates: what fails is quarantined with signal, value and limit, and the summary counts what cleaning saved."""

from __future__ import annotations

from pathlib import Path

import pytest
from corpora import ONE, outcomes, reasons, rows_of, run
from deltalake import DeltaTable, write_deltalake

from winnow.cleaners import BadSettings, gates
from winnow.cleaners.gates import Limit
from winnow.cleaners.quality import signals_of
from winnow.cleaners.signals.catalog import NAMES
from winnow.flows import counting, rows, summaries
from winnow.flows.counting import Counts
from winnow.flows.judging import cause_of
from winnow.flows.pool import Pool
from winnow.flows.settings import RunSettings
from winnow.flows.store import Corpus

SEEDS = Path(__file__).parents[1] / "seeds"
YOUNG = ("signals", "gate")
PROSE = {
    "en": "The rain that fell on the valley has filled all of the wells, and the farmers have begun to sow.",
    "de": "Der Regen hat die Brunnen im Tal gefüllt, und die Bauern säen in den Feldern mit dem Korn von gestern.",
    "ja": "谷に降った雨で井戸がすべて満たされ、農民たちは種をまき始めた。昨日は川の水も増えて、橋が一つ流された。",
    "ko": "골짜기에 내린 비로 우물이 모두 찼고 농부들은 씨를 뿌리기 시작했다.",
}


def _counts(out: Path) -> Counts:
    corpus = Corpus(str(out))
    table = corpus.table()
    assert table is not None
    return counting.counts_of(corpus.read(table, counting.COLUMNS))


def _failed(text: str, language: str, profile: gates.GateName = "gopher") -> set[str]:
    return {failure.signal for failure in gates.failures(signals_of(text, language), language, profile)}


def test_finewebs_gate_takes_the_seeds_that_it_would_reject_uncleaned(tmp_path: Path, warm: Pool) -> None:
    run(tmp_path, SEEDS, settings=ONE.model_copy(update={"gate": "fineweb"}), warm=warm)
    assert set(outcomes(tmp_path).values()) == {"cleaned"}
    gate = {row["source"]: row["gate"] for row in rows_of(tmp_path)}
    second = next(told for source, told in gate.items() if "/001_" in source)
    assert second == {"page": ["fineweb_duplicate_line_characters"], "text": []}
    counts = _counts(tmp_path)
    assert counts.gated["saved"] == sum(bool(told["page"]) for told in gate.values()) >= 1
    assert f"{counts.gated['saved']} documents saved by cleaning" in summaries.markdown(counts)


def test_what_fails_is_quarantined_with_signal_value_and_limit(tmp_path: Path, warm: Pool) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text(
        "A curly { bracket. And one, two, three, four sentences. So. It. Is. Here.\n"
    )
    (tmp_path / "in" / "b.txt").write_text(
        "Rain is likely. Snow is not. Hail is rare here. Fog is thick. Wind is up.\n"
    )
    out = tmp_path / "out"
    run(out, tmp_path / "in", settings=ONE.model_copy(update={"gate": "c4", "signals": True}), warm=warm)
    assert outcomes(out) == {"in/a.txt": "quarantined", "in/b.txt": "cleaned"}
    reason = reasons(out)["in/a.txt"]
    assert reason == "quality: c4_curly_bracket_count is 1, above 0"
    assert cause_of(reason) == "quality: c4_curly_bracket_count"
    assert all(row["text"] and row["signals"]["text"]["gopher_word_count"] for row in rows_of(out))

    # Another gate is another setting: what it says is told of all documents.
    run(out, tmp_path / "in", settings=ONE, warm=warm)
    assert set(outcomes(out).values()) == {"cleaned"}
    assert {row["gate"] for row in rows_of(out)} == {None}
    assert not _counts(out).gated


def test_limits_of_ones_own_replace_those_of_the_gate(tmp_path: Path, warm: Pool) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(
        'gate = "c4"\nworkers = 1\nsignals = false\n[[limits]]\nsignal = "c4_sentence_count"\nleast = 1\n'
        '[[limits]]\nsignal = "gopher_word_count"\nleast = 4\n'
    )
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("Rain is likely.\n")
    (tmp_path / "in" / "b.txt").write_text("Rain is more likely.\n")
    out = tmp_path / "out"
    run(out, tmp_path / "in", settings=RunSettings.from_file(file), warm=warm)
    assert outcomes(out) == {"in/a.txt": "quarantined", "in/b.txt": "cleaned"}
    assert reasons(out)["in/a.txt"] == "quality: gopher_word_count is 3, below 4"
    assert {row["signals"] for row in rows_of(out)} == {None}


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        ([{"signal": "gopher_words", "least": 1}], r"no signal 'gopher_words'; docs/quality\.md lists them"),
        ([{"signal": "gopher_word_count"}], "a least or a most"),
        ([{"signal": "gopher_word_count", "least": 1, "lest": 2}], "limits"),
    ],
)
def test_wrong_limits_are_told(limits: list[dict[str, object]], told: str) -> None:
    with pytest.raises(BadSettings, match=told):
        RunSettings.checked({"limits": limits})


@pytest.mark.parametrize("language", PROSE)
def test_prose_of_any_language_fails_gophers_gate_only_for_its_length(language: str) -> None:
    # In a text this short the first words in a row are a large part even where they stand once.
    found = {signal for signal in _failed(PROSE[language], language) if "gopher_top" not in signal}
    assert found == {"gopher_word_count"}


def test_a_limit_that_was_set_for_alphabets_holds_for_no_other_script_unless_a_user_sets_it() -> None:
    signals = signals_of(PROSE["ja"], "ja")
    own = (Limit(signal="gopher_mean_word_length", least=3),)
    assert [failure.signal for failure in gates.failures(signals, "ja", "none", own)] == ["gopher_mean_word_length"]


def test_profiles_name_signals_that_there_are_and_none_lets_all_pass() -> None:
    zeros = dict.fromkeys(NAMES, 0.0)
    assert {f.signal for f in gates.failures(zeros, "en", "gopher")} == {
        "gopher_word_count", "gopher_mean_word_length", "gopher_alphabetic_word_share", "gopher_stop_word_count"
    }  # fmt: skip
    assert list(gates.failures(zeros, "en", "none")) == []


def test_a_corpus_from_before_there_were_signals_goes_on(tmp_path: Path, warm: Pool) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "a.txt").write_text("Rain is likely.\n")
    out = tmp_path / "out"
    run(out, tmp_path / "old", warm=warm)
    place = str(out / "corpus")
    older = DeltaTable(place).to_pyarrow_table().drop_columns(list(YOUNG))
    write_deltalake(place, older, mode="overwrite", schema_mode="overwrite")
    assert _counts(out).outcomes == {"cleaned": 1}

    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "b.txt").write_text("Snow is likely.\n")
    run(out, tmp_path / "new", settings=ONE.model_copy(update={"signals": True}), warm=warm)
    assert {field.name for field in DeltaTable(place).schema().fields} == set(rows.SCHEMA.names)
    held = {row["source"]: row["signals"] for row in DeltaTable(place).to_pyarrow_table().to_pylist()}
    assert held["old/a.txt"] is None
    assert held["new/b.txt"]["text"]["gopher_word_count"] == 3
