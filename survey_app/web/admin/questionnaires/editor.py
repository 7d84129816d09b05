"""The editor: one panel a thing (head, node, scale, index), saved with its faults, which stand beside their fields."""

import re
from collections.abc import Iterable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from survey_app.clock import utc_now
from survey_app.db import db, writes
from survey_app.errors import DefinitionError, NotFound
from survey_app.services import definition_edit as edit
from survey_app.services import questionnaire_drafts as drafts
from survey_app.services.definitions import MULTI_KINDS, Definition, is_counted, items_under, nodes_under
from survey_app.services.questionnaire_drafts import Draft
from survey_app.web.admin.blueprint import bp
from survey_app.web.admin.questionnaires import panel_fields, words
from survey_app.web.admin.questionnaires.drafts import draft_page, revision_of
from survey_app.web.admin.questionnaires.source import MAY_EDIT, named
from survey_app.web.bodies import read_staff_form
from survey_app.web.security import current_account, requires, takes_body

MOST_BYTES = 256 * 1024
MOST_SCALES = 60
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")


@bp.get("/questionnaires/drafts/<int(max=2147483647):draft_id>/head")
@requires(*MAY_EDIT)
def edit_questionnaire_head(draft_id: int) -> str:
    draft = drafts.load_draft(db.session, draft_id=draft_id, viewer=current_account())
    heads = [fault for fault in draft.faults if not fault.path.startswith(("tree", "scales", "index"))]
    return _panel("head", draft, faults=_by_field(heads))


@bp.post("/questionnaires/drafts/<int(max=2147483647):draft_id>/head")
@requires(*MAY_EDIT)
@writes
def save_questionnaire_head(draft_id: int) -> ResponseReturnValue:
    fields, definition = read_staff_form(request), _definition(draft_id)
    version = panel_fields.number_or_text(fields.get("version", ""))
    title = fields.get("title", "").strip()
    made = definition | {
        "code": fields.get("code", "").strip()[:60],
        "version": version if isinstance(version, int) and abs(version) < 10**6 else 0,
        "title": {**definition["title"], "vi": title},
        **{
            key: fields.get(key, "").strip()[:1000] for key in ("legal_basis", "provenance", "effective_from")
        },
    }
    return _saved(draft_id, made, url_for("admin.edit_questionnaire_head", draft_id=draft_id))


@bp.get("/questionnaires/drafts/<int(max=2147483647):draft_id>/node")
@requires(*MAY_EDIT)
def edit_questionnaire_node(draft_id: int) -> str:
    draft = drafts.load_draft(db.session, draft_id=draft_id, viewer=current_account())
    address = request.args.get("at", "")
    node = edit.node_at(draft.row.definition, address)
    own = [fault for fault in draft.faults if edit.address_of_path(fault.path) == address]
    placed = list(edit.placed_nodes(draft.row.definition))
    return _panel(
        "group" if "children" in node else "item",
        draft,
        node=node,
        at=address,
        faults=_by_field(own),
        counts_now=None if "children" in node else is_counted(node),
        parents=[each for each in placed if each.is_group and not _is_in(each.address, address)],
        above=address.rpartition(".")[0],
        n_inside=sum(1 for each in items_under(node.get("children", ()))),
        rows_to_add=panel_fields.ROWS_TO_ADD,
        is_multiple=node["kind"] in MULTI_KINDS,
    )


@bp.post("/questionnaires/drafts/<int(max=2147483647):draft_id>/node")
@requires(*MAY_EDIT)
@takes_body(MOST_BYTES)
@writes
def save_questionnaire_node(draft_id: int) -> ResponseReturnValue:
    fields, definition = read_staff_form(request), _definition(draft_id)
    address = fields.get("at", "")
    before = edit.node_at(definition, address)
    make = panel_fields.group_from if "children" in before else panel_fields.item_from
    made = edit.with_node(definition, address, make(fields, before))
    return _saved(
        draft_id, _renamed(made, before["code"], edit.node_at(made, address)["code"]),
        url_for("admin.edit_questionnaire_node", draft_id=draft_id, at=address),
    )  # fmt: skip


