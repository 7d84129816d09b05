"""Which units are alike: by kind, population and field mix, by a rule that is data and never looks at results."""

import json
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from sqlalchemy.orm import Session

from survey_app.queries import transactions
from survey_app.queries.units import UnitRow, service_fields
from survey_app.services.figures import PeerGroup

SEED = Path(__file__).resolve().parents[2] / "seeds" / "comparison.json"


@dataclass(frozen=True, slots=True)
class PeerRule:
    """Bounds of the population, the fields that weigh heavy, and how small a group may be."""

    population_edges: tuple[int, ...]
    heavy_fields: frozenset[str]
    heavy_from: float
    fewest_units: int
    fewest_files: int
    basis: str


@dataclass(frozen=True, slots=True)
class _Likeness:
    """What a unit is grouped by; None where it is not known or no longer divides."""

    kind: str
    band: int | None
    is_heavy: bool | None


@cache
def peer_rule() -> PeerRule:
    """The office's rule, from the seeds."""
    loaded = json.loads(SEED.read_text(encoding="utf-8"))["peer_groups"]
    return PeerRule(
        tuple(loaded["population_edges"]), frozenset(loaded["heavy_fields"]), loaded["heavy_from"],
        loaded["fewest_units"], loaded["fewest_files"], loaded["basis"],
    )  # fmt: skip


@cache
def n_places() -> int:
    """How many places count as first and as last."""
    return int(json.loads(SEED.read_text(encoding="utf-8"))["places"]["n"])


def peer_groups(
    session: Session, rows: Sequence[UnitRow], *, starts_on: date, ends_on: date, rule: PeerRule | None = None
) -> tuple[PeerGroup, ...]:
    """The groups of these units, in the order of kinds and sizes; a unit that nobody resembles is in none."""
    used = rule or peer_rule()
    heavy = _heavy_shares(session, rows, starts_on=starts_on, ends_on=ends_on, rule=used)
    alike = {row.id: _likeness(row, heavy, used) for row in rows}
    for coarser in (
        lambda key: _Likeness(key.kind, key.band, None),
        lambda key: _Likeness(key.kind, None, None),
    ):
        alike = _coarsened(alike, coarser, fewest=used.fewest_units)
    groups: dict[_Likeness, list[int]] = {}
    for row in rows:
        groups.setdefault(alike[row.id], []).append(row.id)
    big = [key for key, members in groups.items() if len(members) >= used.fewest_units]
    big.sort(key=lambda key: (key.kind, -1 if key.band is None else key.band, bool(key.is_heavy)))
    return tuple(_group(key, groups[key], used) for key in big)


def _likeness(row: UnitRow, heavy: Mapping[int, float], rule: PeerRule) -> _Likeness:
    band = None if row.population is None else bisect_right(rule.population_edges, row.population)
    share = heavy.get(row.id)
    return _Likeness(row.kind, band, None if share is None else share >= rule.heavy_from)


def _coarsened(
    alike: Mapping[int, _Likeness], coarser: Callable[[_Likeness], _Likeness], *, fewest: int
) -> dict[int, _Likeness]:
    """Where a group is too small, it and all that the coarser rule would put with it become one."""
    sizes: dict[_Likeness, int] = {}
    for key in alike.values():
        sizes[key] = sizes.get(key, 0) + 1
    joined = {coarser(key) for key, n in sizes.items() if n < fewest}
    return {unit: coarser(key) if coarser(key) in joined else key for unit, key in alike.items()}


def _group(key: _Likeness, members: Sequence[int], rule: PeerRule) -> PeerGroup:
    edges = (None, *rule.population_edges, None)
    low, high = (None, None) if key.band is None else (edges[key.band], edges[key.band + 1])
    place = "all" if key.band is None else str(key.band)
    mix = {None: "", True: "-heavy", False: "-light"}[key.is_heavy]
    return PeerGroup(f"{key.kind}-{place}{mix}", key.kind, low, high, key.is_heavy, tuple(members))


def _heavy_shares(
    session: Session, rows: Sequence[UnitRow], *, starts_on: date, ends_on: date, rule: PeerRule
) -> dict[int, float]:
    """The part of each unit's files in the heavy fields; units whose files are not counted by field have none."""
    heavy = {field.id for field in service_fields(session) if field.code in rule.heavy_fields}
    counts = transactions.poststratification_targets(
        session, unit_ids=[row.id for row in rows], starts_on=starts_on, ends_on=ends_on, by="field"
    )
    totals: dict[int, list[int]] = {}
    for (unit_id, field_id), n in counts.items():
        total = totals.setdefault(unit_id, [0, 0])
        total[0] += n if field_id in heavy else 0
        total[1] += n
    return {unit: part / whole for unit, (part, whole) in totals.items() if whole >= rule.fewest_files}
