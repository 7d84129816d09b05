"""Every public function, called as its own example calls it, with one argument after another made wrong."""

import pytest

from tests.analysis.bad_input.calls import documented_calls, public_functions
from tests.analysis.bad_input.contract import breach
from tests.analysis.bad_input.mutations import is_inner, mutations

FUNCTIONS = {
    name: function for name, function in sorted(public_functions().items()) if not is_inner(function)
}

WITHOUT_EXAMPLE = {
    "comparing.equality.covariance_of",
    "counting.moments.item_moments",
    "counting.tallies.packed_answers",
    "disclosure.audit.require_threshold",
    "index.group_means",
    "index.item_means",
    "index.item_shares",
    "index.mean_of_factor_shares_index",
    "index.mean_of_item_shares_index",
    "index.mean_of_respondent_shares_index",
    "index.pooled_answers_index",
    "measurement.covariance.checked_covariance",
    "measurement.polychoric_fit.checked_tables",
    "regression.categories.text_of",
    "regression.ordinal.counted_answers",
    "surveys.estimation.share_estimates",
    "surveys.estimation.total_estimates",
    "surveys.linearisation.ratio_gradient",
    "weighting.raked_cells.cell_margins",
}
"""Tested for bad input in their own files; a new function has an example."""


def test_every_other_function_has_an_example_that_calls_it() -> None:
    assert {name for name, function in FUNCTIONS.items() if not documented_calls(function)} == WITHOUT_EXAMPLE


@pytest.mark.parametrize("name", sorted(FUNCTIONS.keys() - WITHOUT_EXAMPLE))
def test_wrong_argument_is_a_named_error_or_a_result_that_says_why(name: str) -> None:
    found = [
        f"{argument} = {what}: {said}"
        for call in documented_calls(FUNCTIONS[name])[:1]
        for argument, what, wrong in mutations(call)
        if (said := breach(wrong, argument=argument, what=what))
    ]
    assert not found, found
