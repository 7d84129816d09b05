"""Nash's variable-metric minimiser, which stops where other programs stop."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from analysis.types import FloatArray

SUFFICIENT = 1e-4
"""Part of the promised decrease that a step must bring."""

SHORTENED = 0.2
"""What a step that brings too little is multiplied by."""


def variable_metric_minimum(
    function: Callable[[FloatArray], float],
    gradient: Callable[[FloatArray], FloatArray],
    start: FloatArray,
    *,
    tolerance: float = 1e-8,
    max_steps: int = 100,
) -> FloatArray:
    """Where Nash's algorithm 21 stops, which for a loose tolerance is beside the minimum.

    Parameters
    ----------
    function : callable of (n,) ndarray
        Infinite outside its domain.
    gradient : callable of (n,) ndarray, giving (n,)
    start : (n,) ndarray
    tolerance : float > 0
        Relative decrease of the function below which it stops.
    max_steps : int

    Returns
    -------
    (n,) ndarray

    Notes
    -----
    Steps ``-B g``, shortened by a fifth until they bring a ten-thousandth of the promised decrease; B is the
    inverse Hessian built up from the identity by the update of Broyden, Fletcher, Goldfarb and Shanno. Only
    for replaying programs that use it (R's optim); our own fits go on to the maximum.

    References
    ----------
    Nash (1990), Compact Numerical Methods for Computers, 2nd ed., algorithm 21.

    Examples
    --------
    >>> variable_metric_minimum(lambda x: float(x @ x), lambda x: 2 * x, np.array([3.0, 4.0])).round(6).tolist()
    [0.0, 0.0]
    """
    here, value, slope = start.copy(), function(start), gradient(start)
    inverse, age = np.eye(len(start)), 0
    while max_steps > 1:
        if age == 0:
            inverse = np.eye(len(start))
        step = -inverse @ slope
        size, new = _shortened(function, here, step, value, float(step @ slope))
        before, here, fallen, value = here, here + size * step, abs(value - new), new
        if fallen <= tolerance * (abs(value + fallen) + tolerance):
            if age == 0:
                return here
            # The slope is left as it was, as in the original.
            age = 0
            continue
        moved, turned = here - before, gradient(here) - slope
        slope, age, max_steps = slope + turned, age + 1, max_steps - 1
        if moved @ turned > 0 and age <= 2 * len(start):
            inverse = _updated(inverse, moved, turned)
        else:
            age = 0
    return here


def _shortened(
    function: Callable[[FloatArray], float], here: FloatArray, step: FloatArray, value: float, slope: float
) -> tuple[float, float]:
    """Length of the step that brings enough and the function there; 0 where no step does."""
    size = 1.0
    while slope < 0 and ((10.0 + here + size * step) != (10.0 + here)).any():
        new = function(here + size * step)
        if np.isfinite(new) and new <= value + slope * size * SUFFICIENT:
            return size, new
        size *= SHORTENED
    return 0.0, value


def _updated(inverse: FloatArray, moved: FloatArray, turned: FloatArray) -> FloatArray:
    carried, along = inverse @ turned, float(moved @ turned)
    grown = 1 + float(carried @ turned) / along
    change = grown * np.outer(moved, moved) - np.outer(moved, carried) - np.outer(carried, moved)
    return np.asarray(inverse + change / along)
