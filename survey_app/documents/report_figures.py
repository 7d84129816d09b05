"""The figures of a report, drawn for paper: the same charts as on the pages, with the words of a document."""

from flask_babel import gettext as _
from matplotlib.figure import Figure

from analysis import charts
from analysis.charts import ChartText
from analysis.types import Tier
from survey_app import formatting, sentences
from survey_app.i18n import current_language
from survey_app.services.figures import ComparedUnit, Comparison, FactorFigure, Level, ShareFigure, Showing

# A page of A4 between its margins, in the CSS pixels that charts are drawn in.
WIDTH_PX = 620


def _text(title: str, *, is_simulated: bool) -> ChartText:
    return ChartText(
        title=title,
        description=title,
        notice=_("DỮ LIỆU MÔ PHỎNG") if is_simulated else None,
        decimal_comma=current_language() == "vi",
        n_label=_("Số phiếu"),
        estimate_label=_("Tỷ lệ (khoảng tin cậy)"),
        withheld=_("không hiển thị"),
        empty=_("Chưa có số liệu."),
    )


def levels(rows: tuple[Level, ...], title: str, *, is_simulated: bool) -> Figure:
    text = _text(title, is_simulated=is_simulated)
    return charts.level_bars(
        [row.label for row in rows], [row.n for row in rows], text=text, width_px=WIDTH_PX
    )


def factors(rows: tuple[FactorFigure, ...], title: str, *, is_simulated: bool) -> Figure:
    shown = [(row.share.label, row.share.estimate) for row in rows if row.share.estimate is not None]
    text = _text(title, is_simulated=is_simulated)
    return charts.factor_dots(
        [name for name, _row in shown], [estimate for _name, estimate in shown], text=text, width_px=WIDTH_PX
    )


def reasons(rows: tuple[ShareFigure, ...], title: str, *, is_simulated: bool) -> Figure:
    shown = [(row.label, row.estimate) for row in rows if row.estimate is not None]
    text = _text(title, is_simulated=is_simulated)
    return charts.reason_bars(
        [name for name, _row in shown], [estimate for _name, estimate in shown], text=text, width_px=WIDTH_PX
    )


def forest(comparison: Comparison, rows: tuple[ComparedUnit, ...], title: str) -> Figure:
    """Some rows of the comparison against the common level."""
    center = comparison.province.estimate
    if center is None:
        raise ValueError("a forest plot needs the common level")
    notes = [
        _("dưới %(n)s phiếu", n=comparison.minimum_base)
        if row.share.showing is Showing.WITHHELD
        else _("chưa đủ dữ liệu")
        for row in rows
    ]
    return charts.forest_plot(
        [row.unit.label for row in rows],
        [row.share.estimate for row in rows],
        [row.tier for row in rows],
        center=center,
        notes=notes,
        tier_words={tier: sentences.tier_word(tier) for tier in Tier},
        center_label=_("Mức tỉnh %(p)s", p=formatting.percent(center.value, language=current_language())),
        text=_text(title, is_simulated=comparison.is_simulated),
        width_px=WIDTH_PX,
    )
