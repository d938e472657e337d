"""Quality signals: small cases computed by hand, in several languages and scripts, and laws that hold for all texts."""

from __future__ import annotations

import math
from itertools import accumulate

import pytest
from hypothesis import given
from strategies import texts_with_surrogates

from winnow.cleaners import clean
from winnow.cleaners.characters import codes_of
from winnow.cleaners.quality import quality_of, signals_of
from winnow.cleaners.signals import stop_words, words
from winnow.cleaners.signals.catalog import DEFINITIONS, NAMES
from winnow.cleaners.signals.properties import flags_of
from winnow.cleaners.signals.words import Words

UNITS = {definition.name: definition.unit for definition in DEFINITIONS}


def _split(text: str) -> list[str]:
    codes = codes_of(text)
    return _texts(words.words_of(text, codes, flags_of(codes)), text)


def _texts(found: Words, text: str) -> list[str]:
    return [text[a:b] for a, b in zip(found.first, found.end, strict=True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It is 10:30, 1,000.5 km.", "It is 10:30 , 1,000.5 km ."),
        ("the U.S. has e.g. this", "the U.S . has e.g . this"),
        ("end.Start", "end . Start"),
        ("don't, Smith’s", "don 't , Smith ’s"),
        ("l'eau d’une", "l 'eau d ’une"),
        ("well-known -- and ...", "well - known -- and ..."),
        ("see https://a.example/b?c=d, now", "see https://a.example/b?c=d , now"),
        ("20% für 5 €", "20 % für 5 €"),
        ("cafe\u0301s", "cafe\u0301s"),
        ("في البيت، كتاب.", "في البيت ، كتاب ."),
        ("हिन्दी में लिखा।", "हिन्दी में लिखा ।"),
        ("в 1990-х годах", "в 1990 - х годах"),
        ("한국어 문장이다.", "한국어 문장이다 ."),
        ("", ""),
        (" \n ", ""),
    ],
)
def test_words(text: str, expected: str) -> None:
    assert _split(text) == expected.split()


@pytest.mark.parametrize(
    "phrase", ["三国签署了共同防御条约", "これは短い文章です", "ประเทศไทยมีประชากรมาก", "ប្រទេសកម្ពុជា"]
)
def test_scripts_without_spaces_are_cut_alike_wherever_a_phrase_stands(phrase: str) -> None:
    once = _split(phrase)
    assert 1 < len(once) <= len(phrase)
    assert all(part[0].isalpha() for part in once)  # no word begins with a mark
    cuts = {*accumulate(map(len, once))} - {len(phrase)}
    within = {cut - 3 for cut in accumulate(map(len, _split(phrase[-3:] + phrase + phrase[:2])))}
    assert {cut for cut in within if 0 < cut < len(phrase)} == cuts


def test_scripts_that_meet_are_cut() -> None:
    assert _split("用Python3写")[1] == "Python3"
    assert "甲" in _split("ไทย甲ไทย")


def test_redpajamas_words() -> None:
    text = "Don't  STOP—it's 5€ (über) हिन्दी"
    codes = codes_of(text)
    raw = _texts(words.raw_words_of(codes, flags_of(codes)), text)
    assert raw[:11] == ["Don", "'", "t", "STOP", "—", "it", "'", "s", "5", "€", "("]
    normalized = words.normalized_words_of(text.lower())
    assert len(normalized) == 5  # dont, stop—its, 5€, über, हिन्दी
    assert normalized.lengths.tolist() == [4, 8, 2, 5, 6]  # NFD: ü is two


def test_words_are_equal_only_if_they_are_the_same() -> None:
    codes = codes_of("ab ab ba aab Ab b")
    hashes = words.words_of("ab ab ba aab Ab b", codes, flags_of(codes)).hashes
    assert len(set(hashes.tolist())) == 5
    assert hashes[0] == hashes[1]


def _told(text: str, language: str = "en") -> dict[str, float | None]:
    return signals_of(text, language)


def test_gophers_quality() -> None:
    told = _told("- The cat, # 1…\n• and that dog...\n\nrest of it")
    # Words: - The cat , # 1 … • and that dog ... rest of it: 15, of which 9 hold a letter or digit.
    assert told["gopher_word_count"] == 9
    assert told["gopher_mean_word_length"] == pytest.approx((3 + 3 + 1 + 3 + 4 + 3 + 4 + 2 + 2) / 9)
    assert told["gopher_hash_ratio"] == pytest.approx(1 / 15)
    assert told["gopher_ellipsis_ratio"] == pytest.approx(2 / 15)
    assert told["gopher_bullet_line_share"] == 2 / 4
    assert told["gopher_ellipsis_line_share"] == 2 / 4
    assert told["gopher_alphabetic_word_share"] == pytest.approx(8 / 15)
    assert told["gopher_stop_word_count"] == 3  # and, that, of; not The: the paper's list is in lower case


