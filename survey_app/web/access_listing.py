"""The access table as a page of the documentation: every address and method with the roles that it is open to."""

from collections.abc import Iterator

from flask import Flask
from werkzeug.routing import Rule

from survey_app.web.security import Access, Role, access_table

_NOT_LISTED = {"HEAD", "OPTIONS"}
_OPEN, _CLOSED = "●", "·"
_HEAD = """# Who may open what

Every address of the application and the roles that may use it, written by `flask access table --write` from the
declarations on the views themselves; a test fails while this page says something else. ● is open, · is refused (403;
401 or the sign-in page for a reader who is not signed in). "Everyone" needs no account. A program needs a key with the
scope named. The role opens the address; which units' things are seen there is decided in the service: those at or below
the account's unit, and everything else answers 404.
"""


def access_page(app: Flask) -> str:
    """The whole page, the same for the same declarations."""
    columns = [role.value for role in Role]
    head = ["address", "method", "everyone", "program", *columns]
    rows = sorted(_rows(app))
    lines = [_line(head), _line(["---", "---", *[":-:"] * (len(head) - 2)]), *map(_line, rows)]
    return _HEAD + f"\n{len(rows)} addresses × {len(columns) + 2} readers.\n\n" + "\n".join(lines) + "\n"


def _rows(app: Flask) -> Iterator[list[str]]:
    table = access_table(app)
    for rule in app.url_map.iter_rules():
        access = table[rule.endpoint] or Access()
        for method in sorted((rule.methods or set()) - _NOT_LISTED):
            yield [_address(rule), method, _mark(access.is_public), _scope(access), *_roles(access)]


def _address(rule: Rule) -> str:
    return f"`{rule.rule}`"


def _roles(access: Access) -> list[str]:
    return [_mark(access.is_public or role in access.roles) for role in Role]


def _scope(access: Access) -> str:
    return access.scope.value if access.scope else _mark(access.is_public)


def _mark(is_open: bool) -> str:
    return _OPEN if is_open else _CLOSED


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