@bp.post("/questionnaires/drafts/<int(max=2147483647):draft_id>/tree")
@requires(*MAY_EDIT)
@writes
def change_questionnaire_tree(draft_id: int) -> ResponseReturnValue:
    """Add, shift, move or remove a node; `do` says which."""
    fields, definition = read_staff_form(request), _definition(draft_id)
    what, address = fields.get("do", ""), fields.get("at", "")
    if what == "remove":
        if fields.get("sure") != "yes":
            return draft_page(draft_id, refusal=_("Xin đánh dấu vào ô xác nhận trước khi xóa.")), 422
        made = edit.without_node(definition, address)
        return _saved(draft_id, made, url_for("admin.questionnaire_draft", draft_id=draft_id, _anchor="tree"))
    if what in {"up", "down"}:
        made, there = edit.with_node_shifted(definition, address, 1 if what == "down" else -1)
        anchor = f"node-{there}"
        return _saved(draft_id, made, url_for("admin.questionnaire_draft", draft_id=draft_id, _anchor=anchor))
    if what == "move":
        made, there = edit.with_node_moved(definition, address, fields.get("parent", ""))
    else:
        made, there = edit.with_new_node(definition, address, _new_node(definition, fields.get("kind", "")))
    return _saved(draft_id, made, url_for("admin.edit_questionnaire_node", draft_id=draft_id, at=there))


@bp.get("/questionnaires/drafts/<int(max=2147483647):draft_id>/scale")
@requires(*MAY_EDIT)
def edit_questionnaire_scale(draft_id: int) -> str:
    draft = drafts.load_draft(db.session, draft_id=draft_id, viewer=current_account())
    name = request.args.get("name", "")
    scale = draft.row.definition["scales"].get(name)
    if scale is None:
        raise NotFound(f"scale {name}")
    own = [fault for fault in draft.faults if fault.path.startswith(f"scales.{name}.")]
    users = [item["code"] for item in items_under(draft.row.definition["tree"]) if item.get("scale") == name]
    return _panel(
        "scale", draft, scale=scale, scale_name=name, users=users, rows_to_add=panel_fields.ROWS_TO_ADD,
        faults={"": [f"{words.place_words(fault.path, draft.row.definition)}: {words.fault_words(fault)}"
                     for fault in own]} if own else {},
    )  # fmt: skip


@bp.post("/questionnaires/drafts/<int(max=2147483647):draft_id>/scale")
@requires(*MAY_EDIT)
@takes_body(MOST_BYTES)
@writes
def save_questionnaire_scale(draft_id: int) -> ResponseReturnValue:
    """Save a scale, begin a new one, or remove one that no item uses."""
    fields, definition = read_staff_form(request), _definition(draft_id)
    name, scales = fields.get("name", "").strip(), dict(definition["scales"])
    back = url_for("admin.questionnaire_draft", draft_id=draft_id, _anchor="scales")
    if fields.get("do") == "remove":
        if any(item.get("scale") == name for item in items_under(definition["tree"])):
            return draft_page(
                draft_id, refusal=_("Thang %(name)s đang được dùng nên không xóa được.", name=name)
            ), 422
        scales.pop(name, None)
        return _saved(draft_id, definition | {"scales": scales}, back)
    if fields.get("do") == "add":
        if not _NAME.fullmatch(name) or name in scales or len(scales) >= MOST_SCALES:
            refusal = _("Tên thang chỉ gồm chữ không dấu, số, gạch, và chưa có trong phiếu.")
            return draft_page(draft_id, refusal=refusal), 422
        scales[name] = {"points": []}
    elif name in scales:
        scales[name] = panel_fields.scale_from(fields, scales[name])
    else:
        raise NotFound(f"scale {name}")
    there = url_for("admin.edit_questionnaire_scale", draft_id=draft_id, name=name)
    return _saved(draft_id, definition | {"scales": scales}, there)


