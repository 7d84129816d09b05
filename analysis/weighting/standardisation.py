"""Direct standardisation: shares of several groups as they would be with one and the same mix of cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.arguments import checked
from analysis.arithmetic import quotient
from analysis.errors import InvalidCounts, InvalidShape
from analysis.types import FloatArray
from analysis.validation import require_known
from analysis.weighting.cell_means import CellMeans, cell_sums
from analysis.weighting.collapsing import Collapsing
from analysis.weighting.margins import Margin, Variables, margin_of
from analysis.weighting.poststratified_shares import PostStratifiedShares, poststratified_share

if TYPE_CHECKING:
    from analysis.design import Survey
    from analysis.surveys.columns import Labels
    from analysis.surveys.survey_estimates import SurveyEstimates


@checked
def standardised_mean(
    survey: Survey,
    column: str,
    standard: Mapping[Variables, Mapping[Any, float]],
    *,
    by: str | Sequence[str] | None = None,
    missing: str = "exclude",
    empty: str = "refuse",
    covariance: bool = False,
) -> SurveyEstimates:
    """Mean or share of each domain with its cells weighted as in a standard population.

    Parameters
    ----------
    survey : Survey
    column : str
        Of a 0/1 column, shares.
    standard : mapping of one str or tuple of str to mapping of label to float >= 0
        The variable (channel, field) or cross of variables held fixed, and its mix in the standard population.
    by : str or sequence of str, optional
        Domains compared; the whole where not given.
    missing : {"exclude", "keep"}
        The mix of those who answered `column`, or that of all respondents, is made the standard one.
    empty : {"refuse", "drop"}
        What a domain without respondents in a cell means: an error that names it, or a standard without that
        cell, which is then not the same for all domains.
    covariance : bool
        Keep the covariance between the domains, for contrasts.

    Returns
    -------
    SurveyEstimates

    Raises
    ------
    InvalidCounts
        Empty cells, unless they are dropped.

    Notes
    -----
    ``Σ_g N_g/N ȳ_dg``: the survey post-stratified, within each domain d, to the standard mix; variances of the
    residuals from the cell means. The standard is taken as known without error.

    References
    ----------
    Little (1982), JASA 77:237-250. Breslow and Day (1987), Statistical Methods in Cancer Research II.

    Examples
    --------
    >>> from analysis import Survey
    >>> survey = Survey({"unit": ["A"] * 4 + ["B"] * 4, "top": [1, 1, 0, 1, 1, 0, 0, 0],
    ...                  "channel": ["qr", "kiosk", "kiosk", "qr", "qr", "kiosk", "kiosk", "kiosk"]})
    >>> found = standardised_mean(survey, "top", {"channel": {"qr": 20, "kiosk": 80}}, by="unit")
    >>> round(found["A"].value, 3), round(found["B"].value, 3)
    (0.6, 0.2)
    """
    require_known(missing, ("exclude", "keep"), name="missing")
    require_known(empty, ("refuse", "drop"), name="empty")
    if len(standard) != 1:
        raise InvalidShape(
            expected="one standard population",
            got=f"{len(standard)}",
            hint="cross variables as a pair",
        )
    ((variables, population),) = standard.items()
    margin = margin_of(survey.table, variables, population)
    answered = ~np.isnan(survey.table.numbers(column))
    weights = survey.weights * (answered if missing == "exclude" else 1.0)
    domains = survey.domains(by)
    codes, factor = _standard_factors(margin, domains, weights, empty)
    adjusted = survey.calibrated(weights * factor[codes], CellMeans.of([codes], weights))
    return adjusted.mean(column, by=by, covariance=covariance)


@checked
def standardised_share(
    k: ArrayLike,
    n: ArrayLike,
    standard: ArrayLike,
    *,
    collapse: Collapsing | None = None,
    design_effect: ArrayLike = 1.0,
    df: ArrayLike | None = None,
    confidence_level: float = 0.95,
) -> PostStratifiedShares:
    """Share of each unit with one standard mix of cells, from counts.

    Parameters
    ----------
    k, n : (U, G) array_like, 0 <= k <= n
        Satisfied and answering respondents of each unit in each cell.
    standard : (G,) array_like >= 0
        Mix of the cells in the standard population, such as all dossiers of the province.
    collapse, design_effect, df, confidence_level
        As in `analysis.weighting.poststratified_shares.poststratified_share`.

    Returns
    -------
    PostStratifiedShares
        A unit whose cells were collapsed is standardised over fewer: `n_collapsed` says so.

    Notes
    -----
    ``Σ_g N_g/N k_g/n_g`` with the variance of post-stratification.

    References
    ----------
    Little (1982), JASA 77:237-250.

    Examples
    --------
    >>> found = standardised_share([[8, 40], [80, 4]], [[10, 80], [100, 8]], [50, 50])
    >>> found.estimates.value.round(3).tolist(), found.raw_share.round(3).tolist()
    ([0.65, 0.65], [0.533, 0.778])
    """
    return poststratified_share(
        k,
        n,
        standard,
        collapse=collapse,
        design_effect=design_effect,
        df=df,
        confidence_level=confidence_level,
    )


def _standard_factors(
    margin: Margin, domains: Labels, weights: FloatArray, empty: str
) -> tuple[Any, FloatArray]:
    """Cell of each row in domain x margin, and the factor of each cell; a domain keeps its sum of weights."""
    size = len(margin.labels)
    codes = domains.codes * size + margin.codes
    sampled = cell_sums(weights, codes, len(domains) * size).reshape(len(domains), size)
    in_domain = sampled.sum(axis=1, keepdims=True)
    mix = margin.population / margin.population.sum()
    lost = (sampled <= 0) & (mix > 0) & (in_domain > 0)
    if lost.any() and empty == "refuse":
        domain, cell = np.argwhere(lost)[0].tolist()
        raise InvalidCounts(
            expected=f"respondents of every {margin.name} in every domain",
            got=f"none of {margin.labels[cell]!r} in {domains.values[domain]!r}",
            hint="collapse cells, leave the domain out, or pass empty='drop' and say so",
        )
    wanted = np.where(sampled > 0, mix, 0.0)
    wanted = in_domain * wanted / np.where(wanted.any(axis=1), wanted.sum(axis=1), 1.0)[:, None]
    factor = quotient(wanted, sampled, empty=0.0)
    return codes, factor.ravel()
