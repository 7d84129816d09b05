"""What somebody asks to be changed in the registry, and the same as plain JSON that waits for its second person."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from survey_app.names import unit_label

MERGE, SPLIT, RENAME, MOVE, POPULATION = KINDS = ("merge", "split", "rename", "move", "population")
GUIDED = (MERGE, SPLIT, RENAME, MOVE)


@dataclass(frozen=True, slots=True)
class NewUnit:
    """A unit that the change makes, and the share of its predecessor's people in a split."""

    code: str
    name: str
    kind: str
    gso_code: str | None = None
    population: int | None = None
    share: float = 1.0

    @property
    def label(self) -> str:
        return unit_label(self.kind, self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRequest:
    """A change from a day on.

    `successors` are the units that a merger (one) or a split makes. `points`, `children` and `accounts` say to
    which of them, by its place, each goes; an account that goes nowhere ends. What is not named goes to the first.
    """

    kind: str
    unit_ids: tuple[int, ...]
    on: date
    successors: tuple[NewUnit, ...] = ()
    parent_id: int | None = None
    points: Mapping[int, int] = field(default_factory=dict)
    children: Mapping[int, int] = field(default_factory=dict)
    accounts: Mapping[int, int | None] = field(default_factory=dict)
    name: str = ""
    unit_kind: str = ""
    population: int | None = None


def to_payload(request: ChangeRequest) -> dict[str, Any]:
    plain = asdict(request)
    return plain | {
        "on": request.on.isoformat(),
        "unit_ids": list(request.unit_ids),
        "successors": [asdict(unit) for unit in request.successors],
        **{name: {str(key): value for key, value in plain[name].items()} for name in _MAPPINGS},
    }


def from_payload(payload: Mapping[str, Any]) -> ChangeRequest:
    return ChangeRequest(
        kind=payload["kind"],
        unit_ids=tuple(payload["unit_ids"]),
        on=date.fromisoformat(payload["on"]),
        successors=tuple(NewUnit(**unit) for unit in payload["successors"]),
        parent_id=payload["parent_id"],
        name=payload["name"],
        unit_kind=payload["unit_kind"],
        population=payload["population"],
        **{name: {int(key): value for key, value in payload[name].items()} for name in _MAPPINGS},
    )


_MAPPINGS = ("points", "children", "accounts")
