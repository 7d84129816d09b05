"""Frozen figures for tests of reports: a unit, a comparison, and what may be changed about them."""

from dataclasses import replace
from datetime import date
from typing import Any

from analysis.intervals.shares import wilson_interval
from analysis.types import Difference, Estimate, RankInterval, Tier, Verdict
from survey_app.queries.units import UnitRow
from survey_app.services.figures import (
    ChangeFigure,
    ComparedUnit,
    Comparison,
    FactorFigure,
    Level,
    MixRow,
    MixTable,
    PeriodChoice,
    QualityFigure,
    Scorecard,
    ShareFigure,
    Showing,
    TargetFigure,
)

PERIOD = PeriodChoice("2026-Q3", "Quý III/2026", date(2026, 6, 15), date(2026, 9, 14))
BEFORE = PeriodChoice("2026-Q2", "Quý II/2026", date(2026, 3, 15), date(2026, 6, 14))


def unit(number: int = 1, name: str = "Đông Hà", kind: str = "ward") -> UnitRow:
    return UnitRow(
        number, f"QT.{number:05d}", name, kind, 3, 99, None, 20_000, date(2025, 7, 1), None, name.lower(),
        f"{number:03d}", "province", "Quảng Trị",
    )  # fmt: skip


def share(
    x: int | None, n: int | None, *, code: str = "overall", label: str = "Ông/Bà hài lòng ở mức nào?"
) -> ShareFigure:
    if n is None or n < 5:
        return ShareFigure(code, label, Showing.WITHHELD, None, None, None)
    if n < 30 or x is None:
        return ShareFigure(code, label, Showing.INSUFFICIENT, n, None, None)
    return ShareFigure(code, label, Showing.SHOWN, n, x, wilson_interval([x], [n])[0])


def target(estimate: Estimate, verdict: Verdict) -> TargetFigure:
    return TargetFigure(0.9, verdict, estimate, False, 0.93, 740)


def change(value: float, low: float, high: float, *, is_running: bool = False) -> ChangeFigure:
    return ChangeFigure(BEFORE, Difference(value, low, high, 0.05, "newcombe"), None, is_running)


def card(overall: ShareFigure | None = None, **changes: Any) -> Scorecard:
    """A unit with 365 of 412 satisfied; `changes` replace any field."""
    overall = overall or replace(
        share(365, 412),
        levels=(
            Level("very_satisfied", "Rất hài lòng", 201, True), Level("satisfied", "Hài lòng", 164, True),
            Level("neutral", "Bình thường", 29), Level("dissatisfied", "Không hài lòng", 12),
            Level("very_dissatisfied", "Rất không hài lòng", 6),
        ),
        missing=(Level("dont_know", "Không có ý kiến", 1234),),
    )  # fmt: skip
    factors = (
        FactorFigure(
            share(80, 100, code="f1", label="Góp ý, phản ánh"),
            None,
            (share(40, 50, code="i1", label="Dễ góp ý"),),
        ),
        FactorFigure(
            share(95, 100, code="f2", label="Thủ tục"), None, (share(None, 3, code="i2", label="Niêm yết"),)
        ),
    )
    values: dict[str, Any] = {
        "unit": unit(), "basis": "continuous", "period": PERIOD, "released_through": date(2026, 9, 14),
        "is_simulated": True, "method_version": "1.3", "confidence_level": 0.95, "overall": overall,
        "is_composite": False, "n_responses": 417, "n_transactions": 1555, "response_rate": 417 / 1555,
        "design_effect": 1.0, "target": None, "change": None, "trend": None,
        "reasons_bad": (share(38, 349, code="wait", label="=Chờ lâu, trễ hẹn"), share(2, 349, code="fee", label="Phí")),
        "reasons_good": (), "factors": factors, "lowest_is_separate": True, "indices": (),
        "channels": (MixRow("kiosk", "Ki-ốt", Showing.SHOWN, 300, 0.719, overall.estimate),
                     MixRow("paper", "Phiếu giấy", Showing.WITHHELD, None, None, None)),
        "stages": (), "assisted": (), "fields": (), "comments": None, "n_comments_waiting": False,
        "quality": QualityFigure(9, overall.estimate, overall.estimate, 0), "to_do": (), "minimum_shown": 30,
        "minimum_base": 5,
    }  # fmt: skip
    return Scorecard(**{**values, **changes})


def compared(
    number: int, name: str, x: int | None, n: int | None, tier: Tier, rank: tuple[int, int] | None
) -> ComparedUnit:
    figure = share(x, n, label="")
    return ComparedUnit(
        unit(number, name, "commune"), figure, None, 0.25 if n else None, tier, 0.01,
        RankInterval(*rank) if rank else None, Verdict.UNDECIDED if figure.estimate else None,
    )  # fmt: skip


def comparison(basis: str = "sample", **changes: Any) -> Comparison:
    """Four communes: one lower, two alike, one withheld."""
    ranks: list[tuple[int, int] | None] = [(1, 2), (3, 3), (1, 2), None]
    if basis != "sample":
        ranks = [None] * 4
    rows = (
        compared(1, "Tân Lập", 376, 398, Tier.NOT_DIFFERENT, ranks[0]),
        compared(2, "Trường Sơn", 250, 402, Tier.LOWER, ranks[1]),
        compared(3, "Cam Lộ", 360, 400, Tier.NOT_DIFFERENT, ranks[2]),
        compared(4, "Cồn Cỏ", None, None, Tier.INSUFFICIENT, ranks[3]),
    )
    root = replace(unit(99, "Quảng Trị", "province"), parent_kind=None, parent_name=None)
    values: dict[str, Any] = {
        "root": root, "basis": basis, "period": PERIOD, "is_simulated": True, "method_version": "1.3",
        "province": share(986, 1200, label=""), "reference": 0.82, "n_withheld": 1, "is_composite": False,
        "is_running": False, "rows": rows,
        "n_by_tier": {Tier.NOT_DIFFERENT: 2, Tier.LOWER: 1, Tier.INSUFFICIENT: 1}, "adjustment": "holm",
        "alpha": 0.05, "target": 0.9, "n_to_separate": 781, "channels": MixTable((), ()),
        "stages": MixTable((), ()), "flagged": (), "minimum_shown": 30, "minimum_base": 5,
    }  # fmt: skip
    return Comparison(**{**values, **changes})
