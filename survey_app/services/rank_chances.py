"""How probable it is that a unit truly is among the first or the last: for reading beside ranks, never a verdict."""

from collections.abc import Sequence

import numpy as np

from analysis.ranking.probabilities import beta_rank_probabilities
from analysis.types import FloatArray
from survey_app.services.figures import RankChances

CHANCE_SEED = 20260102


def rank_chances(
    places: Sequence[int], a: FloatArray, b: FloatArray, *, n_places: int
) -> dict[int, RankChances]:
    """By place of the unit, from the law of each true share drawn towards the common level.

    The same figures give the same chances. Where there are too few units, first and last places would overlap.
    """
    if 2 * n_places > len(places):
        return {}
    found = beta_rank_probabilities(a, b, n_top=n_places, rng=np.random.default_rng(CHANCE_SEED))
    return {
        int(place): RankChances(float(found.top[row]), float(found.bottom[row]))
        for row, place in enumerate(places)
    }
