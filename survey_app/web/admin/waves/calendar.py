"""A year of waves, which one answers where several run, and the named periods of the office."""

from dataclasses import dataclass
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from survey_app.clock import utc_now
from survey_app.db import db, writes
from survey_app.errors import AlreadyExists
from survey_app.months import last_day
from survey_app.queries import imports, waves
from survey_app.queries.waves import PlannedWave
from survey_app.services import periods, wave_plans
from survey_app.services.accounts import visible_unit_ids
from survey_app.web.admin.blueprint import bp
from survey_app.web.admin.waves.forms import YearForm
from survey_app.web.admin.waves.listing import names
from survey_app.web.admin.waves.words import OFFICE, READERS
from survey_app.web.choices import own_units
from survey_app.web.current import today
from survey_app.web.security import current_account, requires

FIRST_YEAR, LAST_YEAR = 2020, 2100


@dataclass(frozen=True, slots=True)
class Bar:
    """A wave in a year, as tenths of a month from the first of January; its ends are cut by the year."""

    wave: PlannedWave
    first_month: int
    last_month: int
    start: float
    width: float
    others: tuple[tuple[str, int, bool], ...]


@bp.get("/wave-calendar", endpoint="wave_calendar")
@requires(*READERS)
def calendar_page() -> ResponseReturnValue:
    viewer = current_account()
    year = _year(request.args.get("year", ""))
    found = wave_plans.visible_waves(db.session, viewer=viewer, with_drafts=viewer.role in OFFICE)
    visible = visible_unit_ids(db.session, viewer=viewer)
    bars = [_bar(wave, year, visible) for wave in found if _touches(wave, year)]
    bars.sort(key=lambda bar: (bar.wave.row.opens_on, bar.wave.row.id))
    return render_template("admin/waves/calendar.html", bars=bars, year=year, today=today(), **names())


@bp.get("/periods", endpoint="periods")
@requires(*OFFICE)
def periods_page() -> ResponseReturnValue:
    return _periods_page(_year_form())


@bp.post("/periods", endpoint="periods_post")
@requires(*OFFICE)
@writes
def add_periods() -> ResponseReturnValue:
    form = _year_form()
    if not form.validate_on_submit():
        return _periods_page(form), 422
    try:
        n = periods.add_year(
            db.session, root_unit_id=form.root.data, year=form.year.data, rule=form.rule.data,
            first_day=form.first_day.data, by=current_account(), now=utc_now(),
        )  # fmt: skip
    except AlreadyExists as refused:
        db.session.rollback()
        refusal = _("Kỳ %(code)s đã có với ngày khác. Chưa thêm kỳ nào.", code=refused.args[0])
        return _periods_page(form, refusal=refusal), 422
    flash(_("Năm %(year)s có %(n)s kỳ loại này.", year=form.year.data, n=n))
    return redirect(url_for("admin.periods"), code=303)


def _year_form() -> YearForm:
    form = YearForm()
    form.root.choices = own_units(current_account())
    if form.year.raw_data is None:
        form.year.data = today().year
    return form


def _periods_page(form: YearForm, *, refusal: str | None = None) -> str:
    rows = periods.visible_periods(db.session, viewer=current_account())
    return render_template("admin/waves/periods.html", rows=rows, form=form, refusal=refusal)


def _year(text: str) -> int:
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else today().year
    return min(max(year, FIRST_YEAR), LAST_YEAR)


def _touches(wave: PlannedWave, year: int) -> bool:
    row = wave.row
    return row.opens_on.year <= year and (row.closes_on is None or row.closes_on.year >= year)


def _bar(wave: PlannedWave, year: int, visible: frozenset[int]) -> Bar:
    row = wave.row
    first = max(row.opens_on, date(year, 1, 1))
    last = min(row.closes_on or date(year, 12, 31), date(year, 12, 31))
    start = first.month - 1 + (first.day - 1) / last_day(first).day
    end = last.month - 1 + last.day / last_day(last).day
    others: tuple[tuple[str, int, bool], ...] = ()
    if row.basis == "continuous" and row.state in {"open", "draft"}:
        unit_ids = {unit_id for unit_id, _title in imports.wave_units(db.session, row.id)} & visible
        named = names()["title_of"]
        others = tuple(
            (named(other), n, (row.opens_on, row.id) > (other.opens_on, other.id))  # type: ignore[operator]
            for other, n in waves.overlapping(db.session, row, unit_ids)
        )
    return Bar(wave, first.month, last.month, round(100 * start, 1), round(100 * (end - start), 1), others)
