"""A draft: made, looked at, discussed, sent to a second person, thrown away."""

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from survey_app.clock import utc_now
from survey_app.db import db, writes
from survey_app.errors import DraftHasFaults, InvalidField
from survey_app.languages import NAMES, WRITTEN
from survey_app.queries import questionnaire_drafts as queries
from survey_app.services import questionnaire_drafts as drafts
from survey_app.services.approval_kinds import KINDS
from survey_app.services.definition_diff import differences
from survey_app.services.definition_edit import address_of_path, placed_nodes
from survey_app.services.definition_texts import n_missing
from survey_app.services.definitions import is_counted
from survey_app.services.questionnaire_drafts import Draft
from survey_app.web.admin.blueprint import bp
from survey_app.web.admin.questionnaires import words
from survey_app.web.admin.questionnaires.source import MAY_EDIT, named, read_source
from survey_app.web.bodies import id_in, read_staff_form
from survey_app.web.current import today
from survey_app.web.security import current_account, requires

APPROVAL_PAGE = "admin.approval"


@bp.post("/questionnaires/drafts")
@requires(*MAY_EDIT)
@writes
def new_questionnaire_draft() -> ResponseReturnValue:
    """A draft by copying a version, or a blank one under a code of its own."""
    fields = read_staff_form(request)
    copied = fields.get("copy", "")
    if copied:
        draft_id = drafts.copy_version(
            db.session, version_id=read_source(copied).id, by=current_account(), now=utc_now()
        )
    else:
        draft_id = drafts.blank_draft(
            db.session, code=fields.get("code", "").strip()[:40] or "phieu_moi", by=current_account(),
            now=utc_now(), effective_from=today().isoformat(),
        )  # fmt: skip
    return redirect(url_for("admin.questionnaire_draft", draft_id=draft_id), 303)


@bp.get("/questionnaires/drafts/<int(max=2147483647):draft_id>")
@requires(*MAY_EDIT)
def questionnaire_draft(draft_id: int) -> str:
    return draft_page(draft_id)


@bp.post("/questionnaires/drafts/<int(max=2147483647):draft_id>/review")
@requires(*MAY_EDIT)
@writes
def review_questionnaire_draft(draft_id: int) -> ResponseReturnValue:
    fields = read_staff_form(request)
    reason = fields.get("reason", "").strip()[:1000]
    if not reason:
        return draft_page(draft_id, refusal=_("Xin ghi lý do ban hành để người duyệt biết.")), 422
    try:
        drafts.send_to_review(
            db.session, draft_id=draft_id, reason=reason, by=current_account(), now=utc_now(),
            revision=revision_of(fields.get("revision", "")), kinds=KINDS,
        )  # fmt: skip
    except DraftHasFaults as refused:
        return draft_page(
            draft_id, refusal=_("Còn %(n)s lỗi phải sửa trước khi gửi duyệt.", n=refused.n_faults)
        ), 422
    flash(_("Đã gửi duyệt. Bản thảo được khóa cho đến khi người thứ hai quyết định."))
    return redirect(url_for("admin.questionnaire_draft", draft_id=draft_id), 303)


@bp.post("/questionnaires/drafts/<int(max=2147483647):draft_id>/take-back")
@requires(*MAY_EDIT)
@writes
def take_back_questionnaire_draft(draft_id: int) -> ResponseReturnValue:
    """Unlock: the proposer takes it back, a reviewer sends it back."""
    note = read_staff_form(request).get("note", "").strip()[:1000]
    drafts.take_back(
        db.session, draft_id=draft_id, note=note or _("Lấy lại để sửa."), by=current_account(), now=utc_now(),
        kinds=KINDS,
    )  # fmt: skip
    flash(_("Bản thảo đã mở khóa để sửa."))
    return redirect(url_for("admin.questionnaire_draft", draft_id=draft_id), 303)


