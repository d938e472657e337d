"""Settings: one model for files, flow parameters and code; a wrong name is answered with the right ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from winnow.cleaners import Action, BadSettings, CleaningSettings, clean
from winnow.flows.settings import RunSettings

TEXT = "A line of prose.\n\ndh/sms (AFP, Reuters)\n\nLeave a Reply\n"


def test_a_file_becomes_settings(tmp_path: Path) -> None:
    file = tmp_path / "news.toml"
    file.write_text('strike_noted = ["credits"]\nbatch_documents = 7\n')
    settings = RunSettings.from_file(file)
    assert settings.strike_noted == ("credits",)
    assert settings.batch_documents == 7


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("strike_notes = []", r"no setting 'strike_notes'. Did you mean 'strike_noted'\? The settings are skip_"),
        ('skip_cleaners = ["captoins"]', "no cleaner 'captoins'; the cleaners are cookie_banners"),
        ("batch_documents = 0", "batch_documents: .*greater than 0"),
        ("repair = ", "is not TOML"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_the_file(content: str, told: str, tmp_path: Path) -> None:
    file = tmp_path / "news.toml"
    file.write_text(content)
    with pytest.raises(BadSettings, match=rf"news\.toml: .*{told}"):
        RunSettings.from_file(file)
    with pytest.raises(BadSettings, match="cannot be read"):
        RunSettings.from_file(tmp_path / "missing.toml")


def test_settings_change_what_is_struck() -> None:
    assert clean(TEXT).text == "A line of prose.\n\ndh/sms (AFP, Reuters)\n"
    assert clean(TEXT, CleaningSettings(strike_noted=("credits",))).text == "A line of prose.\n"
    assert clean(TEXT, CleaningSettings(skip_cleaners=("comment_forms",))).text == TEXT
    assert clean(TEXT, CleaningSettings(skip_rules=("en.reply-heading",))).text == TEXT
    assert clean("schÃ¶n", CleaningSettings(repair=False)).text == "schÃ¶n"
    assert clean(TEXT * 9, CleaningSettings(languages=False)).language == "und"


def test_a_note_that_is_struck_keeps_its_reason() -> None:
    (found,) = [f for f in clean(TEXT, CleaningSettings(strike_noted=("credits",))).findings if f.cleaner == "credits"]
    assert found.action is Action.STRIKE
    assert found.reason == "signed off with the names of news agencies"
