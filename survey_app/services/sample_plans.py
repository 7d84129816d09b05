"""A sample plan: from assumptions to people per unit, margins, detectable changes, cost and days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, isnan

import numpy as np
from sqlalchemy.orm import Session

from analysis.planning.comparison_sizes import change_sample_size
from analysis.planning.populations import invitations
from analysis.planning.power import detectable_share
from analysis.planning.sizes import margin_of_error, sample_size, yamane_sample_size
from analysis.planning.stratified import allocate, smallest_total, stratified_margin
from survey_app.errors import InvalidField
from survey_app.names import unit_title
from survey_app.queries import transactions, units
from survey_app.queries.units import UnitRow
from survey_app.services.accounts import Viewer, require_unit
from survey_app.services.sample_questions import PlanAsked, check_asked

# Kinds of units that citizens deal with; what stands above them is no stratum.
SURVEYED_KINDS = ("commune", "ward", "special_zone", "department", "service_centre")
FEW = 30


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One unit of a plan. `detectable` is the nearest higher share that would show next time, None if none would."""

    unit_id: int
    code: str
    kind: str
    title: str
    population: int
    share: float
    n: int
    n_invited: int
    margin: float
    detectable: float | None
    yamane: int
    # census, unreachable, few, wide
    signs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlanGroup:
    """Units of one kind together."""

    kind: str
    n_units: int
    population: int
    n: int
    margin: float


@dataclass(frozen=True, slots=True)
class Plan:
    """What follows from the assumptions."""

    asked: PlanAsked
    root_title: str
    design_effect: float
    rows: tuple[PlanRow, ...]
    groups: tuple[PlanGroup, ...]
    # Units of which no population is known.
    left_out: tuple[str, ...]
    population: int
    n: int
    n_invited: int
    margin: float
    detectable: float | None
    # Of a simple random sample of everybody, beside it.
    n_simple: int
    n_change: int
    yamane_whole: int
    yamane_units: int
    cost: int
    n_days: int

    @property
    def n_units(self) -> int:
        return len(self.rows)

    @property
    def is_margin_met(self) -> bool:
        """Whether what was to be estimated is estimated as precisely as asked."""
        margins = {
            "whole": [self.margin],
            "groups": [group.margin for group in self.groups],
            "units": [row.margin for row in self.rows],
        }[self.asked.aim]
        return max(margins) <= self.asked.margin + 5e-5

    def with_sign(self, sign: str) -> tuple[PlanRow, ...]:
        return tuple(row for row in self.rows if sign in row.signs)


def make_plan(session: Session, *, unit_id: int, asked: PlanAsked, viewer: Viewer, today: date) -> Plan:
    """Work the plan out for the units below a root that the viewer may see."""
    require_unit(session, unit_id=unit_id, viewer=viewer)
    check_asked(asked)
    root = units.unit_by_id(session, unit_id)
    strata, left_out = _strata(session, unit_id, asked, today)
    if not strata:
        raise InvalidField("source", "no_population")
    sizes = np.array([size for _unit, size, _share in strata], dtype=float)
    shares = np.array([share for _unit, _size, share in strata])
    n = _sizes_of_units(asked, [unit.kind for unit, _size, _share in strata], sizes, shares)
    return _plan(asked, root, strata, n=n, left_out=left_out)


def surveyed_kinds(session: Session, *, unit_id: int, today: date) -> tuple[str, ...]:
    """The kinds of units there are below a root."""
    present = {row.kind for row in units.units_as_at(session, today, unit_id)}
    return tuple(kind for kind in SURVEYED_KINDS if kind in present)


Stratum = tuple[UnitRow, int, float]


def _strata(
    session: Session, unit_id: int, asked: PlanAsked, today: date
) -> tuple[list[Stratum], tuple[str, ...]]:
    """Units with their populations and expected shares, and the names of those without a population."""
    rows = units.units_as_at(session, today, unit_id)
    surveyed = [row for row in rows if row.kind in (asked.kinds or SURVEYED_KINDS)]
    typed = {line.code: line for line in asked.typed}
    known = {row.code for row in surveyed} | {row.gso_code for row in surveyed}
    if asked.source == "typed" and (strangers := sorted(typed.keys() - known)):
        raise InvalidField("typed", f"unknown_unit:{strangers[0]}")
    sizes = _sizes(session, surveyed, asked, today)
    strata, left_out = [], []
    for row in surveyed:
        line = typed.get(row.code) or typed.get(row.gso_code or "")
        size = sizes.get(row.id) or 0
        if size:
            share = line.share if line is not None and line.share is not None else asked.share
            strata.append((row, size, share))
        elif asked.source != "typed":
            left_out.append(unit_title(row.kind, row.name))
    return strata, tuple(left_out)


def _sizes(session: Session, rows: Sequence[UnitRow], asked: PlanAsked, today: date) -> dict[int, int]:
    if asked.source == "registry":
        return {row.id: row.population or 0 for row in rows}
    if asked.source == "transactions":
        year_ago = date(today.year - 1, today.month, 1)
        return transactions.transactions_between(
            session, unit_ids=[row.id for row in rows], starts_on=year_ago, ends_on=today
        )
    typed = {line.code: line.size for line in asked.typed}
    return {row.id: typed.get(row.code) or typed.get(row.gso_code or "") or 0 for row in rows}


