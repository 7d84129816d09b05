"""What each kind of change is called, and what would change, in words: one row a kind."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from flask import url_for
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from survey_app.queries.approvals import ApprovalRow
from survey_app.services.exclusions import ADD, LIFT
from survey_app.web.admin.exclusion_words import added_lines, lifted_lines

Pair = tuple[str, str]


class KindWords(NamedTuple):
    """The heading of a kind, its payload as lines (what, value), and the page where more is said."""

    title: LazyString
    lines: Callable[[Mapping[str, Any]], list[Pair]]
    link: Callable[[Mapping[str, Any]], str] | None = None


def _exclusions(_payload: Mapping[str, Any]) -> str:
    return url_for("admin.exclusions")


WORDS: Mapping[str, KindWords] = {
    ADD: KindWords(_("Loại phiếu khỏi tính toán"), added_lines, _exclusions),
    LIFT: KindWords(_("Tính lại phiếu đã loại"), lifted_lines, _exclusions),
}


def kind_title(kind: str) -> str:
    """The code itself for a kind without a row."""
    return str(WORDS[kind].title) if kind in WORDS else kind


def payload_lines(row: ApprovalRow) -> list[Pair]:
    """What would change; of a kind without a row, the payload as it is."""
    if row.kind in WORDS:
        return WORDS[row.kind].lines(row.payload)
    return [(name, str(value)) for name, value in row.payload.items()]


def page_of(row: ApprovalRow) -> str | None:
    link = WORDS[row.kind].link if row.kind in WORDS else None
    return link(row.payload) if link else None
