"""One point: its name, its desks, the unit it belongs to by date, and its last day."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from survey_app.clock import utc_now
from survey_app.db import db, writes
from survey_app.services import registry_browsing, registry_edits
from survey_app.web.admin.blueprint import bp
from survey_app.web.admin.registry.asked import (
    EDITORS,
    READERS,
    carried,
    day_asked,
    day_of,
    may_edit,
    refusals_are_told,
    whole_of,
)
from survey_app.web.bodies import read_staff_form
from survey_app.web.current import today
from survey_app.web.security import current_account, requires


def _to_point(point_id: int) -> ResponseReturnValue:
    return redirect(url_for("admin.point", point_id=point_id), code=303)


def _who() -> dict[str, Any]:
    return {"viewer": current_account(), "now": utc_now()}


@bp.get("/points/<int(max=2147483647):point_id>")
@requires(*READERS)
def point(point_id: int) -> ResponseReturnValue:
    on, viewer = day_asked(), current_account()
    sheet, stays = registry_browsing.point_page(db.session, point_id=point_id, on=on, viewer=viewer)
    return render_template(
        "admin/registry/point.html",
        on=on,
        carried=carried(on),
        today=today(),
        point=sheet,
        stays=stays,
        rows=registry_browsing.visible_units(db.session, on=today(), viewer=viewer),
        may_edit=may_edit(viewer.role),
    )


def _point_of_desk(desk_id: int) -> ResponseReturnValue:
    return point(registry_edits.point_of_desk(db.session, desk_id=desk_id, viewer=current_account()))


@bp.post("/points/<int(max=2147483647):point_id>/name")
@requires(*EDITORS)
@refusals_are_told(point)
@writes
def rename_point(point_id: int) -> ResponseReturnValue:
    name = read_staff_form(request).get("name", "")
    registry_edits.rename_point(db.session, point_id=point_id, name=name, **_who())
    flash(_("Đã lưu tên điểm đặt."))
    return _to_point(point_id)


@bp.post("/points/<int(max=2147483647):point_id>/unit")
@requires(*EDITORS)
@refusals_are_told(point)
@writes
def move_point(point_id: int) -> ResponseReturnValue:
    form = read_staff_form(request)
    unit_id = whole_of(form, "unit", reason="unknown_place")
    registry_edits.move_point(
        db.session, point_id=point_id, unit_id=unit_id, on=day_of(form, "from"), **_who()
    )
    flash(_("Đã chuyển điểm đặt. Phiếu của những ngày trước giữ đơn vị cũ."))
    return _to_point(point_id)


@bp.post("/points/<int(max=2147483647):point_id>/close")
@requires(*EDITORS)
@refusals_are_told(point)
@writes
def close_point(point_id: int) -> ResponseReturnValue:
    last_day = day_of(read_staff_form(request), "last_day")
    registry_edits.close_point(db.session, point_id=point_id, last_day=last_day, **_who())
    flash(_("Đã ghi ngày cuối của điểm đặt."))
    return _to_point(point_id)


@bp.post("/points/<int(max=2147483647):point_id>/desks")
@requires(*EDITORS)
@refusals_are_told(point)
@writes
def add_desk(point_id: int) -> ResponseReturnValue:
    form = read_staff_form(request)
    registry_edits.add_desk(
        db.session,
        point_id=point_id,
        code=form.get("code", "").strip(),
        name=form.get("name", ""),
        is_single_officer="one" in form,
        **_who(),
    )
    flash(_("Đã thêm quầy."))
    return _to_point(point_id)


@bp.post("/desks/<int(max=2147483647):desk_id>")
@requires(*EDITORS)
@refusals_are_told(_point_of_desk)
@writes
def change_desk(desk_id: int) -> ResponseReturnValue:
    form = read_staff_form(request)
    point_id = registry_edits.change_desk(
        db.session, desk_id=desk_id, name=form.get("name", ""), is_single_officer="one" in form, **_who()
    )
    flash(_("Đã lưu quầy."))
    return _to_point(point_id)


@bp.post("/desks/<int(max=2147483647):desk_id>/close")
@requires(*EDITORS)
@refusals_are_told(_point_of_desk)
@writes
def close_desk(desk_id: int) -> ResponseReturnValue:
    point_id = registry_edits.close_desk(db.session, desk_id=desk_id, today=today(), **_who())
    flash(_("Đã đóng quầy. Phiếu đã trả lời tại quầy được giữ nguyên."))
    return _to_point(point_id)
