"""Chi-square tests from counts of levels: units alike, answers as expected; any number of tables at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from analysis.arguments import checked
from analysis.arithmetic import quotient
from analysis.comparing.hypothesis_tests import HypothesisTests, NoTest, chi_square_tests, joined_codes
from analysis.errors import InvalidCounts, InvalidShape
from analysis.types import FloatArray
from analysis.validation import finite_array, finite_positive, require_whole


@checked
def homogeneity_tests(counts: ArrayLike, *, design_effect: ArrayLike = 1.0) -> HypothesisTests:
    """Whether units share one distribution of answers, for any number of questions.

    Parameters
    ----------
    counts : (..., U, L) array_like of whole numbers
        How many of each unit chose each level.
    design_effect : (..., U) array_like > 0
        Of each unit's shares, or one for all.

    Returns
    -------
    HypothesisTests
        Of shape (...). Units without respondents and levels that nobody chose are left out of the degrees of
        freedom; a table with one unit or one level left has no test, and says so.

    Notes
    -----
    Pearson's statistic of the effective counts x/D, on (U-1)(L-1) degrees of freedom: with one D it is
    ``X²/D``, Rao and Scott's first-order correction. Where the design effects of the levels are known to
    differ much, prefer `chi_square.rao_scott_test` of the respondents.

    References
    ----------
    Rao and Scott (1992), Biometrics 48:577-585.

    Examples
    --------
    >>> test = homogeneity_tests([[30, 70], [45, 55]], design_effect=1.5).at()
    >>> round(test.statistic, 3), round(test.p_value, 3)
    (3.2, 0.074)
    """
    table = _counts(counts)
    if table.ndim < 2:
        raise InvalidShape(
            expected="counts (..., units, levels)", got=str(table.shape), hint="one row per unit"
        )
    effective = table / _design_effects(design_effect, table.shape[:-1])[..., None]
    size, levels = effective.sum(axis=-1), effective.sum(axis=-2)
    total = size.sum(axis=-1)
    expected = size[..., None] * quotient(levels, total[..., None], empty=0.0)[..., None, :]
    statistic = _pearson(effective, expected).sum(axis=(-2, -1))
    units, used = (size > 0).sum(axis=-1), (levels > 0).sum(axis=-1)
    codes = joined_codes(
        total.shape, (total == 0, NoTest.NOBODY), (units < 2, NoTest.ONE_GROUP), (used < 2, NoTest.ONE_LEVEL)
    )
    df = np.maximum((units - 1.0) * (used - 1.0), 0.0)
    return chi_square_tests(statistic, df, codes, method="pearson, first-order corrected")


@checked
def fit_tests(counts: ArrayLike, shares: ArrayLike, *, design_effect: ArrayLike = 1.0) -> HypothesisTests:
    """Whether answers have given shares, for any number of units.

    Parameters
    ----------
    counts : (..., L) array_like of whole numbers
    shares : (L,) or (..., L) array_like in [0, 1]
        Expected shares, summing to 1; a level of share 0 must be empty, and is left out.
    design_effect : (...) array_like > 0

    Returns
    -------
    HypothesisTests
        Of shape (...), on (levels of positive share - 1) degrees of freedom.

    Notes
    -----
    ``(n/D) Σ (p - p₀)² / p₀``.

    References
    ----------
    Rao and Scott (1981), JASA 76:221-230.

    Examples
    --------
    >>> round(fit_tests([60, 40], [0.5, 0.5]).at().p_value, 4)
    0.0455
    """
    table = _counts(counts)
    expected_shares = finite_array(shares, name="shares")
    try:
        expected_shares = np.broadcast_to(expected_shares, table.shape)
    except ValueError:
        raise InvalidShape(
            expected=f"shares like {table.shape}", got=str(expected_shares.shape), hint="one share per level"
        ) from None
    if (expected_shares < 0).any() or (np.abs(expected_shares.sum(axis=-1) - 1) > 1e-9).any():
        raise InvalidCounts(
            expected="shares >= 0 that sum to 1", got=repr(shares)[:60], hint="divide by their sum"
        )
    if (table[expected_shares == 0] > 0).any():
        raise InvalidCounts(
            expected="no answer at a level of share 0", got="answers", hint="give every chosen level a share"
        )
    n = table.sum(axis=-1)
    scale = n / _design_effects(design_effect, n.shape)
    observed = quotient(table, n[..., None], empty=0.0)
    statistic = scale * _pearson(observed, expected_shares).sum(axis=-1)
    used = (expected_shares > 0).sum(axis=-1)
    codes = joined_codes(n.shape, (n == 0, NoTest.NOBODY), (used < 2, NoTest.ONE_LEVEL))
    return chi_square_tests(
        statistic, np.maximum(used - 1.0, 0.0), codes, method="pearson fit, first-order corrected"
    )


def _counts(counts: ArrayLike) -> FloatArray:
    table = finite_array(counts, name="counts")
    require_whole(table, name="counts")
    if table.ndim < 1 or 0 in table.shape:
        raise InvalidShape(expected="counts of levels", got=str(table.shape), hint="one count per level")
    return table


def _design_effects(design_effect: ArrayLike, shape: tuple[int, ...]) -> FloatArray:
    effect = finite_positive(design_effect, name="design_effect")
    try:
        return np.broadcast_to(effect, shape)
    except ValueError:
        raise InvalidShape(
            expected=f"design effects like {shape}",
            got=str(effect.shape),
            hint="one per unit, or one for all",
        ) from None


def _pearson(observed: FloatArray, expected: FloatArray) -> FloatArray:
    return quotient((observed - expected) ** 2, expected, empty=0.0)
