"""Coefficients of log odds as odds ratios."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.comparing.t_tests import TTest


@dataclass(frozen=True, slots=True)
class OddsRatio:
    """What one more unit of a predictor, or a level instead of the base, multiplies the odds by.

    Attributes
    ----------
    value, ci_low, ci_high : float > 0
    p_value : float
        Two-sided, of a ratio of 1.
    confidence_level : float
    """

    value: float
    ci_low: float
    ci_high: float
    p_value: float
    confidence_level: float = 0.95


def odds_ratio(coefficient: TTest) -> OddsRatio:
    """A log odds ratio as an odds ratio.

    Parameters
    ----------
    coefficient : TTest

    Returns
    -------
    OddsRatio

    Examples
    --------
    >>> from analysis.comparing.t_tests import figure_test
    >>> found = figure_test(np.log(2), 0.01, 30, 100, method="logistic regression", confidence_level=0.95)
    >>> round(odds_ratio(found).value, 3), round(odds_ratio(found).ci_low, 3)
    (2.0, 1.631)
    """
    with np.errstate(over="ignore"):
        value, low, high = np.exp([coefficient.value, coefficient.ci_low, coefficient.ci_high])
    return OddsRatio(float(value), float(low), float(high), coefficient.p_value, coefficient.confidence_level)
