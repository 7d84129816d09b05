"""The office calendar: a month, days off and worked, closures of many units at once, hours of points."""

from collections.abc import Mapping
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from survey_app.clock import utc_now
from survey_app.db import db, writes
from survey_app.errors import DatesReversed, InvalidField, InvalidProfile
from survey_app.formatting import short_date
from survey_app.i18n import current_language
from survey_app.months import months_later
from survey_app.services import calendar_month, office_calendar
from survey_app.services.cell_values import period_in, read_day
from survey_app.services.device_profile import DAYS, read_hours, written_hours
from survey_app.services.known_tables import BadValue
from survey_app.services.office_calendar import REASON_WORDS, WRITERS
from survey_app.services.working_days import OFFICE_WEEK, read_week
from survey_app.web.admin.blueprint import bp
from survey_app.web.bodies import read_staff_form, ticked_ids
from survey_app.web.current import today
from survey_app.web.reasons import reason_words
from survey_app.web.security import Role, current_account, requires
from survey_app.web.unit_kinds import UNIT_KINDS
from survey_app.web.weekdays import DAY_NAMES, DAY_SHORT

READERS = (*WRITERS, Role.MANAGER, Role.VIEWER, Role.INSPECTION_TEAM, Role.STATE_INSPECTOR)
MISSING: Mapping[str, LazyString] = {
    "day": _("Xin nhập ngày."),
    "legal_basis": _("Xin ghi căn cứ: số, ngày văn bản."),
    "points": _("Xin chọn ít nhất một điểm."),
    "starts_on": _("Xin nhập ngày bắt đầu ngừng tiếp dân."),
    "title_vi": _("Xin nhập tên ngày."),
    "units": _("Xin chọn ít nhất một đơn vị."),
    "valid_from": _("Xin nhập ngày giờ làm việc mới có hiệu lực."),
}


@bp.get("/calendar")
@requires(*READERS)
def calendar() -> ResponseReturnValue:
    return _calendar_page()


@bp.post("/calendar/days")
@requires(*WRITERS)
@writes
def enter_calendar_day() -> ResponseReturnValue:
    form = read_staff_form(request)
    try:
        day = _day(form.get("day", ""), "day")
        office_calendar.add_day(
            db.session, day=day, kind=form.get("kind", ""), title_vi=form.get("title_vi", "").strip(),
            title_en=form.get("title_en", "").strip()[:120], legal_basis=form.get("legal_basis", "").strip(),
            viewer=current_account(), now=utc_now(), today=today(),
        )  # fmt: skip
    except InvalidField as error:
        return _calendar_page(refusal=_refusal(error), given=form), 422
    flash(gettext("Đã ghi ngày %(day)s vào lịch.", day=short_date(day, language=current_language())))
    return redirect(url_for("admin.calendar", month=f"{day:%Y-%m}"), code=303)


@bp.post("/calendar/days/<int(max=2147483647):day_id>/withdraw")
@requires(*WRITERS)
@writes
def withdraw_calendar_day(day_id: int) -> ResponseReturnValue:
    office_calendar.withdraw_day(db.session, day_id, viewer=current_account(), now=utc_now(), today=today())
    flash(gettext("Đã bỏ ngày khỏi lịch; lịch sử vẫn được giữ."))
    return redirect(url_for("admin.calendar"), code=303)


@bp.get("/calendar/closures/new")
@requires(*WRITERS)
def closure_new() -> ResponseReturnValue:
    return _closure_page()


@bp.post("/calendar/closures/new")
@requires(*WRITERS)
@writes
def enter_closure() -> ResponseReturnValue:
    form = read_staff_form(request)
    try:
        starts_on = _day(form.get("starts_on", ""), "starts_on")
        ends_on = _day(form.get("ends_on", "") or form.get("starts_on", ""), "ends_on")
        unit_ids = list(ticked_ids(form, "unit"))
        if form.get("all") == "yes":
            receiving = calendar_month.receiving_units(db.session, viewer=current_account(), today=today())
            unit_ids = [row.id for row in receiving]
        office_calendar.add_closure(
            db.session, starts_on=starts_on, ends_on=ends_on, reason=form.get("reason", ""),
            note=form.get("note", "").strip(), unit_ids=unit_ids, viewer=current_account(), now=utc_now(),
            today=today(),
        )  # fmt: skip
    except DatesReversed:
        return _closure_page(refusal=gettext("Ngày cuối không được trước ngày đầu."), given=form), 422
    except InvalidField as error:
        return _closure_page(refusal=_refusal(error), given=form), 422
    flash(gettext("Đã ghi ngày ngừng tiếp dân cho %(n)s đơn vị.", n=len(unit_ids)))
    return redirect(url_for("admin.calendar", month=f"{starts_on:%Y-%m}"), code=303)


