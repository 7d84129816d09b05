"""A survey as an analyst has it: a table of answers with its design, turned into totals and estimates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from analysis.arguments import checked
from analysis.errors import InvalidCounts, InvalidShape
from analysis.surveys.columns import Labels, Table
from analysis.surveys.design_effects import kish_design_effect
from analysis.surveys.estimation import (
    Question,
    answered_pairs,
    ratio_estimates,
    share_estimates,
    total_estimates,
)
from analysis.surveys.linearisation import LONELY, Totals
from analysis.surveys.projection import Explained
from analysis.surveys.quantiles import woodruff_quantiles
from analysis.surveys.replicate_weights import ReplicateWeights
from analysis.surveys.replicates import ReplicateSurvey
from analysis.surveys.replication import bootstrap_weights, half_sample_weights, jackknife_weights
from analysis.surveys.stages import Stages, sampling_stages
from analysis.surveys.survey_estimates import SurveyEstimates
from analysis.types import FloatArray, IntArray
from analysis.validation import LARGEST, finite_array, level_of, numbers_of, require_known
from analysis.weighting.calibration import calibration
from analysis.weighting.margins import Variables
from analysis.weighting.poststratification import poststratification
from analysis.weighting.raking import raking
from analysis.weighting.standardisation import standardised_mean
from analysis.weighting.trimming import trimming


class Survey:
    """Answers of a sample with its design: strata, clusters, weights and finite populations.

    Parameters
    ----------
    data : mapping of str to (N,) array_like, or a dataframe
        One row per respondent (or sampled element). Missing numbers are NaN (empty cells of a dataframe).
    weights : str, optional
        Column of design weights, >= 0. Without it everyone counts once, or, where `fpc` tells how many there are,
        for as many as each stage's N / n.
    strata : str, optional
        Column of first-stage strata.
    clusters : str or sequence of str, optional
        Columns of clusters by stage, first stage first; labels count inside the stratum and the cluster above.
    fpc : str or sequence of str, optional
        By stage, the number of clusters in the population of the stratum (or all fractions <= 1). Only for a
        random sample: a self-selected stream has no finite population correction.
    lonely : {"adjust", "average", "remove", "certainty", "fail"}
        What a stratum with one sampled cluster adds (`analysis.surveys.linearisation.LONELY`).
    confidence_level : float in (0, 1)

    Raises
    ------
    InvalidCounts
        Missing or negative weights, all weights 0, no rows, a population smaller than its sample.
    InvalidShape
        Unknown columns, columns of different length.

    Notes
    -----
    Variances are linearised (Taylor), of the first stage with replacement, or of every stage with its finite
    population correction where `fpc` is given. A domain is a part of the whole design, never a smaller survey.

    References
    ----------
    Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, chapters 3-5 and 10.

    Examples
    --------
    >>> answers = {"unit": ["A", "A", "B", "B"], "rate": [5, 3, 4, 5], "top": [1, 0, 1, 1]}
    >>> survey = Survey(answers)
    >>> round(survey.mean("rate")["rate"].value, 2)
    4.25
    >>> survey.mean("top", by="unit")["B"].value
    1.0
    """

    @checked
    def __init__(
        self,
        data: Any,
        *,
        weights: str | None = None,
        strata: str | Sequence[str] | None = None,
        clusters: str | Sequence[str] = (),
        fpc: str | Sequence[str] = (),
        lonely: str = "adjust",
        confidence_level: float = 0.95,
    ) -> None:
        self.table = Table.of(data)
        if not self.table.n_rows:
            raise InvalidCounts(expected="at least one row", got="none", hint="an empty survey says nothing")
        require_known(lonely, LONELY, name="lonely")
        self.confidence_level = level_of(confidence_level)
        self.projections: tuple[Explained, ...] = ()
        self.stages: Stages = sampling_stages(
            self.table.n_rows,
            strata=None if strata is None else self.table.labels(strata).codes,
            clusters=[self.table.labels(name).codes for name in _listed(clusters)],
            populations=[self.table.complete(name) for name in _listed(fpc)],
            lonely=lonely,
        )
        self.weights: FloatArray = (
            self.stages.expansion if weights is None else _weights(self.table.complete(weights))
        )

    @property
    def n(self) -> int:
        """Rows."""
        return self.table.n_rows

    @property
    def df(self) -> int:
        """Degrees of freedom of the design: first-stage clusters minus strata."""
        return self.stages.df

    @property
    def kish_design_effect(self) -> float:
        """What unequal weights alone cost: n Σw² / (Σw)²."""
        return kish_design_effect(self.weights)

    def calibrated(
        self, weights: FloatArray, projection: Explained | None, *, allow_negative: bool = False
    ) -> Self:
        """The survey with new weights whose variances are those of residuals from the projection, if any."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        other.weights = weights if allow_negative else _weights(weights)
        other.projections = self.projections if projection is None else (*self.projections, projection)
        return other

    @checked
    def covariance(self, influence: ArrayLike, *, corrected: bool = True) -> FloatArray:
        """Design covariance of weighted sums Σ w u of columns u: the engine of every linearised variance.

        Parameters
        ----------
        influence : (N, d) array_like
            Unweighted values of each row, zero outside a domain.
        corrected : bool
            Whether finite population corrections count.

        Returns
        -------
        (d, d) ndarray
        """
        values = finite_array(influence, name="influence")
        if values.ndim != 2 or len(values) != self.n or not values.shape[1]:
            raise InvalidShape(
                expected=f"({self.n}, d) values", got=str(values.shape), hint="one row per respondent"
            )
        for projection in self.projections:
            values = projection.residuals(values)
        return self.stages.covariance(values * self.weights[:, None], corrected=corrected)

    @checked
    def totals(
        self, columns: Mapping[str, ArrayLike], *, by: str | Sequence[str] | None = None, df: str = "design"
    ) -> Totals:
        """Sufficient statistics: weighted totals of columns with their covariance, whole or by domain.

        Parameters
        ----------
        columns : mapping of str to (N,) array_like
            Finite values; of a variable with missing answers pass y r and r, r = 1 where answered.
        by : str or sequence of str, optional
            Columns whose labels make the domains.
        df : {"design", "domain"}
            Degrees of freedom of the whole design, or of the clusters and strata that hold the domain.

        Returns
        -------
        Totals
            What `analysis.index` and `analysis.surveys.linearisation` take; they add over separate samples.
        """
        values = _side_by_side(columns, self.n)
        return self.domain_totals(tuple(columns), values, self.domains(by), df=df)

    @checked
    def mean(
        self,
        columns: str | Sequence[str],
        *,
        by: str | Sequence[str] | None = None,
        df: str = "design",
        covariance: bool = False,
    ) -> SurveyEstimates:
        """Means of columns, whole or by domain; of a 0/1 column, shares with a plain t interval.

        Parameters
        ----------
        columns : str or sequence of str
            Rows with a missing answer are outside that column's mean, not outside the design.
        by, df
            As in `totals`.
        covariance : bool
            Keep the covariance between the figures, for contrasts.

        Returns
        -------
        SurveyEstimates

        Notes
        -----
        The ratio Σ w y / Σ w over those who answered; limits ``± t(df) se``.
        """
        question = Question(columns, by, df, "mean")
        return ratio_estimates(
            self, answered_pairs(self.table, question.names), question, covariance=covariance
        )

    def share(
        self,
        columns: str | Sequence[str],
        *,
        by: str | Sequence[str] | None = None,
        df: str = "design",
        interval: str = "auto",
    ) -> SurveyEstimates:
        """Shares of 0/1 columns with an interval inside [0, 1], whole or by domain.

        Parameters
        ----------
        columns : str or sequence of str
            1 where it holds, 0 where not, NaN where not answered.
        by, df
            As in `totals`.
        interval : str
            "auto" takes the one recommended for each share (`analysis.intervals.recommended`); or a name of
            `analysis.intervals.shares.design_interval`.

        Returns
        -------
        SurveyEstimates
            Where everyone or nobody is satisfied the sample gives no variance: the design effect of all shares
            together is borrowed.

        Examples
        --------
        >>> everyone = Survey({"top": [1] * 30}).share("top")["top"]
        >>> everyone.value, round(everyone.ci_low, 3)
        (1.0, 0.884)
        """
        return share_estimates(self, Question(columns, by, df, interval))

    @checked
    def ratio(
        self,
        numerator: str,
        denominator: str,
        *,
        by: str | Sequence[str] | None = None,
        df: str = "design",
        covariance: bool = False,
    ) -> SurveyEstimates:
        """Ratio of the totals of two columns, over rows that have both.

        Parameters
        ----------
        numerator, denominator : str
        by, df, covariance
            As in `mean`.

        Returns
        -------
        SurveyEstimates
            Labelled "numerator/denominator", or by domain.
        """
        y, x = self.table.numbers(numerator), self.table.numbers(denominator)
        both = ~(np.isnan(y) | np.isnan(x))
        name = f"{numerator}/{denominator}"
        pairs = {name: (np.where(both, y, 0.0), np.where(both, x, 0.0))}
        return ratio_estimates(self, pairs, Question(name, by, df, "ratio"), covariance=covariance)

    @checked
    def total(
        self, columns: str | Sequence[str], *, by: str | Sequence[str] | None = None, missing: str = "refuse"
    ) -> SurveyEstimates:
        """Totals of columns in the population.

        Parameters
        ----------
        columns : str or sequence of str
        by : str or sequence of str, optional
        missing : {"refuse", "zero"}
            A missing value makes a total unknown; "zero" counts it as none, and understates.

        Returns
        -------
        SurveyEstimates
        """
        require_known(missing, ("refuse", "zero"), name="missing")
        return total_estimates(
            self, Question(columns, by, "design", "total"), is_complete=missing == "refuse"
        )

    @checked
    def quantile(
        self, column: str, probabilities: ArrayLike, *, by: str | Sequence[str] | None = None
    ) -> SurveyEstimates:
        """Quantiles with Woodruff's intervals, whole or by domain.

        Parameters
        ----------
        column : str
            Rows with a missing answer are outside.
        probabilities : (P,) array_like in (0, 1)
        by : str or sequence of str, optional

        Returns
        -------
        SurveyEstimates
            Labelled by probability, or by pairs (domain, probability); NaN where a domain has no answer.

        Notes
        -----
        The smallest value whose weighted distribution function F reaches p; the limits are the quantiles at
        the t(df) limits of F at the estimate.

        References
        ----------
        Woodruff (1952), JASA 47:635-646. Francisco and Fuller (1991), Annals of Statistics 19:454-469.
        """
        return woodruff_quantiles(self, column, probabilities, domains=self.domains(by), is_whole=by is None)

    def domain_totals(
        self, columns: tuple[str, ...], values: FloatArray, domains: Labels, *, df: str
    ) -> Totals:
        """`totals` of finite (N, d) values in domains already labelled."""
        require_known(df, ("design", "domain"), name="df")
        size, codes, w = len(domains), domains.codes, self.weights
        weighted = values * w[:, None]
        covariance = self._domain_covariance(values, weighted, domains, corrected=True)
        uncorrected = (
            self._domain_covariance(values, weighted, domains, corrected=False)
            if self.stages.is_corrected
            else covariance
        )
        freedom = self.stages.domain_df(codes, size) if df == "domain" else np.full(size, self.df)
        return Totals(
            columns,
            np.bincount(codes, minlength=size),
            _sums(w[:, None], codes, size)[:, 0],
            _sums(values, codes, size),
            _sums(weighted, codes, size),
            covariance,
            uncorrected,
            _products(values, weighted, codes, size),
            freedom.astype(np.float64),
        )

    def _domain_covariance(
        self, values: FloatArray, weighted: FloatArray, domains: Labels, *, corrected: bool
    ) -> FloatArray:
        if not self.projections:
            return self.stages.domain_covariance(weighted, domains.codes, len(domains), corrected=corrected)
        # Residuals are not zero outside the domain, so each domain needs its own.
        return np.array([
            self.covariance(values * (domains.codes == domain)[:, None], corrected=corrected)
            for domain in range(len(domains))
        ])  # fmt: skip

    @checked
    def domains(self, by: str | Sequence[str] | None) -> Labels:
        """Domains that columns make of the rows; one, named "", without columns."""
        if by is None:
            return Labels(("",), np.zeros(self.n, dtype=np.int64))
        return self.table.labels(by)

    def poststratified(self, margin: Mapping[Variables, Mapping[Any, float]], **rule: Any) -> Survey:
        """Weighted to the sizes of cells: `analysis.weighting.poststratification.poststratification`."""
        if len(margin) != 1:
            raise InvalidShape(
                expected="one margin",
                got=f"{len(margin)}",
                hint="cross variables as a pair, or rake to several",
            )
        ((variables, population),) = margin.items()
        return poststratification(self, variables, population, **rule).survey

    @checked
    def raked(self, margins: Mapping[Variables, Mapping[Any, float]], **options: Any) -> Survey:
        """Weighted to several margins: `analysis.weighting.raking.raking`."""
        return raking(self, margins, **options).survey

    @checked
    def calibrated_to(self, totals: Mapping[str, float], **options: Any) -> Survey:
        """Weighted to known totals: `analysis.weighting.calibration.calibration`."""
        return calibration(self, totals, **options).survey

    def trimmed(self, **rule: Any) -> Survey:
        """Without extreme weights: `analysis.weighting.trimming.trimming`."""
        return trimming(self, **rule).survey

    @checked
    def standardised_mean(
        self, column: str, standard: Mapping[Variables, Mapping[Any, float]], **options: Any
    ) -> SurveyEstimates:
        """Means of domains with one mix of cells: `analysis.weighting.standardisation.standardised_mean`."""
        return standardised_mean(self, column, standard, **options)

    def jackknife(self, **options: Any) -> ReplicateSurvey:
        """With delete-one-cluster replicates: `analysis.surveys.replication.jackknife_weights`."""
        return self._replicated(jackknife_weights(self, **options))

    def half_samples(self, **options: Any) -> ReplicateSurvey:
        """With balanced half samples: `analysis.surveys.replication.half_sample_weights`."""
        return self._replicated(half_sample_weights(self, **options))

    @checked
    def bootstrap(self, n_replicates: int, **options: Any) -> ReplicateSurvey:
        """With bootstrap replicates: `analysis.surveys.replication.bootstrap_weights`."""
        return self._replicated(bootstrap_weights(self, n_replicates, **options))

    def _replicated(self, replicates: ReplicateWeights) -> ReplicateSurvey:
        return ReplicateSurvey.of(self.table, replicates, confidence_level=self.confidence_level)