@bp.get("/questionnaires/drafts/<int(max=2147483647):draft_id>/index")
@requires(*MAY_EDIT)
def edit_questionnaire_index(draft_id: int) -> str:
    draft = drafts.load_draft(db.session, draft_id=draft_id, viewer=current_account())
    definition = draft.row.definition
    own = [fault for fault in draft.faults if fault.path.startswith("index")]
    return _panel(
        "index",
        draft,
        faults={"": [words.fault_words(fault) for fault in own]} if own else {},
        counted=[item for item in items_under(definition["tree"]) if is_counted(item)],
        groups=list(nodes_under(definition["tree"])),
    )


@bp.post("/questionnaires/drafts/<int(max=2147483647):draft_id>/index")
@requires(*MAY_EDIT)
@writes
def save_questionnaire_index(draft_id: int) -> ResponseReturnValue:
    fields, definition = read_staff_form(request), _definition(draft_id)
    chosen = set(fields.getlist("factor"))
    factors = [node["code"] for node in nodes_under(definition["tree"]) if node["code"] in chosen]
    index = {"headline": fields.get("headline", "")[:40], "factors": factors}
    return _saved(
        draft_id, definition | {"index": index}, url_for("admin.edit_questionnaire_index", draft_id=draft_id)
    )


def _saved(draft_id: int, definition: Definition, there: str) -> ResponseReturnValue:
    drafts.save_draft(
        db.session, definition, current_account(), now=utc_now(), draft_id=draft_id,
        revision=revision_of(read_staff_form(request).get("revision", "")),
    )  # fmt: skip
    n_faults = len(drafts.load_draft(db.session, draft_id=draft_id, viewer=current_account()).faults)
    flash(_("Đã lưu. Bản thảo còn %(n)s lỗi phải sửa.", n=n_faults) if n_faults else _("Đã lưu."))
    return redirect(there, 303)


def _definition(draft_id: int) -> dict[str, Any]:
    return drafts.load_draft(db.session, draft_id=draft_id, viewer=current_account()).row.definition


def _panel(name: str, draft: Draft, **values: Any) -> str:
    return render_template(
        f"admin/questionnaires/panel_{name}.html",
        draft=draft,
        row=draft.row,
        definition=draft.row.definition,
        title=named(draft.row.definition),
        is_open=draft.row.state == "editing",
        words=words,
        **values,
    )


def _by_field(faults: Iterable[DefinitionError]) -> dict[str, list[str]]:
    """Faults in words by the field they stand at; those of no field under the empty name."""
    found: dict[str, list[str]] = {}
    for fault in faults:
        rest = re.sub(r"^(tree\[\d+\](\.children\[\d+\])*)\.?", "", fault.path)
        found.setdefault(re.split(r"[.\[]", rest)[0], []).append(words.fault_words(fault))
    return found


def _is_in(address: str, above: str) -> bool:
    return address == above or address.startswith(f"{above}.")


def _renamed(definition: Definition, old: str, new: str) -> dict[str, Any]:
    """The index follows a code that was changed, unless another node still has the old one."""
    made = dict(definition)
    if old != new and old not in {each.node["code"] for each in edit.placed_nodes(definition)}:
        index = definition["index"]
        made["index"] = {
            "headline": new if index["headline"] == old else index["headline"],
            "factors": [new if code == old else code for code in index["factors"]],
        }
    return made


def _new_node(definition: Definition, kind: str) -> dict[str, Any]:
    """A node with nothing but its kind and a free code; an item takes the scale that most others have."""
    if kind in words.GROUP_KINDS:
        return {"code": edit.free_code(definition, "N"), "kind": kind, "title": {}, "children": []}
    kind = kind if kind in words.ITEM_KINDS else "satisfaction"
    item: dict[str, Any] = {"code": edit.free_code(definition, "C"), "kind": kind, "text": {}}
    if kind in MULTI_KINDS:
        return item | {"options": []}
    return item | {"scale": next(iter(definition["scales"]), "")}
