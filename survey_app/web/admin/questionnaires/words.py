"""The words of the questionnaire pages: kinds, screens, changes, and faults in the reader's own terms."""

import re
from collections.abc import Mapping
from datetime import date

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from survey_app.errors import DefinitionError
from survey_app.formatting import decimal_number, short_date
from survey_app.i18n import current_language
from survey_app.services.definition_diff import Change
from survey_app.services.definition_edit import address_of_path, node_at
from survey_app.services.definition_texts import TextPlace
from survey_app.services.definitions import CHANNELS, STAGES, Definition
from survey_app.services.method_faults import OF_FACTORS, OF_ITEMS, POOLED, WEIGHTED
from survey_app.services.version_mappings import Kin, Why
from survey_app.vocabulary import label

GROUP_KINDS: Mapping[str, LazyString] = {
    "aspect": _("Khía cạnh"), "factor": _("Yếu tố"), "section": _("Phần"),
}  # fmt: skip
ITEM_KINDS: Mapping[str, LazyString] = {
    "satisfaction": _("Mức hài lòng"), "assertion": _("Nhận định"), "fact": _("Sự việc"),
    "multi": _("Chọn nhiều ý"), "expectation": _("Mong đợi"), "profile": _("Thông tin người trả lời"),
    "confidential": _("Câu kín"),
}  # fmt: skip
SCREENS: Mapping[str, LazyString] = {
    "": _("như nhóm chứa nó"), "question": _("màn hình đầu"), "reasons": _("màn hình lý do"),
    "criteria": _("các tiêu chí"), "facts": _("sự việc"), "expectations": _("mong đợi"),
    "confidential": _("câu kín"), "profile": _("thông tin người trả lời"),
}  # fmt: skip
MISSING: Mapping[str, LazyString] = {
    "dont_know": _("Không biết"), "not_applicable": _("Không liên quan"), "refused": _("Không muốn trả lời"),
    "left_blank": _("Để trống"),
}  # fmt: skip
TONES: Mapping[str, LazyString] = {
    "": _("không chia nhóm"), "good": _("điều hài lòng"), "bad": _("điều chưa hài lòng"), "neutral": _("nói chung"),
}  # fmt: skip
STATES: Mapping[str, LazyString] = {
    "editing": _("Đang soạn"), "review": _("Chờ duyệt"), "published": _("Đã ban hành"),
}  # fmt: skip
KINS: Mapping[Kin, LazyString] = {
    Kin.SAME: _("như cũ"), Kin.RECODED: _("quy đổi"), Kin.BROKEN: _("không nối được"),
}  # fmt: skip
WHYS: Mapping[Why, LazyString] = {
    Why.ALIKE: _("cùng mã, cùng lời hỏi"), Why.RENAMED: _("cùng lời hỏi, mã mới"),
    Why.SCALE: _("thang trả lời khác"), Why.WORDS: _("lời hỏi khác"), Why.GONE: _("không còn trong phiếu mới"),
}  # fmt: skip
AGGREGATIONS: Mapping[str, LazyString] = {
    POOLED: _("gộp mọi câu trả lời"), OF_ITEMS: _("trung bình tỷ lệ của các tiêu chí"),
    OF_FACTORS: _("trung bình tỷ lệ của các yếu tố"), WEIGHTED: _("trung bình có trọng số của các yếu tố"),
}  # fmt: skip
TEXT_KINDS: Mapping[str, LazyString] = {
    "title": _("tên phiếu"), "group": _("tên nhóm"), "text": _("lời hỏi"), "option": _("phương án"),
    "text_by_channel": _("lời hỏi theo kênh"), "point": _("mức của thang"), "missing": _("cách không trả lời"),
}  # fmt: skip
CHANGES: Mapping[str, LazyString] = {
    "head.title": _("Đổi tên phiếu"), "head.legal_basis": _("Đổi căn cứ pháp lý"),
    "head.provenance": _("Đổi nguồn gốc"), "head.effective_from": _("Đổi ngày hiệu lực"),
    "removed": _("Đã bỏ"), "added": _("Đã thêm"), "moved": _("Chuyển nhóm"), "reordered": _("Đổi thứ tự"),
    "reworded": _("Sửa lời"), "translated": _("Sửa bản dịch"), "kind": _("Đổi loại"),
    "scale": _("Dùng thang khác"), "options": _("Đổi phương án"), "missing": _("Đổi cách không trả lời"),
    "text_by_channel": _("Sửa lời theo kênh"), "relevant": _("Đổi người được hỏi"),
    "channels_hidden": _("Đổi kênh không hỏi"), "counts": _("Đổi việc tính vào chỉ số"),
    "mandatory": _("Đổi bắt buộc"), "max_choices": _("Đổi số ý được chọn"), "screen": _("Đổi màn hình"),
    "scale_points": _("Thang đổi mức"), "scale_missing": _("Thang đổi cách không trả lời"),
    "index.headline": _("Đổi câu của tỷ lệ chung"), "index.factors": _("Đổi các yếu tố của chỉ số"),
}  # fmt: skip
PLACES: Mapping[str, LazyString] = {
    "code": _("mã"), "version": _("số phiên bản"), "title": _("tên"), "legal_basis": _("căn cứ pháp lý"),
    "provenance": _("nguồn gốc"), "effective_from": _("ngày hiệu lực"), "tree": _("nội dung phiếu"),
    "scales": _("thang"), "index": _("chỉ số"), "text": _("lời hỏi"), "kind": _("loại"), "scale": _("thang"),
    "options": _("phương án"), "relevant": _("người được hỏi"), "channels_hidden": _("kênh không hỏi"),
    "missing": _("cách không trả lời"), "counts": _("tính vào chỉ số"), "mandatory": _("bắt buộc"),
    "max_choices": _("số ý được chọn"), "screen": _("màn hình"), "points": _("các mức"), "label": _("tên mức"),
    "score": _("điểm"), "satisfied": _("tính là hài lòng"), "headline": _("câu của tỷ lệ chung"),
    "factors": _("các yếu tố"), "text_by_channel": _("lời hỏi theo kênh"), "children": _("các câu bên trong"),
    "mapping": _("nối với phiên bản trước"),
}  # fmt: skip
# Each fault of a definition by how its English begins or what it holds; the first that fits is told.
_FAULTS: tuple[tuple[str, LazyString], ...] = (
    (r"no Vietnamese text", _("Chưa có lời tiếng Việt.")),
    (r"^no text", _("Chưa điền.")),
    (r"^longer than (\d+)", _("Quá dài.")),
    (r"NFC", _("Có chữ gõ bằng bảng mã tổ hợp; xin gõ lại.")),
    (r"^not a code", _("Mã chỉ gồm chữ không dấu, số, gạch, chấm; tối đa 40 ký tự.")),
    (r"^no condition|not an object with a question in it", _("Điều kiện hỏi chưa nêu câu nào.")),
    (r"no earlier question has this code", _("Điều kiện hỏi theo một câu không có ở phía trước.")),
    (r"has no answer", _("Điều kiện hỏi nêu một lựa chọn không có.")),
    (r"an answer named twice", _("Điều kiện hỏi nêu một lựa chọn hai lần.")),
    (r"is already used at", _("Mã này đã dùng ở chỗ khác của phiếu.")),
    (r"^code used twice", _("Có mã dùng hai lần.")),
    (r"an empty list", _("Còn trống: cần ít nhất một mục.")),
    (r"^deeper than", _("Quá nhiều tầng.")),
    (r"slots;", _("Phiếu quá dài: tổng số câu và phương án tối đa 255.")),
    (r"^unknown scale", _("Chưa chọn thang có trong phiếu.")),
    (r"has no points|^no points", _("Thang chưa có mức nào.")),
    (r"^more than \d+ points", _("Thang có quá nhiều mức.")),
    (r"some points have a score", _("Hoặc mọi mức có điểm, hoặc không mức nào có.")),
    (r"score and satisfied", _("Mức có điểm thì phải nói có tính là hài lòng không, và ngược lại.")),
    (r"reserved for a missing", _("Mã này dành cho cách không trả lời.")),
    (r"needs a scale with scores", _("Câu tính vào chỉ số cần thang có điểm.")),
    (r"^no options", _("Chưa có phương án nào.")),
    (r"multi-select is never scored", _("Câu chọn nhiều ý không bao giờ tính vào chỉ số.")),
    (r"not a counted item", _("Câu của tỷ lệ chung phải là một câu có tính điểm trong phiếu.")),
    (r"not from 0 to 4", _("Chọn từ 0 đến 4 chữ số.")),
    (r"no such published version", _("Chọn một phiên bản phiếu hỏi đã ban hành.")),
    (r"^unknown rule", _("Chọn một cách gộp.")),
    (r"holds no factor of the index", _("Có khía cạnh không chứa yếu tố nào của chỉ số.")),
    (r"not a weight above 0", _("Điền trọng số lớn hơn 0.")),
    (r"this rule has no weights|is no factor of the index",
     _("Trọng số chỉ dùng với cách gộp có trọng số, cho các yếu tố của chỉ số.")),
    (r"no such scale|is on this scale", _("Chọn thang mà các tiêu chí của chỉ số đang dùng.")),
    (r"not a number of points", _("Điền số điểm từ 0.")),
    (r"not a share from 0 to 100", _("Điền tỷ lệ từ 0 đến 100.")),
    (r"lower bounds do not fall", _("Các mức phải xếp từ cao xuống thấp.")),
    (r"lowest band must begin at 0", _("Mức thấp nhất phải bắt đầu từ 0.")),
    (r"method is in force", _("Số phiên bản này đã có hiệu lực; xin dùng số tiếp theo.")),
    (r"^no group", _("Yếu tố này không còn trong phiếu.")),
    (r"has no scored item", _("Yếu tố này không có câu nào tính điểm.")),
    (r"would count twice", _("Có câu bị tính hai lần.")),
    (r"not a whole number", _("Phải là số nguyên từ 1.")),
    (r"not a number", _("Phải là số.")),
    (r"not a date", _("Ngày không đúng.")),
    (r"unknown (name|channel)", _("Có tên không dùng được.")),
    (r"^unknown kind", _("Loại không dùng được.")),
    (r"published already", _("Số phiên bản này đã ban hành; xin dùng số tiếp theo.")),
    (r"begin with the item overall",
     _("Trang của người dân bắt đầu bằng câu có mã overall ở màn hình đầu; tỷ lệ chung là của câu đó.")),
    (r"need the multi-select reasons",
     _("Trang của người dân cần câu chọn nhiều ý có mã reasons ở màn hình lý do.")),
    (r"every reason is good", _("Mỗi lý do phải thuộc một nhóm: hài lòng, chưa hài lòng hoặc nói chung.")),
    (r"says nothing of this item", _("Chưa nói câu cũ này thành gì.")),
    (r"names an item that is not there", _("Câu được nối không còn trong phiếu.")),
    (r"names no new item", _("Chưa chọn câu mới.")),
    (r"two old items become one", _("Hai câu cũ nối vào một câu mới.")),
    (r"answers of the two items differ", _("Các mức của hai câu khác nhau: không thể là như cũ.")),
    (r"recoding does not say", _("Bảng quy đổi chưa nói mỗi mức cũ thành mức mới nào.")),
    (r"has options, not a scale|only a multi-select", _("Loại câu và phần trả lời không khớp; xin mở câu và lưu lại.")),
    (r"not a language", _("Mã ngôn ngữ không đúng.")),
    (r"not a list|not an object|not true or false|not of the shape", _("Nội dung không đúng dạng.")),
    (r"no condition", _("Điều kiện hỏi chưa có nội dung.")),
     (r"missing key", _("Thiếu một mục bắt buộc.")),
    (r"unknown key", _("Có mục không dùng được.")),
)  # fmt: skip


