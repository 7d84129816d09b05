"""Whether predictors split the answers so well that no finite coefficient fits them best."""

from __future__ import annotations

import numpy as np
from scipy import optimize

from analysis.errors import InvalidCounts
from analysis.types import FloatArray


def require_overlap(rows: FloatArray, names: tuple[str, ...]) -> None:
    """Refuse data whose likelihood grows without bound along some direction.

    Parameters
    ----------
    rows : (M, q) ndarray
        One row per observed comparison, signed so that its product with the parameters is large where the
        answer is likely: x for a yes, -x for a no.
    names : (q,) tuple of str
        Name of each parameter.

    Returns
    -------
    None

    Raises
    ------
    InvalidCounts
        Where a direction makes no answer less likely and some more likely: complete or quasi-complete
        separation. The message names the parameters involved.

    Notes
    -----
    The linear programme ``max Σ rows·v`` subject to ``rows·v >= 0`` and ``|v| <= 1`` is positive exactly then.

    References
    ----------
    Albert and Anderson (1984), Biometrika 71:1-10. Konis (2007), DPhil thesis, University of Oxford.

    Examples
    --------
    >>> require_overlap(np.array([[1.0, 2.0], [-1.0, -1.0], [1.0, 1.0], [-1.0, -2.0]]), ("a", "b"))
    """
    distinct = np.unique(rows, axis=0)
    distinct = distinct[np.abs(distinct).max(axis=1, initial=0.0) > 0]
    if not len(distinct):
        return
    scale = np.abs(distinct).max(axis=0)
    scaled = distinct / np.where(scale > 0, scale, 1.0)
    found = optimize.linprog(
        -scaled.sum(axis=0), A_ub=-scaled, b_ub=np.zeros(len(scaled)), bounds=(-1.0, 1.0), method="highs"
    )
    if found.status == 0 and -found.fun > 1e-6 + 1e-8 * len(scaled):
        involved = [name for name, size in zip(names, found.x, strict=True) if abs(size) > 1e-6]
        raise InvalidCounts(
            expected="answers that overlap along every predictor",
            got=f"separation along {', '.join(involved)}",
            hint="a level where everyone answers alike has no finite coefficient: merge it, or compare shares",
        )
