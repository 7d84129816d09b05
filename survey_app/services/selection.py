"""Which entries of a frame a seed draws: strata within units, clusters and households, reserves, weights."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil

import numpy as np

from analysis.planning.allocation import proportional_allocation
from analysis.planning.drawing import cluster_draw, lowest_numbers, systematic_positions
from survey_app.errors import DrawRefused
from survey_app.services.draw_numbers import random_number
from survey_app.services.frame_reader import Entry

METHODS = {"transactions": ("simple", "systematic"), "residents": ("two_stage",)}
# A weight that fewer cases than this share could tell them apart.
SHARED_BY = 5


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that a draw follows from, beside the frame: cases wanted by unit code, and how they are drawn."""

    method: str
    seed: str
    wanted: Mapping[str, int]
    reserve_share: float
    take: int = 1


@dataclass(frozen=True, slots=True)
class Stratum:
    """A stratum within a unit. Number 0 is a unit that is not divided."""

    unit_id: int
    unit_code: str
    number: int
    name: str
    entries: tuple[Entry, ...]
    n: int

    @property
    def population(self) -> int:
        return sum(entry.size for entry in self.entries)


@dataclass(frozen=True, slots=True)
class DrawnCase:
    unit_id: int
    unit_code: str
    stratum: int
    label: str
    cluster: str
    role: str
    place: int
    probability: float

    @property
    def weight(self) -> float:
        return 1 / self.probability


@dataclass(frozen=True, slots=True)
class Drawn:
    """Strata and the cases drawn from them, mains and reserves."""

    strata: tuple[Stratum, ...]
    cases: tuple[DrawnCase, ...]

    @property
    def mains(self) -> tuple[DrawnCase, ...]:
        return tuple(case for case in self.cases if case.role == "main")


def draw(entries: Sequence[Entry], recipe: Recipe) -> Drawn:
    """The same entries and recipe give the same cases, byte for byte, in whatever order the entries come."""
    ordered = sorted(entries, key=lambda entry: entry.sort_key)
    strata: list[Stratum] = []
    cases: list[DrawnCase] = []
    for code, group in groupby(ordered, key=lambda entry: entry.unit_code):
        for stratum in _strata(list(group), recipe.wanted.get(code, 0)):
            strata.append(stratum)
            draw_from = _from_clusters if recipe.method == "two_stage" else _from_list
            cases.extend(draw_from(stratum, recipe))
    if not any(case.role == "main" for case in cases):
        raise DrawRefused("nothing_drawn")
    return Drawn(tuple(strata), tuple(cases))


def cases_digest(cases: Iterable[DrawnCase]) -> bytes:
    """Of the list that was drawn, its probabilities to the last bit."""
    lines = sorted(
        "\t".join((case.unit_code, str(case.stratum), case.cluster, case.label, case.role, str(case.place),
                   case.probability.hex()))
        for case in cases
    )  # fmt: skip
    return hashlib.sha256("\n".join(lines).encode()).digest()


def response_weights(cases: Sequence[DrawnCase]) -> dict[tuple[int, str], float]:
    """The weight that a response may carry: the case's own, or its stratum's mean where too few cases share it."""
    found = {}
    by_stratum: dict[tuple[int, int], list[DrawnCase]] = {}
    for case in cases:
        by_stratum.setdefault((case.unit_id, case.stratum), []).append(case)
    for group in by_stratum.values():
        mains = [case.weight for case in group if case.role == "main"] or [case.weight for case in group]
        mean = sum(mains) / len(mains)
        for case in group:
            alike = sum(abs(weight - case.weight) < 1e-9 for weight in mains)
            found[case.unit_id, case.label] = case.weight if alike >= SHARED_BY else mean
    return found


