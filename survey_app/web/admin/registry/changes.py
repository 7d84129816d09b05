"""The guided change: choose, fill in, look at everything that would change, propose; take back."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from survey_app.clock import utc_now
from survey_app.db import db, writes
from survey_app.errors import NotFound, RegistryRefused
from survey_app.services import approvals, registry_browsing
from survey_app.services.approval_kinds import KINDS as APPROVAL_KINDS
from survey_app.services.registry_changes import operations, previewing
from survey_app.services.registry_changes.requests import GUIDED, MERGE, SPLIT, ChangeRequest
from survey_app.web.admin.blueprint import bp
from survey_app.web.admin.registry.asked import EDITORS, READERS, may_edit, refusals_are_told, told
from survey_app.web.admin.registry.change_form import (
    MOST_SUCCESSORS,
    Filled,
    n_successors,
    prefilled,
    read_request,
    unit_ids_of,
    usual_day,
)
from survey_app.web.admin.registry.review import plan_shown
from survey_app.web.admin.registry.words import KIND_HINTS, KINDS
from survey_app.web.bodies import clean_text, read_staff_form
from survey_app.web.current import today
from survey_app.web.security import ROLE_TITLES, current_account, requires
from survey_app.web.unit_kinds import UNIT_KINDS

MOST_REASON = 1000
MOST_FIND = 80


@bp.get("/units/change")
@requires(*EDITORS)
def unit_change() -> ResponseReturnValue:
    """Step 1: which change, of which units, from which day."""
    return _choose(MultiDict(request.args), None)


@bp.get("/units/change/<kind>")
@requires(*EDITORS)
def unit_change_details(kind: str) -> ResponseReturnValue:
    """Step 2: everything else, filled in as far as it is known."""
    _known(kind)
    values = MultiDict((name, clean_text(value)) for name, value in request.args.items(multi=True))
    try:
        found = _found(kind, values)
    except RegistryRefused as error:
        return _choose(MultiDict([*values.items(multi=True), ("kind", kind)]), told(error)), 422
    filled = prefilled(kind, found, _day(values), n_successors(values))
    for name in ("unit", "on", "n"):
        filled.values.setlist(name, values.getlist(name))
    return _details(kind, found, filled, None)


# Reads only, but a form of this size does not fit into an address.
@bp.post("/units/change/<kind>/preview", endpoint="unit_change_preview")
@requires(*EDITORS)
def look(kind: str) -> ResponseReturnValue:
    """Step 3: everything that would change; or step 2 again with what was typed."""
    _known(kind)
    values = read_staff_form(request)
    if values.get("step") == "back":
        return _again(kind, values, None), 200
    try:
        plan = _plan(read_request(kind, values))
    except RegistryRefused as error:
        return _again(kind, values, told(error)), 422
    return render_template(
        "admin/registry/change_preview.html", kind=kind, filled=Filled(values), **plan_shown(plan)
    )


@bp.post("/units/change/<kind>")
@requires(*EDITORS)
@writes
def propose_unit_change(kind: str) -> ResponseReturnValue:
    """Step 4: let it wait for a second person."""
    _known(kind)
    values = read_staff_form(request)
    try:
        waiting = operations.propose_change(
            db.session, read_request(kind, values), reason=values.get("reason", "")[:MOST_REASON],
            viewer=current_account(), now=utc_now(), today=today(),
        )  # fmt: skip
    except RegistryRefused as error:
        return _again(kind, values, told(error)), 422
    flash(_("Đã gửi đề nghị. Thay đổi chỉ được thực hiện khi một người khác duyệt."))
    return redirect(url_for("admin.approval", approval_id=waiting), code=303)


@bp.get("/registry/changes/<int(max=2147483647):approval_id>")
@requires(*EDITORS)
def unit_change_review(approval_id: int) -> ResponseReturnValue:
    """The address that links of before lead to; a change of the registry is decided where every other is."""
    viewer = current_account()
    row = approvals.visible_approval(db.session, approval_id=approval_id, viewer=viewer, kinds=APPROVAL_KINDS)
    if row.kind != operations.KIND:
        raise NotFound(f"approval {approval_id}")
    return redirect(url_for("admin.approval", approval_id=approval_id), code=301)


@bp.get("/registry/operations")
@requires(*READERS)
def registry_operations() -> ResponseReturnValue:
    viewer = current_account()
    editor = may_edit(viewer.role)
    return render_template(
        "admin/registry/operations.html",
        rows=operations.visible_operations(db.session, viewer=viewer),
        waiting=previewing.waiting(db.session, viewer=viewer, kinds=APPROVAL_KINDS) if editor else [],
        change_kinds=KINDS,
        may_edit=editor,
    )


@bp.get("/registry/operations/<int(max=2147483647):operation_id>")
@requires(*READERS)
def registry_operation(operation_id: int) -> ResponseReturnValue:
    """A change that was carried out, row by row in counts, and whether it can still be taken back."""
    viewer = current_account()
    row = operations.visible_operation(db.session, operation_id, viewer=viewer)
    refused = previewing.undo_refusal(db.session, row)
    return render_template(
        "admin/registry/operation.html",
        row=row,
        sheet=previewing.operation_sheet(db.session, row),
        refusal=None if refused is None or row.is_undone else told(refused),
        change_kinds=KINDS,
        may_edit=may_edit(viewer.role),
    )


@bp.post("/registry/operations/<int(max=2147483647):operation_id>/undo")
@requires(*EDITORS)
@refusals_are_told(registry_operation)
@writes
def propose_undo(operation_id: int) -> ResponseReturnValue:
    reason = read_staff_form(request).get("reason", "")[:MOST_REASON]
    waiting = operations.propose_undo(
        db.session, operation_id=operation_id, reason=reason, viewer=current_account(), now=utc_now()
    )
    flash(_("Đã gửi đề nghị hoàn tác. Một người khác phải duyệt."))
    return redirect(url_for("admin.approval", approval_id=waiting), code=303)


def _known(kind: str) -> None:
    if kind not in GUIDED:
        raise NotFound(f"change {kind}")


def _day(values: MultiDict[str, str]) -> Any:
    return read_request("rename", MultiDict([("on", values.get("on", ""))])).on


def _found(kind: str, values: MultiDict[str, str]) -> Any:
    asked = ChangeRequest(kind=kind, unit_ids=unit_ids_of(values), on=_day(values))
    return operations.find_affected(db.session, asked, viewer=current_account(), today=today())


def _plan(asked: ChangeRequest) -> operations.Plan:
    return operations.plan_change(db.session, asked, viewer=current_account(), today=today())


def _choose(values: MultiDict[str, str], refusal: str | None) -> str:
    kind = values.get("kind", MERGE)
    rows = registry_browsing.visible_units(db.session, on=today(), viewer=current_account())
    find = clean_text(values.get("find", ""))[:MOST_FIND]
    return render_template(
        "admin/registry/change.html",
        find=find,
        matching=registry_browsing.named_like(rows, find),
        kind=kind if kind in GUIDED else MERGE,
        kinds={each: KINDS[each] for each in GUIDED},
        hints=KIND_HINTS,
        rows=rows,
        shows_parents=len({row.parent_id for row in rows if row.parent_id}) > 1,
        own_unit_id=current_account().unit_id,
        chosen=set(unit_ids_of(values)),
        on=values.get("on") or usual_day(today()).isoformat(),
        refusal=refusal,
    )


def _again(kind: str, values: MultiDict[str, str], refusal: str | None) -> str:
    """Step 2 with everything as it was typed; step 1 where even the units cannot be read."""
    try:
        found = _found(kind, values)
    except RegistryRefused as error:
        return _choose(MultiDict([*values.items(multi=True), ("kind", kind)]), told(error))
    return _details(kind, found, Filled(values), refusal)


def _details(kind: str, found: Any, filled: Filled, refusal: str | None) -> str:
    viewer = current_account()
    level = found.units[0].level
    rows = registry_browsing.visible_units(db.session, on=_day(filled.values), viewer=viewer)
    return render_template(
        "admin/registry/change_details.html",
        kind=kind,
        title=KINDS[kind],
        on=_day(filled.values),
        found=found,
        filled=filled,
        n=1 if kind == MERGE else n_successors(filled.values) if kind == SPLIT else 0,
        most=MOST_SUCCESSORS,
        parents=[row for row in rows if row.level < level],
        unit_kinds=UNIT_KINDS,
        role_titles={role.value: title for role, title in ROLE_TITLES.items()},
        refusal=refusal,
    )
