"""The search by which R's polycor looks for the maximum of a polychoric likelihood, and where it stops.

Nelder and Mead (1965), Computer Journal 7:308-313, in the form of Nash (1990), Compact Numerical Methods for
Computers, algorithm 19. It ends after 500 evaluations or on a flat polygon, so up to 0.005 beside the maximum.
"""

from collections.abc import Callable

import numpy as np
from scipy import optimize, special

from analysis.measurement.polychoric_fit import table_log_likelihood

EPSILON = float(np.sqrt(np.finfo(float).eps))
MOST_EVALUATIONS = 500
LARGEST_CORRELATION = 0.9999
NOT_ALLOWED = 1e35


def searched_correlation(table: np.ndarray) -> float:
    """Correlation at which the search stops, from Brent's minimum with the thresholds of the margins."""
    counts = np.array(table, dtype=float)
    n_rows = len(counts)
    rows, columns = (special.ndtri(np.cumsum(counts.sum(axis=axis))[:-1] / counts.sum()) for axis in (1, 0))

    def loss(point: np.ndarray) -> float:
        if (np.diff(point[1:n_rows]) < 0).any() or (np.diff(point[n_rows:]) < 0).any():
            return NOT_ALLOWED
        rho = np.clip(point[:1], -LARGEST_CORRELATION, LARGEST_CORRELATION)
        return -table_log_likelihood(counts[None], np.concatenate([rho, point[1:]])[None]).item()

    start = optimize.minimize_scalar(
        lambda rho: loss(np.concatenate([[rho], rows, columns])),
        bounds=(-1, 1), method="bounded", options={"xatol": np.sqrt(EPSILON)},
    ).x  # fmt: skip
    return float(polygon_minimum(loss, np.concatenate([[start], rows, columns]))[0])


def polygon_minimum(loss: Callable[[np.ndarray], float], start: np.ndarray) -> np.ndarray:
    """Lowest corner when the search stops."""
    n = len(start)
    step = 0.1 * np.abs(start).max() or 0.1
    corners = np.vstack([start, start + step * np.eye(n)])
    values = np.array([loss(corner) for corner in corners])
    flat = EPSILON * (abs(values[0]) + EPSILON)
    evaluations, size = n + 1, step * n
    while True:
        low, high = int(values.argmin()), int(values.argmax())
        if values[high] <= values[low] + flat or evaluations > MOST_EVALUATIONS:
            return corners[low]
        centre = (corners.sum(axis=0) - corners[high]) / n
        reflected = 2 * centre - corners[high]
        at_reflected, highest = loss(reflected), values[high]
        evaluations += 2
        if at_reflected < values[low]:
            farther = 2 * reflected - centre
            at_farther = loss(farther)
            is_better = at_farther < at_reflected
            corners[high] = farther if is_better else reflected
            values[high] = at_farther if is_better else at_reflected
            continue
        if at_reflected < highest:
            corners[high], values[high] = reflected, at_reflected
        nearer = (corners[high] + centre) / 2
        at_nearer = loss(nearer)
        if at_nearer < values[high]:
            corners[high], values[high] = nearer, at_nearer
        elif at_reflected >= highest:
            corners = (corners - corners[low]) / 2 + corners[low]
            if (shrunk := np.abs(corners - corners[low]).sum()) >= size:
                return corners[low]
            size = shrunk
            others = np.arange(n + 1) != low
            values[others] = [loss(corner) for corner in corners[others]]
            evaluations += n
