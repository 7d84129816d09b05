"""How a false-alarm rate found by simulation is judged."""

import numpy as np


def is_kept(p_values: np.ndarray, *, alpha: float) -> bool:
    """Whether p values under the null fall below alpha no more often than stated, simulation error allowed."""
    found = np.asarray(p_values)[~np.isnan(p_values)]
    assert found.size > 400, "too few for a judgement"
    return bool((found <= alpha).mean() <= alpha + 1.645 * np.sqrt(alpha * (1 - alpha) / found.size))


def beta_shares(rng: np.random.Generator, *, mean: float, correlation: float, size: int) -> np.ndarray:
    """Shares of units that differ truly."""
    if not correlation:
        return np.full(size, mean)
    kappa = 1 / correlation - 1
    return rng.beta(mean * kappa, (1 - mean) * kappa, size)
