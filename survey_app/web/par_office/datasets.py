"""Datasets for analysts: which there are, and one as files, for a stated purpose that the audit log keeps."""

from flask import Response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from survey_app.clock import utc_now
from survey_app.datasets.building import ALL, Order, built
from survey_app.db import db, own_transaction
from survey_app.errors import NotFound
from survey_app.i18n import current_language
from survey_app.queries.microdata import DatasetRow
from survey_app.services.microdata.dataset import (
    LONGEST_PURPOSE,
    SHORTEST_PURPOSE,
    available,
    note_export,
)
from survey_app.services.policy import current_policy
from survey_app.web.current import settings, today
from survey_app.web.downloads import ZIP, file_download
from survey_app.web.form_fields import ChoiceField
from survey_app.web.par_office.blueprint import bp
from survey_app.web.security import Role, current_account, requires

EXPORTERS = (Role.PAR_OFFICE, Role.ADMIN)
KINDS = (
    SelectChoice(ALL, _("Tất cả các định dạng")),
    SelectChoice("csv", _("CSV, kèm lệnh R và gói dữ liệu Frictionless")),
    SelectChoice("xlsx", _("Excel (XLSX)")),
    SelectChoice("sav", _("SPSS (SAV)")),
    SelectChoice("dta", _("Stata (DTA)")),
    SelectChoice("parquet", _("Parquet")),
)


class ExportForm(FlaskForm):  # type: ignore[misc]
    dataset = ChoiceField(_("Bộ dữ liệu"))
    kind = ChoiceField(_("Định dạng"), choices=list(KINDS))
    purpose = TextAreaField(
        _("Mục đích sử dụng"),
        [
            InputRequired(_("Xin ghi mục đích sử dụng.")),
            Length(
                SHORTEST_PURPOSE,
                LONGEST_PURPOSE,
                message=_("Mục đích sử dụng dài từ 10 đến 400 ký tự."),
            ),
        ],
    )


@bp.get("/datasets")
@requires(*EXPORTERS)
def datasets() -> ResponseReturnValue:
    rows = available(db.session, viewer=current_account())
    return _page(_form(rows), rows)


@bp.post("/datasets", endpoint="export_dataset")
@requires(*EXPORTERS)
def export() -> ResponseReturnValue:
    """The files, once the log says who took them and what for. Nothing is held locked while they are written."""
    viewer = current_account()
    rows = available(db.session, viewer=viewer)
    form = _form(rows)
    if not form.validate_on_submit():
        return _page(form, rows), 422
    row = next((each for each in rows if _key(each) == form.dataset.data), None)
    if row is None:
        raise NotFound("dataset")
    with own_transaction() as session:
        note_export(
            session, row, purpose=form.purpose.data or "", kind=form.kind.data, viewer=viewer, now=utc_now()
        )
    order = Order(row.wave_id, row.version_id, form.kind.data, viewer, today())
    return _zip(order, row)


def _zip(order: Order, row: DatasetRow) -> Response:
    with built(db.session, order, n_rows=row.n, database_url=settings().DATABASE_URL) as path:
        return file_download(path, ZIP, f"{row.wave_code}-{row.form_code}-{order.kind}.zip")


def _key(row: DatasetRow) -> str:
    return f"{row.wave_id}-{row.version_id}"


def _title(row: DatasetRow) -> str:
    return row.title_vi if current_language() == "vi" else row.title_en


def _form(rows: list[DatasetRow]) -> ExportForm:
    form = ExportForm()
    form.dataset.choices = [
        SelectChoice(_key(row), f"{_title(row)} · {row.form_code} v{row.form_version}") for row in rows
    ]
    return form


def _page(form: ExportForm, rows: list[DatasetRow]) -> str:
    minimum = current_policy(db.session, today()).min_staff
    return render_template("par_office/datasets.html", form=form, rows=rows, minimum=minimum)
