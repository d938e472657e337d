"""File names that are safe and distinct."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from winnow.cleaners import diff_log
from winnow.flows.exports import names_for


def test_txt_is_appended_where_it_lacks() -> None:
    names = names_for(["a/x.txt", "a/y.html", "a/Z.TXT"])
    assert [name.text for name in names.values()] == ["a/x.txt", "a/y.html.txt", "a/Z.TXT"]
    assert [name.diff for name in names.values()] == ["a/x.txt.diff", "a/y.html.diff", "a/Z.TXT.diff"]


def test_a_taken_name_gets_the_id() -> None:
    names = names_for(["a/x", "a/x.txt", "a/X.TXT", "a/e\u0301", "a/\u00e9", "a/d", "a/d.txt/e"])
    texts = [name.text for name in names.values()]
    assert texts[0] == "a/x.txt"
    assert texts[1] == f"a/x.{diff_log.id_of('a/x.txt')}.txt"
    assert len({text.casefold() for text in texts}) == len(texts)
    assert names["a/d"].text == f"a/d.{diff_log.id_of('a/d')}.txt"


@given(st.lists(st.text(alphabet="aA/.\\\u00e9é😀x", max_size=300), unique=True, max_size=20))
def test_names_stay_below_their_folder_and_are_not_too_long(sources: list[str]) -> None:
    names = names_for(sources)
    assert len({name.text for name in names.values()}) == len(sources)
    for name in names.values():
        for path in (name.text, name.diff):
            parts = path.split("/")
            assert path
            assert not path.startswith("/")
            assert ".." not in parts
            assert max(len(part.encode()) for part in parts) <= 255
