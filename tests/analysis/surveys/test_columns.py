"""Tables read from mappings and dataframes."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from analysis import Survey
from analysis.errors import InvalidCounts, InvalidShape, StatisticsError
from analysis.surveys.columns import Table

DATA = {"unit": ["B", "A", "B"], "rate": [5.0, None, 3.0]}


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame], ids=["pandas", "polars"])
def test_any_dataframe_gives_the_same_columns(make: type) -> None:
    table = Table.of(make(DATA))
    assert table.n_rows == 3
    np.testing.assert_equal(table.numbers("rate"), [5.0, np.nan, 3.0])
    assert table.labels("unit").values == ("A", "B")
    assert table.labels("unit").codes.tolist() == [1, 0, 1]


def test_labels_of_several_columns_are_pairs_in_order() -> None:
    labels = Table.of({"a": [2, 1, 2, 2], "b": ["y", "x", "x", "y"]}).labels(["a", "b"])
    assert labels.values == ((1, "x"), (2, "x"), (2, "y"))
    assert labels.codes.tolist() == [2, 0, 1, 2]


def test_survey_of_a_dataframe_equals_that_of_a_mapping() -> None:
    columns = {"top": [1.0, 0.0, 1.0], "unit": ["A", "A", "B"]}
    one, other = (Survey(data).mean("top", by="unit").estimates for data in (columns, pl.DataFrame(columns)))
    np.testing.assert_array_equal(one.value, other.value)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({}, InvalidShape),
        ({"a": [1, 2], "b": [1]}, InvalidShape),
        ({"a": [[1, 2], [3, 4]]}, InvalidShape),
        ([1, 2, 3], InvalidShape),
    ],
)
def test_table_rejects_bad_input(data: object, error: type[StatisticsError]) -> None:
    with pytest.raises(error):
        Table.of(data)


@pytest.mark.parametrize("missing", [np.array([1.0, np.nan]), np.array(["A", None], dtype=object)])
def test_missing_label_is_refused_with_a_hint(missing: np.ndarray) -> None:
    with pytest.raises(InvalidCounts, match="unit known for every row"):
        Table.of({"unit": missing}).labels("unit")


def test_words_and_infinity_are_no_numbers() -> None:
    table = Table.of({"word": ["x", "y"], "endless": [1.0, np.inf]})
    with pytest.raises(InvalidShape):
        table.numbers("word")
    with pytest.raises(InvalidCounts):
        table.numbers("endless")
    with pytest.raises(InvalidShape, match="among word, endless"):
        table.raw("absent")
