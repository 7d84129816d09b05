"""Vietnamese names of units: one stored spelling, a key to find them by, and a key to sort them by."""

import re
import unicodedata

KIND_WORDS = {
    "ministry": "",
    "agency": "",
    "department": "",
    "service_centre": "",
    "municipality": "thành phố",
    "province": "tỉnh",
    "city": "thành phố",
    "town": "thị xã",
    "urban_district": "quận",
    "district": "huyện",
    "ward": "phường",
    "township": "thị trấn",
    "commune": "xã",
    "special_zone": "đặc khu",
}
"""Word put before the name of each kind of unit; empty where the name already says it ("Sở Nội vụ")."""

SEARCH_KEY_LENGTH = 200
SORT_KEY_LENGTH = 400

_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_TONES = "\u0300\u0309\u0303\u0301\u0323"  # huyền hỏi ngã sắc nặng; none comes before them
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_TONE_ON_SECOND_VOWEL = re.compile(r"(o)([àảãáạèẻẽéẹ])\b|(?<!q)(u)([ỳỷỹýỵ])\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")


def clean_name(text: str) -> str:
    """The one spelling that is stored: NFC, single spaces, nothing invisible, tone marks as in "hòa"."""
    visible = _INVISIBLE.sub("", unicodedata.normalize("NFC", text))
    return _TONE_ON_SECOND_VOWEL.sub(_move_tone_back, " ".join(visible.split()))


def unit_label(kind: str, name: str) -> str:
    """A unit as an official writes it inside a sentence: "phường Đông Hà", "đặc khu Cồn Cỏ", "Sở Nội vụ"."""
    return f"{KIND_WORDS[kind]} {name}".lstrip()


def unit_title(kind: str, name: str) -> str:
    """A unit as it is named on its own, in a heading: "Phường Đông Hà"."""
    label = unit_label(kind, name)
    return label[:1].upper() + label[1:]


def same_name_key(text: str) -> str:
    """Equal for two spellings of one name (case, Unicode form, tone placement), and for nothing else."""
    return " ".join(_WORD.findall(clean_name(text).casefold()))


def search_key(text: str) -> str:
    """What a name is found by: lower-case words without any mark, so that "dong ha" finds Đông Hà."""
    decomposed = unicodedata.normalize("NFD", clean_name(text).casefold().replace("đ", "d"))
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(_WORD.findall(bare))


def sort_key(text: str) -> str:
    """ASCII text that sorts as a Vietnamese dictionary does: by syllable, its letters, then its tone."""
    syllables = _WORD.findall(clean_name(text).casefold())
    return "".join(_syllable_key(syllable) for syllable in syllables)[:SORT_KEY_LENGTH]


def unit_search_key(kind: str, name: str) -> str:
    """The search key of a unit: its name with its kind before it."""
    return search_key(unit_label(kind, name))[:SEARCH_KEY_LENGTH]


def _move_tone_back(match: re.Match[str]) -> str:
    first, second = (part for part in match.groups() if part)
    vowel = unicodedata.normalize("NFD", second)
    return unicodedata.normalize("NFC", first + vowel[1]) + vowel[0]


def _syllable_key(syllable: str) -> str:
    """Two characters a letter, then "0" and the tone, which sorts below any further letter."""
    if syllable.isdecimal():
        return "".join(f"1{int(digit)}" for digit in str(int(syllable)).zfill(6)) + "00"
    tone = 0
    letters = []
    for letter in syllable:
        marks = unicodedata.normalize("NFD", letter)
        tone = next((1 + _TONES.index(mark) for mark in marks if mark in _TONES), tone)
        letters.append(_letter_key("".join(mark for mark in marks if mark not in _TONES)))
    return "".join(letters) + f"0{tone}"


def _letter_key(marks: str) -> str:
    letter = unicodedata.normalize("NFC", marks)
    if letter.isdecimal():
        return f"1{int(letter)}"
    bare = "d" if letter == "đ" else marks[0]
    if bare not in _ALPHABET:
        return f"zz{ord(bare):06x}"
    family = [each for each in _ALPHABET if each == bare or unicodedata.normalize("NFD", each)[0] == bare]
    family += ["đ"] if bare == "d" else []
    return f"{bare}{family.index(letter) if letter in family else 0}"
