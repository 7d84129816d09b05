"""How the comparison is listed: which units, in which order and columns; the figures themselves are given."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from analysis.types import Tier
from survey_app import formatting, sentences
from survey_app.i18n import current_language
from survey_app.names import search_key
from survey_app.services.figures import ComparedUnit, Comparison
from survey_app.web import charts

SORTS: Mapping[str, Callable[[ComparedUnit], Any]] = {
    "name": lambda row: row.unit.sort_key,
    "tier": lambda row: -row.tier,
    "n": lambda row: row.share.n or 0,
    "value": lambda row: row.share.estimate.value if row.share.estimate else -1.0,
}
TIERS = (Tier.HIGHER, Tier.NOT_DIFFERENT, Tier.LOWER, Tier.INSUFFICIENT)


@dataclass(frozen=True, slots=True)
class Choice:
    """What the address asks for."""

    kind: str = ""
    query: str = ""
    sort: str = "name"
    order: str = "asc"
    peers: str = ""
    is_standardised: bool = False
    is_as_now: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A heading; with `arguments` of its address where the column can be sorted by."""

    title: str
    css: str
    sorted: str = ""
    arguments: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """Everything the comparison's template loops over."""

    rows: tuple[ComparedUnit, ...]
    not_compared: tuple[ComparedUnit, ...]
    columns: tuple[Column, ...]
    bar_range: tuple[float, float]
    center: float | None
    target_title: str
    order_words: str
    has_rank: bool
    has_chart: bool
    kind: str
    query: str
    sort: str
    order: str
    choice: Choice
    here: Mapping[str, str]
    has_chances: bool
    tiers: tuple[Tier, ...] = TIERS

    @property
    def is_filtered(self) -> bool:
        return bool(self.kind or self.query or self.choice.peers)


def read_choice(arguments: Mapping[str, str]) -> Choice:
    """The listing asked for; what is unknown falls back to the neutral order by name."""
    sort = arguments.get("sort", "name")
    return Choice(
        kind=arguments.get("kind", ""),
        query=arguments.get("q", "")[:100].strip(),
        sort=sort if sort in SORTS else "name",
        order="desc" if arguments.get("order") == "desc" else "asc",
        peers=arguments.get("peers", ""),
        is_standardised=arguments.get("standardised") == "1",
        is_as_now=arguments.get("units") == "now",
    )


def arrange(comparison: Comparison, choice: Choice) -> Listing:
    """The rows that were asked for, sorted, with the columns that the basis allows."""
    estimates = tuple(row.share.estimate for row in comparison.rows if row.share.estimate)
    center = comparison.province.estimate
    has_rank = comparison.basis == "sample"
    target_title = _("Mục tiêu %(p)s", p=_percent(comparison.target))
    return Listing(
        rows=_found_and_sorted(comparison.rows, choice),
        not_compared=tuple(row for row in comparison.rows if row.tier is Tier.INSUFFICIENT),
        columns=_columns(comparison, choice, has_rank, target_title),
        bar_range=charts.bar_range(estimates),
        center=center.value if center else None,
        target_title=target_title,
        order_words=_order_words(choice),
        has_rank=has_rank,
        has_chart=bool(estimates) and center is not None,
        kind=choice.kind,
        query=choice.query,
        sort=choice.sort,
        order=choice.order,
        choice=choice,
        here=_arguments(comparison, choice, choice.sort, choice.order),
        has_chances=any(row.chances for row in comparison.rows),
    )


def _found_and_sorted(rows: tuple[ComparedUnit, ...], choice: Choice) -> tuple[ComparedUnit, ...]:
    key = search_key(choice.query)
    found = [row for row in rows if key in row.unit.search_key]
    found.sort(key=SORTS["name"])
    found.sort(key=SORTS[choice.sort], reverse=choice.order == "desc")
    return tuple(found)


def _columns(comparison: Comparison, choice: Choice, has_rank: bool, target_title: str) -> tuple[Column, ...]:
    def sortable(title: str, css: str, sort: str) -> Column:
        is_current = choice.sort == sort
        order = "desc" if is_current and choice.order == "asc" else "asc"
        direction = {"asc": "ascending", "desc": "descending"}[choice.order] if is_current else ""
        return Column(title, css, direction, _arguments(comparison, choice, sort, order))

    level = _percent(comparison.province.estimate.confidence_level) if comparison.province.estimate else "95%"
    return (
        sortable(_("Đơn vị"), "c-name", "name"),
        sortable(_("Số phiếu"), "c-n number", "n"),
        Column(sentences.rate_title(comparison.basis), "c-rate number"),
        sortable(_("Hài lòng"), "c-value number", "value"),
        Column(_("Khoảng %(level)s", level=level), "c-interval number"),
        Column(_("Khoảng tin cậy so với mức tỉnh"), "c-bar"),
        *([Column(_("Theo kênh chuẩn hóa"), "c-standard number")] if comparison.standard else []),
        sortable(_("Nhóm"), "c-tier", "tier"),
        *([Column(_("So với nhóm tương đồng"), "c-tier")] if comparison.peers else []),
        *([Column(_("Hạng từ–đến"), "c-rank number")] if has_rank else []),
        Column(target_title, "c-target"),
    )


def _arguments(comparison: Comparison, choice: Choice, sort: str, order: str) -> dict[str, str]:
    arguments = {
        "basis": comparison.basis,
        "period": comparison.period.code,
        "kind": choice.kind,
        "q": choice.query,
        "peers": choice.peers,
        "standardised": "1" if choice.is_standardised else "",
        "units": "now" if choice.is_as_now else "",
    }
    chosen = {name: value for name, value in arguments.items() if value}
    return chosen if (sort, order) == ("name", "asc") else {**chosen, "sort": sort, "order": order}


def _order_words(choice: Choice) -> str:
    return {
        "name": _("Xếp theo tên đơn vị, không xếp theo điểm."),
        "tier": _("Xếp theo nhóm rồi theo tên; trong một nhóm, thứ tự trên dưới không có nghĩa hơn kém."),
        "n": _("Xếp theo số phiếu; số phiếu nhiều hay ít không nói lên chất lượng phục vụ."),
        "value": _("Xếp theo tỷ lệ; các khoảng chồng lên nhau nên thứ tự này không phải là thứ hạng."),
    }[choice.sort]


def _percent(value: float) -> str:
    return formatting.percent(value, digits=0, language=current_language())
