"""A survey with replicate weights: any estimate, and its variance from how it varies over the replicates."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.arguments import checked
from analysis.arithmetic import quotient
from analysis.errors import InvalidShape
from analysis.surveys.columns import Labels, Table
from analysis.surveys.linearisation import Linearised
from analysis.surveys.replicate_calibration import calibrated_replicates, raked_replicates
from analysis.surveys.replicate_quantiles import replicate_quantiles
from analysis.surveys.replicate_weights import ReplicateWeights, supplied_replicates
from analysis.surveys.survey_estimates import SurveyEstimates, t_estimates
from analysis.types import FloatArray, IntArray
from analysis.validation import level_of, require_known
from analysis.weighting.cell_means import cell_sums
from analysis.weighting.margins import Variables

Names = str | Sequence[str]


class ReplicateSurvey:
    """Answers of a sample with R sets of replicate weights in place of a design.

    Parameters
    ----------
    data : mapping of str to (N,) array_like, or a dataframe
        One row per respondent; missing numbers are NaN.
    weights : str
        Column of the full sample's weights.
    replicates : sequence of str or (N, R) array_like
        Columns of replicate weights, or the weights.
    confidence_level : float in (0, 1)
    **constants
        `method`, `scale`, `rscales`, `rho`, `mse`, `df`, `combined` of
        `analysis.surveys.replicate_weights.supplied_replicates`.

    Notes
    -----
    ``var = scale Σ rscales_r (θ_r - θ̄)²``. Limits ``± t(df) se``. A figure that some replicate cannot have,
    because nobody of the domain is in it, has no variance: infinite limits.

    References
    ----------
    Rust and Rao (1996), Statistical Methods in Medical Research 5:283-310.

    Examples
    --------
    >>> answers = {"top": [1, 0, 1], "w": [1, 1, 1], "a": [0, 1.5, 1.5], "b": [1.5, 0, 1.5], "c": [1.5, 1.5, 0]}
    >>> survey = ReplicateSurvey(answers, weights="w", replicates=["a", "b", "c"], method="JK1")
    >>> found = survey.mean("top")["top"]
    >>> round(found.value, 4), round(found.standard_error, 4)
    (0.6667, 0.3333)
    """

    def __init__(
        self,
        data: Any,
        *,
        weights: str,
        replicates: Sequence[str] | ArrayLike,
        confidence_level: float = 0.95,
        **constants: Any,
    ) -> None:
        table = Table.of(data)
        matrix: Any = replicates
        if isinstance(replicates, Sequence) and all(isinstance(name, str) for name in replicates):
            matrix = np.column_stack([table.complete(str(name)) for name in replicates])
        self._set(table, supplied_replicates(table.complete(weights), matrix, **constants), confidence_level)

    @classmethod
    def of(
        cls, table: Table, replicates: ReplicateWeights, *, confidence_level: float = 0.95
    ) -> ReplicateSurvey:
        """A table with replicate weights made by `analysis.surveys.replication`."""
        survey = object.__new__(cls)
        survey._set(table, replicates, confidence_level)
        return survey

    def _set(self, table: Table, replicates: ReplicateWeights, confidence_level: float) -> None:
        if len(replicates.full) != table.n_rows:
            raise InvalidShape(
                expected=f"weights of {table.n_rows} rows", got=str(len(replicates.full)),
                hint="replicate weights come in the order of the rows",
            )  # fmt: skip
        self.table, self.replicates = table, replicates
        self.confidence_level = level_of(confidence_level)

    @property
    def n(self) -> int:
        """Rows."""
        return self.table.n_rows

    @property
    def weights(self) -> FloatArray:
        """Weights of the full sample."""
        return self.replicates.full

    @property
    def df(self) -> float:
        """Degrees of freedom of the replicates."""
        return self.replicates.df

    @checked
    def mean(self, columns: Names, *, by: Names | None = None, covariance: bool = False) -> SurveyEstimates:
        """Means of columns, of a 0/1 column shares, whole or by domain; as `Survey.mean`."""
        pairs = {}
        for name in _listed(columns):
            y = self.table.numbers(name)
            answered = ~np.isnan(y)
            pairs[name] = np.where(answered, y, 0.0), answered.astype(np.float64)
        return self._ratios(pairs, columns, by, covariance, method="mean")

    @checked
    def share(
        self, column: str, of: Any, *, by: Names | None = None, covariance: bool = False
    ) -> SurveyEstimates:
        """Share of those who answered `column` with one of the labels `of`, whole or by domain."""
        raw = self.table.raw(column)
        is_number = raw.dtype.kind in "biuf"
        values = self.table.numbers(column) if is_number else raw
        answered = ~np.isnan(values) if is_number else np.array([v is not None and v == v for v in raw])  # noqa: PLR0124
        wanted = list(of) if isinstance(of, (list, tuple, set, frozenset, np.ndarray)) else [of]
        held = answered & np.isin(values, wanted)
        pair = {column: (held.astype(np.float64), answered.astype(np.float64))}
        return self._ratios(pair, column, by, covariance, method="mean")

    @checked
    def ratio(
        self, numerator: str, denominator: str, *, by: Names | None = None, covariance: bool = False
    ) -> SurveyEstimates:
        """Ratio of the totals of two columns, over rows that have both; as `Survey.ratio`."""
        y, x = self.table.numbers(numerator), self.table.numbers(denominator)
        both = ~(np.isnan(y) | np.isnan(x))
        name = f"{numerator}/{denominator}"
        pairs = {name: (np.where(both, y, 0.0), np.where(both, x, 0.0))}
        return self._ratios(pairs, name, by, covariance, method="ratio")

    @checked
    def total(
        self, columns: Names, *, by: Names | None = None, missing: str = "refuse", covariance: bool = False
    ) -> SurveyEstimates:
        """Totals of columns in the population; as `Survey.total`."""
        require_known(missing, ("refuse", "zero"), name="missing")
        domains = self.domains(by)
        parts = []
        for name in _listed(columns):
            y = self.table.numbers(name) if missing == "zero" else self.table.complete(name)
            parts.append(self.replicates.sums(np.nan_to_num(y), domains.codes, len(domains)))
        people = cell_sums(np.ones(self.n), domains.codes, len(domains))
        unknown = np.full(len(domains) * len(parts), np.nan)
        labels = _names(_listed(columns), columns, domains, by)
        return self._result(parts, unknown, np.tile(people, len(parts)), labels, covariance, method="total")

    @checked
    def quantile(self, column: str, probabilities: ArrayLike, *, by: Names | None = None) -> SurveyEstimates:
        """Quantiles with Woodruff's limits, the variance of the distribution function from the replicates.

        Parameters
        ----------
        column : str
        probabilities : (P,) array_like in (0, 1)
        by : str or sequence of str, optional

        Returns
        -------
        SurveyEstimates
            Labelled by probability, or by pairs (domain, probability).

        Notes
        -----
        A jackknife of the quantile itself would be inconsistent; one of the share below it is not.

        References
        ----------
        Woodruff (1952), JASA 47:635-646. Kovar, Rao and Wu (1988), Canadian Journal of Statistics 16 S:25-45.
        """
        return replicate_quantiles(self, column, probabilities, domains=self.domains(by), is_whole=by is None)

    def estimate(
        self, statistic: Callable[[FloatArray], Any], *, labels: Sequence[Any] | None = None
    ) -> SurveyEstimates:
        """Any function of the weights, such as a regression coefficient or an index.

        Parameters
        ----------
        statistic : callable
            Takes weights (N,) and returns a number or (K,) numbers; called R + 1 times.
        labels : sequence, optional
            Names of the K numbers; their positions where not given.

        Returns
        -------
        SurveyEstimates
            With the covariance between the numbers.

        Examples
        --------
        >>> from analysis import Survey
        >>> survey = Survey({"y": [1.0, 2.0, 4.0, 8.0]}).jackknife()
        >>> found = survey.estimate(lambda w: np.exp(w @ np.log([1, 2, 4, 8]) / w.sum()), labels=["geometric"])
        >>> round(found["geometric"].value, 4)
        2.8284
        """
        every = [self.weights, *self.replicates.matrix().T]
        full, *sets = (np.atleast_1d(np.asarray(statistic(own), dtype=np.float64)) for own in every)
        if full.ndim != 1 or any(found.shape != full.shape for found in sets):
            raise InvalidShape(
                expected="a number or a fixed list of numbers", got=f"{full.shape} of the full sample",
                hint="return the same figures for every set of weights",
            )  # fmt: skip
        names = tuple(range(len(full))) if labels is None else tuple(labels)
        if len(names) != len(full):
            raise InvalidShape(expected=f"{len(full)} labels", got=str(len(names)), hint="one per figure")
        people = np.full(len(full), (self.weights > 0).sum())
        unknown = np.full(len(full), np.nan)
        return self._result([(full, np.array(sets).T)], unknown, people, names, True, method="replicates")

    @checked
    def poststratified(self, margin: Mapping[Variables, Mapping[Any, float]]) -> ReplicateSurvey:
        """Every replicate weighted to the sizes of cells: raking to one margin."""
        return self.raked(margin)

    @checked
    def raked(self, margins: Mapping[Variables, Mapping[Any, float]], **options: Any) -> ReplicateSurvey:
        """Every replicate raked: `analysis.surveys.replicate_calibration.raked_replicates`."""
        return self._with(raked_replicates(self, margins, **options))

    @checked
    def calibrated_to(self, totals: Mapping[str, float], **options: Any) -> ReplicateSurvey:
        """Every replicate calibrated: `analysis.surveys.replicate_calibration.calibrated_replicates`."""
        return self._with(calibrated_replicates(self, totals, **options))

    def _with(self, replicates: ReplicateWeights) -> ReplicateSurvey:
        return ReplicateSurvey.of(self.table, replicates, confidence_level=self.confidence_level)

    @checked
    def domains(self, by: Names | None) -> Labels:
        """Domains that columns make of the rows; one, named "", without columns."""
        if by is None:
            return Labels(("",), np.zeros(self.n, dtype=np.int64))
        return self.table.labels(by)

    def _ratios(
        self,
        pairs: Mapping[str, tuple[FloatArray, FloatArray]],
        asked: Names,
        by: Names | None,
        covariance: bool,
        *,
        method: str,
    ) -> SurveyEstimates:
        domains = self.domains(by)
        parts, simple, people = [], [], []
        for y, x in pairs.values():
            (above, aboves), (below, belows) = (
                self.replicates.sums(values, domains.codes, len(domains)) for values in (y, x)
            )
            value = quotient(above, below)
            parts.append((value, quotient(aboves, belows)))
            simple.append(self._simple_variance(y, x, value, below, domains))
            people.append(cell_sums((x != 0).astype(np.float64), domains.codes, len(domains)))
        labels = _names(list(pairs), asked, domains, by)
        return self._result(
            parts, np.concatenate(simple), np.concatenate(people), labels, covariance, method=method
        )

    def _simple_variance(
        self, y: FloatArray, x: FloatArray, value: FloatArray, below: FloatArray, domains: Labels
    ) -> FloatArray:
        """That of a ratio from as many independent respondents: those who answered, with their own weights."""
        codes, size, answered = domains.codes, len(domains), (x != 0).astype(np.float64)
        squares = cell_sums(self.weights * (y - np.nan_to_num(value)[codes] * x) ** 2, codes, size)
        n, total = cell_sums(answered, codes, size), cell_sums(self.weights * answered, codes, size)
        return np.where(n > 1, quotient(squares * total, np.maximum(n - 1, 1) * below**2), np.nan)

    def _result(
        self,
        parts: list[tuple[FloatArray, FloatArray]],
        simple: FloatArray,
        people: FloatArray | IntArray,
        labels: tuple[Any, ...],
        covariance: bool,
        *,
        method: str,
    ) -> SurveyEstimates:
        value = np.concatenate([full for full, _ in parts])
        distances = self.replicates.deviations(value, np.concatenate([sets for _, sets in parts]))
        found = Linearised(
            value, (distances**2).sum(axis=1), simple, np.full(len(value), self.df), np.ones(len(value))
        )
        estimates = t_estimates(
            found, people.astype(np.int64), method=method, confidence_level=self.confidence_level
        )
        return SurveyEstimates(labels, estimates, distances @ distances.T if covariance else None)


def _listed(names: Names) -> list[str]:
    return [names] if isinstance(names, str) else list(names)


def _names(names: list[str], asked: Names, domains: Labels, by: Names | None) -> tuple[Any, ...]:
    if by is None:
        return tuple(names)
    if isinstance(asked, str):
        return domains.values
    return tuple((name, domain) for name in names for domain in domains.values)
