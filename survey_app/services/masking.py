"""What could name a person in somebody's words is covered before anyone reads them: on pages and in every file.

A program cannot know every name. It covers what has a form: numbers of telephones, of papers, of accounts and files,
plates, addresses of mail, and names after a word of address. What has no form stays; the page says so.
"""

import re
from functools import lru_cache

PHONE = "[số điện thoại]"
PAPER = "[số giấy tờ]"
ACCOUNT = "[số tài khoản]"
FILE = "[mã hồ sơ]"
PLATE = "[biển số]"
MAIL = "[địa chỉ thư]"
LINK = "[địa chỉ mạng]"
NAME = "[tên]"
MASKS = (PHONE, PAPER, ACCOUNT, FILE, PLATE, MAIL, LINK, NAME)

_GAP = r"[ .\-\u2013\u00a0]{0,2}"


def _words(text: str) -> list[str]:
    return text.split()


_MAIL = re.compile(r"[\w.+-]+ ?(?:@|\(at\)|\[at\]) ?[\w-]+(?:\.[\w-]+)+")
_LINK = re.compile(r"(?:https?://|www\.|(?:facebook|fb|zalo)\.(?:com|me)/)\S+", re.IGNORECASE)
# The codes that one-stop software prints: "000.00.15.H50-260914-0021", "H50.15.12-260914-0021".
_FILE = re.compile(r"\b(?:\d{3}\.\d{2}\.\d{1,3}\.)?H\d{2}(?:\.\d{1,3})*-\d{6,8}-\d{3,6}\b", re.IGNORECASE)
_ACCOUNT = re.compile(
    rf"\b(?:stk|s[ốo] tk|t[àa]i kho[ảa]n|account)\b(?:[^\d\n]{{0,24}})(\d(?:{_GAP}\d){{5,18}})(?!\d)",
    re.IGNORECASE,
)
_PLATE = re.compile(
    r"(?<![\w.])\d{2}[ -]?[A-ZĐ]{1,2}\d?[ .-]{0,3}(?:\d{3}\.?\d{2}|\d{4})(?![\w])", re.IGNORECASE
)
_PAPER_WORD = re.compile(
    r"\b(?:cccd|cmnd|cmt|căn cước(?: công dân)?|chứng minh(?: nhân dân| thư)?|hộ chiếu|passport|mã định danh)\b"
    rf"([^\d\n]{{0,24}})([A-Z]?\d(?:{_GAP}\d){{6,13}})(?!\d)",
    re.IGNORECASE,
)
_DATE = r"(?!\d{1,2}[./\-]\d{1,2}[./\-]\d{2,4}(?!\d))"
_MONEY_AFTER = r"(?!\d|[.,]\d{3}(?!\d)|\s*(?:đồng|đ\b|vnđ|vnd|triệu|tr\b|nghìn|ngàn|tỷ|tỉ\b|m2|m²|mét))"
# Whatever is written as thousands, 12.000.000, is an amount and no paper.
_THOUSANDS = r"(?!\d{1,3}(?:\.\d{3})+(?![\d.]))"
# The code of a procedure, 2.000815.000.00.00.H50, names no person.
_PROCEDURE = r"(?!\d\.\d{6}(?!\d))"
_TWELVE = re.compile(rf"(?<![\d.,]){_DATE}{_PROCEDURE}\d(?:{_GAP}\d){{11}}(?!\d)")
_PHONE_GAP = r"[ .,\-\u2013\u00a0]{0,2}"
_PHONE = re.compile(
    rf"(?<![\d.,/]){_DATE}(?:(?:\+|00){_PHONE_GAP}84|84|0|(?<!\w)[oO]|\(0)\)?{_PHONE_GAP}(?:\d\)?{_PHONE_GAP}){{8,9}}\d(?!\d){_MONEY_AFTER}"
)
_LONG = re.compile(rf"(?<![\d.,/]){_DATE}{_THOUSANDS}{_PROCEDURE}\d(?:{_GAP}\d){{8,18}}{_MONEY_AFTER}")

_ADDRESS = re.compile(r"\b(anh|chị|ông|bà|cô|chú|bác|thầy|em)((?: \w+){1,4})", re.IGNORECASE)
# Capitalised words after a word of address that begin an office, a place or a people, not a name.
_NOT_NAMES = frozenset(
    _words(
        "ubnd hđnd uỷ ủy sở bộ phòng ban trung công chủ phó giám bru vân bà ông anh chị cô chú việt "
        "quảng đông một kinh tà pa chứt khi nếu tôi em đã xin nên"
    )
)

_SHORT_FORMS = frozenset(_words("ubnd hđnd tthc cccd cmnd cntt vneid hcc pvhcc qr"))


@lru_cache(maxsize=50_000)
def mask(text: str) -> str:
    """The text with everything covered that has the form of something personal."""
    text = _MAIL.sub(MAIL, text)
    text = _LINK.sub(LINK, text)
    text = _FILE.sub(FILE, text)
    text = _ACCOUNT.sub(lambda found: found.group(0)[: found.start(1) - found.start(0)] + ACCOUNT, text)
    text = _PAPER_WORD.sub(lambda found: found.group(0)[: found.start(2) - found.start(0)] + PAPER, text)
    text = _PLATE.sub(PLATE, text)
    text = _PHONE.sub(PHONE, text)
    text = _TWELVE.sub(PAPER, text)
    text = _LONG.sub(PAPER, text)
    return _ADDRESS.sub(_without_name, text)


def _without_name(found: re.Match[str]) -> str:
    """ "chị Nguyễn Thị Hoa làm" as "chị [tên] làm"; what is no capitalised run after the word stays."""
    address, words = found.group(1), found.group(2).split()
    named = 0
    for word in words:
        if not word[0].isupper() or word.casefold() in _SHORT_FORMS:
            break
        named += 1
    if not named or words[0].casefold() in _NOT_NAMES:
        return found.group(0)
    return " ".join([address, NAME, *words[named:]])
