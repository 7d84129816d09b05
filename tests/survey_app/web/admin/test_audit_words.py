"""Every action that the source can write has a title, and details are read as people write them."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import ROOT
from survey_app.services.accounts import Role
from survey_app.services.approval_kinds import KINDS
from survey_app.web.admin import approval_words, audit_words
from survey_app.web.admin.audit_words import Line, Named
from survey_app.web.security import ROLE_TITLES

# Actions whose name is put together: what the pieces can be.
PUT_TOGETHER = {
    "approval.": ("approval.proposed", "approval.approved", "approval.rejected", "approval.withdrawn"),
    ".added": ("wave.added", "period.added"),
    "account.second_factor_": (
        "account.second_factor_set",
        "account.second_factor_removed",
        "account.second_factor_recovery_codes_renewed",
        "account.second_factor_recovery_code_used",
    ),
    "publication.": (
        "publication.answered",
        "publication.hearing_opened",
        "publication.pages_closed",
        "publication.pages_opened",
        "publication.published",
        "publication.recounted",
        "publication.replied",
        "publication.reviewed",
        "publication.started",
        "publication.withdrawn",
    ),
    "account.security_key_": ("account.security_key_added", "account.security_key_removed"),
}
NAMED = Named(accounts={3: "sonoivu"}, units={70: "phường Đông Hà"},
              points={n: f"Bộ phận Một cửa {n}" for n in range(1, 79)})  # fmt: skip


def written_actions() -> Iterator[tuple[Path, str]]:
    """The action of every call of `record`: a text, a constant of the module, or pieces listed above."""
    for path in sorted((ROOT / "survey_app").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        constants = {}
        for node in tree.body:
            if isinstance(node, ast.Assign):
                constants |= dict(_assigned(node.targets[0], node.value))
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            name = getattr(call.func, "attr", getattr(call.func, "id", ""))
            if name in {"record", "_record", "_switch", "_keep", "note_view"}:
                for given in [*call.args, *(keyword.value for keyword in call.keywords)]:
                    yield from ((path, action) for action in _actions(given, constants))


def _assigned(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, str]]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for each in zip(target.elts, value.elts, strict=True):
            yield from _assigned(*each)
    elif isinstance(target, ast.Name) and isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield target.id, value.value


def _actions(given: ast.expr, constants: dict[str, str]) -> Iterator[str]:
    if isinstance(given, ast.Constant) and isinstance(given.value, str) and _is_action(given.value):
        yield given.value
    elif isinstance(given, ast.Name) and _is_action(constants.get(given.id, "")):
        yield constants[given.id]
    elif isinstance(given, ast.JoinedStr):
        pieces = [part.value for part in given.values if isinstance(part, ast.Constant)]
        yield from (action for piece in pieces for action in PUT_TOGETHER.get(piece, ()))


def _is_action(text: str) -> bool:
    head, point, tail = text.partition(".")
    return bool(point) and head.replace("_", "").isalpha() and tail.replace("_", "").isalpha()


def test_every_action_that_is_written_has_a_title():
    found = list(written_actions())
    assert {"account.signed_in", "roots.sealed", "wave.added", "device.revoked"} <= {
        each for _, each in found
    }
    without = sorted({f"{path.name}: {action}" for path, action in found if action not in audit_words.TITLES})
    assert without == []


def test_every_record_call_names_its_action_where_it_can_be_found():
    """A new way of putting a name together is listed above, or its action would have no title."""
    for path in sorted((ROOT / "survey_app" / "services").rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_record = isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "record"
            if is_record and isinstance(call.args[1], ast.JoinedStr):
                pieces = [part.value for part in call.args[1].values if isinstance(part, ast.Constant)]
                assert set(pieces) <= PUT_TOGETHER.keys(), path


def test_every_title_has_its_group():
    assert {action.partition(".")[0] for action in audit_words.TITLES} <= audit_words.GROUPS.keys()


@pytest.mark.usefixtures("vietnamese_page")
def test_every_kind_of_change_has_its_words():
    assert KINDS.keys() - approval_words.WORDS.keys() == set()
    for kind in KINDS:
        assert audit_words.value_words("kind", kind, NAMED) == approval_words.kind_title(kind)


@pytest.mark.usefixtures("vietnamese_page")
def test_details_are_lines_with_what_was_before():
    details = {
        "before": {"role": "viewer", "unit_id": 70, "is_active": True},
        "after": {"role": "manager", "unit_id": 70, "is_active": False, "from_on": "2026-09-14"},
        "reason": "Điều động", "account_id": 3, "roots": [[1, 2], [3, 4]], "scopes": ["a", "b"],
    }  # fmt: skip
    viewer, manager = (str(ROLE_TITLES[role]) for role in (Role.VIEWER, Role.MANAGER))
    assert list(audit_words.detail_lines(details, NAMED)) == [
        Line("Vai trò", viewer, manager),
        Line("Được đăng nhập", "có", "không"),
        Line("Từ ngày", "–", "14/09/2026"),
        Line("Lý do", "", "Điều động"),
        Line("Tài khoản", "", "sonoivu"),
        Line("Số ngày được niêm", "", "2"),
        Line("Quyền", "", "a, b"),
    ]


@pytest.mark.usefixtures("vietnamese_page")
def test_a_target_is_named_where_it_has_a_name():
    words = [audit_words.target_words(target, NAMED) for target in ("account:3", "unit:70", "unit:9", "khác")]
    assert words == ["Tài khoản sonoivu", "Đơn vị phường Đông Hà", "Đơn vị 9", "khác"]


@pytest.mark.usefixtures("vietnamese_page")
def test_codes_in_details_are_read_as_words():
    details = {
        "how": "password",
        "kind": "merge",
        "unit_ids": [70, 9],
        "languages": ["vi", "en"],
        "scopes": ["tickets:issue"],
    }
    assert [line.after for line in audit_words.detail_lines(details, NAMED)] == [
        "mật khẩu", "Sáp nhập nhiều đơn vị thành một", "phường Đông Hà, 9", "tiếng Việt, tiếng Anh",
        "Lấy mã trả lời một lần",
    ]  # fmt: skip


@pytest.mark.usefixtures("vietnamese_page")
def test_of_a_long_list_the_first_are_named_and_the_others_counted():
    (line,) = audit_words.detail_lines({"point_ids": list(range(1, 79))}, NAMED)
    assert line.after == "Bộ phận Một cửa 1, Bộ phận Một cửa 2, Bộ phận Một cửa 3 … và 75 điểm khác"
    assert line.rest.count("Bộ phận Một cửa") == 75
    (short,) = audit_words.detail_lines({"point_ids": [1, 2]}, NAMED)
    assert (short.after, short.rest) == ("Bộ phận Một cửa 1, Bộ phận Một cửa 2", "")
    (target,) = audit_words.detail_lines({"70": 40}, NAMED)
    assert target.name == "phường Đông Hà"