@pytest.mark.parametrize(
    ("language", "text", "count"),
    [
        ("de", "Das ist der Hund, und die Katze", 4),
        ("ru", "Это не он, и в дом", 3),
        ("ar", "الكتاب في البيت على الطاولة", 2),
        ("zh-Hans", "三国签署了条约", None),
        ("th", "ประเทศไทย", None),
        ("und", "the and", None),
        ("sr-Latn", "i u kući je", 3),
    ],
)
def test_stop_words(language: str, text: str, count: int | None) -> None:
    told = signals_of(text, language)
    assert told["gopher_stop_word_count"] == count
    assert (told["rps_doc_stop_word_fraction"] is None) == (count is None)


def test_repeated_lines_and_paragraphs() -> None:
    told = _told("abc\nde\nabc\n\nabc\nde\nabc")
    # Six lines, of which two are new; a paragraph seen before.
    assert told["gopher_duplicate_line_share"] == 4 / 6
    assert told["gopher_duplicate_line_characters"] == pytest.approx((3 + 3 + 2 + 3) / 22)
    assert told["gopher_duplicate_paragraph_share"] == 1 / 2
    assert told["gopher_duplicate_paragraph_characters"] == pytest.approx(10 / 22)
    assert told["fineweb_duplicate_line_characters"] == pytest.approx(11 / 16)


def test_top_ngrams() -> None:
    told = _told("a bc a bc x a bc")
    assert told["gopher_top_2gram_characters"] == pytest.approx(3 * len("a bc") / 16)
    assert told["gopher_top_3gram_characters"] == pytest.approx(len("a bc a") / 16)  # none twice: the first
    assert told["rps_doc_frac_chars_top_2gram"] == pytest.approx(3 * 3 / 10)
    assert told["rps_doc_frac_chars_top_3gram"] == 0


def test_of_several_commonest_ngrams_the_first_counts() -> None:
    assert _told("aaaa b, c d, aaaa b, c d")["gopher_top_2gram_characters"] == pytest.approx(2 * 6 / 24)


def test_duplicate_ngrams() -> None:
    told = _told("one two three four five six - one two three four five six")
    # Read through: five words that were read, then "six" alone; at most once each.
    assert told["gopher_duplicate_5gram_characters"] == pytest.approx(19 / 57)
    assert told["gopher_duplicate_6gram_characters"] == pytest.approx(22 / 57)
    assert told["gopher_duplicate_7gram_characters"] == 0
    assert told["rps_doc_frac_chars_dupe_5grams"] == 1.0  # the normalized text has no hyphen
    assert _told("one two three four five")["rps_doc_frac_chars_dupe_5grams"] == 0


def test_chinese_that_repeats_is_told() -> None:
    sentence = "三国签署了共同防御条约，将于明年生效。"
    told = signals_of(sentence * 3, "zh-Hans")
    assert told["gopher_duplicate_5gram_characters"] is not None
    assert told["gopher_duplicate_5gram_characters"] > 0.4
    assert signals_of(sentence, "zh-Hans")["gopher_duplicate_5gram_characters"] == 0


def test_finewebs() -> None:
    told = _told("Ends here.\nनहीं।\nno end\n\nspace behind. \n")
    assert told["fineweb_line_punctuation"] == 2 / 4
    assert told["fineweb_short_line_share"] == 1
    assert told["fineweb_newlines_per_word"] == pytest.approx(5 / 10)


def test_c4s() -> None:
    told = _told(
        'He said "It is late. Go home."\nToo short.\nNo end of this line\nPlease use Javascript now.\n'
        "See our Privacy Policy here.\nMr. A. Smith came late [1]. And left...\n"
    )
    assert told["c4_unended_line_share"] == pytest.approx(2 / 6)
    assert told["c4_short_line_share"] == pytest.approx(1 / 6)
    assert told["c4_javascript_line_share"] == pytest.approx(1 / 6)
    assert told["c4_policy_line_share"] == pytest.approx(1 / 6)
    assert told["c4_kept_line_share"] == pytest.approx(1 / 6)
    assert told["c4_sentence_count"] == 2
    assert told["c4_third_longest_line"] == 28


