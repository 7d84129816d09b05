"""Two definitions side by side, and what each old item is in the new one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from survey_app.clock import utc_now
from survey_app.db import db, writes
from survey_app.errors import NotFound
from survey_app.queries import version_mappings as mappings
from survey_app.services import questionnaire_drafts as drafts
from survey_app.services.definition_diff import differences
from survey_app.services.definitions import Definition, items_under
from survey_app.services.version_mappings import Kin, Link, Why, answers_of, propose_links
from survey_app.web.admin.blueprint import bp
from survey_app.web.admin.questionnaires import words
from survey_app.web.admin.questionnaires.drafts import revision_of
from survey_app.web.admin.questionnaires.source import MAY_EDIT, MAY_READ, Source, read_source
from survey_app.web.bodies import read_staff_form
from survey_app.web.security import Role, current_account, requires, takes_body

MOST_BYTES = 512 * 1024


@dataclass(frozen=True, slots=True)
class MappingRow:
    """One old item, what it becomes, and the answers of both sides."""

    link: Link
    old_text: str
    new_text: str
    old_points: tuple[tuple[str, str], ...]
    new_points: tuple[tuple[str, str], ...]
    fault: str


@bp.get("/questionnaires/compare")
@requires(*MAY_READ)
def compare_questionnaires() -> str:
    """Everything that differs between two versions, or a draft and a version, in words."""
    old, new = read_source(request.args.get("old", "")), read_source(request.args.get("new", ""))
    if (old.is_draft or new.is_draft) and current_account().role not in (Role.ADMIN, Role.PAR_OFFICE):
        raise NotFound("draft")
    changes = [
        (change, *words.change_sides(change)) for change in differences(old.definition, new.definition)
    ]
    return render_template(
        "admin/questionnaires/compare.html", old=old, new=new, changes=changes, words=words
    )


@bp.get("/questionnaires/versions/<int(max=2147483647):version_id>/mapping/<int(max=2147483647):old_id>")
@requires(*MAY_READ)
def version_mapping(version_id: int, old_id: int) -> str:
    """The mapping that holds, or an earlier state of it; a change of one item is proposed from here."""
    history = mappings.mapping_history(db.session, old_id=old_id, new_id=version_id)
    number = request.args.get("number", len(history), type=int)
    if not 1 <= number <= len(history):
        raise NotFound(f"mapping {old_id} to {version_id}, state {number}")
    shown = history[number - 1]
    old, new = read_source(f"v{old_id}"), read_source(f"v{version_id}")
    may_revise = number == len(history) and current_account().role in MAY_EDIT
    return _mapping_page(
        old, new, [link_of(row) for row in shown.links], {}, revision=None, history=history, shown=shown,
        may_revise=may_revise,
    )  # fmt: skip


@bp.get("/questionnaires/drafts/<int(max=2147483647):draft_id>/mapping")
@requires(*MAY_EDIT)
def questionnaire_mapping(draft_id: int) -> str:
    draft = drafts.load_draft(db.session, draft_id=draft_id, viewer=current_account())
    if draft.row.based_on_id is None:
        raise NotFound(f"mapping of draft {draft_id}")
    old, new = read_source(f"v{draft.row.based_on_id}"), read_source(f"d{draft_id}")
    faults = {fault.path.removeprefix("mapping."): words.fault_words(fault) for fault in draft.mapping_faults}
    links = [link_of(row) for row in draft.row.mapping]
    is_open = draft.row.state == "editing"
    return _mapping_page(old, new, links, faults, revision=draft.row.revision if is_open else None)


@bp.post("/questionnaires/drafts/<int(max=2147483647):draft_id>/mapping")
@requires(*MAY_EDIT)
@takes_body(MOST_BYTES)
@writes
def save_questionnaire_mapping(draft_id: int) -> ResponseReturnValue:
    """What a person says of the old items on the page; the others stay as they are."""
    fields = read_staff_form(request)
    row = drafts.own_draft(db.session, draft_id=draft_id, viewer=current_account())
    links = [_read_link(each, fields) for each in row.mapping]
    drafts.decide_mapping(
        db.session, draft_id=draft_id, links=links, by=current_account(), now=utc_now(),
        revision=revision_of(fields.get("revision", "")),
    )  # fmt: skip
    flash(_("Đã lưu."))
    return redirect(url_for("admin.questionnaire_mapping", draft_id=draft_id), 303)


def _read_link(stored: Mapping[str, Any], fields: Mapping[str, str]) -> Link:
    """One old item as sent. The page sends the changed answers of one item, so that a long form stays short."""
    old = stored["old"]
    if fields.get("old") != old:
        return link_of(stored)
    return link_sent(old, fields)


def link_sent(old: str, fields: Mapping[str, str]) -> Link:
    """What a form says of one old item; points count only where it is recoded."""
    kin = fields.get("kin", "")
    named = {
        name.removeprefix("point."): new for name, new in fields.items() if name.startswith("point.") and new
    }
    return Link(
        old=old,
        new=fields.get("new", "")[:40],
        kin=Kin(kin) if kin in set(Kin) else Kin.BROKEN,
        points=named if kin == Kin.RECODED else {},
    )


def link_of(row: Mapping[str, Any]) -> Link:
    return Link(row["old"], row["new"], Kin(row["kin"]), row["points"])


def _mapping_page(
    old: Source, new: Source, links: list[Link], faults: Mapping[str, str], *, revision: int | None,
    history: Sequence[mappings.MappingRow] = (), shown: mappings.MappingRow | None = None, may_revise: bool = False,
) -> str:  # fmt: skip
    why = {link.old: link.why for link in propose_links(old.definition, new.definition)}
    rows = [mapping_row(link, old.definition, new.definition, faults.get(link.old, "")) for link in links]
    linked = {link.new for link in links if link.kin is not Kin.BROKEN}
    return render_template(
        "admin/questionnaires/mapping.html",
        old=old,
        new=new,
        rows=rows,
        why=why,
        counts={kin: sum(link.kin is kin for link in links) for kin in Kin},
        fresh=[item for item in items_under(new.definition["tree"]) if item["code"] not in linked],
        offered=[(item["code"], item["text"].get("vi", "")) for item in items_under(new.definition["tree"])],
        revision=revision,
        history=history,
        shown=shown,
        may_revise=may_revise,
        kins=words.KINS,
        whys=words.WHYS,
        Kin=Kin,
        Why=Why,
    )


def mapping_row(link: Link, old: Definition, new: Definition, fault: str) -> MappingRow:
    before = {item["code"]: item for item in items_under(old["tree"])}.get(link.old)
    after = {item["code"]: item for item in items_under(new["tree"])}.get(link.new)
    return MappingRow(
        link=link,
        old_text=before["text"]["vi"] if before else link.old,
        new_text=after["text"].get("vi", "") if after else "",
        old_points=_points(before, old),
        new_points=_points(after, new),
        fault=fault,
    )


def _points(item: Definition | None, definition: Definition) -> tuple[tuple[str, str], ...]:
    if item is None:
        return ()
    return tuple((code, said) for code, said, *_rest in answers_of(item, definition["scales"]))
