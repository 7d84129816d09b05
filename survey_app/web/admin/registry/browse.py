"""Units as at a day: as a tree, as a list that is searched by any name, and one unit with all that stands on it."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from survey_app.db import db
from survey_app.queries import unit_sheets
from survey_app.services import registry_browsing
from survey_app.services.accounts import visible_unit_ids
from survey_app.web.admin.blueprint import bp
from survey_app.web.admin.registry.asked import READERS, carried, day_asked, may_edit
from survey_app.web.admin.registry.words import KINDS
from survey_app.web.current import today
from survey_app.web.security import ROLE_TITLES, Role, current_account, requires
from survey_app.web.unit_kinds import UNIT_KINDS

MOST_TYPED = 100


@bp.get("/units", endpoint="units")
@requires(*READERS)
def unit_list() -> ResponseReturnValue:
    on, viewer = day_asked(), current_account()
    typed = request.args.get("q", "").replace("\x00", "").strip()[:MOST_TYPED]
    shape = "list" if request.args.get("view") == "list" else "tree"
    rows = registry_browsing.visible_units(db.session, on=on, viewer=viewer)
    return render_template(
        "admin/registry/units.html",
        on=on,
        carried=carried(on),
        typed=typed,
        shape=shape,
        found=registry_browsing.search(db.session, typed, on=on, viewer=viewer) if typed else None,
        rows=rows,
        n_points=unit_sheets.point_counts(db.session, [row.id for row in rows], on),
        branches=registry_browsing.tree(db.session, on=on, viewer=viewer) if shape == "tree" else (),
        kinds=UNIT_KINDS,
        may_edit=may_edit(viewer.role),
    )


@bp.get("/units/<int(max=2147483647):unit_id>")
@requires(*READERS)
def unit(unit_id: int) -> ResponseReturnValue:
    on, viewer = day_asked(), current_account()
    sheet = registry_browsing.unit_sheet(db.session, unit_id=unit_id, on=on, viewer=viewer)
    is_own = unit_id in visible_unit_ids(db.session, viewer=viewer)
    return render_template(
        "admin/registry/unit.html",
        on=on,
        carried=carried(on),
        today=today(),
        sheet=sheet,
        kinds=UNIT_KINDS,
        change_kinds=KINDS,
        role_titles={role.value: title for role, title in ROLE_TITLES.items()},
        may_edit=may_edit(viewer.role) and is_own,
        is_own_office=viewer.unit_id == unit_id,
        sees_people=viewer.role in (Role.ADMIN, Role.PAR_OFFICE) and is_own,
        below_points=unit_sheets.point_counts(db.session, [row.id for row in sheet.below], on),
    )