def test_c4_takes_citations_out_before_it_looks_at_the_end() -> None:
    assert _told("It rained all day.[12]")["c4_kept_line_share"] == 1
    assert _told("It rained all day. [12]")["c4_kept_line_share"] == 0  # its code leaves the space


def test_sentences_in_scripts_that_set_no_space() -> None:
    assert _told('他 来了 吗。他 说 了！"')["c4_sentence_count"] == 2


def test_redpajamas() -> None:
    told = _told("A b! a\n\n• Café 12 {x}\n")
    assert told["rps_doc_word_count"] == 7  # a b a • café 12 x
    assert told["rps_doc_num_sentences"] == 2
    assert told["rps_doc_frac_unique_words"] == 6 / 7
    entropy = -(2 / 7 * math.log(2 / 7) + 5 / 7 * math.log(1 / 7))
    assert told["rps_doc_unigram_entropy"] == pytest.approx(entropy, abs=1e-6)
    assert told["rps_doc_mean_word_length"] == pytest.approx(12 / 7)  # é is two in NFD
    assert told["rps_doc_frac_all_caps_words"] == pytest.approx(1 / 10)
    assert told["rps_doc_frac_no_alph_words"] == pytest.approx(5 / 10)  # ! • 12 { }
    assert told["rps_doc_curly_bracket"] == pytest.approx(2 / 22)
    assert told["rps_lines_start_with_bulletpoint"] == 1 / 3
    assert told["rps_lines_num_words"] == 7 / 3
    assert told["rps_lines_uppercase_letter_fraction"] == pytest.approx((1 / 7 + 1 / 14) / 3)
    assert told["rps_lines_numerical_chars_fraction"] == pytest.approx((2 / 12) / 3)
    assert _told("Lorem, ipsum")["rps_doc_lorem_ipsum"] == pytest.approx(1 / 11)


PAGE = "top of page\n\nRain is likely on Friday, and the whole valley waits for it.\n\nLeave a Reply\n"


def test_ours_before_and_after() -> None:
    quality = quality_of(clean(PAGE))
    assert quality.page["winnow_residue_share"] == pytest.approx(20 / 69)
    assert quality.text["winnow_residue_share"] == 0
    assert quality.page["winnow_line_punctuation"] == pytest.approx(49 / 69)
    assert quality.text["winnow_line_punctuation"] == 1
    assert quality.page["gopher_word_count"] == 18
    assert quality.text["gopher_word_count"] == 12


def test_links_and_repairs() -> None:
    told = quality_of(clean("See https://a.example/b now.\n\nsch\u00c3\u00b6n ist es im Tal.\n")).page
    assert told["winnow_link_share"] == pytest.approx(19 / 42)
    assert told["winnow_repairs_per_1000"] == pytest.approx(1_000 / 50, rel=0.05)
    page = '<html><body><p><a href="/x">Linked</a> words</p></body></html>'
    assert quality_of(clean(page)).page["winnow_link_share"] == pytest.approx(6 / 11, abs=0.05)


def test_lines_in_another_language() -> None:
    german = "Die Ernte begann in diesem Jahr zwei Wochen früher als gewöhnlich, sagen die Bauern im Tal.\n"
    english = "The harvest began two weeks earlier than usual this year, the farmers in the valley say.\n"
    assert quality_of(clean(german * 1 + german[4:] + english)).page["winnow_foreign_line_share"] == pytest.approx(
        1 / 3
    )


def test_a_stretch_that_repeats_again_and_again_costs_no_more_than_its_length() -> None:
    told = _told("the same words again and " * 20_000)
    assert told["rps_doc_frac_chars_dupe_10grams"] == 1


@given(texts_with_surrogates)
def test_signals_are_within_their_bounds(text: str) -> None:
    quality = quality_of(clean(text))
    for signals in (quality.page, quality.text):
        assert tuple(sorted(signals)) == tuple(sorted(NAMES))
        for name, value in signals.items():
            if value is None:
                assert "stop_word" in name
                continue
            assert math.isfinite(value), name
            assert value >= 0, name
            if UNITS[name] == "share":
                assert value <= 1, name
            if UNITS[name] == "count":
                assert value == int(value), name


@given(texts_with_surrogates)
def test_words_account_for_all_that_is_visible(text: str) -> None:
    assert "".join(_split(text)) == "".join(text.split())


def test_each_signal_has_a_definition_of_its_own() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert all(definition.formula and definition.source for definition in DEFINITIONS)


def test_stop_words_are_lists_of_several() -> None:
    for language in stop_words.LANGUAGES:
        listed = stop_words.stop_words_of(language)
        assert listed is not None
        assert len(listed) >= 7, language