@bp.post("/questionnaires/drafts/<int(max=2147483647):draft_id>/notes")
@requires(*MAY_EDIT)
@writes
def note_questionnaire_draft(draft_id: int) -> ResponseReturnValue:
    fields = read_staff_form(request)
    text = fields.get("text", "").strip()
    if not text:
        return draft_page(draft_id, refusal=_("Xin ghi nội dung nhận xét.")), 422
    drafts.add_note(
        db.session, draft_id=draft_id, place=fields.get("place", ""), text=text, by=current_account(),
        now=utc_now(),
    )  # fmt: skip
    return redirect(url_for("admin.questionnaire_draft", draft_id=draft_id, _anchor="notes"), 303)


@bp.post("/questionnaires/drafts/<int(max=2147483647):draft_id>/discard")
@requires(*MAY_EDIT)
@writes
def discard_questionnaire_draft(draft_id: int) -> ResponseReturnValue:
    if read_staff_form(request).get("sure") != "yes":
        return draft_page(draft_id, refusal=_("Xin đánh dấu vào ô xác nhận trước khi xóa bản thảo.")), 422
    drafts.discard_draft(db.session, draft_id=draft_id, by=current_account(), now=utc_now())
    flash(_("Đã xóa bản thảo."))
    return redirect(url_for("admin.questionnaires"), 303)


def draft_page(draft_id: int, *, refusal: str = "") -> str:
    """The draft as a whole: what is wrong, its tree, what is missing, what differs, who said what."""
    draft = drafts.load_draft(db.session, draft_id=draft_id, viewer=current_account())
    row = draft.row
    base = None if row.based_on_id is None else read_source(f"v{row.based_on_id}")
    account = current_account()
    return render_template(
        "admin/questionnaires/draft.html",
        draft=draft,
        row=row,
        definition=row.definition,
        name=named(row.definition),
        key=f"d{draft_id}",
        nodes=list(placed_nodes(row.definition)),
        faults=[(fault, fault_link(draft, fault.path)) for fault in (*draft.faults, *draft.mapping_faults)],
        faulty=faulty_addresses(draft),
        missing=[(language, n_missing(row.definition, language)) for language in WRITTEN],
        base=base,
        n_changes=len(differences(base.definition, row.definition)) if base else 0,
        notes=queries.notes_of(db.session, draft_id),
        is_mine=row.created_by_id == account.account_id,
        approval_url=_approval_url(row.approval_id),
        refusal=refusal,
        is_counted=is_counted,
        language_names=NAMES,
        words=words,
    )


def faulty_addresses(draft: Draft) -> frozenset[str]:
    return frozenset(address_of_path(fault.path) for fault in draft.faults) - {""}


def fault_link(draft: Draft, path: str) -> str:
    """The panel in which a fault is mended."""
    draft_id, address = draft.row.id, address_of_path(path)
    if path.startswith("mapping."):
        return url_for("admin.questionnaire_mapping", draft_id=draft_id, _anchor=path)
    if address:
        return url_for("admin.edit_questionnaire_node", draft_id=draft_id, at=address)
    if path.startswith("scales."):
        name = path.split(".")[1]
        if name in draft.row.definition["scales"]:
            return url_for("admin.edit_questionnaire_scale", draft_id=draft_id, name=name)
    if path.startswith("index"):
        return url_for("admin.edit_questionnaire_index", draft_id=draft_id)
    if path.startswith("tree"):
        return url_for("admin.questionnaire_draft", draft_id=draft_id, _anchor="tree")
    return url_for("admin.edit_questionnaire_head", draft_id=draft_id)


def revision_of(text: str) -> int:
    """The revision that the editor saw."""
    found = id_in(text)
    if found is None:
        raise InvalidField("revision", "not_a_number")
    return found


def _approval_url(approval_id: int | None) -> str:
    """Where the second person decides."""
    if approval_id is None or APPROVAL_PAGE not in current_app.view_functions:
        return ""
    return url_for(APPROVAL_PAGE, approval_id=approval_id)
