"""A plan as files: a workbook of one plan or several, and the draft of the survey plan for the e-office system."""

import re

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from survey_app.db import db
from survey_app.documents.sample_plan_docx import plan_document
from survey_app.documents.sample_plan_xlsx import Line, UnitSheet, plan_workbook
from survey_app.names import search_key
from survey_app.queries.sample_plans import StoredPlan
from survey_app.services import letterheads, saved_plans
from survey_app.services.sample_plans import Plan
from survey_app.web.admin.blueprint import bp
from survey_app.web.admin.samples import words
from survey_app.web.admin.samples.plans import OFFICE
from survey_app.web.current import today
from survey_app.web.downloads import DOCX, XLSX, download
from survey_app.web.security import current_account, requires

Compared = list[tuple[StoredPlan, Plan]]


@bp.get("/samples/plans/<int(max=2147483647):plan_id>.xlsx")
@requires(*OFFICE)
def sample_plan_xlsx(plan_id: int) -> ResponseReturnValue:
    found = saved_plans.computed(db.session, plan_id=plan_id, viewer=current_account(), today=today())
    return download(_workbook([found]), XLSX, f"phuong-an-mau-{_slug(found[0].title)}.xlsx")


@bp.get("/samples/plans/compared.xlsx")
@requires(*OFFICE)
def compared_sample_plans_xlsx() -> ResponseReturnValue:
    compared = saved_plans.compare_plans(
        db.session, plan_ids=request.args.getlist("plan", type=int), viewer=current_account(), today=today()
    )
    return download(_workbook(compared), XLSX, "so-sanh-phuong-an-mau.xlsx")


@bp.get("/samples/plans/<int(max=2147483647):plan_id>.docx")
@requires(*OFFICE)
def sample_plan_docx(plan_id: int) -> ResponseReturnValue:
    stored, plan = saved_plans.computed(db.session, plan_id=plan_id, viewer=current_account(), today=today())
    head = letterheads.head_of(db.session, unit_id=stored.unit_id, on=today())
    content = plan_document(plan, title=stored.title, head=head, is_simulated=stored.is_simulated)
    return download(content, DOCX, f"du-thao-ke-hoach-{_slug(stored.title)}.docx")


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", search_key(title))[:50].strip("-") or "moi"


def _workbook(compared: Compared) -> bytes:
    heading = [_("Nội dung"), *(stored.title for stored, _plan in compared)]
    sheets = [
        _unit_sheet(f"{number}. {_sheet_name(stored.title)}", plan)
        for number, (stored, plan) in enumerate(compared, 1)
    ]
    lines = _lines([plan for _stored, plan in compared])
    if any(stored.is_simulated for stored, _plan in compared):
        marks = (_("DỮ LIỆU MÔ PHỎNG") if stored.is_simulated else "–" for stored, _plan in compared)
        lines.insert(0, Line(_("Dữ liệu"), "text", tuple(marks)))
    return plan_workbook(_("Giả định và kết quả"), heading, lines, sheets)


def _sheet_name(title: str) -> str:
    return re.sub(r"[\[\]:*?/\\']", " ", title)[:26]


def _lines(plans: list[Plan]) -> list[Line]:
    def line(title: str, kind: str, *values: object, is_result: bool = False) -> Line:
        return Line(title, kind, values, is_result)

    asked = [plan.asked for plan in plans]
    return [
        line(_("Đơn vị"), "text", *(plan.root_title for plan in plans)),
        line(_("Ước lượng cho"), "text", *(words.aim_words(each.aim) for each in asked)),
        line(_("Tỷ lệ hài lòng dự kiến"), "percent", *(each.share for each in asked)),
        line(_("Sai số cho phép (±)"), "percent", *(each.margin for each in asked)),
        line(_("Độ tin cậy"), "percent", *(each.confidence_level for each in asked)),
        line(_("Nguồn quy mô"), "text", *(words.source_words(each.source) for each in asked)),
        line(_("Tương quan trong cụm (ICC)"), "decimal", *(each.intraclass_correlation for each in asked)),
        line(_("Số người mỗi cụm"), "count",
             *(None if each.intraclass_correlation is None else each.take for each in asked)),
        line(_("Hệ số thiết kế"), "decimal", *(plan.design_effect for plan in plans)),
        line(_("Tỷ lệ trả lời dự kiến"), "percent", *(each.response_rate for each in asked)),
        line(_("Ít nhất mỗi đơn vị (phiếu)"), "count", *(each.minimum for each in asked)),
        line(_("Chia mẫu"), "text", *(words.allocation_words(plan) for plan in plans)),
        line(_("Tổng số phiếu đã định (nếu có)"), "count", *(each.total for each in asked)),
        line(_("Chi phí mỗi phiếu (đồng)"), "money", *(each.cost_interview for each in asked)),
        line(_("Chi phí mỗi đơn vị (đồng)"), "money", *(each.cost_unit for each in asked)),
        line(_("Chi phí cố định (đồng)"), "money", *(each.cost_fixed for each in asked)),
        line(_("Số phỏng vấn viên"), "count", *(each.n_interviewers for each in asked)),
        line(_("Phiếu mỗi người mỗi ngày"), "count", *(each.interviews_a_day for each in asked)),
        line(_("Phiếu hoàn thành"), "count", *(plan.n for plan in plans), is_result=True),
        line(_("Người cần mời"), "count", *(plan.n_invited for plan in plans), is_result=True),
        line(_("Sai số chung (±)"), "percent", *(plan.margin for plan in plans), is_result=True),
        line(_("Toàn tỉnh: thấy tăng từ"), "percent", *(plan.detectable for plan in plans), is_result=True),
        line(_("Mẫu ngẫu nhiên đơn cho cả tỉnh"), "count", *(plan.n_simple for plan in plans), is_result=True),
        line(_("Số phiếu mỗi kỳ để thấy thay đổi"), "count", *(plan.n_change for plan in plans), is_result=True),
        line(_("Yamane, cả tỉnh là một tập hợp"), "count", *(plan.yamane_whole for plan in plans), is_result=True),
        line(_("Yamane, cộng từng đơn vị"), "count", *(plan.yamane_units for plan in plans), is_result=True),
        line(_("Chi phí (đồng)"), "money", *(plan.cost for plan in plans), is_result=True),
        line(_("Ngày làm việc"), "count", *(plan.n_days for plan in plans), is_result=True),
        *_warning_lines(plans),
    ]  # fmt: skip


def _warning_lines(plans: list[Plan]) -> list[Line]:
    found = [words.warnings(plan) for plan in plans]
    return [
        Line(_("Lưu ý"), "text", tuple(each[number] if number < len(each) else None for each in found))
        for number in range(max(map(len, found)))
    ]


def _unit_sheet(name: str, plan: Plan) -> UnitSheet:
    columns = (
        (_("Mã đơn vị"), "text"), (_("Đơn vị"), "text"), (_("Quy mô"), "count"), (_("Tỷ lệ dự kiến"), "percent"),
        (_("Phiếu hoàn thành"), "count"), (_("Mời"), "count"), (_("Sai số (±)"), "percent"),
        (_("Thấy tăng từ"), "percent"), (_("Yamane"), "count"),
    )  # fmt: skip
    rows = tuple(
        (
            row.code,
            row.title,
            row.population,
            row.share,
            row.n,
            row.n_invited,
            row.margin,
            row.detectable,
            row.yamane,
        )
        for row in plan.rows
    )
    total = ("", _("Cộng"), "sum", None, "sum", "sum", plan.margin, plan.detectable, "sum")
    return UnitSheet(name, columns, rows, total)
