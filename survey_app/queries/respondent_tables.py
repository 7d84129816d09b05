"""Released answers as columns for the analysis of respondents: never shown, only counted and correlated."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from survey_app.models import Response
from survey_app.queries.cells import CLUSTER
from survey_app.queries.joined import joined
from survey_app.queries.tallies import Scope, released_responses

COLUMNS = ("channel", "stage", "assisted_by", "field_id", "unit_id", "point_id", "collector")
GROUPS_AT_A_TIME = 4_000


@dataclass(frozen=True, slots=True, eq=False)
class Respondents:
    """N people: index of the unit, label of the cluster, values of columns, and bytes of the slots asked for.

    The order of the people says nothing; 0 stands for a value that is not known.
    """

    units: NDArray[np.int64]
    clusters: NDArray[np.int64]
    columns: dict[str, NDArray[Any]]
    answers: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.units)


def respondents(
    session: Session, scope: Scope, *, columns: Sequence[str] = (), slots: Sequence[int] = ()
) -> Respondents:
    """Everyone of the scope. Only the bytes of the slots are kept, so that a million people fit."""
    wanted = [getattr(Response, name) for name in columns]
    keys = tuple({column.key: column for column in wanted}.values())
    statement = released_responses(scope, Response.unit_id, *keys, joined(Response.answers))
    # A group lies in one cluster; labels of clusters come from what the groups share.
    labels: list[Any] = [column.label(f"k{place}") for place, column in enumerate(CLUSTER)]
    statement = statement.add_columns(*labels).group_by(*CLUSTER, *keys)
    places = {unit_id: place for place, unit_id in enumerate(scope.unit_ids)}
    known: dict[tuple[Any, ...], int] = {}
    parts: list[tuple[int, int, int, tuple[Any, ...]]] = []
    answers: list[NDArray[np.uint8]] = []
    result = session.execute(statement, execution_options={"yield_per": GROUPS_AT_A_TIME})
    for row in result:
        values, packed, cluster = row[1 : 1 + len(keys)], row[1 + len(keys)], tuple(row[2 + len(keys) :])
        matrix = np.frombuffer(packed, dtype=np.uint8).reshape(-1, scope.n_slots)
        answers.append(matrix[:, list(slots)])
        label = known.setdefault(cluster, len(known))
        parts.append((places[row[0]], label, len(matrix), tuple(values)))
    sizes = [size for _, _, size, _ in parts]
    by_key = {
        column.key: np.repeat(np.array([_value(values[i]) for *_, values in parts]), sizes)
        for i, column in enumerate(keys)
    }
    return Respondents(
        np.repeat(np.array([part[0] for part in parts], dtype=np.int64), sizes),
        np.repeat(np.array([part[1] for part in parts], dtype=np.int64), sizes),
        {name: by_key[name] for name in columns},
        np.concatenate(answers) if answers else np.zeros((0, len(slots)), dtype=np.uint8),
    )


def _value(value: Any) -> Any:
    return 0 if value is None else value
