"""The form of the planner: assumptions in an official's units, turned into a question and back."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from survey_app import formatting
from survey_app.errors import InvalidField
from survey_app.i18n import current_language
from survey_app.services.cell_values import read_decimal, read_whole
from survey_app.services.known_tables import BadValue
from survey_app.services.sample_questions import BOUNDS, PlanAsked, TypedSize
from survey_app.spreadsheets import read_sheets
from survey_app.web.admin.samples.numbers import NumberText, WholeText, is_number
from survey_app.web.form_fields import CheckListField, ChoiceField

PERCENTS = ("share", "margin", "response_rate", "before", "after", "power", "alpha", "yamane_margin")
WHOLE = (
    "take",
    "minimum",
    "total",
    "cost_interview",
    "cost_unit",
    "cost_fixed",
    "n_interviewers",
    "interviews_a_day",
)
LEVELS = ("0.9", "0.95", "0.99")


class PlanForm(FlaskForm):  # type: ignore[misc]
    title = StringField(_("Tên phương án"))
    aim = RadioField(
        _("Cần ước lượng cho"),
        choices=[
            SelectChoice("whole", _("Toàn tỉnh")),
            SelectChoice("groups", _("Từng nhóm đơn vị (xã, phường, …)")),
            SelectChoice("units", _("Từng đơn vị")),
        ],
    )
    kinds = CheckListField(_("Loại đơn vị"), validate_choice=False)
    share = NumberText(_("Tỷ lệ hài lòng dự kiến (%)"), scale=0.01)
    margin = NumberText(_("Sai số cho phép (± điểm phần trăm)"), scale=0.01)
    confidence_level = ChoiceField(
        _("Độ tin cậy"), choices=[SelectChoice(level, f"{float(level):.0%}") for level in LEVELS]
    )
    source = RadioField(
        _("Số người hoặc hồ sơ của mỗi đơn vị lấy từ"),
        choices=[
            SelectChoice("registry", _("Dân số trong danh mục đơn vị")),
            SelectChoice("transactions", _("Hồ sơ đã giải quyết 12 tháng gần nhất")),
            SelectChoice("typed", _("Danh sách nhập tay hoặc tải lên")),
        ],
    )
    typed = TextAreaField(_("Danh sách quy mô"))
    list_file = FileField(_("hoặc tệp danh sách (CSV, XLSX)"))
    design_effect = NumberText(_("Hệ số thiết kế"))
    intraclass_correlation = NumberText(_("hoặc tương quan trong cụm (ICC)"), digits=4)
    take = WholeText(_("và số người mỗi cụm"))
    response_rate = NumberText(_("Tỷ lệ trả lời dự kiến (%)"), scale=0.01)
    minimum = WholeText(_("Ít nhất mỗi đơn vị (phiếu)"))
    allocation = ChoiceField(
        _("Cách chia mẫu cho đơn vị"),
        choices=[
            SelectChoice("proportional", _("Theo tỷ lệ quy mô")),
            SelectChoice("neyman", _("Neyman (theo quy mô và độ phân tán)")),
            SelectChoice("equal", _("Đều nhau, không quá quy mô")),
            SelectChoice("power", _("Lũy thừa của quy mô")),
        ],
    )
    exponent = NumberText(_("Số mũ (0 đến 1)"))
    total = WholeText(_("Tổng số phiếu đã định (nếu có)"))
    before = NumberText(_("Tỷ lệ kỳ trước (%)"), scale=0.01)
    after = NumberText(_("Tỷ lệ kỳ này (%)"), scale=0.01)
    alpha = NumberText(_("Mức ý nghĩa α (%)"), scale=0.01)
    power = NumberText(_("Lực kiểm định 1 − β (%)"), scale=0.01)
    yamane_margin = NumberText(_("e của công thức Yamane (%)"), scale=0.01)
    cost_interview = WholeText(_("Chi phí mỗi phiếu (đồng)"))
    cost_unit = WholeText(_("Chi phí mỗi đơn vị (đồng)"))
    cost_fixed = WholeText(_("Chi phí cố định (đồng)"))
    n_interviewers = WholeText(_("Số phỏng vấn viên"))
    interviews_a_day = WholeText(_("Phiếu mỗi người mỗi ngày"))

    def fill(self, asked: PlanAsked) -> None:
        """Show a question."""
        for name in BOUNDS.keys() - {"confidence_level"}:
            self[name].show(getattr(asked, name))
        for name in ("aim", "source", "allocation"):
            self[name].data = getattr(asked, name)
        self.confidence_level.data = f"{asked.confidence_level:g}"
        self.kinds.data = list(asked.kinds)
        self.typed.data = "\n".join(_line(line) for line in asked.typed)

    def asked(self) -> PlanAsked:
        """The question as typed; what was left empty has its usual answer. Raises `InvalidField`."""
        values: dict[str, Any] = {
            "aim": self.aim.data, "kinds": tuple(self.kinds.data or ()), "source": self.source.data,
            "allocation": self.allocation.data, "confidence_level": float(self.confidence_level.data),
            "typed": _typed(self.typed.data or ""),
        }  # fmt: skip
        for name in BOUNDS.keys() - {"confidence_level"}:
            value = self[name].value
            if value is not None:
                values[name] = int(value) if name in WHOLE else value
        return PlanAsked(**values)

    def refuse(self, error: InvalidField) -> None:
        """Say beside the field what is wrong with it."""
        self[error.field].errors = [_words(error)]


def lines_of_file(content: bytes) -> str:
    """The first sheet of an uploaded list as lines of the text field; its heading and totals have no number."""
    lines = []
    for row in read_sheets(content)[0].rows:
        cells = [cell for cell in row.cells[:3] if cell]
        if len(cells) >= 2 and is_number(cells[1]):
            lines.append("; ".join(cells))
    return "\n".join(lines)


def _line(line: TypedSize) -> str:
    share = "" if line.share is None else "; " + formatting.decimal_number(
        100 * line.share, digits=1, language=current_language()
    )  # fmt: skip
    return f"{line.code}; {line.size}{share}"


def _typed(text: str) -> tuple[TypedSize, ...]:
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        cells = [cell.strip() for cell in line.replace("\t", ";").split(";")]
        if len(cells) not in (2, 3) or not cells[0] or not cells[1]:
            raise InvalidField("typed", f"line:{number}")
        try:
            size = read_whole(cells[1])
            share = read_decimal(cells[2]) if len(cells) == 3 else None
        except BadValue as refused:
            raise InvalidField("typed", f"line:{number}") from refused
        found.append(TypedSize(cells[0][:40], size, None if share is None else round(share / 100, 12)))
    return tuple(found)


def _words(error: InvalidField) -> str:
    reason, _colon, detail = error.reason.partition(":")
    if reason == "out_of_range" and error.field in BOUNDS:
        return _bounds_words(error.field)
    sentences = {
        "line": gettext("Dòng %(n)s không đúng dạng: mã đơn vị; số; tỷ lệ dự kiến nếu có.", n=detail),
        "unknown_unit": gettext("Không có đơn vị mã %(code)s thuộc loại đã chọn.", code=detail),
        "twice": gettext("Có mã đơn vị bị lặp."),
        "too_many": gettext("Danh sách quá dài."),
        "out_of_range": gettext("Quy mô phải từ 1 trở lên, tỷ lệ dự kiến từ 1% đến 99%."),
        "empty": gettext("Xin điền vào ô này."),
        "too_long": gettext("Tên dài quá 120 ký tự."),
        "same_as_before": gettext("Hai tỷ lệ phải khác nhau: không mẫu nào thấy được thay đổi bằng 0."),
        "below_minimum": gettext("Tổng số phiếu ít hơn tổng mức tối thiểu của các đơn vị."),
        "no_population": gettext("Không đơn vị nào có số liệu quy mô từ nguồn này."),
        "unknown_choice": gettext("Lựa chọn không có trong danh sách."),
    }
    return sentences[reason]


def _bounds_words(name: str) -> str:
    least, most = BOUNDS[name]
    scale = 100 if name in PERCENTS else 1
    language = current_language()

    def shown(value: float) -> str:
        if value * scale == int(value * scale):
            return formatting.count(int(value * scale), language=language)
        return formatting.decimal_number(value * scale, digits=2, language=language)

    return gettext("Xin nhập số từ %(least)s đến %(most)s.", least=shown(least), most=shown(most))
