"""All units side by side: tiers against the province, never a naked rank."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from survey_app import sentences
from survey_app.db import db
from survey_app.errors import NotFound
from survey_app.i18n import current_language
from survey_app.result_tables import Missing, comparison_tables, missing_word
from survey_app.services import comparisons
from survey_app.services.figures import Comparison
from survey_app.web import choices, current, downloads
from survey_app.web.par_office.blueprint import READERS, bp
from survey_app.web.par_office.listing import Choice, arrange, read_choice
from survey_app.web.security import current_account, requires


@bp.get("/comparison")
@requires(*READERS)
def comparison() -> ResponseReturnValue:
    compared, chosen, options = _compared()
    if compared is None:
        return render_template("components/no_period.html")
    return render_template(
        "par_office/comparison.html",
        comparison=compared,
        listing=arrange(compared, chosen),
        choices=options,
    )


@bp.get("/comparison.<extension>")
@requires(*READERS)
def comparison_file(extension: str) -> ResponseReturnValue:
    """The table of the page as a file: the same units, already withheld where they must be."""
    compared, _chosen, _options = _compared()
    if compared is None:
        raise NotFound("no period")
    _whole, table = comparison_tables(compared)
    name = f"so-sanh-{compared.basis}-{compared.period.code}"
    notes = [[compared.period.title], [sentences.basis_note(compared.basis)]]
    if compared.is_simulated:
        notes.append([_("DỮ LIỆU MÔ PHỎNG")])
    rows = [
        [
            missing_word(cell, minimum_base=compared.minimum_base) if isinstance(cell, Missing) else cell
            for cell in row
        ]
        for row in table.rows
    ]
    heading = [column.title for column in table.columns]
    return downloads.table_download(extension, heading, [*rows, *notes], name=name, sheet=str(table.title))


def _compared() -> tuple[Comparison | None, Choice, choices.Choices]:
    """The comparison that the address asks for."""
    viewer = current_account()
    today = current.today()
    options = choices.comparison_choices(viewer.unit_id, today)
    chosen = read_choice(request.args)
    if chosen.kind and chosen.kind not in choices.kind_names():
        raise NotFound(f"kind {chosen.kind!r}")
    compared = comparisons.compare_units(
        db.session,
        root_unit_id=viewer.unit_id,
        basis=request.args.get("basis") or choices.default_basis(options, preferred="sample"),
        period_code=request.args.get("period"),
        kind=chosen.kind or None,
        viewer=viewer,
        today=today,
        language=current_language(),
        peers=chosen.peers or None,
        is_standardised=chosen.is_standardised,
        units_on=today if chosen.is_as_now else None,
    )
    return compared, chosen, options
