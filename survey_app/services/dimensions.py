"""What people can be told apart by, from an allow-list: columns of the response, kinds of units, closed questions."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from analysis.types import IntArray
from survey_app.errors import NotFound
from survey_app.queries.respondent_tables import Respondents, respondents
from survey_app.queries.units import UnitRow, service_fields
from survey_app.services.breakdowns import DIMENSIONS
from survey_app.services.counting import Part
from survey_app.services.form_items import Item
from survey_app.services.forms import Form
from survey_app.vocabulary import label

OVERALL_SATISFIED = "satisfied"
COLUMNS = ("channel", "stage", "assisted_by", "field_id")
ASKED_KINDS = ("satisfaction", "profile", "fact", "assertion")
MOST_CATEGORIES = 12
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Category:
    """One value of a dimension in words."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Dimension:
    """A dimension with its categories in order; `column` of the response, or `item` of the form, or neither.

    The last category is everyone of whom it is not known, so that all tables of one form have the same total.
    """

    code: str
    label: str
    categories: tuple[Category, ...]
    column: str | None
    item: Item | None
    values: tuple[int, ...]

    @property
    def is_question(self) -> bool:
        return self.item is not None


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """Categories of each dimension for everyone, the last where not known, with clusters and units."""

    people: Respondents
    codes: tuple[IntArray, ...]
    n_categories: tuple[int, ...]

    def is_known(self, place: int) -> NDArray[np.bool_]:
        return np.asarray(self.codes[place] < self.n_categories[place] - 1)


@dataclass(frozen=True, slots=True)
class Words:
    """What a page calls dimensions that are not questions."""

    titles: Mapping[str, str]
    kinds: Mapping[str, str]
    satisfied: tuple[str, str]
    unknown: str


def dimensions(session: Session, form: Form, words: Words, *, language: str) -> tuple[Dimension, ...]:
    """All that the form and the responses offer, in the order of the page."""
    found = [_satisfied(form.headline, words)]
    for name in ("channel", "stage", "assisted_by"):
        codes = [code for code in DIMENSIONS[name] if code]
        categories = tuple(Category(code.name.lower(), label(code, language)) for code in codes)
        values = tuple(int(code) for code in codes)
        found.append(Dimension(name, words.titles[name], categories, name, None, values))
    fields = service_fields(session)
    names = tuple(Category(each.code, each.name_vi if language == "vi" else each.name_en) for each in fields)
    found.append(
        Dimension("field", words.titles["field"], names, "field_id", None, tuple(each.id for each in fields))
    )
    kinds = tuple(Category(code, title) for code, title in words.kinds.items())
    found.append(
        Dimension("unit_kind", words.titles["unit_kind"], kinds, None, None, tuple(range(len(kinds))))
    )
    found += [_question(item, language) for item in form.items if _may_be_crossed(item)]
    rest = Category(UNKNOWN, words.unknown)
    return tuple(replace(each, categories=(*each.categories, rest)) for each in found)


def dimension(found: tuple[Dimension, ...], code: str) -> Dimension:
    """The dimension of that code; what is not on the list does not exist."""
    for each in found:
        if each.code == code:
            return each
    raise NotFound(f"dimension {code[:40]}")


def coded(session: Session, part: Part, chosen: tuple[Dimension, ...], units: Mapping[int, UnitRow]) -> Coded:
    """Everyone's categories of the chosen dimensions, read once."""
    columns = tuple(dict.fromkeys(each.column for each in chosen if each.column))
    slots = tuple(each.item.slot if each.item else 0 for each in chosen)
    people = respondents(session, part.scope, columns=columns, slots=slots)
    kinds = np.array([units[unit_id].kind for unit_id in part.scope.unit_ids])
    return Coded(
        people,
        tuple(
            np.where(found < 0, len(each.categories) - 1, found)
            for each, found in (
                (each, _codes(each, people, place, kinds)) for place, each in enumerate(chosen)
            )
        ),
        tuple(len(each.categories) for each in chosen),
    )


def _codes(dimension: Dimension, people: Respondents, place: int, kinds: NDArray[np.str_]) -> IntArray:
    if dimension.code == OVERALL_SATISFIED and dimension.item is not None:
        return _looked_up(people.answers[:, place], _satisfaction(dimension.item))
    if dimension.item is not None:
        return _looked_up(people.answers[:, place], {v: i for i, v in enumerate(dimension.values)})
    if dimension.column is not None:
        return _looked_up(people.columns[dimension.column], {v: i for i, v in enumerate(dimension.values)})
    order = {category.code: place for place, category in enumerate(dimension.categories)}
    by_unit = np.array([order.get(str(kind), -1) for kind in kinds], dtype=np.int64)
    return by_unit[people.units] if len(people) else np.zeros(0, dtype=np.int64)


def _looked_up(values: NDArray[Any], codes: Mapping[int, int]) -> IntArray:
    table = np.full(max([255, *codes]) + 1, -1, dtype=np.int64)
    for value, code in codes.items():
        table[value] = code
    return np.asarray(table[np.asarray(values, dtype=np.int64)])


def _satisfaction(item: Item) -> dict[int, int]:
    return {choice.position: 0 if choice.is_satisfied else 1 for choice in item.choices}


def _satisfied(item: Item, words: Words) -> Dimension:
    categories = (Category("yes", words.satisfied[0]), Category("no", words.satisfied[1]))
    return Dimension(OVERALL_SATISFIED, words.titles[OVERALL_SATISFIED], categories, None, item, (0, 1))


def _may_be_crossed(item: Item) -> bool:
    """Closed questions with one answer; what is asked in confidence is crossed with nothing."""
    return item.kind in ASKED_KINDS and not item.is_multiple and 1 < len(item.choices) <= MOST_CATEGORIES


def _question(item: Item, language: str) -> Dimension:
    categories = tuple(Category(choice.code, choice.label.in_language(language)) for choice in item.choices)
    values = tuple(choice.position for choice in item.choices)
    return Dimension(item.code, item.text.in_language(language), categories, None, item, values)
