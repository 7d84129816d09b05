"""The nine indicators of how procedures are handled: points, totals and classes as the chosen text writes them.

They are counted on files and on units, not on people's answers, and are never added to a share of satisfied people.
Everything is decimal arithmetic: a total of exactly 15 is in the class that begins at 15.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from survey_app.errors import InvalidField, NotFound
from survey_app.models import IndicatorChoice, IndicatorCount
from survey_app.queries import indicators, questionnaire_drafts, tallies, units
from survey_app.queries.calendar import PeriodRow
from survey_app.queries.indicators import ChosenSet, PointCount
from survey_app.queries.units import UnitRow
from survey_app.services import accounts, audit, counting
from survey_app.services.figures import PeriodChoice
from survey_app.services.policy import current_policy

SEED = Path(__file__).resolve().parents[2] / "seeds" / "other_numbers.json"
MAX_BASIS = 400
MAX_OFFICER = 40
MAX_COUNT = 10_000_000
POINTS = (2, 1, 0)


@dataclass(frozen=True, slots=True)
class IndicatorScore:
    """One indicator: how many files got 2, 1 and 0 points, and its points; None where nothing is known.

    `is_from_forms` marks counts of answers instead of files.
    """

    number: int
    title: str
    counts: tuple[int, int, int] | None
    points: Decimal | None
    is_from_forms: bool = False


@dataclass(frozen=True, slots=True)
class IndicatorTotal:
    """A sum of points; `title` of its class only where no indicator is missing, as the bounds are not rescaled."""

    subject: str
    scores: tuple[IndicatorScore, ...]
    points: Decimal
    max_points: Decimal
    missing: tuple[int, ...]
    class_title: str | None


@dataclass(frozen=True, slots=True)
class ClassBound:
    """From how many points on a class begins."""

    at_least: Decimal
    title: str


@dataclass(frozen=True, slots=True)
class IndicatorPage:
    """The nine indicators of a unit in a period; `chosen` is None while the office has named no legal basis."""

    unit: UnitRow
    period: PeriodChoice
    chosen: ChosenSet | None
    title: str
    rule: str
    total: IndicatorTotal | None
    officers: tuple[IndicatorTotal, ...]
    bounds: tuple[ClassBound, ...]
    officer_bounds: tuple[ClassBound, ...]
    is_simulated: bool


@cache
def other_numbers() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(SEED.read_text(encoding="utf-8"))
    return found


def mean_points(counts: tuple[int, int, int], *, decimals: int) -> Decimal:
    """The points of all files over their number, a half rounded up as in the text."""
    n = sum(counts)
    total = sum((Decimal(points) * count for points, count in zip(POINTS, counts, strict=True)), Decimal(0))
    return (total / n).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def class_of(points: Decimal, bounds: Sequence[ClassBound]) -> str:
    """The first class whose bound is reached."""
    return next(bound.title for bound in bounds if points >= bound.at_least)


def unit_indicators(
    session: Session,
    *,
    unit_id: int,
    period_code: str | None,
    viewer: accounts.Viewer,
    today: date,
    language: str = "vi",
) -> IndicatorPage | None:
    """The page of a unit the viewer may see; None while its office has no period."""
    accounts.require_unit(session, unit_id=unit_id, viewer=viewer)
    roots = units.ancestor_ids(session, unit_id)
    period = counting.choose_period(session, root_unit_ids=roots, code=period_code, today=today)
    if period is None:
        return None
    unit, choice = units.unit_by_id(session, unit_id), counting.period_choice(period, language)
    chosen = indicators.chosen_set(session, roots[-1])
    if chosen is None:
        return IndicatorPage(unit, choice, None, "", "", None, (), (), (), False)
    rows = indicators.point_counts(session, unit_id=unit_id, period_id=period.id)
    asked = _from_forms(session, chosen, unit_id, period=period, today=today)
    definition = chosen.definition
    total = _total(
        definition, "unit", [row for row in rows if not row.officer], asked=asked, language=language
    )
    names = sorted({row.officer for row in rows if row.officer})
    # Points of one member of staff are for the director and for those who answer for the office.
    may_see = viewer.role in (accounts.Role.ADMIN, accounts.Role.PAR_OFFICE) or (
        viewer.role is accounts.Role.MANAGER and viewer.unit_id == unit_id
    )
    officers = (
        tuple(
            _total(
                definition,
                "officer",
                [row for row in rows if row.officer == name],
                asked={},
                language=language,
                subject=name,
            )
            for name in names
        )
        if may_see
        else ()
    )
    return IndicatorPage(
        unit, choice, chosen, definition["title"][_side(language)], definition["index_rule"][_side(language)],
        total, officers, _bounds(definition, "unit", language), _bounds(definition, "officer", language),
        any(row.is_simulated for row in rows),
    )  # fmt: skip


def _side(language: str) -> str:
    return "vi" if language == "vi" else "en"


def _bounds(definition: Mapping[str, Any], name: str, language: str) -> tuple[ClassBound, ...]:
    return tuple(
        ClassBound(Decimal(str(band["at_least"])), band["label"][_side(language)])
        for band in definition["totals"][name]["classes"]
    )


def _total(
    definition: Mapping[str, Any],
    name: str,
    rows: Iterable[PointCount],
    *,
    asked: Mapping[int, tuple[int, int, int]],
    language: str,
    subject: str = "",
) -> IndicatorTotal:
    total = definition["totals"][name]
    titles = {each["no"]: each["title"][_side(language)] for each in definition["indicators"]}
    counted = {row.number: (row.n_two, row.n_one, row.n_zero) for row in rows}
    scores = []
    for number in total["indicators"]:
        counts = counted.get(number) or asked.get(number)
        points = None if counts is None else mean_points(counts, decimals=definition["decimals"])
        is_asked = counts is not None and number not in counted
        scores.append(IndicatorScore(number, titles[number], counts, points, is_asked))
    missing = tuple(score.number for score in scores if score.points is None)
    points = sum((score.points for score in scores if score.points is not None), Decimal(0))
    title = None if missing else class_of(points, _bounds(definition, name, language))
    return IndicatorTotal(subject, tuple(scores), points, Decimal(total["max_points"]), missing, title)


def _from_forms(
    session: Session, chosen: ChosenSet, unit_id: int, *, period: PeriodRow, today: date
) -> dict[int, tuple[int, int, int]]:
    """Points from people's answers where a form asks; nothing below the minimum of an index."""
    policy = current_policy(session, today)
    selection = counting.select_responses(
        session, unit_ids=[unit_id], basis="continuous", starts_on=period.starts_on, ends_on=period.ends_on
    )
    found = {}
    for number, mapping in other_numbers()["from_forms"].get(chosen.definition["code"], {}).items():
        counts = dict.fromkeys(POINTS, 0)
        for part in selection.parts:
            item = part.form.by_code.get(mapping["item"])
            if part.form.code != mapping["form"] or item is None:
                continue
            levels = tallies.level_tallies(session, part.scope).counts[0, item.slot]
            for option in item.choices:
                if option.code in mapping["points"]:
                    counts[mapping["points"][option.code]] += int(levels[option.position])
        if sum(counts.values()) >= policy.min_index:
            found[int(number)] = (counts[2], counts[1], counts[0])
    return found


