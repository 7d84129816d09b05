"""Wave against wave when units merged, split or moved: counts carried over, as the units are now or were then."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.arguments import checked
from analysis.arithmetic import quotient
from analysis.comparing.hypothesis_tests import NoTest, joined_codes
from analysis.comparing.many_comparisons import adjust_p_values
from analysis.errors import InvalidCounts, InvalidOption, InvalidShape
from analysis.intervals.shares import wilson_interval
from analysis.intervals.two_shares import difference_of_estimates
from analysis.types import FloatArray
from analysis.validation import (
    counts_of,
    finite_array,
    finite_positive,
    labels_of,
    positive,
    require_whole,
    spread_over,
)


@dataclass(frozen=True, slots=True, eq=False)
class WaveCounts:
    """Counts of one wave, by unit and item, under the units of one date.

    Attributes
    ----------
    k, n : (U, ...) ndarray
        Satisfied and answering respondents; not whole where they were carried over by population weight.
    codes : (U,) ndarray of int8
        TESTED where the counts are those of real respondents, ESTIMATED where they were carried over by
        population weight, NO_COUNTERPART where nothing was carried to the unit.
    """

    k: FloatArray
    n: FloatArray
    codes: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.codes)


@dataclass(frozen=True, slots=True, eq=False)
class WaveChanges:
    """Every unit's change between two waves.

    Attributes
    ----------
    before, after : (U, ...) ndarray
        Shares; NaN where nobody answered.
    value, ci_low, ci_high : (U, ...) ndarray
        After minus before with its limits. No value where the measure broke or a side is missing; no limits
        where the counts were carried over by population weight.
    p_value, holm, bh : (U, ...) ndarray
        Two-sided, and adjusted for all changes tested here; NaN where there is no test.
    codes : (U, ...) ndarray of int8
        Values of `NoTest`: why there is no value or no test.
    confidence_level : float
    """

    before: FloatArray
    after: FloatArray
    value: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    p_value: FloatArray
    holm: FloatArray
    bh: FloatArray
    codes: NDArray[np.int8]
    confidence_level: float

    def __len__(self) -> int:
        return len(self.value)

    def reason(self, *index: int) -> str:
        """Why one cell has no value or no test; empty where it has both."""
        return NoTest(int(self.codes[index])).reason


@checked
def counts_of_units(k: ArrayLike, n: ArrayLike) -> WaveCounts:
    """Counts of a wave under the units that collected them.

    Parameters
    ----------
    k, n : (U, ...) array_like of whole numbers

    Returns
    -------
    WaveCounts

    Examples
    --------
    >>> counts_of_units([80, 0], [100, 0]).n.tolist()
    [100.0, 0.0]
    """
    satisfied, people = _whole_counts(k, n)
    return WaveCounts(satisfied, people, np.full(len(people), NoTest.TESTED, dtype=np.int8))


@checked
def counts_of_points(k: ArrayLike, n: ArrayLike, units: ArrayLike, *, n_units: int) -> WaveCounts:
    """Counts of collection points summed to the units that the points belong to: exact, whatever the date.

    Parameters
    ----------
    k, n : (P, ...) array_like of whole numbers
        Satisfied and answering respondents of each point.
    units : (P,) array_like of int in [-1, n_units)
        Unit of each point on the date wanted; -1 where it belongs to none.
    n_units : int

    Returns
    -------
    WaveCounts
        NO_COUNTERPART for units without a point.

    Examples
    --------
    >>> found = counts_of_points([80, 45, 9], [100, 50, 10], [0, 0, 1], n_units=3)
    >>> found.k.tolist(), found.n.tolist(), found.codes.tolist()
    ([125.0, 9.0, 0.0], [150.0, 10.0, 0.0], [0, 0, 8])
    """
    satisfied, people = _whole_counts(k, n)
    owner = np.asarray(units)
    if owner.dtype.kind not in "iu":
        raise InvalidShape(
            expected="integer units", got=str(owner.dtype), hint="map units to 0..n-1, none to -1"
        )
    owner = labels_of(owner + 1, size=len(people), below=n_units + 1, name="units of points")
    total = np.zeros((2, n_units + 1, *people.shape[1:]))
    np.add.at(total[0], owner, satisfied)
    np.add.at(total[1], owner, people)
    has_point = np.bincount(owner, minlength=n_units + 1)[1:] > 0
    codes = joined_codes((n_units,), (~has_point, NoTest.NO_COUNTERPART))
    return WaveCounts(total[0, 1:], total[1, 1:], codes)


@checked
def counts_as_now(k: ArrayLike, n: ArrayLike, people: ArrayLike) -> WaveCounts:
    """Counts of the old units carried to the units of today.

    Parameters
    ----------
    k, n : (O, ...) array_like of whole numbers
        Satisfied and answering respondents of each old unit.
    people : (O, N) array_like >= 0
        How many people of each old unit live in each new one. An old unit that went over whole has one entry,
        one that is left out none.

    Returns
    -------
    WaveCounts
        Of N units. Exact where every old unit that contributes went over whole; else each old unit's counts
        are divided as its people were, and the result is ESTIMATED: nobody knows who of a split unit's
        respondents lived where.

    Examples
    --------
    >>> found = counts_as_now([80, 45, 60], [100, 50, 100], [[900, 0], [400, 0], [250, 750]])
    >>> found.k.tolist(), found.codes.tolist()
    ([140.0, 45.0], [6, 6])
    >>> counts_as_now([80, 45], [100, 50], [[900, 0], [400, 0]]).codes.tolist()
    [0, 8]
    """
    satisfied, respondents = _whole_counts(k, n)
    shares = _transition(people, len(respondents))
    carried_k, carried_n = (np.tensordot(shares.T, counts, axes=1) for counts in (satisfied, respondents))
    contributes = shares > 0
    is_split = (contributes & (shares < 1)).any(axis=0)
    codes = joined_codes(
        is_split.shape, (~contributes.any(axis=0), NoTest.NO_COUNTERPART), (is_split, NoTest.ESTIMATED)
    )
    return WaveCounts(carried_k, carried_n, codes)


@checked
def counts_as_then(k: ArrayLike, n: ArrayLike, people: ArrayLike) -> WaveCounts:
    """Counts of the units of today carried back to the old units.

    Parameters
    ----------
    k, n : (N, ...) array_like of whole numbers
        Satisfied and answering respondents of each new unit.
    people : (O, N) array_like >= 0
        As in `counts_as_now`.

    Returns
    -------
    WaveCounts
        Of O units; ESTIMATED where a new unit holds people of several old ones.

    Examples
    --------
    >>> counts_as_then([140], [200], [[900], [300]]).n.tolist()
    [150.0, 50.0]
    """
    return counts_as_now(k, n, _people(people).T)


@checked
def wave_changes(
    before: WaveCounts,
    after: WaveCounts,
    *,
    breaks: ArrayLike = NoTest.TESTED,
    design_effect_before: ArrayLike = 1.0,
    design_effect_after: ArrayLike = 1.0,
    df: ArrayLike | None = None,
    confidence_level: float = 0.95,
) -> WaveChanges:
    """Change of every unit and item between two waves under one set of units.

    Parameters
    ----------
    before, after : WaveCounts
        Of the same units and items.
    breaks : (...) array_like of `NoTest`
        Per item, METHOD_BREAK or RECODED where the two waves do not measure the same; TESTED elsewhere.
    design_effect_before, design_effect_after : (U, ...) array_like > 0
    df : (U, ...) array_like > 0, optional
        Degrees of freedom of the design effects, of both waves.
    confidence_level : float in (0, 1)

    Returns
    -------
    WaveChanges

    Notes
    -----
    Differences as in `analysis.intervals.two_shares.difference_of_estimates`, of independent respondents. A
    figure carried over by population weight is shown as an estimate, without limits or test: what is unknown
    there is not chance. Compared with a merged unit, the mix of its parts changes too: see
    `analysis.comparing.merging`.

    Examples
    --------
    >>> before = counts_as_now([80, 45, 60], [100, 50, 100], [[9, 0], [4, 0], [0, 7]])
    >>> changes = wave_changes(before, counts_of_units([180, 70], [200, 100]))
    >>> changes.value.round(3).tolist(), (changes.p_value < 0.05).tolist()
    ([0.067, 0.1], [False, False])
    """
    if before.n.shape != after.n.shape:
        raise InvalidShape(
            expected=f"waves of one shape, {before.n.shape}",
            got=str(after.n.shape),
            hint="carry one wave over to the units of the other, and give broken items an empty column",
        )
    shape = before.n.shape
    why = _breaks(breaks, shape)
    unit_codes = np.maximum(before.codes, after.codes).reshape(-1, *[1] * (len(shape) - 1))
    nobody = (before.n == 0) | (after.n == 0)
    codes = joined_codes(
        shape, (unit_codes == NoTest.NO_COUNTERPART, NoTest.NO_COUNTERPART),
        *((why == broken, broken) for broken in (NoTest.METHOD_BREAK, NoTest.RECODED)),
        (nobody, NoTest.NOBODY), (unit_codes == NoTest.ESTIMATED, NoTest.ESTIMATED),
    )  # fmt: skip
    shares = [quotient(wave.k, wave.n) for wave in (after, before)]
    tested = codes == NoTest.TESTED
    low, high, p_value, holm, bh = _tested_changes(
        before, after, tested, effects=(design_effect_after, design_effect_before), df=df,
        confidence_level=confidence_level,
    )  # fmt: skip
    value = np.where(tested | (codes == NoTest.ESTIMATED), shares[0] - shares[1], np.nan)
    return WaveChanges(shares[1], shares[0], value, low, high, p_value, holm, bh, codes, confidence_level)


def _tested_changes(
    before: WaveCounts,
    after: WaveCounts,
    tested: NDArray[np.bool_],
    *,
    effects: tuple[ArrayLike, ArrayLike],
    df: ArrayLike | None,
    confidence_level: float,
) -> list[FloatArray]:
    """Limits, p value, Holm's and Benjamini-Hochberg's of the cells that can be tested; NaN elsewhere."""
    estimates = []
    for wave, effect in zip((after, before), effects, strict=True):
        own = spread_over(finite_positive(effect, name="design_effect"), tested.shape, name="design_effect")
        freedom = (
            None if df is None else spread_over(positive(df, name="df"), tested.shape, name="df")[tested]
        )
        estimates.append(
            wilson_interval(
                np.rint(wave.k[tested]), np.rint(wave.n[tested]), design_effect=own[tested], df=freedom
            )
        )
    change = difference_of_estimates(*estimates, confidence_level=confidence_level)
    p_value = change.p_value
    columns = (
        change.ci_low, change.ci_high, p_value, adjust_p_values(p_value), adjust_p_values(p_value, method="bh")
    )  # fmt: skip
    found = [np.full(tested.shape, np.nan) for _ in columns]
    for array, values in zip(found, columns, strict=True):
        array[tested] = values
    return found


def _whole_counts(k: ArrayLike, n: ArrayLike) -> tuple[FloatArray, FloatArray]:
    satisfied, people = counts_of(k, n)
    require_whole(satisfied, name="k")
    if people.ndim < 1:
        raise InvalidShape(expected="one entry per unit", got="a single number", hint="pass [k], [n]")
    return satisfied, people


def _people(people: ArrayLike) -> FloatArray:
    moved = finite_array(people, name="people")
    if moved.ndim != 2 or (moved < 0).any():
        raise InvalidCounts(
            expected="people >= 0 by old and new unit",
            got=str(moved.shape),
            hint="rows old units, columns new",
        )
    return moved


def _transition(people: ArrayLike, n_units: int) -> FloatArray:
    """Part of each old unit that went to each new one; zeros where an old unit went nowhere."""
    moved = _people(people)
    if len(moved) != n_units:
        raise InvalidShape(
            expected=f"{n_units} rows of people", got=str(len(moved)), hint="one per unit carried over"
        )
    return quotient(moved, moved.sum(axis=1, keepdims=True), empty=0.0)


def _breaks(breaks: ArrayLike, shape: tuple[int, ...]) -> NDArray[np.int8]:
    why = finite_array(breaks, name="breaks")
    if not np.isin(why, (NoTest.TESTED, NoTest.METHOD_BREAK, NoTest.RECODED)).all():
        raise InvalidOption(
            expected="TESTED, METHOD_BREAK or RECODED", got=repr(breaks)[:60], hint="one NoTest per item"
        )
    try:
        return np.broadcast_to(why.astype(np.int8), shape)
    except ValueError:
        raise InvalidShape(
            expected=f"breaks like {shape[1:]}", got=str(why.shape), hint="one per item"
        ) from None