@bp.post("/calendar/closures/<int(max=2147483647):closure_id>/withdraw")
@requires(*WRITERS)
@writes
def withdraw_closure(closure_id: int) -> ResponseReturnValue:
    office_calendar.withdraw_closure(
        db.session, closure_id, viewer=current_account(), now=utc_now(), today=today()
    )
    flash(gettext("Đã rút lại đợt ngừng tiếp dân; các ngày đó tính là ngày làm việc."))
    return redirect(url_for("admin.calendar"), code=303)


@bp.get("/calendar/hours")
@requires(*READERS)
def opening_hours() -> ResponseReturnValue:
    return _hours_page()


@bp.post("/calendar/hours")
@requires(*WRITERS)
@writes
def set_opening_hours() -> ResponseReturnValue:
    form = read_staff_form(request)
    try:
        valid_from = _day(form.get("valid_from", ""), "valid_from")
        week = [read_hours(form.get(f"hours-{day}", "")) for day in DAYS]
        points = ticked_ids(form, "point")
        office_calendar.set_hours(
            db.session, point_ids=points, week=week, valid_from=valid_from, viewer=current_account(),
            now=utc_now(), today=today(),
        )  # fmt: skip
    except InvalidProfile:
        words = gettext("Giờ mở cửa viết như 07:30-11:30, 13:30-17:00; để trống nếu nghỉ.")
        return _hours_page(refusal=words, given=form), 422
    except InvalidField as error:
        return _hours_page(refusal=_refusal(error), given=form), 422
    flash(gettext("Đã ghi giờ làm việc của %(n)s điểm.", n=len(points)))
    return redirect(url_for("admin.opening_hours"), code=303)


def _calendar_page(*, refusal: str = "", given: object = None) -> str:
    period = period_in(request.args.get("month", "")[:10])
    month = period[0] if period else today().replace(day=1)
    view = calendar_month.calendar_month(db.session, month=month, viewer=current_account(), today=today())
    return render_template(
        "admin/calendar.html",
        view=view,
        refusal=refusal,
        given=given or {},
        can_write=current_account().role in WRITERS,
        language=current_language(),
        reasons=_reasons(),
        day_short=DAY_SHORT,
        day_words=tuple(DAY_NAMES.values()),
        today=today(),
        previous=months_later(view.month, -1),
        following=months_later(view.month, 1),
    )


def _closure_page(*, refusal: str = "", given: object = None) -> str:
    rows = calendar_month.receiving_units(db.session, viewer=current_account(), today=today())
    groups: dict[str, list[object]] = {}
    for row in rows:
        groups.setdefault(row.kind, []).append(row)
    return render_template(
        "admin/closure_new.html",
        groups=[(UNIT_KINDS[kind], units) for kind, units in groups.items()],
        refusal=refusal,
        given=given or {},
        chosen=set(given.getlist("unit")) if hasattr(given, "getlist") else set(),
        reasons=_reasons(),
        n_units=len(rows),
    )


def _hours_page(*, refusal: str = "", given: object = None) -> str:
    points = calendar_month.points_with_hours(db.session, viewer=current_account(), today=today())
    return render_template(
        "admin/opening_hours.html",
        points=[(point, _in_force(point.rows), _coming(point.rows)) for point in points],
        refusal=refusal,
        given=given or {},
        chosen=set(given.getlist("point")) if hasattr(given, "getlist") else set(),
        can_write=current_account().role in WRITERS,
        days=list(
            zip(DAYS, DAY_NAMES.values(), [written_hours(spans) for spans in OFFICE_WEEK], strict=True)
        ),
        day_short=DAY_SHORT,
        written=written_hours,
        office_week=OFFICE_WEEK,
    )


def _in_force(rows: object) -> tuple[date | None, object]:
    """Since when hours hold today, and the week; office hours where a point has none of its own."""
    found = next(((since, read_week(week)) for since, week in rows if since <= today()), None)  # type: ignore[attr-defined]
    return found or (None, OFFICE_WEEK)


def _coming(rows: object) -> list[date]:
    return [since for since, _week in rows if since > today()]  # type: ignore[attr-defined]


def _reasons() -> dict[str, str]:
    language = 0 if current_language() == "vi" else 1
    return {code: words[language] for code, words in REASON_WORDS.items()}


def _refusal(error: InvalidField) -> str:
    """What to do about a value that was refused, named as the form names it."""
    if error.reason == "missing" and error.field in MISSING:
        return str(MISSING[error.field])
    return gettext("Xin nhập ngày đúng dạng.") if error.reason == "not_a_date" else reason_words(error.reason)


def _day(text: str, field: str) -> date:
    try:
        return read_day(text)
    except BadValue as error:
        raise InvalidField(field, "missing" if not text.strip() else "not_a_date") from error
