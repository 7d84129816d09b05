"""A paper sheet of a form: its questions in printed order, the digits that key each answer, and what they mean."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from survey_app.errors import InvalidAnswer, InvalidBody
from survey_app.queries.units import ServiceFieldRow
from survey_app.services.form_items import Choice, Item, Text
from survey_app.services.forms import Form
from survey_app.services.routing import conditions_in_words
from survey_app.vocabulary import LABELS, AssistedBy, Capacity, Channel, Residence, Stage

# One key a choice up to ten; beyond, two digits each. A missing answer takes the first of the keys left.
KEYS = "1234567890"
MISSING_KEYS = ("0", "-")
CHUNK = len(KEYS)


@dataclass(frozen=True, slots=True)
class SheetChoice:
    """An answer on paper: the key printed beside its box, its words, and the code it is stored as."""

    key: str
    code: str
    label: Text
    is_missing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A question of the sheet and a column of the grid. `item` is empty for a dimension of the visit."""

    code: str
    number: str
    text: Text
    choices: tuple[SheetChoice, ...]
    heading: Text | None = None
    note: Text | None = None
    item: str = ""
    is_multiple: bool = False
    max_choices: int = 1
    kind: str = "dimension"

    @property
    def key_length(self) -> int:
        return max(len(choice.key) for choice in self.choices)

    def chosen(self, cell: str) -> tuple[SheetChoice, ...]:
        """The answers that a cell holds; raises `InvalidAnswer` for keys the sheet does not offer."""
        if not cell:
            return ()
        by_key = {choice.key: choice for choice in self.choices}
        keys = tuple(cell) if self.is_multiple else (cell,)
        if any(key not in by_key for key in keys) or len(set(keys)) != len(keys):
            raise InvalidAnswer(self.code, "unknown_choice")
        if len(keys) > self.max_choices:
            raise InvalidAnswer(self.code, "too_many_choices")
        return tuple(by_key[key] for key in keys)


@dataclass(frozen=True, slots=True)
class SheetAnswers:
    """What a keyed sheet says: answers by item, and the columns of the visit."""

    values: dict[str, Any]
    visit: dict[str, Any]


@dataclass(slots=True)
class _Numbering:
    """Numbers the questions as they are printed; the parts of a split one share a number and take letters."""

    columns: list[Column] = field(default_factory=list)
    n_questions: int = 0

    def add(self, parts: Sequence[dict[str, Any]]) -> None:
        self.n_questions += 1
        for letter, part in zip("abcdefgh", parts, strict=False):
            suffix = letter if len(parts) > 1 else ""
            self.columns.append(Column(number=f"{self.n_questions}{suffix}", **part))


def sheet_columns(form: Form, fields: Sequence[ServiceFieldRow]) -> tuple[Column, ...]:
    """The questions of a form on paper, in the order in which a citizen meets them on a screen."""
    asked = [item for item in form.items if Channel.PAPER not in item.hidden_channels]
    first = [item for item in asked if item.screen in {"question", "reasons"}]
    profile = [item for item in asked if item.kind == "profile"]
    rest = [item for item in asked if item not in first and item not in profile]
    numbering = _Numbering()
    _add_items(numbering, form, first)
    if rest or profile:
        for part in (_stage(), _field(fields)):
            numbering.add([part])
    _add_items(numbering, form, rest)
    if rest or profile:
        for part in (_proxy(), _helper(), _capacity(), _residence()):
            numbering.add([part])
    _add_items(numbering, form, profile)
    return tuple(numbering.columns)


def check_cells(columns: Sequence[Column], cells: Sequence[str]) -> None:
    """Every cell holds keys of its question, or nothing."""
    if len(cells) != len(columns):
        raise InvalidBody("cells")
    for column, cell in zip(columns, cells, strict=True):
        column.chosen(cell)


def read_cells(columns: Sequence[Column], cells: Sequence[str]) -> SheetAnswers:
    """What the digits of a sheet say, in the words in which a form packs answers."""
    check_cells(columns, cells)
    values: dict[str, Any] = {}
    visit: dict[str, Any] = {}
    for column, cell in zip(columns, cells, strict=True):
        chosen = column.chosen(cell)
        if not chosen:
            continue
        if not column.item:
            visit[column.code] = chosen[0].code
        elif column.is_multiple:
            values.setdefault(column.item, []).extend(choice.code for choice in chosen)
        else:
            values[column.item] = chosen[0].code
    return SheetAnswers(values, visit)


def is_blank(cells: Sequence[str]) -> bool:
    return not any(cells)


def _add_items(numbering: _Numbering, form: Form, items: Iterable[Item]) -> None:
    headings = {item.code: group.title for group in form.groups for item in group.items}
    for item in items:
        numbering.add([part | {"heading": headings.get(item.code)} for part in _item_parts(form, item)])


def _item_parts(form: Form, item: Item) -> list[dict[str, Any]]:
    text = item.text_on(Channel.PAPER)
    shared = {
        "item": item.code,
        "kind": item.kind,
        "note": _both(_stage_note(item), _condition_note(form, item)),
    }
    if not item.is_multiple:
        return [shared | {"code": item.code, "text": text, "choices": _keyed(item.choices, item.missing)}]
    return [
        shared
        | {
            "code": f"{item.code}:{name}",
            "text": _with(text, words),
            "choices": _keyed(choices, ()),
            "is_multiple": True,
            "max_choices": item.max_choices or len(choices),
        }
        for name, words, choices in _option_groups(item)
    ]