def _weights(weights: FloatArray) -> FloatArray:
    if not np.isfinite(weights).all() or (weights < 0).any() or not weights.any():
        raise InvalidCounts(
            expected="finite weights >= 0, not all 0",
            got=f"from {weights.min():g} to {weights.max():g}",
            hint="a weight says how many people a respondent stands for",
        )
    return weights


def _finite(column: ArrayLike, name: str) -> FloatArray:
    values = numbers_of(column, name=name)
    if not (np.abs(values) <= LARGEST).all():
        raise InvalidCounts(
            expected=f"finite {name}",
            got="NaN or infinity",
            hint="pass y r and r, with r = 1 where answered and y r = 0 elsewhere",
        )
    return values


def _side_by_side(columns: Mapping[str, ArrayLike], n_rows: int) -> FloatArray:
    found = [_finite(column, name) for name, column in columns.items()]
    if not found or any(column.shape != (n_rows,) for column in found):
        raise InvalidShape(
            expected=f"one or more columns of {n_rows} values",
            got=", ".join(str(column.shape) for column in found)[:60] or "none",
            hint="one value per respondent",
        )
    return np.column_stack(found)


def _listed(names: str | Sequence[str]) -> list[str]:
    return [names] if isinstance(names, str) else list(names)


def _sums(values: FloatArray, codes: IntArray, size: int) -> FloatArray:
    return np.column_stack([
        np.bincount(codes, weights=column, minlength=size).astype(np.float64) for column in values.T
    ])  # fmt: skip


def _products(values: FloatArray, weighted: FloatArray, codes: IntArray, size: int) -> FloatArray:
    d = values.shape[1]
    products = np.zeros((size, d, d))
    for i in range(d):
        for j in range(i + 1):
            products[:, i, j] = np.bincount(codes, weights=weighted[:, i] * values[:, j], minlength=size)
            products[:, j, i] = products[:, i, j]
    return products
