"""The pages of the print kit: choose a point, see its codes, replace a code."""

from datetime import date
from typing import NamedTuple

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from survey_app.clock import utc_now
from survey_app.db import db, writes
from survey_app.i18n import current_language, in_page_language
from survey_app.names import search_key
from survey_app.queries.printing import CodeOnPaper, PrintPoint
from survey_app.queries.units import ServiceFieldRow, service_fields
from survey_app.services import print_codes
from survey_app.services.print_codes import PrintedCode
from survey_app.slips import SLIPS, Slip
from survey_app.vocabulary import Stage, label
from survey_app.web.current import today
from survey_app.web.display import is_demo
from survey_app.web.fieldwork.blueprint import bp
from survey_app.web.fieldwork.print_files import MAY_PRINT, chosen_field, imprint
from survey_app.web.security import Role, current_account, requires

MAY_REPLACE = (Role.ADMIN, Role.PAR_OFFICE)
# What tells the citizen's page that the answer came by a link and not by paper.
LINK_CHANNEL = "link"


class Kit(NamedTuple):
    """One code of a point as the page shows it."""

    code: str
    created_on: date
    address: str
    message_link: str


class SlipRow(NamedTuple):
    """A slip as the page lists it."""

    code: str
    name: str
    stage: str


@bp.get("/print")
@requires(*MAY_PRINT)
def print_points() -> str:
    points = print_codes.printable_points(db.session, viewer=current_account(), today=today())
    query = request.args.get("q", "").strip()
    found = [point for point in points if _is_meant(point, query)]
    return render_template("fieldwork/print_points.html", points=found, n_all=len(points), query=query)


@bp.get("/print/points/<int:point_id>")
@requires(*MAY_PRINT)
def print_point(point_id: int) -> str:
    viewer = current_account()
    point = print_codes.printable_point(db.session, point_id=point_id, viewer=viewer, today=today())
    is_simulated = is_demo() or print_codes.is_simulated(db.session, point=point, today=today())
    fields = service_fields(db.session)
    return render_template(
        "fieldwork/print_point.html",
        point=point,
        is_simulated=is_simulated,
        kits=[_kit(each, PrintedCode(each.code, point, is_simulated)) for each in point.codes],
        slips=[_slip_row(slip) for slip in SLIPS],
        stages=_stages(),
        fields=fields,
        fields_offered=[("", _("Mọi lĩnh vực")), *((each.code, _field_name(each)) for each in fields)],
        field=chosen_field(),
        may_replace=viewer.role in MAY_REPLACE,
    )


@bp.get("/print/codes/<code>/replace")
@requires(*MAY_REPLACE)
def ask_to_replace_code(code: str) -> str:
    found = print_codes.printable_code(db.session, code=code, viewer=current_account(), today=today())
    return render_template("fieldwork/print_replace.html", code=found.code, point=found.point)


@bp.post("/print/codes/<code>/replace")
@requires(*MAY_REPLACE)
@writes
def replace_printed_code(code: str) -> ResponseReturnValue:
    viewer = current_account()
    point = print_codes.point_of_code(db.session, code=code, viewer=viewer, today=today())
    new = print_codes.replace_code(db.session, code=code, by=viewer, today=today(), now=utc_now())
    if new is None:
        flash(_("Mã %(code)s đã được thu hồi trước đó.", code=code))
    else:
        flash(
            _("Đã thu hồi mã %(old)s. Mã mới là %(new)s: xin in lại và thay mọi bản cũ.", old=code, new=new)
        )
    return redirect(url_for("fieldwork.print_point", point_id=point.id), code=303)


@bp.post("/print/points/<int:point_id>/codes")
@requires(*MAY_REPLACE)
@writes
def issue_printed_code(point_id: int) -> ResponseReturnValue:
    code = print_codes.issue_code(
        db.session, point_id=point_id, by=current_account(), today=today(), now=utc_now()
    )
    flash(_("Mã của điểm đặt: %(code)s.", code=code))
    return redirect(url_for("fieldwork.print_point", point_id=point_id), code=303)


def _kit(printed: CodeOnPaper, code: PrintedCode) -> Kit:
    made = imprint(code)
    message_link = made.link(c=LINK_CHANNEL, s=Stage.COLLECT_RESULT.name.lower())
    return Kit(printed.code, printed.created_on, made.typed_address, message_link)


def _is_meant(point: PrintPoint, query: str) -> bool:
    """Whether what was typed begins somewhere in the names, word by word and with or without marks; or is a code."""
    key = search_key(query)
    names = (f" {search_key(name)}" for name in (point.unit_title, point.name))
    return any(f" {key}" in name for name in names) or query.upper() in {each.code for each in point.codes}


def _field_name(field: ServiceFieldRow) -> str:
    return in_page_language(field.name_vi, field.name_en)


def _slip_row(slip: Slip) -> SlipRow:
    name = in_page_language(slip.name_vi, slip.name_en)
    return SlipRow(slip.code, name, label(slip.stage, current_language()))


def _stages() -> list[tuple[str, str]]:
    """What the software of the one-stop office may write after `s=`."""
    known = [stage for stage in Stage if stage is not Stage.UNKNOWN]
    return [(stage.name.lower(), label(stage, current_language())) for stage in known]
