"""Many comparisons at once: p values adjusted for their number, and the level at which all limits hold together."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from analysis.arguments import checked
from analysis.errors import InvalidCounts, InvalidOption
from analysis.types import FloatArray
from analysis.validation import finite_array, level_of, require_known

SIMULTANEOUS = ("sidak", "bonferroni", "none")
"""How limits are widened so that all hold together."""


@checked
def adjust_p_values(p: ArrayLike, *, method: str = "holm") -> FloatArray:
    """P values adjusted for the number of comparisons.

    Parameters
    ----------
    p : (m,) array_like in [0, 1]
    method : {"holm", "hochberg", "bonferroni", "bh", "by"}
        "holm" where a consequence follows (any false label is held to alpha), "bh" for screens
        (the share of false labels is).

    Returns
    -------
    (m,) ndarray

    References
    ----------
    Holm (1979), Scandinavian Journal of Statistics 6:65-70. Benjamini and Hochberg (1995), JRSS B 57:289-300.

    Examples
    --------
    >>> adjust_p_values([0.01, 0.04, 0.03]).tolist()
    [0.03, 0.06, 0.06]
    """
    values = finite_array(p, name="p values")
    if values.ndim != 1 or ((values < 0) | (values > 1)).any():
        raise InvalidCounts(
            expected="p values in [0, 1]", got=repr(p)[:60], hint="one p value per comparison"
        )
    m = len(values)
    order = np.argsort(values)
    rank = np.arange(1, m + 1)
    factors = {
        "holm": m - rank + 1,
        "hochberg": m - rank + 1,
        "bonferroni": np.full(m, m),
        "bh": m / rank,
        "by": m / rank * np.sum(1 / rank),
    }
    require_known(method, list(factors), name="method")
    scaled = values[order] * factors[method]
    if method == "holm":
        scaled = np.maximum.accumulate(scaled)
    elif method != "bonferroni":
        scaled = np.minimum.accumulate(scaled[::-1])[::-1]
    adjusted = np.empty(m)
    adjusted[order] = np.minimum(scaled, 1.0)
    return adjusted


@checked
def simultaneous_level(confidence_level: float, n_together: int, *, method: str = "sidak") -> float:
    """Level of one of many intervals that are to hold together.

    Parameters
    ----------
    confidence_level : float in (0, 1)
        Of all together.
    n_together : int >= 1
        Intervals or tests that are read at once.
    method : {"sidak", "bonferroni", "none"}
        "sidak" where they are independent or differences of normal estimates, "bonferroni" whatever they are.

    Returns
    -------
    float in (0, 1)

    Notes
    -----
    ``level^(1/m)`` (Šidák) or ``1 - (1 - level) / m`` (Bonferroni).

    References
    ----------
    Šidák (1967), JASA 62:626-633.

    Examples
    --------
    >>> [round(simultaneous_level(0.95, 10, method=method), 6) for method in SIMULTANEOUS]
    [0.994884, 0.995, 0.95]
    """
    require_known(method, SIMULTANEOUS, name="method")
    level = level_of(confidence_level)
    if n_together < 1:
        raise InvalidOption(
            expected="at least one comparison", got=repr(n_together), hint="how many are read at once"
        )
    if method == "sidak":
        return float(level ** (1 / n_together))
    return 1 - (1 - level) / n_together if method == "bonferroni" else level
