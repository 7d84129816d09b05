"""Named figures of one survey, with plain t limits and contrasts between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.distributions import t_critical
from analysis.errors import InvalidOption, InvalidShape
from analysis.surveys.linearisation import Linearised
from analysis.types import Estimate, Estimates, FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class SurveyEstimates:
    """Named figures of one survey.

    Attributes
    ----------
    labels : tuple
        Name of each figure: the column, the domain, or the pair (column, domain) where both vary.
    estimates : Estimates
        K figures in that order. `value` is NaN where nobody answered; limits are infinite where a single
        cluster gives no variance.
    covariance : (K, K) ndarray, optional
        Design covariance of the figures, if it was asked for.
    """

    labels: tuple[Any, ...]
    estimates: Estimates
    covariance: FloatArray | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.labels)

    def __getitem__(self, label: Any) -> Estimate:
        """The figure of one label; an unknown one is an error that lists those present."""
        return self.estimates[self._position(label)]

    def contrast(self, coefficients: Mapping[Any, float]) -> Estimate:
        """Weighted sum of figures with the covariance between them, such as {"Yes": 1, "No": -1}.

        Parameters
        ----------
        coefficients : mapping of label to float

        Returns
        -------
        Estimate
            With t(df) limits; the respondents of all figures named.
        """
        if self.covariance is None:
            raise InvalidOption(
                expected="figures with their covariance",
                got="none kept",
                hint="estimate with covariance=True",
            )
        at = [self._position(label) for label in coefficients]
        c = np.array(list(coefficients.values()), dtype=np.float64)
        own = self.estimates[np.array(at)]
        variance = max(float(c @ self.covariance[np.ix_(at, at)] @ c), 0.0)
        found = Linearised(
            np.array([c @ own.value]), np.array([variance]), np.array([np.nan]), own.df[:1], np.ones(1)
        )
        n = np.array([own.n_respondents.sum()])
        return t_estimates(found, n, method="contrast", confidence_level=own.confidence_level)[0]

    def _position(self, label: Any) -> int:
        if label not in self.labels:
            raise InvalidShape(
                expected=f"a label among {', '.join(map(repr, self.labels[:20]))}",
                got=repr(label),
                hint="labels are columns, domains, or pairs of both",
            )
        return self.labels.index(label)


def t_estimates(found: Linearised, n: IntArray, *, method: str, confidence_level: float) -> Estimates:
    """Estimates with plain t limits.

    Parameters
    ----------
    found : Linearised
        K figures with variance and degrees of freedom.
    n : (K,) ndarray of int
        Respondents.
    method : str
    confidence_level : float in (0, 1)

    Returns
    -------
    Estimates
        ``value ± t(df) se``; infinite limits where there is no variance, NaN where there is no value.
    """
    error = np.sqrt(found.variance)
    critical = t_critical(np.maximum(found.df, 1), confidence_level)
    half = np.where(np.isnan(error) & np.isfinite(found.value), np.inf, critical * error)
    effect = found.design_effect
    effective = np.divide(n, effect, out=np.full(len(n), np.nan), where=np.nan_to_num(effect) > 0)
    return Estimates(
        found.value, found.value - half, found.value + half, n, effect, effective, found.df, error,
        method=method, confidence_level=confidence_level,
    )  # fmt: skip
