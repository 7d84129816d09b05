"""Every text of a citizen's page that is read aloud, with the key under which its recordings are kept."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from flask_babel import force_locale, lazy_gettext
from flask_babel import gettext as _
from flask_babel.speaklater import LazyString

from survey_app import visit_words as visit
from survey_app.languages import AUTHORITATIVE, written_language
from survey_app.queries.units import ServiceFieldRow
from survey_app.services.form_items import Item, Text
from survey_app.services.forms import Form
from survey_app.services.recordings import text_key

QUESTION, ANSWER, BUTTON, NOTE = "question", "answer", "button", "note"


@dataclass(frozen=True, slots=True)
class SpokenText:
    """One text: its Vietnamese, as a page of the chosen language shows it, and what it is."""

    key: str
    vietnamese: str
    shown: str
    kind: str


_T = lazy_gettext


def _joined(*parts: object) -> str:
    """Sentences that stand in one paragraph and are read as one."""
    return " ".join(str(part) for part in parts)


_BUTTONS = (
    _T("Không có ý kiến"), _T("Nói chung"), _T("Điều hài lòng"), _T("Điều chưa hài lòng"), _T("Xong"),
    _T("Góp ý thêm"), _T("Quay lại"), _T("Người tiếp theo"), _T("Tiếp tục"), _T("Kết thúc"),
    _T("Xong, gửi ngay"), _T("Gửi lại"), _T("Làm lại từ đầu"),
)  # fmt: skip
_NOTES = (
    _T("Không hỏi họ tên, số điện thoại, số căn cước. Cán bộ tại đây không xem được phiếu của từng người."),
    _T("Mã trên phiếu chỉ để tránh trả lời hai lần, không gắn với câu trả lời."),
    _T("Có thể chọn nhiều ý hoặc bỏ qua."),
    _T("Khoảng 5 phút"),
    _T("(không bắt buộc)"),
    _T("Xin không ghi họ tên, số điện thoại, số căn cước của mình hoặc của người khác. Đơn vị sẽ đọc góp ý "
       "theo từng đợt, không biết ai viết. Đây không phải nơi nộp đơn khiếu nại, tố cáo."),
    _T("Đơn vị không xem được câu này."),
    _T("Thông tin này chỉ để tổng hợp theo nhóm."),
    _T("Đã ghi nhận. Xin cảm ơn Ông/Bà."),
    _T("Ý kiến được tổng hợp chung để cải thiện việc phục vụ."),
    _T("Hệ thống bận. Câu trả lời CHƯA được lưu."), _T('Giữ nguyên trang này và bấm "Gửi lại".'),
    _T("Chưa lưu được câu trả lời."),
    _T('Xin bấm "Gửi lại". Nếu vẫn không được, xin dùng phiếu giấy hoặc mã QR bên cạnh.'),
    _T("Phiếu này đã được ghi nhận trước đó."), _T("Câu trả lời mới không được lưu."),
    _T("Câu trả lời chưa được lưu."), _T("Có mục chưa đúng. Xin xem lại rồi gửi lại."),
    _T("Máy tạm ngừng nhận ý kiến."),
    _T("Câu trả lời CHƯA được lưu. Xin dùng phiếu giấy hoặc mã QR bên cạnh."),
    _T("Máy đang mất mạng. Câu trả lời vẫn được lưu trong máy và tự gửi khi có mạng."),
    *(
        LazyString(_joined, state, _T("Ông/Bà vẫn có thể trả lời; phiếu được tính riêng."))
        for state in (
            _T("Mã này đã được dùng."), _T("Mã này đã hết hạn."), _T("Mã này đã bị thu hồi."),
            _T("Mã này không đúng."),
        )
    ),
)  # fmt: skip
_QUESTIONS = (_T("Vì sao Ông/Bà đánh giá như vậy?"), _T("Ông/Bà góp ý thêm điều gì?"))

Pair = tuple[str, Callable[[str], str]]


def spoken_texts(form: Form, fields: Iterable[ServiceFieldRow], *, language: str) -> tuple[SpokenText, ...]:
    """The texts of all screens of a form, each once, in the order in which a person meets them."""
    written = written_language(language)
    pairs = [*_pairs(form, tuple(fields))]
    vietnamese = _in(AUTHORITATIVE, pairs)
    shown = vietnamese if written == AUTHORITATIVE else _in(written, pairs)
    texts: dict[str, SpokenText] = {}
    for (kind, _say), plain, there in zip(pairs, vietnamese, shown, strict=True):
        key = text_key(plain)
        texts.setdefault(key, SpokenText(key, plain, there, kind))
    return tuple(texts.values())


def _in(language: str, pairs: Iterable[Pair]) -> list[str]:
    with force_locale(language):
        return [say(language) for _kind, say in pairs]


def _pairs(form: Form, fields: tuple[ServiceFieldRow, ...]) -> Iterator[Pair]:
    """What is said and how to word it in a language, screen by screen."""
    yield from _item(form.headline)
    yield from _interface(NOTE, _NOTES[:2])
    yield from _interface(BUTTON, _BUTTONS[:1])
    yield from _interface(QUESTION, _QUESTIONS[:1])
    yield from _interface(NOTE, _NOTES[2:3])
    yield from _item(form.by_code["reasons"])
    yield from _interface(BUTTON, _BUTTONS[1:])
    yield from _helping()
    yield from _interface(QUESTION, _QUESTIONS[1:])
    n_items = sum(len(factor.items) for factor in form.factors)
    if n_items:
        yield BUTTON, lambda _language: _("Trả lời phiếu đầy đủ (%(n)s câu)", n=n_items)
        yield from _visit(fields)
    yield from _rest(form)
    yield from _interface(NOTE, _NOTES[3:])


def _rest(form: Form) -> Iterator[Pair]:
    apart = {form.headline.code, "reasons"}
    for item in form.items:
        if item.code not in apart:
            yield from _item(item)
        if item.max_choices:
            most = item.max_choices
            yield NOTE, lambda _language, most=most: _("(tối đa %(n)s)", n=most)  # type: ignore[misc]


def _item(item: Item) -> Iterator[Pair]:
    yield from _stored(QUESTION, [item.text, *item.text_by_channel.values()])
    yield from _stored(ANSWER, [choice.label for choice in (*item.choices, *item.missing)])


def _helping() -> Iterator[Pair]:
    yield from _interface(BUTTON, [visit.FOR_ANOTHER])
    yield from _interface(QUESTION, [visit.HELPER])
    yield from _interface(ANSWER, [words for _code, words in visit.HELPERS])


def _visit(fields: tuple[ServiceFieldRow, ...]) -> Iterator[Pair]:
    for question, choices in (
        (visit.STAGE, visit.STAGES), (visit.FIELD, ()), (visit.PROXY, visit.PROXIES),
        (visit.CAPACITY, visit.CAPACITIES), (visit.RESIDENCE, visit.RESIDENCES),
    ):  # fmt: skip
        yield from _interface(QUESTION, [question])
        yield from _interface(ANSWER, [words for _code, words in choices])
        if question is visit.FIELD:
            yield from _stored(ANSWER, [Text(row.name_vi, {"en": row.name_en}) for row in fields])
    yield from _interface(ANSWER, [visit.FORGOTTEN, visit.REFUSED])


def _stored(kind: str, texts: Iterable[Text]) -> Iterator[Pair]:
    return ((kind, text.in_language) for text in texts)


def _interface(kind: str, words: Iterable[object]) -> Iterator[Pair]:
    return ((kind, lambda _language, word=word: str(word)) for word in words)  # type: ignore[misc]