def _option_groups(item: Item) -> list[tuple[str, Text | None, tuple[Choice, ...]]]:
    """Options that share a line of keys: what pleased and what did not, else the list in tens.

    The neutral nouns are the same ten places again, for a screen that follows the answer; paper prints both sides.
    """
    groups = [
        (name, words, tuple(choice for choice in item.choices if choice.group == name))
        for name, words in (("good", _GOOD), ("bad", _BAD))
    ]
    if all(choices and len(choices) <= CHUNK for _, _, choices in groups):
        return list(groups)
    return [
        (str(start), None, item.choices[start : start + CHUNK])
        for start in range(0, len(item.choices), CHUNK)
    ]


def _keyed(choices: Sequence[Choice], missing: Sequence[Choice]) -> tuple[SheetChoice, ...]:
    pairs = [(choice.code, choice.label) for choice in choices]
    return _with_keys(pairs, [(choice.code, choice.label) for choice in missing])


def _with_keys(
    pairs: Sequence[tuple[str, Text]], missing: Sequence[tuple[str, Text]] = ()
) -> tuple[SheetChoice, ...]:
    n = len(pairs)
    keys = list(KEYS[:n]) if n <= CHUNK else [f"{place:02d}" for place in range(1, n + 1)]
    left = ["00", "99"] if n > CHUNK else [key for key in MISSING_KEYS if key not in keys]
    answers = [SheetChoice(key, code, label) for key, (code, label) in zip(keys, pairs, strict=True)]
    none = [SheetChoice(key, code, label, True) for key, (code, label) in zip(left, missing, strict=False)]
    return (*answers, *none)


def _stage_note(item: Item) -> Text | None:
    """For whom a question is, where it is not for everybody."""
    if item.stages is None or Stage.UNKNOWN in item.stages:
        return None
    words = [LABELS[Stage, stage] for stage in sorted(item.stages)]
    return _text(
        f"Chỉ trả lời khi đến: {', '.join(word[0] for word in words)}",
        f"Only if you came for: {', '.join(word[1] for word in words)}",
    )


def _condition_note(form: Form, item: Item) -> Text | None:
    """What must have been answered before, where the question hangs on it."""
    conditions = conditions_in_words(form, item, Channel.PAPER)
    if not conditions:
        return None
    vi = "; ".join(f"“{text.vi}” trả lời: {answers.vi}" for text, answers in conditions)
    en = "; ".join(f"“{text.in_language('en')}”: {answers.in_language('en')}" for text, answers in conditions)
    return _text(f"Chỉ trả lời nếu {vi}", f"Only if you answered {en}")


def _both(first: Text | None, second: Text | None) -> Text | None:
    if first is None or second is None:
        return first or second
    return _text(f"{first.vi}. {second.vi}", f"{first.in_language('en')}. {second.in_language('en')}")


def _text(vi: str, en: str) -> Text:
    return Text(vi, {"vi": vi, "en": en})


def _with(text: Text, more: Text | None) -> Text:
    if more is None:
        return text
    return _text(f"{text.vi} {more.vi}", f"{text.in_language('en')} {more.in_language('en')}")


_GOOD = _text("Điều hài lòng:", "What you were satisfied with:")
_BAD = _text("Điều chưa hài lòng:", "What you were not satisfied with:")
_UNSAID = [("", _text("Không muốn trả lời", "Prefer not to answer"))]


def _coded(members: Iterable[Any]) -> list[tuple[str, Text]]:
    return [(member.name.lower(), _text(*LABELS[type(member), member])) for member in members if member]


def _visit(code: str, vi: str, en: str, choices: tuple[SheetChoice, ...]) -> dict[str, Any]:
    return {"code": code, "text": _text(vi, en), "choices": choices}


def _stage() -> dict[str, Any]:
    order = (Stage.SUBMIT, Stage.SUPPLEMENT, Stage.COLLECT_RESULT, Stage.ASK_GUIDANCE, Stage.REFUSED)
    vi, en = "Hôm nay Ông/Bà đến để:", "What did you come for today?"
    return _visit("stage", vi, en, _with_keys(_coded(order)))


def _field(fields: Sequence[ServiceFieldRow]) -> dict[str, Any]:
    pairs = [(row.code, _text(row.name_vi, row.name_en)) for row in fields]
    unknown = [("", _text("Không nhớ", "I don't remember"))]
    return _visit("field", "Về lĩnh vực nào?", "Which field was it about?", _with_keys(pairs, unknown))


def _proxy() -> dict[str, Any]:
    pairs = [
        ("no", _text("Không, trả lời cho mình", "No, for myself")),
        ("yes", _text("Có, trả lời giúp", "Yes, on their behalf")),
    ]
    vi, en = "Ông/Bà trả lời giúp người khác?", "Are you answering for somebody else?"
    return _visit("is_proxy", vi, en, _with_keys(pairs))


def _helper() -> dict[str, Any]:
    vi, en = "Ai giúp Ông/Bà điền phiếu?", "Who helped you fill in this form?"
    return _visit("assisted_by", vi, en, _with_keys(_coded(AssistedBy)))


def _capacity() -> dict[str, Any]:
    vi, en = "Ông/Bà đến với tư cách nào?", "In what capacity did you come?"
    return _visit("capacity", vi, en, _with_keys(_coded(Capacity), _UNSAID))


def _residence() -> dict[str, Any]:
    vi, en = "Ông/Bà sống ở đâu?", "Where do you live?"
    return _visit("residence", vi, en, _with_keys(_coded(Residence), _UNSAID))
