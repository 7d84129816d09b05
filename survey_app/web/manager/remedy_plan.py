"""The draft of a remedy plan: filled in beforehand with what is clearly low, edited here, taken as a Word file.

Nothing of it is stored.
"""

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from survey_app.db import db
from survey_app.documents.remedy_plan_docx import remedy_plan_docx
from survey_app.errors import InvalidBody
from survey_app.remedy_drafts import PlanRow, Problem, problems
from survey_app.services import accounts
from survey_app.services.figures import Scorecard
from survey_app.web import choices, report_files
from survey_app.web.bodies import clean_text
from survey_app.web.downloads import DOCX, download
from survey_app.web.manager.reports import READERS, card_asked_for
from survey_app.web.manager.routes import bp
from survey_app.web.security import Role, current_account, requires

# Whoever answers for the unit; inspections read what is filled in and write nothing.
WRITERS = (Role.MANAGER, Role.VIEWER, Role.PAR_OFFICE, Role.ADMIN)
MAX_LENGTH = 1_000
MAX_ROWS = 40
FIELDS = ("problem", "evidence", "cause", "remedy", "responsible", "due", "last_quarter")


@bp.get("/units/<int(max=2147483647):unit_id>/remedy-plan", endpoint="remedy_plan")
@requires(*READERS)
def page(unit_id: int) -> ResponseReturnValue:
    card = card_asked_for(unit_id)
    if card is None:
        return render_template("components/no_period.html")
    found = problems(card)
    # Two empty rows for what the unit knows and the figures do not.
    return render_template(
        "manager/remedy_plan.html", card=card, rows=(*found, Problem("", ""), Problem("", "")), n_found=len(found),
        choices=choices.unit_choices(unit_id),
    )  # fmt: skip


@bp.get("/units/<int(max=2147483647):unit_id>/remedy-plan.docx", endpoint="remedy_plan_docx")
@requires(*READERS)
def file(unit_id: int) -> ResponseReturnValue:
    card = card_asked_for(unit_id)
    if card is None:
        return render_template("components/no_period.html")
    return _file(card, [PlanRow(each.problem, each.evidence) for each in problems(card)])


@bp.post("/units/<int(max=2147483647):unit_id>/remedy-plan.docx", endpoint="write_remedy_plan")
@requires(*WRITERS)
def edited_file(unit_id: int) -> ResponseReturnValue:
    accounts.require_unit(db.session, unit_id=unit_id, viewer=current_account())
    rows = _rows_of_form()
    card = card_asked_for(unit_id)
    if card is None:
        return render_template("components/no_period.html")
    return _file(card, rows)


def _file(card: Scorecard, rows: list[PlanRow]) -> Response:
    content = remedy_plan_docx(card, rows, report_files.setting(card.unit.id, card.basis))
    name = report_files.named("ke-hoach-khac-phuc", card.unit.code, card.unit.label, card.period.code)
    return download(content, DOCX, f"{name}.docx")


def _rows_of_form() -> list[PlanRow]:
    """The rows that say anything, in their order."""
    columns = [[clean_text(text)[:MAX_LENGTH] for text in request.form.getlist(name)] for name in FIELDS]
    if len({len(column) for column in columns}) != 1 or len(columns[0]) > MAX_ROWS:
        raise InvalidBody("rows of a plan")
    return [PlanRow(*cells) for cells in zip(*columns, strict=True) if any(cells)]
