"""What a remedy plan starts from: only what stands out beyond chance, with its numbers and without a cause."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext as _

from analysis.types import Verdict
from survey_app import report_sentences, sentences
from survey_app.services.figures import ChangeFigure, Scorecard, ShareFigure

SILENT = frozenset({"silent_point", "silent_desk", "owing_device"})


@dataclass(frozen=True, slots=True)
class Problem:
    """A row of the plan: what is wrong, and the figures that say so."""

    problem: str
    evidence: str


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A row as it is written out; all but the first two columns are the unit's to fill."""

    problem: str
    evidence: str
    cause: str = ""
    remedy: str = ""
    responsible: str = ""
    due: str = ""
    last_quarter: str = ""


def problems(card: Scorecard) -> tuple[Problem, ...]:
    """What a unit's period shows to be low, worse or silent; nothing that chance may explain."""
    return (*_overall(card), *_factor(card), *_reasons(card), *_silences(card))


def _overall(card: Scorecard) -> Iterator[Problem]:
    estimate = card.overall.estimate
    if estimate is None:
        return
    if card.target is not None and card.target.verdict is Verdict.NOT_MET:
        evidence = f"{sentences.level(estimate)} {sentences.target(card.target, card.overall)}"
        yield Problem(_("Tỷ lệ hài lòng chung thấp hơn mục tiêu"), evidence)
    if card.change is not None and _has_fallen(card.change):
        yield Problem(_("Tỷ lệ hài lòng chung giảm so với kỳ trước"), sentences.change(card.change))


def _has_fallen(change: ChangeFigure) -> bool:
    """Beyond chance, in a period that is over."""
    difference = change.difference
    return difference is not None and difference.value < 0 and sentences.is_concluded(change)


def _factor(card: Scorecard) -> Iterator[Problem]:
    """The lowest factor, only where it is really below the next."""
    if not card.lowest_is_separate or not card.factors:
        return
    share = card.factors[0].share
    if share.estimate is not None:
        yield Problem(_("Yếu tố thấp nhất: %(factor)s", factor=share.label), _numbers(share))


def _reasons(card: Scorecard) -> Iterator[Problem]:
    """Reasons whose whole interval lies above the mean of all reasons."""
    shown = [(row, row.estimate) for row in card.reasons_bad if row.estimate is not None]
    if len(shown) < 2:
        return
    mean = sum(estimate.value for _row, estimate in shown) / len(shown)
    for row, estimate in shown:
        if estimate.ci_low > mean:
            yield Problem(_("Người dân nêu: %(reason)s", reason=row.label), _numbers(row))


def _silences(card: Scorecard) -> Iterator[Problem]:
    for item in card.to_do:
        if item.kind in SILENT:
            yield Problem(_("Nơi lấy ý kiến không có phiếu hoặc còn nợ phiếu"), sentences.to_do(item))


def _numbers(share: ShareFigure) -> str:
    """The base and the interval of a share."""
    if share.estimate is None:
        return ""
    return _(
        "%(share)s, %(n)s phiếu", share=report_sentences.interval(share.estimate),
        n=share.n if share.n is not None else share.estimate.n_respondents,
    )  # fmt: skip
