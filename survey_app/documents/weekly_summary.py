"""The week's summary for whoever reads one page: as a page to print and as the same page in a picture."""

from typing import Any

from flask_babel import gettext as _

from survey_app import formatting, sentences
from survey_app.documents import typesetting
from survey_app.services.figures import Scorecard

TEMPLATE = "weekly_summary"


def pdf(card: Scorecard, *, chart: bytes | None, language: str) -> bytes:
    return typesetting.pdf(TEMPLATE, _page(card, chart, language))


def png(card: Scorecard, *, chart: bytes | None, language: str) -> bytes:
    return typesetting.png(TEMPLATE, _page(card, chart, language))


def _page(card: Scorecard, chart: bytes | None, language: str) -> dict[str, Any]:
    """Every word of the page; `chart` is the control chart as a picture, None while there are too few weeks."""
    days = formatting.date_range(card.period.starts_on, card.period.ends_on, language=language)
    return {
        "lang": language,
        "title": _("Tóm tắt tuần"),
        "unit": sentences.capitalised(card.unit.label),
        "period": f"{card.period.title} · {days}",
        "basis": sentences.basis_title(card.basis),
        "basis_note": sentences.basis_note(card.basis),
        "simulated": _("DỮ LIỆU MÔ PHỎNG") if card.is_simulated else "",
        "headline": _headline(card, language),
        "sentences": _sentences(card),
        "chart_title": _("Tỷ lệ hài lòng theo tuần, giới hạn theo số phiếu"),
        "chart": list(chart) if chart is not None else None,
        "no_chart": _("Chưa đủ tuần có từ 30 phiếu để vẽ biểu đồ."),
        "foot": _(
            "Tính theo các tuần trọn; tuần có quá ít phiếu mới được gộp vào tuần sau. Phương pháp %(version)s. "
            "Bình thường không tính là hài lòng.",
            version=card.method_version,
        ),
    }


def _headline(card: Scorecard, language: str) -> dict[str, str]:
    estimate = card.overall.estimate
    if estimate is None:
        return {"value": _("chưa đủ dữ liệu"), "words": "", "interval": "", "n": ""}
    low, high = (
        formatting.percent_bare(each, language=language) for each in (estimate.ci_low, estimate.ci_high)
    )
    return {
        "value": formatting.percent(estimate.value, language=language),
        "words": _("hài lòng và rất hài lòng"),
        "interval": _(
            "Khoảng tin cậy %(level)s: từ %(low)s%% đến %(high)s%%",
            level=formatting.percent(estimate.confidence_level, digits=0, language=language),
            low=low,
            high=high,
        ),
        "n": _(
            "%(x)s/%(n)s phiếu hợp lệ",
            x=formatting.count(card.overall.n_satisfied or 0, language=language),
            n=formatting.count(card.overall.n or 0, language=language),
        ),
    }


def _sentences(card: Scorecard) -> list[str]:
    """Two: how it is, and whether it has changed; why there is none where there is none."""
    if card.overall.estimate is None:
        return [sentences.not_shown(card.overall, minimum_shown=card.minimum_shown)]
    how = (
        sentences.target(card.target, card.overall) if card.target else sentences.level(card.overall.estimate)
    )
    if card.change is not None:
        return [how, sentences.change(card.change)]
    if card.trend is not None:
        return [how, sentences.signals(card.trend)]
    return [how, _("Chưa có kỳ trước dài tương đương để so.")]
