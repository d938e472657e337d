"""The diff log: its schema, its spans, and the way back from it."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from strategies import raw_bytes

from winnow import cleaners
from winnow.cleaners import BadLog, CleaningSettings, UnreadableInput, clean, diff_log, versions

SCHEMA = json.loads((Path(cleaners.__file__).parent / "diff_log.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
SEEDS = sorted((Path(__file__).parents[1] / "seeds").glob("*.txt"))


def test_the_schema_is_one_and_says_its_version() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["schema"]["const"] == diff_log.SCHEMA


@pytest.mark.parametrize("seed", SEEDS, ids=lambda path: path.stem)
def test_seeds_keep_to_the_schema_and_verify(seed: Path) -> None:
    raw = seed.read_bytes()
    cleaned = clean(raw)
    record = json.loads(diff_log.to_json(diff_log.record_of(cleaned, f"seeds/{seed.name}", raw)))
    VALIDATOR.validate(record)
    assert record["characters"]["source"] == len(raw.decode())
    assert record["characters"]["page"] - record["characters"]["removed"] == record["characters"]["text"]
    for finding in record["findings"]:
        assert raw.decode()[finding["source_start"] : finding["source_end"]] == finding["text"]
    assert diff_log.read_back(record, cleaned.text).restore() == raw


@settings(max_examples=200, deadline=None)
@given(raw_bytes)
def test_generated_texts_keep_to_the_schema(raw: bytes) -> None:
    chosen = CleaningSettings(languages=False)
    try:
        cleaned = clean(raw, chosen)
        record = diff_log.record_of(cleaned, "x", raw)
    except UnreadableInput as error:
        record = diff_log.record_of_failure("x", str(error), chosen, raw)
    line = diff_log.to_json(record)
    assert "\n" not in line
    line.encode()  # no lone surrogates
    VALIDATOR.validate(json.loads(line))


def test_a_text_that_was_edited_is_refused() -> None:
    raw = b"A line.\n\nLeave a Reply\n"
    record = diff_log.record_of(clean(raw), "x.txt", raw)
    with pytest.raises(BadLog, match="edited"):
        diff_log.read_back(record, "A line!\n")
    with pytest.raises(BadLog, match="not a diff log"):
        diff_log.read_back({"schema": "something else"}, "A line.\n")


def test_versions_tell_what_made_it() -> None:
    one, other = CleaningSettings(), CleaningSettings(strike_noted=("credits",))
    assert versions.of_settings(one) == versions.of_settings(CleaningSettings())
    assert versions.of_settings(one) != versions.of_settings(other)
    assert len(versions.ruleset()) == 12
    assert versions.tools()["ftfy"]
    assert versions.asked_for(one) == {}
    asked = CleaningSettings(personal_data="label", language_engine="lingua")
    assert versions.asked_for(asked).keys() == {"phonenumbers", "lingua-language-detector"}


def test_spans_are_told_in_the_source_when_a_repair_moved_them() -> None:
    raw = "schÃ¶n &amp; gut\r\nLeave a Reply\r\n\r\nA line.".encode()
    record = diff_log.record_of(clean(raw), "x", raw)
    source = raw.decode().replace("\r\n", "\n")  # as a reader in text mode sees it
    (form,) = [f for f in record["findings"] if f["cleaner"] == "comment_forms"]
    assert source[form["source_start"] : form["source_end"]] == "Leave a Reply\n" == form["text"]
    (repair,) = record["repairs"]
    assert source[repair["start"] : repair["end"]] == repair["removed"]
