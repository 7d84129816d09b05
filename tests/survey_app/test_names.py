import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.names import (
    KIND_WORDS,
    clean_name,
    same_name_key,
    search_key,
    sort_key,
    unit_label,
    unit_search_key,
    unit_title,
)

ASCII_KEY = set("0123456789abcdefghijklmnopqrstuvwxyz")


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("Hoà Trạch", "Hòa Trạch"),
        ("Lệ Thuỷ", "Lệ Thủy"),
        ("Lệ Thủy", "Lệ Thủy"),
        ("MINH HOÁ", "MINH HÓA"),
        ("Khoẻ", "Khỏe"),
        ("Quý", "Quý"),
        ("Quỳ Hợp", "Quỳ Hợp"),
        ("Hoàn Lão", "Hoàn Lão"),
        ("Huỳnh", "Huỳnh"),
        ("  Đông \u202e  Hà\u200b ", "Đông Hà"),
    ],
)
def test_clean_name_gives_one_spelling(written, stored):
    assert clean_name(written) == unicodedata.normalize("NFC", stored)
    assert clean_name(unicodedata.normalize("NFD", written)) == unicodedata.normalize("NFC", stored)


def test_same_name_key_joins_spellings_and_keeps_other_tones_apart():
    assert same_name_key("xã Minh Hoá") == same_name_key(unicodedata.normalize("NFD", "Xã Minh Hóa"))
    assert same_name_key("Đông Hà") != same_name_key("Đồng Hà")
    assert same_name_key("Đông Hà") != same_name_key("Dông Hà")


@pytest.mark.parametrize("typed", ["dong ha", "ĐÔNG HÀ", "Đông  Hà", unicodedata.normalize("NFD", "đông hà")])
def test_search_key_ignores_marks_case_and_unicode_form(typed):
    assert search_key(typed) == "dong ha"
    assert search_key(typed) in unit_search_key("ward", "Đông Hà")


def test_search_key_keeps_nothing_that_a_like_pattern_reads():
    assert search_key("100%_Đ'ông; --") == "100 d ong"


def test_sort_key_follows_the_letters_then_the_tones():
    ordered = [
        "An",
        "Ăn",
        "Ân",
        "Ba",
        "Bà",
        "Bả",
        "Bã",
        "Bá",
        "Bạ",
        "Ca",
        "Da",
        "Đa",
        "Em",
        "Êm",
        "Ga",
        "Lìa",
        "Oa",
        "Ôn",
        "Ơn",
        "Tu",
        "Tư",
        "Va",
        "Xa",
        "Ý",
    ]
    shuffled = random.Random(1).sample(ordered, len(ordered))
    assert sorted(shuffled, key=sort_key) == ordered


def test_sort_key_goes_syllable_by_syllable_and_counts_numbers():
    ordered = ["Ba Đồn", "Ba Lòng", "Bà Rịa", "Đông Hà", "Đông Thanh", "Đồng Hới", "Phường 2", "Phường 10"]
    shuffled = random.Random(2).sample(ordered, len(ordered))
    assert sorted(shuffled, key=sort_key) == ordered


@given(st.text(max_size=60))
def test_keys_are_stable_ascii_and_form_insensitive(text):
    assert set(sort_key(text)) <= ASCII_KEY
    assert sort_key(text) == sort_key(unicodedata.normalize("NFD", text))
    assert clean_name(clean_name(text)) == clean_name(text)


def test_unit_title_begins_as_a_heading_does():
    assert unit_title("ward", "Đông Hà") == "Phường Đông Hà"
    assert unit_title("special_zone", "Cồn Cỏ") == "Đặc khu Cồn Cỏ"
    assert unit_title("department", "Sở Nội vụ") == "Sở Nội vụ"


def test_unit_label_puts_the_kind_before_the_name():
    assert unit_label("ward", "Đông Hà") == "phường Đông Hà"
    assert unit_label("commune", "Tân Lập") == "xã Tân Lập"
    assert unit_label("special_zone", "Cồn Cỏ") == "đặc khu Cồn Cỏ"
    assert unit_label("department", "Sở Nội vụ") == "Sở Nội vụ"


def test_kind_words_are_stored_in_one_form():
    assert all(word == clean_name(word) for word in KIND_WORDS.values())
