"""Official methods: the list, one method, and the form by which the next one is written."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from survey_app.clock import utc_now
from survey_app.db import db, writes
from survey_app.errors import DraftHasFaults
from survey_app.i18n import current_language
from survey_app.queries import questionnaires as versions
from survey_app.services import method_drafts, official_methods
from survey_app.services.approval_kinds import KINDS
from survey_app.services.definitions import nodes_under
from survey_app.services.method_faults import WEIGHTED
from survey_app.web.admin.blueprint import bp
from survey_app.web.admin.questionnaires import words
from survey_app.web.admin.questionnaires.drafts import revision_of
from survey_app.web.admin.questionnaires.panel_fields import number_or_text
from survey_app.web.admin.questionnaires.source import MAY_EDIT, MAY_READ
from survey_app.web.bodies import id_in, read_staff_form
from survey_app.web.current import today
from survey_app.web.security import current_account, requires

ROWS_TO_ADD = 3
MOST_BANDS = 30
_DRAFT = "/questionnaires/methods/drafts/<int(max=2147483647):method_draft_id>"


@bp.get("/questionnaires/methods")
@requires(*MAY_READ)
def methods() -> str:
    may_edit = current_account().role in MAY_EDIT
    return render_template(
        "admin/questionnaires/methods.html",
        methods=official_methods.methods(db.session),
        drafts=method_drafts.open_drafts(db.session, viewer=current_account()) if may_edit else [],
        may_edit=may_edit,
        today=today(),
        language=current_language(),
        words=words,
    )


@bp.get("/questionnaires/methods/<int(max=2147483647):method_id>")
@requires(*MAY_READ)
def method(method_id: int) -> str:
    row = method_drafts.method_row(db.session, method_id)
    return render_template(
        "admin/questionnaires/method.html",
        row=row,
        method=next(each for each in official_methods.methods(db.session) if each.row.id == row.id),
        form=_questionnaire(row.definition),
        may_edit=current_account().role in MAY_EDIT,
        today=today(),
        language=current_language(),
        words=words,
    )


@bp.post("/questionnaires/methods/drafts")
@requires(*MAY_EDIT)
@writes
def new_method_draft() -> ResponseReturnValue:
    """The next version of a method, or a blank one."""
    draft_id = method_drafts.new_draft(
        db.session, copied_id=id_in(read_staff_form(request).get("copy", "")), by=current_account(),
        now=utc_now(), today=today().isoformat(),
    )  # fmt: skip
    return redirect(url_for("admin.method_draft", method_draft_id=draft_id), 303)


@bp.get(_DRAFT)
@requires(*MAY_EDIT)
def method_draft(method_draft_id: int) -> str:
    return _page(method_draft_id)


@bp.post(_DRAFT)
@requires(*MAY_EDIT)
@writes
def save_method_draft(method_draft_id: int) -> ResponseReturnValue:
    fields = read_staff_form(request)
    before = method_drafts.load_draft(
        db.session, draft_id=method_draft_id, viewer=current_account()
    ).row.definition
    method_drafts.save_draft(
        db.session, _definition_from(fields, before), draft_id=method_draft_id, by=current_account(), now=utc_now(),
        revision=revision_of(fields.get("revision", "")),
    )  # fmt: skip
    n = len(method_drafts.load_draft(db.session, draft_id=method_draft_id, viewer=current_account()).faults)
    flash(_("Đã lưu. Bản thảo còn %(n)s lỗi phải sửa.", n=n) if n else _("Đã lưu."))
    return redirect(url_for("admin.method_draft", method_draft_id=method_draft_id), 303)


@bp.post(f"{_DRAFT}/review")
@requires(*MAY_EDIT)
@writes
def review_method_draft(method_draft_id: int) -> ResponseReturnValue:
    fields = read_staff_form(request)
    reason = fields.get("reason", "").strip()[:1000]
    if not reason:
        return _page(method_draft_id, refusal=_("Xin ghi lý do để người duyệt biết.")), 422
    try:
        approval_id = method_drafts.send_to_review(
            db.session, draft_id=method_draft_id, reason=reason, by=current_account(), now=utc_now(),
            revision=revision_of(fields.get("revision", "")), kinds=KINDS,
        )  # fmt: skip
    except DraftHasFaults as refused:
        return _page(
            method_draft_id, refusal=_("Còn %(n)s lỗi phải sửa trước khi gửi duyệt.", n=refused.n_faults)
        ), 422
    flash(_("Đã gửi duyệt. Bản thảo được khóa cho đến khi người thứ hai quyết định."))
    return redirect(url_for("admin.approval", approval_id=approval_id), 303)


@bp.post(f"{_DRAFT}/discard")
@requires(*MAY_EDIT)
@writes
def discard_method_draft(method_draft_id: int) -> ResponseReturnValue:
    if read_staff_form(request).get("sure") != "yes":
        return _page(method_draft_id, refusal=_("Xin đánh dấu vào ô xác nhận trước khi xóa bản thảo.")), 422
    method_drafts.discard_draft(db.session, draft_id=method_draft_id, by=current_account(), now=utc_now())
    flash(_("Đã xóa bản thảo."))
    return redirect(url_for("admin.methods"), 303)


def _page(draft_id: int, *, refusal: str = "") -> str:
    draft = method_drafts.load_draft(db.session, draft_id=draft_id, viewer=current_account())
    faults: dict[str, list[str]] = {}
    for fault in draft.faults:
        faults.setdefault(fault.path, []).append(words.fault_words(fault))
    form = _questionnaire(draft.row.definition)
    factors = set(form["index"]["factors"]) if form else set()
    return render_template(
        "admin/questionnaires/method_draft.html",
        row=draft.row,
        definition=draft.row.definition,
        faults=faults,
        n_faults=len(draft.faults),
        forms=[(f"{row.code} {row.version}", f"{row.code} v{row.version}")
               for row in versions.list_versions(db.session)],
        factors=[node for node in nodes_under(form["tree"]) if node["code"] in factors] if form else [],
        aspects=[node for node in nodes_under(form["tree"]) if node["code"] not in factors
                 and factors & {each["code"] for each in nodes_under([node])}] if form else [],
        scales=sorted(form["scales"]) if form else [],
        n_rows=min(len(draft.row.definition["bands"]) + ROWS_TO_ADD, MOST_BANDS),
        is_open=draft.row.state == "editing",
        refusal=refusal,
        typed=_typed,
        share_typed=_share_typed,
        words=words,
        WEIGHTED=WEIGHTED,
    )  # fmt: skip


def _questionnaire(definition: dict[str, Any]) -> dict[str, Any] | None:
    named = definition["questionnaire"]
    stored = versions.find_version(db.session, code=named["code"], version=named["version"])
    return stored.definition if stored else None


def _definition_from(fields: MultiDict[str, str], before: dict[str, Any]) -> dict[str, Any]:
    """The method as the form has it; what cannot be read stays as typed, and is told as a fault."""
    code, _space, version = fields.get("questionnaire", "").rpartition(" ")
    title = {language: fields.get(f"title.{language}", "").strip()[:200] for language in ("vi", "en")}
    made = {
        **before,
        "code": fields.get("code", "").strip()[:60],
        "version": _whole(fields.get("version", "")),
        "title": {language: said for language, said in title.items() if said},
        "questionnaire": {"code": code[:40], "version": _whole(version)},
        "aggregation": fields.get("aggregation", "")[:40],
        "aspects": [each[:40] for each in fields.getlist("aspect")][:40],
        "decimals": _whole(fields.get("decimals", "")),
        "bands": _bands(fields),
        "is_example": fields.get("is_example") == "yes",
        **{
            key: fields.get(key, "").strip()[:1000] for key in ("legal_basis", "provenance", "effective_from")
        },
    }
    weights = {
        name.removeprefix("weight."): number_or_text(said)
        for name, said in fields.items()
        if name.startswith("weight.") and said.strip()
    }
    for key, value in (
        ("weights", weights if made["aggregation"] == WEIGHTED else {}),
        ("scale", fields.get("scale", "")[:40]),
    ):
        made.pop(key, None)
        if value:
            made[key] = value
    return made


def _bands(fields: MultiDict[str, str]) -> list[dict[str, Any]]:
    """Rows of the table in their order; a row with nothing in it is left out, and shares are typed as percent."""
    bands = []
    for number in range(MOST_BANDS):
        share, points = (fields.get(f"band.{number}.{name}", "").strip() for name in ("share", "points"))
        if share or points:
            percent = number_or_text(share)
            bound = percent if isinstance(percent, str) else round(percent / 100, 6)
            bands.append({"at_least": bound, "points": number_or_text(points)})
    return bands


def _whole(text: str) -> int | str:
    found = number_or_text(text)
    return found if isinstance(found, int) and abs(found) < 10**6 else text.strip()[:12]


def _typed(value: Any) -> str:
    """A number as it is typed here, with a comma; anything else as it was."""
    return str(value).replace(".", ",") if isinstance(value, int | float) else str(value)


def _share_typed(value: Any) -> str:
    return _typed(number_or_text(f"{100 * value:.4f}")) if isinstance(value, int | float) else str(value)
