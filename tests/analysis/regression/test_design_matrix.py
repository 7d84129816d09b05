"""Categories, and predictors as columns."""

import numpy as np
import pandas as pd
import pytest

from analysis.errors import InvalidCounts, InvalidOption, InvalidShape
from analysis.regression.categories import categories
from analysis.regression.design_matrix import columns_of_terms, design_matrix
from analysis.regression.separation import require_overlap
from analysis.surveys.columns import Table

DATA = Table.of({
    "kind": ["E", "H", "M", "", "E", "H"],
    "size": [1.0, 2.0, np.nan, 4.0, 5.0, 7.0],
    "wave": [1.0, 2.0, 2.0, 1.0, 2.0, 1.0],
})  # fmt: skip


def test_missing_answers_are_no_level() -> None:
    for column in (["b", "", "a"], ["b", None, "a"], np.array(["b", np.nan, "a"], dtype=object)):
        found = categories(Table.of({"x": np.array(column, dtype=object)}), "x")
        assert (found.levels, found.codes.tolist()) == (("a", "b"), [1, -1, 0])
    numbers = categories(Table.of({"x": [3.0, np.nan, 1.0]}), "x")
    assert (numbers.levels, numbers.codes.tolist()) == ((1.0, 3.0), [1, -1, 0])


def test_levels_may_be_given_in_their_order_also_as_text() -> None:
    found = categories(Table.of({"x": [3.0, 1.0, 2.0]}), "x", levels=["3", "2", "1"])
    assert found.codes.tolist() == [0, 2, 1]
    assert found.position(2) == 1
    with pytest.raises(InvalidShape, match="a level among"):
        categories(Table.of({"x": [3.0, 1.0]}), "x", levels=[1, 2])
    with pytest.raises(InvalidShape, match="distinct"):
        categories(Table.of({"x": [1.0]}), "x", levels=[1, "1"])


def test_treatment_coding_against_pandas() -> None:
    kinds = ["E", "H", "M", "E", "H", "M", "M"]
    found = design_matrix(Table.of({"kind": kinds}), ["kind"])
    wanted = pd.get_dummies(pd.Series(kinds), drop_first=True, dtype=float)
    assert found.names == ("(Intercept)", "kindH", "kindM")
    np.testing.assert_array_equal(found.values[:, 1:], wanted.to_numpy())


def test_incomplete_rows_are_not_used_nor_do_their_levels_count() -> None:
    found = design_matrix(DATA, ["kind", "size"])
    assert found.is_used.tolist() == [True, True, False, False, True, True]
    assert found.names == ("(Intercept)", "kindH", "size")
    assert not found.values[~found.is_used].any()


def test_a_base_makes_categories_of_numbers() -> None:
    assert design_matrix(DATA, ["wave"]).names == ("(Intercept)", "wave")
    assert design_matrix(DATA, ["wave"], bases={"wave": 2}).names == ("(Intercept)", "wave1")
    assert design_matrix(DATA, ["kind"], bases={"kind": "H"}).names == ("(Intercept)", "kindE", "kindM")


def test_interactions_are_products() -> None:
    table = Table.of({"kind": ["E", "H", "M"] * 4, "size": np.arange(12.0) ** 2, "top": [0, 1] * 6})
    found = design_matrix(table, ["kind", "size", "top", "kind:size", "kind:top"])
    assert found.names[-4:] == ("kindH:size", "kindM:size", "kindH:top", "kindM:top")
    at = {name: position for position, name in enumerate(found.names)}
    np.testing.assert_array_equal(
        found.values[:, at["kindH:size"]], found.values[:, at["kindH"]] * found.values[:, at["size"]]
    )
    assert columns_of_terms(found.terms, ["kind:top", "size"]) == [7, 8, 3]


def test_predictors_that_determine_each_other_are_named() -> None:
    table = Table.of({"a": [1.0, 2.0, 3.0, 5.0], "b": [2.0, 4.0, 6.0, 10.0], "one": [1.0] * 4})
    with pytest.raises(InvalidCounts, match=r"(a|b) known from the others"):
        design_matrix(table, ["a", "b"])
    with pytest.raises(InvalidCounts, match="known from the others"):
        design_matrix(table, ["one"])
    # A matter of direction, not of scale.
    assert design_matrix(
        Table.of({"a": [1e-8, 2e-8, 4e-8], "b": [1e8, 5e8, 2e8]}), ["a", "b"]
    ).values.shape == (3, 3)


def test_design_matrix_rejects_bad_input() -> None:
    with pytest.raises(InvalidShape, match="a column among"):
        design_matrix(DATA, ["colour"])
    with pytest.raises(InvalidOption, match="interactions of listed"):
        design_matrix(DATA, ["kind", "kind:size"])
    with pytest.raises(InvalidOption, match="bases of predictors"):
        design_matrix(DATA, ["kind"], bases={"size": 1})
    with pytest.raises(InvalidShape, match="a level among"):
        design_matrix(DATA, ["kind"], bases={"kind": "X"})
    with pytest.raises(InvalidCounts, match="two or more levels"):
        design_matrix(Table.of({"x": ["a", "a"]}), ["x"])
    with pytest.raises(InvalidCounts, match="rows with every answer"):
        design_matrix(Table.of({"x": ["", "a"], "y": [1.0, np.nan]}), ["x", "y"])
    with pytest.raises(InvalidOption):
        columns_of_terms({}, [])


def test_separation_is_found_whatever_the_scale() -> None:
    x, y = np.array([1.0, 2.0, 3.0, 4.0]), np.array([-1.0, -1.0, 1.0, 1.0])
    for scale in (1e-6, 1.0, 1e6):
        with pytest.raises(InvalidCounts, match="separation along"):
            require_overlap(y[:, None] * np.column_stack([np.ones(4), scale * x]), ("(Intercept)", "x"))
    require_overlap(y[[0, 2, 1, 3], None] * np.column_stack([np.ones(4), x]), ("(Intercept)", "x"))
    require_overlap(np.zeros((3, 1)), ("x",))