def _sizes_of_units(
    asked: PlanAsked, kinds: Sequence[str], sizes: np.ndarray, shares: np.ndarray
) -> np.ndarray:
    """Responses per unit, by what has to be estimated."""
    least = np.minimum(asked.minimum, sizes)
    if asked.total is not None:
        if asked.total < least.sum():
            raise InvalidField("total", "below_minimum")
        return allocate(
            asked.allocation, asked.total, sizes, share=shares, minimum=asked.minimum, exponent=asked.exponent
        ).n
    if asked.aim == "units":
        needed = sample_size(
            shares, asked.margin, population=sizes, design_effect=asked.effect,
            confidence_level=asked.confidence_level,
        ).n  # fmt: skip
        larger: np.ndarray = np.maximum(needed, least).astype(np.int64)
        return larger
    n = np.zeros(len(sizes), dtype=np.int64)
    names = np.array(kinds) if asked.aim == "groups" else np.full(len(sizes), "")
    for name in dict.fromkeys(names.tolist()):
        rows = names == name
        n[rows] = smallest_total(
            shares[rows], sizes[rows], asked.margin, method=asked.allocation, exponent=asked.exponent,
            minimum=asked.minimum, design_effect=asked.effect, confidence_level=asked.confidence_level,
        ).n  # fmt: skip
    return n


def _plan(
    asked: PlanAsked, root: UnitRow, strata: Sequence[Stratum], *, n: np.ndarray, left_out: tuple[str, ...]
) -> Plan:
    sizes = np.array([size for _unit, size, _share in strata], dtype=float)
    shares = np.array([share for _unit, _size, share in strata])
    rows = _rows(asked, strata, sizes=sizes, shares=shares, n=n)
    kinds = list(dict.fromkeys(row.kind for row in rows))
    whole, total = int(sizes.sum()), int(n.sum())
    share = float((sizes * shares).sum() / whole)
    margin = _together(asked, rows)
    effective = _as_simple(asked, share, margin, whole)
    return Plan(
        asked=asked,
        root_title=unit_title(root.kind, root.name),
        design_effect=asked.effect,
        rows=rows,
        groups=tuple(_group(asked, kind, [row for row in rows if row.kind == kind]) for kind in kinds),
        left_out=left_out,
        population=whole,
        n=total,
        n_invited=sum(row.n_invited for row in rows),
        margin=margin,
        detectable=_detectable(asked, [share], [effective], [whole])[0],
        n_simple=int(sample_size(share, asked.margin, population=whole, design_effect=asked.effect,
                                 confidence_level=asked.confidence_level).n),
        n_change=int(change_sample_size(asked.before, asked.after, power=asked.power, design_effect=asked.effect,
                                        confidence_level=1 - asked.alpha).n_first),
        yamane_whole=int(yamane_sample_size(whole, margin=asked.yamane_margin)),
        yamane_units=sum(row.yamane for row in rows),
        cost=asked.cost_fixed + asked.cost_unit * len(rows) + asked.cost_interview * total,
        n_days=ceil(total / (asked.n_interviewers * asked.interviews_a_day)),
    )  # fmt: skip


def _rows(
    asked: PlanAsked, strata: Sequence[Stratum], *, sizes: np.ndarray, shares: np.ndarray, n: np.ndarray
) -> tuple[PlanRow, ...]:
    invited, is_reachable = invitations(n, np.full(len(n), asked.response_rate), sizes)
    margins = margin_of_error(
        shares, n, population=sizes, design_effect=asked.effect, confidence_level=asked.confidence_level
    )
    changes = _detectable(asked, shares, n, sizes)
    yamane = yamane_sample_size(sizes, margin=asked.yamane_margin)
    return tuple(
        PlanRow(
            unit_id=unit.id, code=unit.code, kind=unit.kind, title=unit_title(unit.kind, unit.name),
            population=size, share=share, n=int(n[row]), n_invited=int(invited[row]),
            margin=float(margins[row]), detectable=changes[row], yamane=int(yamane[row]),
            signs=_signs(asked, int(n[row]), size, float(margins[row]), is_reachable=bool(is_reachable[row])),
        )
        for row, (unit, size, share) in enumerate(strata)
    )  # fmt: skip


def _signs(asked: PlanAsked, n: int, size: int, margin: float, *, is_reachable: bool) -> tuple[str, ...]:
    found = {
        "census": n >= size,
        "unreachable": not is_reachable,
        "few": n < FEW and n < size,
        "wide": margin > asked.margin + 5e-5,
    }
    return tuple(sign for sign, is_so in found.items() if is_so)


def _detectable(
    asked: PlanAsked, share: Sequence[float] | np.ndarray, n: Sequence[int] | np.ndarray,
    sizes: Sequence[int] | np.ndarray,
) -> list[float | None]:  # fmt: skip
    """The nearest higher share that a second sample of the same size would tell from the first."""
    found = detectable_share(
        share, n, n, power=asked.power, design_effect=asked.effect, population=sizes,
        confidence_level=1 - asked.alpha,
    )  # fmt: skip
    return [None if isnan(value) else float(value) for value in found.tolist()]


def _as_simple(asked: PlanAsked, share: float, margin: float, population: int) -> int:
    """The simple random sample that would be as precise: what a change of the whole is judged by."""
    if margin <= 0:
        return population
    same = sample_size(share, min(margin, 0.999), population=population, design_effect=asked.effect,
                       confidence_level=asked.confidence_level)  # fmt: skip
    return int(same.n)


def _together(asked: PlanAsked, rows: Sequence[PlanRow]) -> float:
    return stratified_margin(
        [row.share for row in rows], [row.n for row in rows], [row.population for row in rows],
        design_effect=asked.effect, confidence_level=asked.confidence_level,
    )  # fmt: skip


def _group(asked: PlanAsked, kind: str, rows: Sequence[PlanRow]) -> PlanGroup:
    return PlanGroup(
        kind,
        len(rows),
        sum(row.population for row in rows),
        sum(row.n for row in rows),
        _together(asked, rows),
    )