def choose_basis(
    session: Session,
    *,
    unit_id: int,
    set_id: int,
    legal_basis: str,
    by: accounts.Viewer,
    today: date,
    now: datetime,
) -> None:
    """Switch the indicators of an office on, under a text it names; the log keeps who named which."""
    accounts.require_unit(session, unit_id=unit_id, viewer=by)
    if unit_id != units.ancestor_ids(session, unit_id)[-1]:
        raise NotFound(f"office {unit_id}")
    basis = " ".join(legal_basis.split())
    if not basis:
        raise InvalidField("legal_basis", "empty")
    if len(basis) > MAX_BASIS:
        raise InvalidField("legal_basis", "too_long")
    if set_id not in {each.id for each in questionnaire_drafts.indicator_sets(session)}:
        raise InvalidField("set_id", "unknown_choice")
    row = session.get(IndicatorChoice, unit_id) or IndicatorChoice(root_unit_id=unit_id)
    row.set_id, row.legal_basis, row.chosen_on = set_id, basis, today
    session.add(row)
    details = {"set_id": set_id, "legal_basis": basis}
    audit.record(session, "indicators.basis_chosen", target=f"unit:{unit_id}", by=by, at=now, details=details)


def enter_counts(
    session: Session,
    *,
    unit_id: int,
    period_code: str,
    officer: str,
    counts: Mapping[int, tuple[int, int, int]],
    by: accounts.Viewer,
    today: date,
    now: datetime,
) -> None:
    """Write the counts of a unit or an officer for a period in place of those before; all zero means not known."""
    accounts.require_unit(session, unit_id=unit_id, viewer=by)
    roots = units.ancestor_ids(session, unit_id)
    period = counting.choose_period(session, root_unit_ids=roots, code=period_code, today=today)
    chosen = indicators.chosen_set(session, roots[-1])
    if period is None or chosen is None:
        raise NotFound("indicators that are not in use")
    officer = " ".join(officer.split())
    if len(officer) > MAX_OFFICER:
        raise InvalidField("officer", "too_long")
    known = chosen.definition["totals"]["officer" if officer else "unit"]["indicators"]
    if not counts.keys() <= set(known):
        raise InvalidField("counts", "unknown")
    if any(not 0 <= n <= MAX_COUNT for row in counts.values() for n in row):
        raise InvalidField("counts", "out_of_range")
    indicators.remove_point_counts(session, unit_id=unit_id, period_id=period.id, officer=officer)
    session.add_all(
        IndicatorCount(
            unit_id=unit_id, period_id=period.id, officer=officer, number=number,
            n_two=row[0], n_one=row[1], n_zero=row[2],
        )
        for number, row in counts.items()
        if sum(row)
    )  # fmt: skip
    details = {
        "period": period.code,
        "is_officer": bool(officer),
        "n": sum(1 for row in counts.values() if sum(row)),
    }
    audit.record(
        session, "indicators.counts_entered", target=f"unit:{unit_id}", by=by, at=now, details=details
    )
