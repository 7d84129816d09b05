"""What each kind of change is called, and what would change, in words: one row a kind."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple

from flask import current_app, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from survey_app import formatting
from survey_app.i18n import current_language
from survey_app.queries.approvals import ApprovalRow
from survey_app.services.exclusions import ADD, LIFT
from survey_app.services.version_mappings import Kin
from survey_app.web.admin.exclusion_words import added_lines, lifted_lines
from survey_app.web.admin.questionnaires.words import KINS
from survey_app.web.admin.registry.review import review_part

Pair = tuple[str, str]


class KindWords(NamedTuple):
    """The heading of a kind and its payload as lines (what, value).

    Where these do not say enough: the page where more is said (endpoint, values), or a part of the page of decision
    (`part`, the template, with what it shows; `obstacle`, why the change cannot be carried out any more).
    """

    title: LazyString
    lines: Callable[[Mapping[str, Any]], list[Pair]]
    page: Callable[[ApprovalRow], tuple[str, dict[str, Any]]] | None = None
    part: Callable[[ApprovalRow], dict[str, Any]] | None = None


def _nothing_more(_payload: Mapping[str, Any]) -> list[Pair]:
    """The subject says it; the page of the change shows the rest."""
    return []


def _reopened(payload: Mapping[str, Any]) -> list[Pair]:
    day = date.fromisoformat(payload["closes_on"])
    words = formatting.short_date(day, language=current_language())
    return [(gettext("Đợt khảo sát"), payload["code"]), (gettext("Mở lại đến hết ngày"), words)]


def _method_lines(payload: Mapping[str, Any]) -> list[Pair]:
    day = date.fromisoformat(payload["effective_from"])
    words = formatting.short_date(day, language=current_language())
    return [(gettext("Hiệu lực từ"), words), (gettext("Căn cứ pháp lý"), payload["legal_basis"])]


def _remapped(payload: Mapping[str, Any]) -> list[Pair]:
    """The item before and after, its recoding point by point, and what the change rests on."""
    before, after = payload["before"], payload["after"]
    lines = [
        (gettext("Câu cũ"), after["old"]),
        (gettext("Đang nối"), _link_words(before)),
        (gettext("Sẽ nối"), _link_words(after)),
    ]
    if after["points"]:
        recoded = "; ".join(f"{old} → {new}" for old, new in after["points"].items())
        lines.append((gettext("Bảng quy đổi"), recoded))
    return [*lines, (gettext("Căn cứ"), payload["basis"])]


def _link_words(link: Mapping[str, Any]) -> str:
    return " → ".join(each for each in (str(KINS[Kin(link["kin"])]), link["new"]) if each)


def _set_aside(payload: Mapping[str, Any]) -> list[Pair]:
    """Which draw, how far its list has spread, and where the next seed is to come from."""
    day = date.fromisoformat(payload["drawn_on"])
    count = formatting.count(payload["n_cases"], language=current_language())
    return [
        (gettext("Mẫu chọn ngày"), formatting.short_date(day, language=current_language())),
        (gettext("Số khởi tạo của mẫu này"), payload["seed"]),
        (gettext("Phiếu chính"), count),
        (gettext("Số lần danh sách đã được tải về (lúc đề nghị)"), str(payload["n_lists_taken"])),
        (gettext("Số khởi tạo lần sau lấy từ"), payload["seed_source"]),
    ]


WORDS: Mapping[str, KindWords] = {
    ADD: KindWords(_("Loại phiếu khỏi tính toán"), added_lines, lambda _row: ("admin.exclusions", {})),
    LIFT: KindWords(_("Tính lại phiếu đã loại"), lifted_lines, lambda _row: ("admin.exclusions", {})),
    "questionnaire.publish": KindWords(
        _("Ban hành phiên bản phiếu hỏi"),
        _nothing_more,
        lambda row: ("admin.questionnaire_draft", {"draft_id": row.payload["draft_id"]}),
    ),
    "registry.change": KindWords(_("Thay đổi danh mục đơn vị"), _nothing_more, part=review_part),
    "method.publish": KindWords(
        _("Đưa phương pháp chính thức vào hiệu lực"),
        _method_lines,
        lambda row: ("admin.method_draft", {"method_draft_id": row.payload["draft_id"]}),
    ),
    "questionnaire.remap": KindWords(
        _("Sửa bảng nối hai phiên bản"),
        _remapped,
        lambda row: (
            "admin.version_mapping",
            {"version_id": row.payload["new_id"], "old_id": row.payload["old_id"]},
        ),
    ),
    "publication.approve": KindWords(
        _("Duyệt công bố kết quả"),
        _nothing_more,
        lambda row: ("par_office.publication", {"publication_id": row.payload["publication_id"]}),
    ),
    "results.open": KindWords(
        _("Mở trang kết quả cho mọi người"), _nothing_more, lambda _row: ("admin.public_results", {})
    ),
    "sample.set_aside": KindWords(
        _("Hủy mẫu chọn nhầm, chưa dùng"),
        _set_aside,
        lambda row: ("admin.sample_draw", {"draw_id": row.payload["draw_id"]}),
    ),
    "wave.reopen": KindWords(
        _("Mở lại đợt khảo sát"), _reopened, lambda row: ("admin.wave", {"code": row.payload["code"]})
    ),
}


def kind_title(kind: str) -> str:
    """The code itself for a kind without a row."""
    return str(WORDS[kind].title) if kind in WORDS else kind


def payload_lines(row: ApprovalRow) -> list[Pair]:
    """What would change; of a kind without a row, the payload as it is."""
    if row.kind in WORDS:
        return WORDS[row.kind].lines(row.payload)
    return [(name, str(value)) for name, value in row.payload.items()]


def part_of(row: ApprovalRow) -> dict[str, Any]:
    """What the page of decision shows of this change beside its lines."""
    part = WORDS[row.kind].part if row.kind in WORDS else None
    return {} if part is None else part(row)


def page_of(row: ApprovalRow) -> str | None:
    """The address of the page where more is said; None where the kind has none."""
    page = WORDS[row.kind].page if row.kind in WORDS else None
    if page is None:
        return None
    endpoint, values = page(row)
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None
