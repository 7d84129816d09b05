"""Traits of persons that few share are withheld, one after another, until at least k of a unit look alike."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

SUPPRESSED = -9
NO_UNIT = 0
# A unit, then the traits from the one kept longest to the one withheld first.
Combination = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Suppression:
    """What is told for each combination as stored, and how many rows lose how many of their traits."""

    told: Mapping[Combination, Combination]
    n_rows: int
    n_rows_changed: int
    n_traits_withheld: int
    n_units_withheld: int


def suppress(counts: Mapping[Combination, int], *, k: int) -> Suppression:
    """Every combination of unit and traits that is told stands for at least k rows, or for all rows there are.

    The last trait goes first. Of a unit with fewer than k rows the unit goes too; it joins others of its kind.
    """
    if not counts:
        return Suppression({}, 0, 0, 0, 0)
    told = {combination: combination for combination in counts}
    n_traits = len(next(iter(counts))) - 1
    for place in range(n_traits, 0, -1):
        for combination in _rare(counts, told, k):
            told[combination] = _without(told[combination], place)
    # What is left over without any trait must hold enough too: the smallest beside it joins.
    while rare := _rare(counts, told, k):
        sizes = _sizes(counts, told)
        few = told[rare[0]]
        others = [each for each in sizes if each != few and (each[0] == few[0] or few[0] == NO_UNIT)]
        if not others:
            if few[0] == NO_UNIT:
                break
            told = {key: (_nobody(n_traits) if value == few else value) for key, value in told.items()}
            continue
        # First within the unit, by the traits; a whole unit only where there is nothing else.
        joined = min(others, key=lambda each: (sizes[each], each))
        bare = (few[0], *(SUPPRESSED,) * n_traits)
        told = {key: (bare if value in (few, joined) else value) for key, value in told.items()}
    changed = {key: value for key, value in told.items() if key != value}
    return Suppression(
        told,
        sum(counts.values()),
        sum(counts[key] for key in changed),
        sum(
            counts[key] * sum(a != b for a, b in zip(key[1:], value[1:], strict=True))
            for key, value in changed.items()
        ),
        len({key[0] for key, value in changed.items() if value[0] == NO_UNIT}),
    )


def _without(combination: Combination, place: int) -> Combination:
    return (*combination[:place], SUPPRESSED, *combination[place + 1 :])


def _nobody(n_traits: int) -> Combination:
    return (NO_UNIT, *(SUPPRESSED,) * n_traits)


def _sizes(
    counts: Mapping[Combination, int], told: Mapping[Combination, Combination]
) -> Counter[Combination]:
    sizes: Counter[Combination] = Counter()
    for combination, n in counts.items():
        sizes[told[combination]] += n
    return sizes


def _rare(
    counts: Mapping[Combination, int], told: Mapping[Combination, Combination], k: int
) -> list[Combination]:
    sizes = _sizes(counts, told)
    return sorted(combination for combination in counts if sizes[told[combination]] < k)
