"""What weights cost: their spread, Kish's design effect and the people they leave, whole or by group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.arguments import checked
from analysis.errors import InvalidCounts, InvalidShape
from analysis.surveys.columns import Table
from analysis.types import FloatArray, IntArray
from analysis.validation import finite_array
from analysis.weighting.cell_means import cell_sums

if TYPE_CHECKING:
    from analysis.design import Survey


@dataclass(frozen=True, slots=True)
class WeightReport:
    """The weights of one group of respondents.

    Attributes
    ----------
    n : float
        Respondents, those of weight 0 included.
    total : float
        Sum of weights: people they stand for.
    low, high : float
        Smallest and largest weight.
    cv : float
        Coefficient of variation, n in the denominator; `design_effect` is 1 + cv².
    design_effect : float
        Kish's n Σw²/(Σw)², at least 1: what unequal weights alone cost.
    n_effective : float
        (Σw)²/Σw²: as many equal weights.
    share_negative, share_zero : float
        Respondents whose weight is below 0, or 0.
    largest_part : float
        The largest weight over their sum.
    """

    n: float
    total: float
    low: float
    high: float
    cv: float
    design_effect: float
    n_effective: float
    share_negative: float
    share_zero: float
    largest_part: float


@dataclass(frozen=True, slots=True, eq=False)
class Adjustment:
    """A survey with adjusted weights, and what the adjustment did.

    Attributes
    ----------
    survey : Survey
        With the new weights; its variances know what was calibrated.
    method : str
    g_weights : (N,) ndarray
        New weight over old; 1 where the old one is 0.
    n_iterations : int
    largest_error : float
        Largest relative distance between a total reached and the one asked for.
    collapsed : tuple of pairs of labels
        Cells that were counted in another: (cell, the one it joined).
    """

    survey: Survey
    method: str
    g_weights: FloatArray
    n_iterations: int = 1
    largest_error: float = 0.0
    collapsed: tuple[tuple[Any, Any], ...] = ()

    @property
    def g_range(self) -> tuple[float, float]:
        """Smallest and largest factor among respondents with a weight."""
        return float(self.g_weights.min()), float(self.g_weights.max())

    @property
    def report(self) -> WeightReport:
        """What the new weights cost."""
        return weight_report(self.survey.weights)


@checked
def weight_report(weights: ArrayLike, *, n_people: ArrayLike | None = None) -> WeightReport:
    """What weights cost.

    Parameters
    ----------
    weights : (N,) array_like
        Of respondents, or of cells.
    n_people : (N,) array_like >= 0, optional
        Respondents of each weight, where `weights` are those of cells; 1 each where not given.

    Returns
    -------
    WeightReport

    Raises
    ------
    InvalidCounts
        Nobody, or weights that sum to 0 or less.

    Notes
    -----
    Kish's design effect holds for a variable unrelated to the weights; related ones may gain.

    References
    ----------
    Kish (1992), Journal of Official Statistics 8:183-200.

    Examples
    --------
    >>> report = weight_report([1, 1, 2])
    >>> report.design_effect, round(report.n_effective, 2), report.largest_part
    (1.125, 2.67, 0.5)
    """
    w = finite_array(weights, name="weights")
    (found,) = _reports(w, np.zeros(w.size, dtype=np.int64), 1, n_people)
    return found


@checked
def weight_reports(
    weights: ArrayLike, groups: Sequence[Any] | ArrayLike, *, n_people: ArrayLike | None = None
) -> Mapping[Any, WeightReport]:
    """What weights cost in each group, such as a unit, a channel or a domain.

    Parameters
    ----------
    weights : (N,) array_like
    groups : (N,) array_like of labels
    n_people : (N,) array_like >= 0, optional
        As in `weight_report`.

    Returns
    -------
    mapping of label to WeightReport
        In sorted order.

    Examples
    --------
    >>> weight_reports([1, 3, 2], ["kiosk", "kiosk", "qr"])["kiosk"].design_effect
    1.25
    """
    w = finite_array(weights, name="weights")
    if w.ndim != 1 or np.ndim(groups) != 1:
        raise InvalidShape(
            expected="one weight and one group per row", got=f"shape {w.shape}", hint="pass lists"
        )
    labels = Table.of({"groups": groups, "weights": w}).labels("groups")
    return dict(zip(labels.values, _reports(w, labels.codes, len(labels), n_people), strict=True))


def _reports(w: FloatArray, codes: IntArray, size: int, n_people: ArrayLike | None) -> list[WeightReport]:
    people = np.ones(w.shape) if n_people is None else finite_array(n_people, name="n_people")
    if w.ndim != 1 or people.shape != w.shape or (people < 0).any():
        raise InvalidShape(
            expected="one weight, and one number of people >= 0, per row",
            got=f"{w.shape} and {people.shape}",
            hint="pass n_people only with weights of cells",
        )
    w, codes, people = w[people > 0], codes[people > 0], people[people > 0]

    def sums(values: FloatArray) -> FloatArray:
        return cell_sums(people * values, codes, size)

    n, total, squares = sums(np.ones(len(w))), sums(w), sums(w * w)
    if (total <= 0).any():
        raise InvalidCounts(
            expected="weights with a positive sum in every group", got=f"{total.min():g}",
            hint="one weight per respondent; leave out groups without any",
        )  # fmt: skip
    low, high = np.full(size, np.inf), np.full(size, -np.inf)
    np.minimum.at(low, codes, w)
    np.maximum.at(high, codes, w)
    effect = n * squares / total**2
    columns = (
        n, total, low, high, np.sqrt(np.maximum(effect - 1, 0.0)), effect, total**2 / squares,
        sums((w < 0).astype(np.float64)) / n, sums((w == 0).astype(np.float64)) / n, high / total,
    )  # fmt: skip
    return [WeightReport(*row) for row in np.column_stack(columns).tolist()]