def text_kind(place: TextPlace) -> str:
    """What a text is; one that is asked differently at a channel names the channel."""
    kind = str(TEXT_KINDS[place.kind])
    if place.kind == "text_by_channel":
        return f"{kind}: {channel_words(place.path.rsplit('.', 1)[-1])}"
    return kind


def fault_words(fault: DefinitionError) -> str:
    """What is wrong, for the person who edits; a fault nobody has worded yet is told as it is."""
    for pattern, words in _FAULTS:
        if re.search(pattern, fault.problem):
            return str(words)
    return gettext("Chưa đúng: %(problem)s", problem=fault.problem)


def place_words(path: str, definition: Definition) -> str:
    """Where a fault is: the item or scale by its code, and which property of it."""
    address = address_of_path(path)
    parts = [part for part in re.split(r"[.\[\]]+", path) if part and not part.isdigit()]
    if path.startswith("mapping."):
        return gettext("nối câu cũ %(code)s", code=path.removeprefix("mapping."))
    owner = ""
    if address:
        owner = str(node_at(definition, address)["code"])
        parts = [part for part in parts if part not in {"tree", "children"}] or ["children"]
    elif parts[0] == "scales" and len(parts) > 1:
        owner, parts = gettext("thang %(name)s", name=parts[1]), parts[2:] or ["points"]
    said = [str(PLACES.get(part, part)) for part in parts if part not in {"vi", "index"}]
    return " · ".join(each for each in (owner, *said[:2]) if each)


