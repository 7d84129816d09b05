"""What a staff page can be asked for: bases, periods and kinds of units, as options of its form."""

from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice

from survey_app import formatting, sentences
from survey_app.db import db
from survey_app.i18n import current_language, in_page_language
from survey_app.queries import calendar, units
from survey_app.queries.calendar import PeriodRow
from survey_app.services.accounts import Viewer
from survey_app.web.current import today
from survey_app.web.unit_kinds import COMPARED, UNIT_KINDS

Options = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Choices:
    """Options as (value, words)."""

    bases: Options
    periods: Options
    kinds: Options = ()


def unit_choices(unit_id: int) -> Choices:
    """Periods of the unit's offices, and the bases on which the unit has anything."""
    periods = calendar.periods_of(db.session, units.ancestor_ids(db.session, unit_id))
    return Choices(_bases(calendar.bases_of(db.session, [unit_id])), tuple(map(_period, periods)))


def own_units(viewer: Viewer) -> list[SelectChoice]:
    """The viewer's unit and all below it today, the viewer's own first, then in Vietnamese order."""
    rows = units.units_as_at(db.session, today(), viewer.unit_id)
    rows.sort(key=lambda row: row.id != viewer.unit_id)
    return [SelectChoice(row.id, sentences.capitalised(row.label)) for row in rows]


def only_parts_collect(unit_id: int, on: date) -> bool:
    """Whether a unit takes part in no wave itself while other units stand below it."""
    below = units.unit_subtree_ids(db.session, unit_id, on)
    return len(below) > 1 and not calendar.bases_of(db.session, [unit_id])


def comparison_choices(root_unit_id: int, on: date) -> Choices:
    """The same for all units below a root, with their kinds."""
    below = [row for row in units.units_as_at(db.session, on, root_unit_id) if row.id != root_unit_id]
    bases = calendar.bases_of(db.session, [row.id for row in below])
    periods = calendar.periods_of(db.session, units.ancestor_ids(db.session, root_unit_id))
    names = kind_names()
    present = {row.kind for row in below}
    kinds = tuple((kind, name) for kind, name in names.items() if kind in present)
    return Choices(_bases(bases), tuple(map(_period, periods)), (("", _("Mọi loại")), *kinds))


def default_basis(choices: Choices, *, preferred: str) -> str:
    """The preferred basis where it has data, else any that has, else the preferred one with nothing in it."""
    available = [basis for basis, _words in choices.bases]
    return preferred if preferred in available or not available else available[0]


def kind_names() -> dict[str, str]:
    """Kinds of units that are compared."""
    return {kind: str(UNIT_KINDS[kind]) for kind in COMPARED}


def _bases(available: list[str]) -> Options:
    return tuple((basis, sentences.basis_title(basis)) for basis in available or ["continuous"])


def _period(row: PeriodRow) -> tuple[str, str]:
    language = current_language()
    days = formatting.date_range(row.starts_on, row.ends_on, language=language)
    return row.code, f"{in_page_language(row.title_vi, row.title_en)} ({days})"
