"""The questions about the visit and the person that are columns of a response, not items of a form."""

from collections.abc import Sequence

from flask_babel import gettext as _

from survey_app.queries.units import ServiceFieldRow
from survey_app.web.screens import Option, Screen, Step


def visit_steps(fields: Sequence[ServiceFieldRow], *, lang: str) -> tuple[Step, Step]:
    """What brought the person here, asked first; and who is answering, asked near the end."""
    about = _("Về lần đến này")
    helping = _("Người trả lời")
    return (
        Step("visit", about, (_stage(about), _field(about, fields, lang))),
        Step("help", helping, (_proxy(helping), _helper(helping), _capacity(helping), _residence(helping))),
    )


def _stage(heading: str) -> Screen:
    options = (
        Option("submit", _("Nộp hồ sơ")),
        Option("supplement", _("Bổ sung hồ sơ")),
        Option("collect_result", _("Nhận kết quả")),
        Option("ask_guidance", _("Hỏi, được hướng dẫn")),
        Option("refused", _("Hồ sơ không được tiếp nhận")),
    )
    return _rows("stage", heading, _("Hôm nay Ông/Bà đến để"), options, can_finish=False)


def _field(heading: str, fields: Sequence[ServiceFieldRow], lang: str) -> Screen:
    options = tuple(
        Option(row.code, row.name_en if lang == "en" else row.name_vi, row.icon) for row in fields
    )
    return Screen(
        code="field", kind="dimension", look="pictures", heading=heading, text=_("Về lĩnh vực nào?"),
        options=options, extras=(Option("", _("Không nhớ")),), can_finish=False,
    )  # fmt: skip


def _proxy(heading: str) -> Screen:
    options = (Option("no", _("Không, trả lời cho mình")), Option("yes", _("Có, trả lời giúp")))
    return _rows("is_proxy", heading, _("Ông/Bà trả lời giúp người khác?"), options)


def _helper(heading: str) -> Screen:
    options = (
        Option("alone", _("Tự làm")),
        Option("family", _("Người nhà")),
        Option("volunteer", _("Tình nguyện viên, tổ công nghệ số")),
        Option("postal_staff", _("Nhân viên bưu chính")),
        Option("desk_staff", _("Cán bộ tại quầy")),
    )
    return _rows("assisted_by", heading, _("Ai giúp thao tác?"), options)


def _capacity(heading: str) -> Screen:
    options = (
        Option("citizen", _("Người dân")),
        Option("organisation", _("Đại diện tổ chức, doanh nghiệp")),
        Option("authorised", _("Người được ủy quyền")),
    )
    return _rows("capacity", heading, _("Ông/Bà đến với tư cách nào?"), options, extras=_refusal())


def _residence(heading: str) -> Screen:
    options = (
        Option("same_unit", _("Trong địa bàn này")),
        Option("same_province", _("Nơi khác trong tỉnh")),
        Option("elsewhere", _("Tỉnh khác")),
    )
    return _rows("residence", heading, _("Ông/Bà sống ở đâu?"), options, extras=_refusal())


def _refusal() -> tuple[Option, ...]:
    return (Option("", _("Không muốn trả lời")),)


def _rows(
    code: str,
    heading: str,
    text: str,
    options: tuple[Option, ...],
    *,
    extras: tuple[Option, ...] = (),
    can_finish: bool = True,
) -> Screen:
    """A question about the visit, answered by one of some stacked rows."""
    return Screen(
        code=code, kind="dimension", look="rows", heading=heading, text=text, options=options,
        extras=extras, can_finish=can_finish,
    )  # fmt: skip
