"""Fields of service: their words, pictures and order, as citizens see them."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from survey_app.clock import utc_now
from survey_app.db import db, writes
from survey_app.queries.units import service_fields
from survey_app.services import registry_edits
from survey_app.web.admin.blueprint import bp
from survey_app.web.admin.registry.asked import EDITORS, READERS, may_edit, refusals_are_told, whole_of
from survey_app.web.admin.registry.words import ICON_NAMES
from survey_app.web.bodies import read_staff_form
from survey_app.web.security import current_account, requires


def _to_fields() -> ResponseReturnValue:
    return redirect(url_for("admin.service_fields"), code=303)


@bp.get("/service-fields", endpoint="service_fields")
@requires(*READERS)
def field_list(**_of_one_field: int) -> ResponseReturnValue:
    return render_template(
        "admin/registry/fields.html",
        fields=service_fields(db.session),
        icons={icon: ICON_NAMES[icon] for icon in registry_edits.ICONS},
        may_edit=may_edit(current_account().role),
    )


@bp.post("/service-fields", endpoint="add_service_field")
@requires(*EDITORS)
@refusals_are_told(field_list)
@writes
def add_field() -> ResponseReturnValue:
    return _save(None)


@bp.post("/service-fields/<int(max=2147483647):field_id>", endpoint="change_service_field")
@requires(*EDITORS)
@refusals_are_told(field_list)
@writes
def change_field(field_id: int) -> ResponseReturnValue:
    return _save(field_id)


def _save(field_id: int | None) -> ResponseReturnValue:
    form = read_staff_form(request)
    registry_edits.save_field(
        db.session,
        field_id=field_id,
        code=form.get("code", "").strip(),
        name_vi=form.get("name_vi", ""),
        name_en=form.get("name_en", ""),
        icon=form.get("icon", ""),
        position=whole_of(form, "position", reason="bad_icon"),
        viewer=current_account(),
        now=utc_now(),
    )
    flash(_("Đã lưu lĩnh vực."))
    return _to_fields()
