"""Units added into one figure: which of them take part in it, and how much each weighs."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis.counting.moments import Moments
from analysis.index import group_shares
from analysis.intervals.shares import wilson_interval
from analysis.surveys.linearisation import Strata
from analysis.types import Estimate
from survey_app.services.counting import as_one

Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """The units of a selection that make one figure; `minimum` is what a unit's cell must hold to be told apart."""

    kept: Rows
    strata: Strata | None
    minimum: int
    confidence_level: float = 0.95

    def rows(self, n: NDArray[np.integer]) -> Rows:
        """The units whose cells are added, so that subtracting the others tells no small one.

        Cells below the minimum are added when there are several and they hold enough together; else they stay out.
        """
        cells = n[self.kept]
        small = (cells > 0) & (cells < self.minimum)
        return self.kept if hold_enough(cells[small], self.minimum) else self.kept[~small]

    def moments(self, moments: Moments, rows: Rows) -> tuple[Moments, Strata | None]:
        """Moments of these units as those of one."""
        return as_one(moments, self.strata, rows)

    def share(
        self,
        satisfied: NDArray[np.integer],
        answered: NDArray[np.integer],
        responses: NDArray[np.integer],
        *,
        rows: Rows,
        effect: float,
    ) -> Estimate:
        """A share from counts by unit, weighed as the overall share is; `effect` is that of clustering."""
        k, n = satisfied[rows].sum(), answered[rows].sum()
        if self.strata is not None and len(rows) > 1:
            weighed = self._weighed(satisfied, answered, responses, rows)
            k = weighed.value * n
            effect *= weighed.design_effect
        interval = wilson_interval([k], [n], design_effect=effect, confidence_level=self.confidence_level)
        return interval[0]

    def _weighed(
        self,
        satisfied: NDArray[np.integer],
        answered: NDArray[np.integer],
        responses: NDArray[np.integer],
        rows: Rows,
    ) -> Estimate:
        k, n = satisfied.astype(float), answered.astype(float)
        # Of those who answered, some are satisfied: sums and products of (s, m, r, a) with m = s and a = r.
        sums = np.stack([k, n, k, n], axis=1)
        products = np.empty((len(k), 4, 4))
        products[:] = k[:, None, None]
        products[:, 1::2, 1::2] = n[:, None, None]
        people = responses.astype(np.int64)
        columns = ("s:x", "r:x", "m:x", "a:x")
        whole, strata = self.moments(Moments(columns, people, sums, products, people, products), rows)
        return group_shares(whole, strata=strata)["x"][0]

    def clustering(self, moments: Moments, rows: Rows) -> float:
        """What counts must be told about the design: the effect of clusters on the overall share.

        Where counts are weighed by unit already only clusters are left; elsewhere it is the whole design effect.
        """
        effect = self._effect(moments, rows)
        if self.strata is not None and len(rows) > 1:
            scattered = replace(moments, n_clusters=moments.n, cluster_products=moments.products)
            effect = max(1.0, effect / self._effect(scattered, rows))
        return effect if np.isfinite(effect) and effect > 0 else 1.0

    def _effect(self, moments: Moments, rows: Rows) -> float:
        one, strata = self.moments(moments, rows)
        return float(group_shares(one, strata=strata)["overall"][0].design_effect)


def hold_enough(cells: NDArray[np.integer], minimum: int) -> bool:
    """Whether small cells hide each other: several, together at least the minimum, and more than one person each."""
    return len(cells) > 1 and int(cells.sum()) >= max(minimum, len(cells) + 1)


def alone(strata: Strata | None) -> Pool:
    """The one unit of a selection."""
    return Pool(np.array([0], dtype=np.intp), strata, 0)