def change_sides(change: Change) -> tuple[list[str], list[str]]:
    """Both sides of a change in words, codes of stages, channels, kinds and answers spelt out."""
    return _side(change, change.before), _side(change, change.after)


def day_words(text: str) -> str:
    """A day of a definition as it is written here; what is no day stays as it was typed."""
    try:
        return short_date(date.fromisoformat(text), language=current_language())
    except ValueError:
        return text


def number_words(value: float) -> str:
    """A number with as many decimals as it has."""
    digits = 0 if float(value).is_integer() else 1
    return decimal_number(value, digits=digits, language=current_language())


def _side(change: Change, values: tuple[str, ...]) -> list[str]:
    named = _NAMED.get(change.what)
    return [str(named(value)) if named else value for value in values]


def _kind(code: str) -> str:
    return str(GROUP_KINDS.get(code) or ITEM_KINDS.get(code) or code)


def _stage(code: str) -> str:
    return label(STAGES[code], current_language()) if code in STAGES else code


def channel_words(code: str) -> str:
    return label(CHANNELS[code], current_language()) if code in CHANNELS else code


def _yes(value: str) -> str:
    return gettext("có") if value == "True" else gettext("không")


_NAMED = {
    "head.effective_from": day_words,
    "kind": _kind, "relevant": _stage, "channels_hidden": channel_words, "counts": _yes, "mandatory": _yes,
    "screen": lambda code: str(SCREENS.get(code, code)),
}  # fmt: skip


def stage_choices() -> list[tuple[str, str]]:
    return [(code, label(stage, current_language())) for code, stage in STAGES.items()]


def channel_choices() -> list[tuple[str, str]]:
    return [(code, label(channel, current_language())) for code, channel in CHANNELS.items()]
