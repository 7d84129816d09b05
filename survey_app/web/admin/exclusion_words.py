"""An exclusion in words: what it covers, and the figures with and without it."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from survey_app import formatting
from survey_app.i18n import current_language
from survey_app.queries.exclusions import Predicate
from survey_app.services.exclusion_previews import read_predicate
from survey_app.services.exclusions import State
from survey_app.services.figures import Showing
from survey_app.vocabulary import Channel, label

Pair = tuple[str, str]


def predicate_lines(predicate: Predicate, *, point: str) -> list[Pair]:
    """Which responses are meant."""
    language = current_language()
    days = formatting.date_range(predicate.from_on, predicate.to_on, language=language)
    lines = [(_("Điểm đặt"), point), (_("Ngày trả lời"), days)]
    if predicate.channel is not None:
        lines.append((_("Kênh"), label(Channel(predicate.channel), language)))
    if predicate.collector is not None:
        lines.append((_("Máy hoặc người thu"), predicate.collector))
    if predicate.batch is not None:
        lines.append((_("Lô nhập"), str(predicate.batch)))
    return lines


def added_lines(payload: Mapping[str, Any]) -> list[Pair]:
    """What approving an exclusion changes, with both figures as the proposer saw them."""
    lines = [*_covered(payload)]
    for figures in payload["figures"]:
        basis = basis_words(figures["basis"])
        lines.append((_("%(basis)s, đang tính", basis=basis), figure_words(figures["counted"])))
        lines.append((_("%(basis)s, nếu loại", basis=basis), figure_words(figures["without"])))
    return lines


def lifted_lines(payload: Mapping[str, Any]) -> list[Pair]:
    """What approving to count them again changes."""
    return _covered(payload)


def _covered(payload: Mapping[str, Any]) -> list[Pair]:
    lines = predicate_lines(read_predicate(payload), point=payload["point"])
    return [*lines, (_("Số phiếu trong số liệu được nêu"), n_words(payload["n"]))]


def n_words(n: int | None) -> str:
    """How many go, of figures that are shown."""
    return _("quá ít để nêu") if n is None else formatting.count(n, language=current_language())


def figure_words(figure: Mapping[str, Any]) -> str:
    """A share with its base and interval, or why there is none."""
    language = current_language()
    if figure["showing"] == Showing.WITHHELD.name:
        return _("quá ít phiếu, không nêu")
    n = formatting.count(figure["n"], language=language)
    if "value" not in figure:
        return _("%(n)s phiếu, chưa đủ dữ liệu", n=n)
    value, low, high = (
        formatting.percent(figure[name], language=language) for name in ("value", "low", "high")
    )
    return _(
        "%(value)s hài lòng (khoảng 95%%: %(low)s – %(high)s), %(n)s phiếu",
        value=value,
        low=low,
        high=high,
        n=n,
    )


def basis_words(basis: str) -> str:
    return {"continuous": _("Phản hồi tại Một cửa"), "sample": _("Khảo sát chọn mẫu")}[basis]


def state_words(state: State) -> str:
    return {
        State.PROPOSED: _("Chờ người thứ hai duyệt"),
        State.ACTIVE: _("Đang loại"),
        State.LIFTING: _("Đang loại; chờ duyệt tính lại"),
        State.REFUSED: _("Không được duyệt"),
        State.LIFTED: _("Đã tính lại"),
    }[state]
