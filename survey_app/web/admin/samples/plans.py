"""The sample planner: assumptions in, people per unit out; scenarios saved, copied and put side by side."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice

from analysis.planning.reference_card import reference_card
from survey_app.clock import utc_now
from survey_app.db import db, own_transaction, writes
from survey_app.errors import InvalidField, UnreadableTable
from survey_app.queries.sample_plans import StoredPlan
from survey_app.services import sample_plans, saved_plans
from survey_app.services.sample_plans import Plan
from survey_app.services.sample_questions import PlanAsked
from survey_app.services.saved_plans import MOST_COMPARED
from survey_app.spreadsheets import MAX_FILE_BYTES
from survey_app.web.admin.blueprint import bp
from survey_app.web.admin.samples import words
from survey_app.web.admin.samples.plan_form import PlanForm, lines_of_file
from survey_app.web.current import today
from survey_app.web.security import Role, current_account, requires, takes_body

OFFICE = (Role.PAR_OFFICE, Role.ADMIN)
RESIDENTIAL = ("commune", "ward", "special_zone")
MOST_BYTES = MAX_FILE_BYTES + 64 * 1024


@bp.get("/samples/plan")
@requires(*OFFICE)
def sample_plan() -> ResponseReturnValue:
    """A new scenario, or a saved one with its answer."""
    plan_id = request.args.get("plan", type=int)
    if plan_id is None:
        usual = _usual()
        return _page(_form(usual), plan=_made(usual))
    stored, asked = saved_plans.open_plan(db.session, plan_id=plan_id, viewer=current_account())
    form = _form(asked)
    form.title.data = stored.title
    plan = sample_plans.make_plan(
        db.session, unit_id=stored.unit_id, asked=asked, viewer=current_account(), today=today()
    )
    return _page(form, plan=plan, stored=stored)


# Computing takes no lock; only keeping a plan writes.
@bp.post("/samples/plan", endpoint="sample_plan_post")
@requires(*OFFICE)
@takes_body(MOST_BYTES)
def compute_plan() -> ResponseReturnValue:
    form, plan = _form(None), None
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        if form.list_file.data:
            form.typed.data = lines_of_file(form.list_file.data.read())
        asked = form.asked()
        plan = _made(asked)
        if request.form.get("do") == "save":
            return _saved(form.title.data or "", asked)
    except InvalidField as error:
        form.refuse(error)
        return _page(form, plan=plan), 422
    except UnreadableTable:
        form.list_file.errors = [_("Không đọc được tệp này. Xin dùng tệp CSV (UTF-8) hoặc XLSX.")]
        return _page(form), 422
    return _page(form, plan=plan)


@bp.get("/samples/plans")
@requires(*OFFICE)
def sample_plan_list() -> ResponseReturnValue:
    plans = saved_plans.list_plans(db.session, viewer=current_account())
    return _list_page(plans, chosen=[plan.id for plan in plans[:2]])


@bp.get("/samples/plans/compared")
@requires(*OFFICE)
def compared_sample_plans() -> ResponseReturnValue:
    chosen = request.args.getlist("plan", type=int)
    try:
        compared = saved_plans.compare_plans(
            db.session, plan_ids=chosen, viewer=current_account(), today=today()
        )
    except InvalidField:
        plans = saved_plans.list_plans(db.session, viewer=current_account())
        refusal = _("Xin chọn từ 2 đến %(most)s phương án để so sánh.", most=MOST_COMPARED)
        return _list_page(plans, chosen=chosen, refusal=refusal), 422
    xlsx = url_for("admin.compared_sample_plans_xlsx", plan=[stored.id for stored, _plan in compared])
    return render_template("admin/samples/compared.html", compared=compared, words=words, xlsx=xlsx)


@bp.post("/samples/plans/<int(max=2147483647):plan_id>/delete")
@requires(*OFFICE)
@writes
def delete_sample_plan(plan_id: int) -> ResponseReturnValue:
    saved_plans.delete_plan(db.session, plan_id=plan_id, viewer=current_account(), now=utc_now())
    flash(_("Đã xóa phương án."))
    return redirect(url_for("admin.sample_plan_list"), code=303)


def _list_page(plans: list[StoredPlan], *, chosen: list[int], refusal: str | None = None) -> str:
    return render_template(
        "admin/samples/plans.html", plans=plans, chosen=chosen, most=MOST_COMPARED, refusal=refusal
    )


def _form(asked: PlanAsked | None) -> PlanForm:
    form = PlanForm()
    kinds = sample_plans.surveyed_kinds(db.session, unit_id=current_account().unit_id, today=today())
    form.kinds.choices = [SelectChoice(kind, words.kind_words(kind)) for kind in kinds]
    if asked is not None:
        form.fill(asked)
    return form


def _usual() -> PlanAsked:
    """The question that a new page starts with: everyone who lives somewhere."""
    present = sample_plans.surveyed_kinds(db.session, unit_id=current_account().unit_id, today=today())
    return PlanAsked(kinds=tuple(kind for kind in present if kind in RESIDENTIAL))


def _made(asked: PlanAsked) -> Plan:
    viewer = current_account()
    return sample_plans.make_plan(
        db.session, unit_id=viewer.unit_id, asked=asked, viewer=viewer, today=today()
    )


def _saved(title: str, asked: PlanAsked) -> ResponseReturnValue:
    viewer = current_account()
    with own_transaction() as session:
        plan_id = saved_plans.save_plan(
            session,
            unit_id=viewer.unit_id,
            title=title,
            asked=asked,
            viewer=viewer,
            now=utc_now(),
            today=today(),
        )
    flash(_("Đã lưu phương án. Địa chỉ của trang này gửi được cho người cùng cơ quan."))
    return redirect(url_for("admin.sample_plan", plan=plan_id), code=303)


def _page(form: PlanForm, *, plan: Plan | None = None, stored: StoredPlan | None = None) -> str:
    return render_template(
        "admin/samples/plan.html", form=form, plan=plan, stored=stored, words=words, card=reference_card()
    )
