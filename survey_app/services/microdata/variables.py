"""What the columns of a dataset mean: names, labels and values in two languages, and which values are missing."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from analysis.packing import Missing
from survey_app.services.form_items import CHOSEN, Choice, Item
from survey_app.services.forms import Form
from survey_app.services.microdata.local_suppression import SUPPRESSED
from survey_app.vocabulary import AssistedBy, Capacity, Channel, Residence, Stage, label

Words = tuple[str, str]
NOT_TOLD: Words = ("Không công bố để bảo vệ danh tính", "Withheld to protect identity")
# Numbers below zero say why there is no answer; statistical programs take them as user-missing.
MISSING_CODES: Mapping[Missing, int] = {
    Missing.NOT_ASKED: -1,
    Missing.NOT_RELEVANT: -2,
    Missing.LEFT_BLANK: -3,
    Missing.NOT_REACHED: -4,
    Missing.NOT_APPLICABLE: -5,
    Missing.DONT_KNOW: -6,
    Missing.REFUSED: -7,
}
MISSING_WORDS: Mapping[int, Words] = {
    -1: ("Không hỏi", "Not asked"),
    -2: ("Không thuộc diện hỏi", "Not relevant"),
    -3: ("Bỏ trống", "Left blank"),
    -4: ("Chưa trả lời đến", "Not reached"),
    -5: ("Không áp dụng", "Not applicable"),
    -6: ("Không biết, không liên quan", "Don't know"),
    -7: ("Từ chối trả lời", "Refused"),
    SUPPRESSED: NOT_TOLD,
}
YES_NO: Mapping[int, Words] = {0: ("Không", "No"), 1: ("Có", "Yes")}
LANGUAGES = ("vi", "en")
_NAME = re.compile(r"[^A-Za-z0-9]+")


class Holds(StrEnum):
    """What a column holds."""

    TEXT = "text"
    CODE = "code"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Variable:
    """One column. `values` label its codes, those below zero being reasons why there is none."""

    name: str
    label: Words
    holds: Holds
    values: Mapping[int, Words] = field(default_factory=dict)

    def in_language(self, language: str) -> str:
        return self.label[LANGUAGES.index(language)]

    def value_labels(self, language: str) -> dict[int, str]:
        return {code: words[LANGUAGES.index(language)] for code, words in self.values.items()}

    @property
    def missing(self) -> tuple[int, ...]:
        return tuple(sorted(code for code in self.values if code < 0))


def coded(kind: type[IntEnum], *, can_be_withheld: bool = False) -> dict[int, Words]:
    values = {int(code): (label(code, "vi"), label(code, "en")) for code in kind}
    return values | ({SUPPRESSED: NOT_TOLD} if can_be_withheld else {})


def _code(name: str, vi: str, en: str, values: Mapping[int, Words]) -> Variable:
    return Variable(name, (vi, en), Holds.CODE, values)


def _text(name: str, vi: str, en: str) -> Variable:
    return Variable(name, (vi, en), Holds.TEXT)


def person_variables(fields: Mapping[int, Words]) -> tuple[Variable, ...]:
    """Everything but the answers, in the order of a row."""
    withheld = {SUPPRESSED: NOT_TOLD}
    return (
        _text("row_id", "Mã dòng, tạo mới cho mỗi lần xuất", "Row key, new in every export"),
        _text("unit_code", "Mã đơn vị khi trả lời", "Code of the unit at collection"),
        _text("unit_name", "Tên đơn vị khi trả lời", "Name of the unit at collection"),
        _text("unit_code_today", "Mã đơn vị hiện nay", "Code of the unit as at today"),
        _text("unit_name_today", "Tên đơn vị hiện nay", "Name of the unit as at today"),
        _text("month", "Tháng trả lời", "Month of collection"),
        _code("point", "Điểm đặt, đánh số lại mỗi lần xuất", "Collection point, renumbered in every export", withheld),
        _code("channel", "Kênh trả lời", "Channel", coded(Channel)),
        _code("stage", "Giai đoạn giao dịch", "Stage of the transaction", coded(Stage)),
        _code("field", "Lĩnh vực", "Service field", {0: ("Chưa cho biết", "Not stated"), **fields}),
        _code("capacity", "Tư cách người trả lời", "Capacity of the respondent", coded(Capacity, can_be_withheld=True)),
        _code("residence", "Nơi ở so với đơn vị", "Residence", coded(Residence, can_be_withheld=True)),
        _code("is_proxy", "Trả lời giúp người khác", "Answered for somebody else",
              {-1: MISSING_WORDS[-1], **YES_NO, **withheld}),
        _code("assisted_by", "Người hỗ trợ thao tác", "Assisted by", coded(AssistedBy, can_be_withheld=True)),
        _code("language", "Ngôn ngữ trả lời", "Language of the answers",
              {1: ("Tiếng Việt", "Vietnamese"), 2: ("Tiếng Anh", "English"), 3: ("Khác", "Other"), **withheld}),
        Variable("weight", ("Trọng số chọn mẫu", "Design weight"), Holds.NUMBER),
        Variable("stratum", ("Tầng trong đơn vị", "Stratum within the unit"), Holds.CODE),
        Variable("cluster", ("Cụm, đánh số lại cho mỗi lần xuất", "Cluster, renumbered in every export"), Holds.CODE),
        _code("is_late", "Đến sau khi chốt đợt", "Came after the wave was closed", YES_NO),
        _code("is_ticketed", "Có mã trả lời một lần", "With a one-time code", YES_NO),
        _code("is_excluded", "Bị loại khỏi số liệu theo quyết định", "Excluded from figures by decision", YES_NO),
        _code("flag_fast", "Dấu hiệu: trả lời quá nhanh", "Sign: very fast", YES_NO),
        _code("flag_straight", "Dấu hiệu: một mức cho mọi câu", "Sign: straight-lining", YES_NO),
    )  # fmt: skip


def answer_variables(form: Form) -> tuple[Variable, ...]:
    """One column for each slot of the packed answers, in their order."""
    found: list[Variable] = []
    taken: set[str] = set()
    reasons = {code: words for code, words in MISSING_WORDS.items() if code != SUPPRESSED}
    for item in form.items:
        withheld = {SUPPRESSED: NOT_TOLD} if item.kind == "profile" else {}
        for name, words, values in _columns(item):
            unique = name
            while unique.lower() in taken:
                unique = f"{unique}_"
            taken.add(unique.lower())
            found.append(Variable(unique, words, Holds.CODE, values | reasons | withheld))
    return tuple(found)


def _columns(item: Item) -> Iterator[tuple[str, Words, dict[int, Words]]]:
    text = (item.text.vi, item.text.in_language("en"))
    if not item.is_multiple:
        yield _name("q", item.code), text, {choice.position: _words(choice) for choice in item.choices}
        return
    for choice in item.choices:
        words = _words(choice)
        labels = (f"{text[0]}: {words[0]}", f"{text[1]}: {words[1]}")
        yield _name("q", item.code, choice.code), labels, dict(YES_NO)


def _words(choice: Choice) -> Words:
    return choice.label.vi, choice.label.in_language("en")


def _name(*parts: str) -> str:
    """A name that every program takes: letters, digits, underscores; short, as sets of labels are named after it."""
    return "_".join(_NAME.sub("_", part).strip("_") for part in parts)[:28]


def answer_codes(form: Form) -> list[tuple[int, ...]]:
    """For each slot a table from packed byte to the number told."""
    single = [*range(32)]
    for reason, code in MISSING_CODES.items():
        single[reason] = code
    multiple = [*single]
    # A multi-select stores 1 for chosen and 2 for not chosen.
    multiple[CHOSEN], multiple[CHOSEN + 1] = 1, 0
    return [tuple(multiple if item.is_multiple else single) for item in form.items for _ in item.option_codes]