def _strata(entries: Sequence[Entry], wanted: int) -> list[Stratum]:
    """A unit's strata with their shares of its cases; one stratum where there are too few cases to divide."""
    if not wanted:
        return []
    unit_id, unit_code = entries[0].unit_id, entries[0].unit_code
    groups = [(name, tuple(group)) for name, group in groupby(entries, key=lambda entry: entry.stratum)]
    if len(groups) == 1 or wanted < len(groups):
        return [Stratum(unit_id, unit_code, 0, "", tuple(entries), min(wanted, sum(e.size for e in entries)))]
    sizes = [sum(entry.size for entry in group) for _name, group in groups]
    shared = proportional_allocation(min(wanted, sum(sizes)), sizes, minimum=1).n.tolist()
    return [
        Stratum(unit_id, unit_code, number, name, group, n)
        for number, ((name, group), n) in enumerate(zip(groups, shared, strict=True), 1)
    ]


def _from_list(stratum: Stratum, recipe: Recipe) -> Iterator[DrawnCase]:
    """Transactions: the lowest random numbers, or every k-th of the list by day; reserves by random number."""
    labels = [entry.label for entry in stratum.entries]
    names = (stratum.unit_code, stratum.name)
    mains, reserves = _mains_and_reserves(
        [random_number(recipe.seed, "entry", *names, label) for label in labels],
        stratum.n,
        _reserves(stratum.n, recipe),
        start=random_number(recipe.seed, "start", *names) if recipe.method == "systematic" else None,
    )
    probability = stratum.n / len(labels)
    for role, chosen in (("main", mains), ("reserve", reserves)):
        for place, position in enumerate(chosen, 1):
            yield _case(stratum, labels[position], role=role, place=place, probability=probability)


def _from_clusters(stratum: Stratum, recipe: Recipe) -> Iterator[DrawnCase]:
    """Residents: clusters by size with the same take in each, then households by their number in the hamlet's list."""
    n_hits = ceil(stratum.n / recipe.take)
    first = cluster_draw(
        [entry.size for entry in stratum.entries], n_hits, take=recipe.take,
        start=random_number(recipe.seed, "start", stratum.unit_code, stratum.name),
    )  # fmt: skip
    for position, take in zip(first.chosen.tolist(), first.take.tolist(), strict=True):
        cluster = stratum.entries[position]
        names = ("household", stratum.unit_code, cluster.label)
        mains, reserves = _mains_and_reserves(
            [random_number(recipe.seed, *names, str(number)) for number in range(1, cluster.size + 1)],
            take,
            _reserves(take, recipe),
            start=random_number(recipe.seed, "start", stratum.unit_code, cluster.label),
        )
        for role, chosen in (("main", mains), ("reserve", reserves)):
            for place, household in enumerate(chosen, 1):
                label = f"{cluster.label}-{household + 1:03d}"
                probability = float(first.probability[position])
                yield _case(
                    stratum, label, cluster=cluster.label, role=role, place=place, probability=probability
                )


def _mains_and_reserves(
    numbers: Sequence[float], n: int, n_reserves: int, *, start: float | None
) -> tuple[list[int], list[int]]:
    """Positions of the sample and then of its reserves, each in the order of drawing."""
    if start is None:
        drawn = lowest_numbers(numbers, min(n + n_reserves, len(numbers))).tolist()
        return drawn[:n], drawn[n:]
    mains = systematic_positions(len(numbers), n, start=start).tolist()
    rest = np.setdiff1d(np.arange(len(numbers)), mains)
    chosen = lowest_numbers(np.asarray(numbers)[rest], min(n_reserves, len(rest)))
    return mains, rest[chosen].tolist()


def _reserves(n: int, recipe: Recipe) -> int:
    return ceil(n * recipe.reserve_share)


def _case(
    stratum: Stratum, label: str, *, role: str, place: int, probability: float, cluster: str = ""
) -> DrawnCase:
    return DrawnCase(
        stratum.unit_id, stratum.unit_code, stratum.number, label, cluster, role, place, probability
    )
