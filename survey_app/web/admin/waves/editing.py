"""The wizard: what a wave is, which units take part, what each is to reach; a draft may be changed until it opens."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from survey_app.clock import utc_now
from survey_app.db import db, writes
from survey_app.errors import AlreadyExists, UnreadableTable, WaveRefused
from survey_app.languages import NAMES
from survey_app.queries import units, waves
from survey_app.services import wave_plans
from survey_app.services.accounts import visible_unit_ids
from survey_app.services.known_tables import BadValue
from survey_app.services.wave_plans import Target
from survey_app.spreadsheets import MAX_FILE_BYTES, read_sheets
from survey_app.web.admin.blueprint import bp
from survey_app.web.admin.waves import words
from survey_app.web.admin.waves.forms import TargetsForm, UnitsForm, WaveForm, wave_form
from survey_app.web.admin.waves.listing import page_of
from survey_app.web.admin.waves.words import CHANNELS, OFFICE
from survey_app.web.bodies import read_staff_form, ticked_ids
from survey_app.web.current import settings, today
from survey_app.web.security import current_account, requires, takes_body
from survey_app.web.unit_kinds import UNIT_KINDS

ROWS_NAMED = 8


@bp.get("/wave-new", endpoint="wave_new")
@requires(*OFFICE)
def new_wave() -> ResponseReturnValue:
    return _form_page(wave_form())


@bp.post("/wave-new", endpoint="wave_new_post")
@requires(*OFFICE)
@writes
def create_wave() -> ResponseReturnValue:
    form = wave_form()
    if not _is_complete(form):
        return _form_page(form), 422
    try:
        # What is asked in a demonstration is never taken for real.
        code = wave_plans.create_draft(
            db.session, form.plan(), by=current_account(), now=utc_now(), is_simulated=settings().IS_DEMO
        )
    except (WaveRefused, AlreadyExists) as refused:
        db.session.rollback()
        return _form_page(form, refusal=_refusal(refused)), 422
    return redirect(url_for("admin.wave_units", code=code), code=303)


@bp.get("/waves/<code>/edit", endpoint="wave_edit")
@requires(*OFFICE)
def edit_wave(code: str) -> ResponseReturnValue:
    try:
        row = wave_plans.own_draft(db.session, code, by=current_account()).row
    except WaveRefused as refused:
        return _as_it_is(code, refused)
    form = wave_form()
    form.code.data, form.title_vi.data, form.title_en.data = row.code, row.title_vi, row.title_en
    form.basis.data, form.version.data, form.bridge.data = (
        row.basis,
        row.version_id,
        row.bridge_version_id or 0,
    )
    form.opens_on.data, form.closes_on.data, form.grace_days.data = (
        row.opens_on,
        row.closes_on,
        row.grace_days,
    )
    form.root.data = wave_plans.own_draft(db.session, code, by=current_account()).root_unit_id
    form.channels.data = row.channels or list(CHANNELS)
    form.languages.data = row.languages or list(NAMES)
    return _form_page(form, code=code)


@bp.post("/waves/<code>/edit", endpoint="wave_edit_post")
@requires(*OFFICE)
@writes
def change_wave(code: str) -> ResponseReturnValue:
    form = wave_form()
    form.code.data = code
    if not _is_complete(form):
        return _form_page(form, code=code), 422
    try:
        wave_plans.change_draft(db.session, form.plan(code), by=current_account(), now=utc_now())
    except WaveRefused as refused:
        db.session.rollback()
        return _form_page(form, code=code, refusal=words.refusal(refused)), 422
    return redirect(url_for("admin.wave", code=code), code=303)


@bp.get("/waves/<code>/units", endpoint="wave_units")
@requires(*OFFICE)
def choose_units_page(code: str) -> ResponseReturnValue:
    try:
        return _units_page(code, query=request.args.get("q", ""))
    except WaveRefused as refused:
        return _as_it_is(code, refused)


@bp.post("/waves/<code>/units", endpoint="wave_units_post")
@requires(*OFFICE)
@takes_body(256 * 1024)
@writes
def choose_units(code: str) -> ResponseReturnValue:
    """Save what is ticked, on the page or outside what a search shows; or tick, untick, search and show it again."""
    form = read_staff_form(request)
    ticked, act, query = ticked_ids(form, "unit"), form.get("act", "save"), form.get("q", "")
    try:
        if act != "save":
            return _units_page(code, ticked=set(ticked), query="" if act == "unfind" else query, act=act)
        if not ticked:
            refusal = _("Xin chọn ít nhất một đơn vị. Chưa ghi gì.")
            return _units_page(code, ticked=set(), query=query, refusal=refusal), 422
        wave_plans.choose_units(db.session, code, ticked, by=current_account(), now=utc_now())
    except WaveRefused as refused:
        db.session.rollback()
        return _as_it_is(code, refused)
    return redirect(url_for("admin.wave_targets", code=code), code=303)


@bp.get("/waves/<code>/targets", endpoint="wave_targets")
@requires(*OFFICE)
def targets_page(code: str) -> ResponseReturnValue:
    try:
        return _targets_page(code, TargetsForm())
    except WaveRefused as refused:
        return _as_it_is(code, refused)


@bp.post("/waves/<code>/targets", endpoint="wave_targets_post")
@requires(*OFFICE)
@takes_body(MAX_FILE_BYTES + 256 * 1024)
@writes
def set_targets(code: str) -> ResponseReturnValue:
    """From a file, one number for all, or number by number; the first of these that is there."""
    form = TargetsForm()
    if not form.validate_on_submit():
        return _targets_page(code, form), 422
    try:
        targets, faults = _targets(code, form)
    except UnreadableTable:
        return _targets_page(code, form, refusal=_("Không đọc được tệp. Cần tệp XLSX hoặc CSV.")), 422
    if faults:
        return _targets_page(code, form, refusal=_faults(faults)), 422
    try:
        wave_plans.set_targets(db.session, code, targets, by=current_account(), now=utc_now())
    except WaveRefused as refused:
        db.session.rollback()
        return _targets_page(code, form, refusal=words.refusal(refused)), 422
    return redirect(url_for("admin.wave", code=code), code=303)


@bp.post("/waves/<code>/delete", endpoint="wave_delete")
@requires(*OFFICE)
@writes
def delete_wave(code: str) -> ResponseReturnValue:
    try:
        wave_plans.delete_draft(db.session, code, by=current_account(), now=utc_now())
    except WaveRefused as refused:
        db.session.rollback()
        return page_of(code, refusal=words.refusal(refused)), 422
    flash(_("Đã xóa bản thảo."))
    return redirect(url_for("admin.waves"), code=303)


def _targets(
    code: str, form: TargetsForm
) -> tuple[dict[tuple[int, int], Target], Sequence[tuple[int | str, str]]]:
    """What is to be reached, and what could not be read: a line of the file, or a unit of the page."""
    by = current_account()
    if form.file.data:
        sheets = read_sheets(form.file.data.read())
        rows = [(row.number, row.cells) for row in sheets[0].rows] if sheets else []
        return wave_plans.read_targets(db.session, code, rows, by=by)
    wave = wave_plans.own_draft(db.session, code, by=by)
    members = waves.members(db.session, wave.row.id, wave.row.opens_on)
    if form.same.data is not None:
        same = {(m.unit_id, m.stratum): Target(form.same.data, m.population) for m in members}
        return same, []
    targets, faults = {}, []
    for member in members:
        key = f"{member.unit_id}-{member.stratum}"
        texts = (request.form.get(f"target-{key}", ""), request.form.get(f"population-{key}", ""))
        try:
            targets[member.unit_id, member.stratum] = wave_plans.read_target(*texts)
        except BadValue:
            faults.append((member.title, "typed"))
    return targets, faults


def _units_page(
    code: str, *, ticked: set[int] | None = None, query: str = "", act: str = "", refusal: str | None = None
) -> str:
    """The units that may take part, ticked as stored or as sent; `act` ticks or unticks those that are shown."""
    wave = wave_plans.own_draft(db.session, code, by=current_account())
    visible = visible_unit_ids(db.session, viewer=current_account())
    on = max(wave.row.opens_on, today())
    below = set(units.unit_subtree_ids(db.session, wave.root_unit_id, on)) & visible
    with_points = set(units.units_with_points(db.session, wave.root_unit_id, on))
    members = {member.unit_id for member in waves.members(db.session, wave.row.id, on)}
    query = query[:80].strip()
    found = {row.id for row in units.search_units(db.session, query, on, limit=200)} if query else below
    known = [row for row in units.units_as_at(db.session, on) if row.id in below & (with_points | members)]
    rows = [row for row in known if row.id in found]
    chosen = members if ticked is None else ticked & (below | members)
    kind = act.removeprefix("kind-")
    if act in {"all", "none"} or act.startswith("kind-"):
        meant = {row.id for row in rows if act in {"all", "none"} or row.kind == kind}
        chosen = chosen - meant if act == "none" else chosen | meant
    kinds = {row.kind: UNIT_KINDS[row.kind] for row in rows if row.kind in UNIT_KINDS}
    return render_template(
        "admin/waves/units.html", wave=wave, rows=rows, chosen=chosen, with_points=with_points, refusal=refusal,
        kept=sorted(chosen - {row.id for row in rows}), query=query, form=UnitsForm(), title_of=words.title_of,
        kinds=kinds if len(kinds) > 1 else {}, is_unsaved=chosen != members,
        n_ticked=len(chosen & {row.id for row in rows}),
    )  # fmt: skip


def _as_it_is(code: str, refused: WaveRefused) -> ResponseReturnValue:
    """The page of a wave that changes no more, for whoever asks to change it."""
    return page_of(code, refusal=words.refusal(refused)), 409


def _is_complete(form: WaveForm) -> bool:
    is_valid = form.validate_on_submit()
    form.dates_from_period()
    if form.opens_on.data is None and not form.opens_on.errors:
        form.opens_on.errors = [_("Xin điền mục này.")]
        return False
    return is_valid


def _refusal(refused: WaveRefused | AlreadyExists) -> str:
    if isinstance(refused, AlreadyExists):
        return _("Mã này đã có. Xin đặt mã khác.")
    return words.refusal(refused)


def _faults(faults: Sequence[tuple[int | str, str]]) -> str:
    sentences = {
        "unknown_unit": _("Dòng %(rows)s: mã đơn vị không thuộc đợt này."),
        "not_a_number": _("Dòng %(rows)s: không phải số nguyên từ 0 trở lên."),
        "typed": _("%(rows)s: không phải số nguyên từ 0 trở lên."),
        "twice": _("Dòng %(rows)s: đơn vị bị lặp."),
    }
    texts = []
    for name, sentence in sentences.items():
        rows = [str(row) for row, fault in faults if fault == name]
        if rows:
            listed = ", ".join(rows[:ROWS_NAMED]) + (" …" if len(rows) > ROWS_NAMED else "")
            texts.append(sentence.replace("%(rows)s", listed))
    return " ".join([*texts, _("Chưa ghi chỉ tiêu nào.")])


def _form_page(form: WaveForm, *, code: str | None = None, refusal: str | None = None) -> str:
    return render_template("admin/waves/form.html", form=form, code=code, refusal=refusal, named=words.NAMED)


def _targets_page(code: str, form: TargetsForm, *, refusal: str | None = None) -> str:
    wave = wave_plans.own_draft(db.session, code, by=current_account())
    members = waves.members(db.session, wave.row.id, max(wave.row.opens_on, today()))
    return render_template(
        "admin/waves/targets.html",
        wave=wave,
        members=members,
        form=form,
        refusal=refusal,
        typed=request.form,
        title_of=words.title_of,
    )
