"""Made-up releases to try withholding on: small units, two quarters and their half year, revisions, and a merger."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from analysis.types import Estimate, Tier
from survey_app.queries.units import UnitRow
from survey_app.services.figures import (
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
)
from survey_app.services.release_cells import Minimums, at_minimums, withheld
from survey_app.services.report_content import ReportContent
from survey_app.services.showing import protect_rows

N_UNITS, N_CHANNELS, N_STAGES, N_QUARTERS, N_ARRIVALS = 4, 3, 2, 2, 2
# The staff pages from which a release is made.
STAFF = Minimums(5, 30)
PERIODS = (
    PeriodChoice("q1", "Q1", date(2026, 1, 1), date(2026, 3, 31)),
    PeriodChoice("q2", "Q2", date(2026, 4, 1), date(2026, 6, 30)),
    PeriodChoice("h1", "H1", date(2026, 1, 1), date(2026, 6, 30)),
)
QUARTERS = ((0,), (1,), (0, 1))


@dataclass(frozen=True, slots=True)
class Drill:
    """Releases in their order, and into which unit each unit ended by the last of them."""

    releases: tuple[ReportContent, ...]
    successors: dict[int, int]


def drill(seed: int, *, is_merged: bool = True) -> Drill:
    """Three periods, each released and revised when more came in; then the periods by units as they are now."""
    people = _people(np.random.default_rng(seed))
    old = {unit: (unit,) for unit in range(1, N_UNITS + 1)}
    first = [_content(people, period, old, arrivals=1) for period in range(len(PERIODS))]
    second = [_content(people, period, old, arrivals=2) for period in range(len(PERIODS))]
    if not is_merged:
        return Drill((*first, *second), {})
    new = {unit: (unit,) for unit in range(1, N_UNITS - 1)} | {N_UNITS + 1: (N_UNITS - 1, N_UNITS)}
    merged = [_content(people, period, new, arrivals=2) for period in range(len(PERIODS))]
    return Drill((*first, *second, *merged), {N_UNITS - 1: N_UNITS + 1, N_UNITS: N_UNITS + 1})


def _people(rng: np.random.Generator) -> np.ndarray:
    """Persons by unit, channel, stage, quarter and arrival: most of some tens, many of a few."""
    shape = (N_UNITS, N_CHANNELS, N_STAGES, N_QUARTERS, N_ARRIVALS)
    level = rng.choice([0.0, 0.6, 3.0, 14.0], size=shape[:4], p=[0.1, 0.25, 0.3, 0.35])
    people = np.stack([rng.poisson(level), rng.poisson(level * rng.choice([0.0, 0.1, 0.6]))], axis=-1)
    return people.astype(int)


def _content(
    people: np.ndarray, period: int, units: dict[int, tuple[int, ...]], *, arrivals: int
) -> ReportContent:
    counted = people[:, :, :, list(QUARTERS[period]), :arrivals].sum(axis=(3, 4))
    tables = {unit: counted[[old - 1 for old in olds]].sum(axis=0) for unit, olds in units.items()}
    is_composite = len(QUARTERS[period]) > 1
    cards = tuple(_card(unit, table, PERIODS[period], is_composite) for unit, table in tables.items())
    whole = _card(0, np.sum(list(tables.values()), axis=0), PERIODS[period], is_composite)
    return ReportContent("vi", _comparison(whole, cards, PERIODS[period]), whole, cards)


def _card(unit: int, table: np.ndarray, period: PeriodChoice, is_composite: bool) -> Scorecard:
    n = int(table.sum())
    overall = at_minimums(_share("overall", n), STAFF)
    has_parts = overall.estimate is not None and not is_composite
    return Scorecard(
        unit=_unit(unit), basis="continuous", period=period, released_through=None, is_simulated=True,
        method_version="drill", confidence_level=0.95, overall=overall, is_composite=is_composite,
        n_responses=overall.n, n_transactions=None, response_rate=None, design_effect=None, target=None, change=None,
        trend=None, reasons_bad=(), reasons_good=(), factors=_factors(table) if has_parts else (),
        lowest_is_separate=None, indices=(),
        channels=_rows("channel", table.sum(axis=1)) if has_parts else (),
        stages=_rows("stage", table.sum(axis=0)) if has_parts else (),
        assisted=(), fields=(), comments=None, n_comments_waiting=False,
        quality=QualityFigure(None, None, None, 0), to_do=(), minimum_shown=STAFF.index, minimum_base=STAFF.base,
    )  # fmt: skip


def _factors(table: np.ndarray) -> tuple[FactorFigure, ...]:
    """A factor asked of the first channel only."""
    share = at_minimums(_share("F1", int(table[0].sum())), STAFF)
    return (FactorFigure(share, None, (replace(share, code="F1.1"),)),)


def _rows(name: str, counts: Iterable[int]) -> tuple[MixRow, ...]:
    numbers = [int(n) for n in counts]
    total = sum(numbers)
    rows = [
        MixRow(
            f"{name}{index}",
            f"{name} {index}",
            Showing.SHOWN,
            n,
            n / total,
            _estimate(n) if n >= 30 else None,
        )
        for index, n in enumerate(numbers)
        if n
    ]
    return protect_rows(sorted(rows, key=lambda row: (-(row.n or 0), row.code)), minimum=STAFF.base)


def _share(code: str, n: int) -> ShareFigure:
    if not n:
        return withheld(ShareFigure(code, code, Showing.WITHHELD, None, None, None))
    k = round(0.8 * n)
    levels = (Level("good", "good", k, is_satisfied=True), Level("bad", "bad", n - k))
    return ShareFigure(code, code, Showing.SHOWN, n, k, _estimate(n), levels)


def _estimate(n: int) -> Estimate:
    return Estimate(0.8123456, 0.7123456, 0.9123456, n)


def _unit(unit: int) -> UnitRow:
    name = f"Số {unit}"
    return UnitRow(
        id=unit or 99, code=f"U{unit}", name=name, kind="commune", level=2, parent_id=None, gso_code=None,
        population=None,
        valid_from=date(2025, 7, 1), valid_to=None, search_key=name, sort_key=name, parent_kind=None, parent_name=None,
    )  # fmt: skip


def _comparison(whole: Scorecard, cards: tuple[Scorecard, ...], period: PeriodChoice) -> Comparison:
    rows = tuple(
        ComparedUnit(card.unit, card.overall, None, None, Tier.INSUFFICIENT, None, None, None)
        for card in cards
    )
    return Comparison(
        root=_unit(0), basis="continuous", period=period, is_simulated=True, method_version="drill",
        province=whole.overall, reference=None, n_withheld=0, is_composite=whole.is_composite, is_running=False,
        rows=rows, n_by_tier={}, adjustment="holm", alpha=0.05, target=0.9, n_to_separate=None,
        channels=MixTable((), ()), stages=MixTable((), ()), flagged=(), minimum_shown=STAFF.index,
        minimum_base=STAFF.base,
    )  # fmt: skip


def drills(n: int, *, seed: int = 1) -> Iterator[Drill]:
    """Instances that are the same every time."""
    return (drill(seed + index) for index in range(n))
