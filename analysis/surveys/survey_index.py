"""The named indices of a survey held as a table: items in columns, factors as lists of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.arguments import checked
from analysis.arithmetic import quotient
from analysis.design import Survey
from analysis.errors import InvalidShape
from analysis.index import AS_ESTIMATED, INDEX_DEFINITIONS, Inference
from analysis.surveys.survey_estimates import SurveyEstimates
from analysis.types import FloatArray, IntArray
from analysis.validation import require_groups, require_known

DEFINITIONS = tuple(INDEX_DEFINITIONS)


@dataclass(frozen=True, slots=True)
class _Layout:
    index_group_names: tuple[str, ...]
    n_items: int

    @property
    def index_slots(self) -> IntArray:
        return np.arange(self.n_items)


@checked
def survey_index(
    survey: Survey,
    factors: Mapping[str, Sequence[str]],
    *,
    satisfied_from: float,
    definition: str = "mean_of_factor_shares",
    by: str | Sequence[str] | None = None,
    inference: Inference = AS_ESTIMATED,
) -> SurveyEstimates:
    """Index of satisfied answers, whole or by domain, under the survey's design.

    Parameters
    ----------
    survey : Survey
    factors : mapping of str to sequence of str
        Columns of the items of each factor; NaN where not answered.
    satisfied_from : float
        Lowest answer that counts as satisfied.
    definition : str
        "pooled_answers", "mean_of_item_shares", "mean_of_factor_shares" or "mean_of_respondent_shares".
    by : str or sequence of str, optional
    inference : Inference

    Returns
    -------
    SurveyEstimates
        NaN in a domain where an item or factor that the definition needs has no answer.

    Notes
    -----
    As `analysis.index`, where each definition has its formula; a person who answered no item is left out.

    Examples
    --------
    >>> answers = {"a": [5, 4, 2, 5], "b": [5, 2, 2, 4], "c": [4, 5, 1, 5]}
    >>> index = survey_index(Survey(answers), {"F1": ["a", "b"], "F2": ["c"]}, satisfied_from=4)
    >>> round(index["index"].value, 4)
    0.6875
    """
    require_known(definition, DEFINITIONS, name="definition")
    require_groups(factors, name="factors")
    items = [item for group in factors.values() for item in group]
    if not items or len(set(items)) < len(items):
        raise InvalidShape(
            expected="every item in one factor", got=f"{items}"[:80], hint="name each column once"
        )
    answers = np.column_stack([survey.table.numbers(item) for item in items])
    answered = ~np.isnan(answers)
    satisfied = answered & (np.nan_to_num(answers, nan=-np.inf) >= satisfied_from)
    columns = _columns(satisfied.astype(float), answered.astype(float), factors)
    for slot in range(len(items) if definition == "mean_of_item_shares" else 0):
        columns[f"t:{slot}"] = satisfied[:, slot].astype(float)
        columns[f"r:{slot}"] = answered[:, slot].astype(float)
    totals = survey.totals(columns, by=by)
    estimates = INDEX_DEFINITIONS[definition](
        totals, _Layout(tuple(factors), len(items)), inference=inference
    )
    return SurveyEstimates(("index",) if by is None else survey.domains(by).values, estimates)


def _columns(
    satisfied: FloatArray, answered: FloatArray, factors: Mapping[str, Sequence[str]]
) -> dict[str, FloatArray]:
    """Each respondent's s and r of every factor, own share c, complete e, and i for any answer."""
    columns, start = {}, 0
    for name, items in factors.items():
        part = slice(start, start + len(items))
        columns[f"s:{name}"], columns[f"r:{name}"] = (
            satisfied[:, part].sum(axis=1),
            answered[:, part].sum(axis=1),
        )
        start += len(items)
    total = answered.sum(axis=1)
    anything = (total > 0).astype(float)
    own = quotient(satisfied.sum(axis=1), total, empty=0.0)
    return columns | {"c": own, "e": anything, "i": anything}
