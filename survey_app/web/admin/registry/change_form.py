"""The form of a guided change, read into a request; what was typed is kept as it was for the next page."""

from dataclasses import dataclass, field
from datetime import date

from werkzeug.datastructures import MultiDict

from survey_app.errors import RegistryRefused
from survey_app.months import months_later
from survey_app.names import clean_name
from survey_app.services.cell_values import read_decimal
from survey_app.services.known_tables import BadValue
from survey_app.services.registry_changes.affected import Affected
from survey_app.services.registry_changes.requests import MERGE, MOVE, RENAME, SPLIT, ChangeRequest, NewUnit
from survey_app.services.registry_changes.targets import dealt
from survey_app.web.admin.registry.asked import day_of, whole_of
from survey_app.web.bodies import id_in

MOST_SUCCESSORS = 4
ENDS = "end"
MOST_UNITS_LISTED = 20


@dataclass(frozen=True, slots=True)
class Filled:
    """What stands in the fields: as typed, or filled in beforehand."""

    values: MultiDict[str, str] = field(default_factory=MultiDict)

    def __call__(self, name: str) -> str:
        return self.values.get(name, "")

    def hidden(self) -> list[tuple[str, str]]:
        """Every field but the token and the button, to be carried to the next page."""
        return [pair for pair in self.values.items(multi=True) if pair[0] not in ("csrf_token", "step")]


def unit_ids_of(values: MultiDict[str, str]) -> tuple[int, ...]:
    """The units chosen; what is no number is not a unit."""
    texts = values.getlist("unit")[: MOST_UNITS_LISTED + 1]
    return tuple(found for text in texts if (found := id_in(text)) is not None)


def n_successors(values: MultiDict[str, str]) -> int:
    text = values.get("n", "2")
    return int(text) if text in {"2", "3", "4"} else 2


def prefilled(kind: str, affected: Affected, on: date, n: int) -> Filled:
    """A first proposal: sums, equal parts, the name and kind of the largest unit, a code made of its own."""
    first = max(affected.units, key=lambda unit: unit.population or 0)
    known = [unit.population for unit in affected.units if unit.population is not None]
    values: MultiDict[str, str] = MultiDict()
    if kind == RENAME:
        values.update({"name": first.name, "unit_kind": first.kind})
    if kind == MERGE:
        total = str(sum(known)) if known else ""
        values.update(
            {
                "s0-name": first.name, "s0-kind": first.kind, "s0-code": f"{first.code}.{on.year}",
                "s0-population": total,
            }
        )  # fmt: skip
    if kind == SPLIT:
        people = dealt(sum(known) if known else None, [1.0] * n)
        shares = dealt(100, [1.0] * n)
        for place in range(n):
            total = "" if people[place] is None else str(people[place])
            values.update(
                {
                    f"s{place}-kind": first.kind, f"s{place}-code": f"{first.code}.{on.year}.{place + 1}",
                    f"s{place}-population": total, f"s{place}-share": str(shares[place]),
                }
            )  # fmt: skip
    return Filled(values)


def read_request(kind: str, values: MultiDict[str, str]) -> ChangeRequest:
    """The request that the fields make; a field that cannot be read is refused by its reason."""
    unit_ids, on = unit_ids_of(values), day_of(values, "on")
    if kind == RENAME:
        return ChangeRequest(
            kind=kind, unit_ids=unit_ids, on=on, name=clean_name(values.get("name", "")),
            unit_kind=values.get("unit_kind", ""),
        )  # fmt: skip
    if kind == MOVE:
        return ChangeRequest(kind=kind, unit_ids=unit_ids, on=on, parent_id=_parent(values, required=True))
    n = 1 if kind == MERGE else n_successors(values)
    return ChangeRequest(
        kind=kind,
        unit_ids=unit_ids,
        on=on,
        successors=tuple(_new_unit(values, place, is_split=kind == SPLIT) for place in range(n)),
        parent_id=_parent(values, required=False),
        points=_places(values, "point-"),
        children=_places(values, "child-"),
        accounts=_accounts(values),
    )


def usual_day(today: date) -> date:
    """The next first of a month: offices change at one, and no answer lies there yet."""
    return months_later(today, 1)


def _new_unit(values: MultiDict[str, str], place: int, *, is_split: bool) -> NewUnit:
    def typed(name: str) -> str:
        return values.get(f"s{place}-{name}", "").strip()

    population = None
    if typed("population"):
        population = whole_of(values, f"s{place}-population", reason="bad_population")
    return NewUnit(
        code=typed("code"),
        name=clean_name(typed("name")),
        kind=typed("kind"),
        gso_code=typed("gso") or None,
        population=population,
        share=_share(typed("share")) if is_split else 1.0,
    )


def _share(text: str) -> float:
    """A percentage with a comma or a point, as a share."""
    try:
        share = read_decimal(text) / 100
    except BadValue:
        raise RegistryRefused("shares_not_one") from None
    if not 0 < share <= 1:
        raise RegistryRefused("shares_not_one")
    return share


def _parent(values: MultiDict[str, str], *, required: bool) -> int | None:
    if not values.get("parent") and not required:
        return None
    return whole_of(values, "parent", reason="no_parent")


def _places(values: MultiDict[str, str], prefix: str) -> dict[int, int]:
    return {
        _number(name.removeprefix(prefix)): _number(value)
        for name, value in values.items()
        if name.startswith(prefix)
    }


def _accounts(values: MultiDict[str, str]) -> dict[int, int | None]:
    prefix = "account-"
    return {
        _number(name.removeprefix(prefix)): None if value == ENDS else _number(value)
        for name, value in values.items()
        if name.startswith(prefix)
    }


def _number(text: str) -> int:
    found = id_in(text)
    if found is None:
        raise RegistryRefused("unknown_place")
    return found
