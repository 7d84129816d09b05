"""A later word on one item of a published mapping: written here, decided by a second person."""

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from survey_app.clock import utc_now
from survey_app.db import db, writes
from survey_app.errors import DefinitionError, InvalidField, NotFound
from survey_app.services import mapping_revisions
from survey_app.services.approval_kinds import KINDS
from survey_app.services.definitions import items_under
from survey_app.services.version_mappings import Kin, Link
from survey_app.web.admin.blueprint import bp
from survey_app.web.admin.questionnaires import words
from survey_app.web.admin.questionnaires.comparing import link_of, link_sent, mapping_row
from survey_app.web.admin.questionnaires.source import MAY_EDIT, read_source
from survey_app.web.bodies import read_staff_form
from survey_app.web.reasons import reason_words
from survey_app.web.security import current_account, requires

_PATH = "/questionnaires/versions/<int(max=2147483647):version_id>/mapping/<int(max=2147483647):old_id>/item"


@bp.get(_PATH)
@requires(*MAY_EDIT)
def revise_mapping(version_id: int, old_id: int) -> str:
    """One old item with its answers beside those of the new item; another new item is looked at by `new`."""
    return _page(version_id, old_id, request.args.get("at", ""), request.args)


@bp.post(_PATH)
@requires(*MAY_EDIT)
@writes
def propose_mapping(version_id: int, old_id: int) -> ResponseReturnValue:
    fields = read_staff_form(request)
    item, reason = fields.get("old", ""), fields.get("reason", "").strip()[:1000]
    faults: dict[str, list[str]] = {} if reason else {"reason": [_("Xin ghi lý do để người duyệt biết.")]}
    try:
        if not faults:
            approval_id = mapping_revisions.propose_link(
                db.session, old_id=old_id, new_id=version_id, link=link_sent(item, fields),
                basis=fields.get("basis", ""), reason=reason, by=current_account(), now=utc_now(), kinds=KINDS,
            )  # fmt: skip
    except InvalidField as refused:
        faults = {refused.field: [reason_words(refused.reason)]}
    except DefinitionError as fault:
        faults = {"kin": [words.fault_words(fault)]}
    if faults:
        return _page(version_id, old_id, item, fields, faults), 422
    flash(_("Đã gửi. Bảng nối chỉ đổi khi người thứ hai duyệt."))
    return redirect(url_for("admin.approval", approval_id=approval_id), 303)


def _page(
    version_id: int,
    old_id: int,
    item: str,
    sent: Mapping[str, str],
    faults: Mapping[str, list[str]] | None = None,
) -> str:
    current = mapping_revisions.current_mapping(db.session, old_id=old_id, new_id=version_id)
    stored = next((link_of(row) for row in current.links if row["old"] == item), None)
    if stored is None:
        raise NotFound(f"item {item}")
    old, new = read_source(f"v{old_id}"), read_source(f"v{version_id}")
    asked = stored
    if "new" in sent:
        kin = sent.get("kin", stored.kin)
        points = {code: said for code, said in _points_sent(sent).items() if said} or stored.points
        asked = Link(item, sent["new"][:40], Kin(kin) if kin in set(Kin) else stored.kin, points)
    return render_template(
        "admin/questionnaires/remap.html",
        old=old,
        new=new,
        stored=stored,
        row=mapping_row(asked, old.definition, new.definition, ""),
        offered=[(each["code"], each["text"].get("vi", "")) for each in items_under(new.definition["tree"])],
        basis=sent.get("basis", "")[:400],
        reason=sent.get("reason", "")[:1000],
        faults=faults or {},
        kins=words.KINS,
        Kin=Kin,
    )


def _points_sent(sent: Mapping[str, str]) -> dict[str, str]:
    return {name.removeprefix("point."): said for name, said in sent.items() if name.startswith("point.")}
