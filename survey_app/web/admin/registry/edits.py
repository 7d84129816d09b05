"""Small edits of one unit: other names, population from a day, a new point."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from survey_app.clock import utc_now
from survey_app.db import db, writes
from survey_app.services import registry_edits
from survey_app.services.registry_changes import operations
from survey_app.web.admin.blueprint import bp
from survey_app.web.admin.registry.asked import EDITORS, day_of, refusals_are_told, whole_of
from survey_app.web.admin.registry.browse import unit
from survey_app.web.bodies import read_staff_form
from survey_app.web.current import today
from survey_app.web.security import current_account, requires


def _to_unit(unit_id: int) -> ResponseReturnValue:
    return redirect(url_for("admin.unit", unit_id=unit_id), code=303)


@bp.post("/units/<int(max=2147483647):unit_id>/aliases")
@requires(*EDITORS)
@refusals_are_told(unit)
@writes
def add_unit_alias(unit_id: int) -> ResponseReturnValue:
    name = read_staff_form(request).get("name", "")
    registry_edits.add_alias(db.session, unit_id=unit_id, name=name, viewer=current_account(), now=utc_now())
    flash(_("Đã thêm tên gọi khác. Tìm bằng tên này sẽ ra đơn vị."))
    return _to_unit(unit_id)


@bp.post("/units/<int(max=2147483647):unit_id>/aliases/remove")
@requires(*EDITORS)
@refusals_are_told(unit)
@writes
def remove_unit_alias(unit_id: int) -> ResponseReturnValue:
    name = read_staff_form(request).get("name", "")
    registry_edits.remove_alias(
        db.session, unit_id=unit_id, name=name, viewer=current_account(), now=utc_now()
    )
    flash(_("Đã bỏ tên gọi khác."))
    return _to_unit(unit_id)


@bp.post("/units/<int(max=2147483647):unit_id>/population")
@requires(*EDITORS)
@refusals_are_told(unit)
@writes
def change_unit_population(unit_id: int) -> ResponseReturnValue:
    form = read_staff_form(request)
    operations.change_population(
        db.session,
        unit_id=unit_id,
        population=whole_of(form, "population", reason="bad_population"),
        on=day_of(form, "from"),
        viewer=current_account(),
        now=utc_now(),
        today=today(),
    )
    flash(_("Đã ghi dân số mới. Những ngày trước giữ số cũ."))
    return _to_unit(unit_id)


@bp.post("/units/<int(max=2147483647):unit_id>/points")
@requires(*EDITORS)
@refusals_are_told(unit)
@writes
def add_unit_point(unit_id: int) -> ResponseReturnValue:
    form = read_staff_form(request)
    registry_edits.add_point(
        db.session,
        unit_id=unit_id,
        code=form.get("code", "").strip(),
        name=form.get("name", ""),
        valid_from=day_of(form, "from"),
        viewer=current_account(),
        now=utc_now(),
        today=today(),
    )
    flash(_("Đã thêm điểm đặt và cấp một mã để in."))
    return _to_unit(unit_id)
