"""The registry as files of offices: read by their own or Vietnamese names of columns, written so that it reads back."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select

from survey_app.csv_export import csv_bytes
from survey_app.errors import NotAllowed
from survey_app.models import AuditEntry, Desk, Point, Procedure, ServiceField, Unit
from survey_app.services.accounts import Role, Viewer
from survey_app.services.known_tables import reject_rows
from survey_app.services.registry_formats import FORMATS
from survey_app.services.registry_tables import import_files, registry_rows
from survey_app.spreadsheets import workbook_bytes

WHEN = {"now": datetime(2026, 9, 15, 3, tzinfo=UTC), "today": date(2026, 9, 15)}
PROCEDURES = (
    "DANH MỤC THỦ TỤC HÀNH CHÍNH;;;;;\n"
    "STT;Mã TTHC;Tên thủ tục;Mã lĩnh vực;Cơ quan thực hiện;Cấp thực hiện;Ngày có hiệu lực\n"
    "1;1.001193;Đăng ký khai sinh;civil;UBND cấp xã;Cấp xã;01/07/2025\n"
    "2;2.000815;Chứng thực bản sao;;Sở Tư pháp, UBND cấp xã;Tỉnh, xã;1/7/2025\n"
)


@pytest.fixture
def office(world):
    return Viewer(None, Role.PAR_OFFICE, world.province)


@pytest.fixture
def coded(session):
    """The world with codes that a registry file may hold."""
    for model in (Unit, Point, Desk):
        for row in session.scalars(select(model)):
            row.code = f"{model.__name__}.{row.id}"
    session.flush()


def run(session, viewer, *files, apply=True):
    return import_files(session, files, apply=apply, viewer=viewer, **WHEN)


def test_what_is_written_reads_back_unchanged(session, world, office, coded):
    run(session, office, ("tthc.csv", PROCEDURES.encode()))
    for kind in FORMATS:
        heading, rows = registry_rows(session, kind)
        assert rows or kind == "lineage"
        assert not set(heading) & set(FORMATS[kind].columns), "an office reads no codes in a heading"
        for content in (csv_bytes(heading, rows), workbook_bytes([(kind, heading, rows)])):
            if rows:
                trial = run(session, office, (kind, content))
                assert (trial.n_errors, trial.differences, trial.files[0].kind) == (0, (), kind)
                assert trial.report.total.n_unchanged == len(rows)


def test_a_list_of_procedures_is_read_as_it_comes_and_once(session, world, office):
    trial = run(session, office, ("tthc.csv", PROCEDURES.encode()), apply=False)
    assert [(each.key, each.after) for each in trial.differences] == [
        ("1.001193", "Đăng ký khai sinh"), ("2.000815", "Chứng thực bản sao"),
    ]  # fmt: skip
    assert session.scalar(select(func.count()).select_from(Procedure)) == 0
    run(session, office, ("tthc.csv", PROCEDURES.encode()))
    field = session.scalars(select(ServiceField.id).where(ServiceField.code == "civil")).one()
    rows = session.scalars(select(Procedure).order_by(Procedure.code)).all()
    assert [(r.field_id, r.level, r.valid_from) for r in rows] == [
        (field, "commune", date(2025, 7, 1)), (None, "both", date(2025, 7, 1)),
    ]  # fmt: skip
    changed = PROCEDURES.replace("Chứng thực bản sao", "Chứng thực bản sao từ bản chính")
    trial = run(session, office, ("tthc.csv", changed.encode()))
    assert [(each.column, each.before) for each in trial.differences] == [("name", "Chứng thực bản sao")]
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry.details["changed"][0][:3] == ["procedures", "2.000815", "name"]


def test_errors_are_told_of_the_row_that_was_sent_and_nothing_is_written(session, world, office):
    bad = PROCEDURES.replace(";civil;", ";no-such;").replace("Tỉnh, xã", "Cấp bản")
    trial = run(session, office, ("tthc.csv", bad.encode()))
    assert {(error.row, error.column) for error in trial.files[0].table.errors} == {(4, "Cấp")}
    trial = run(session, office, ("tthc.csv", PROCEDURES.replace(";civil;", ";no-such;").encode()))
    assert [(error.row, error.column, error.found) for error in trial.files[0].table.errors] == [
        (3, "Mã lĩnh vực", "no-such")
    ]
    _heading, rows = reject_rows(trial.files[0].table)
    assert rows[0][1] == "1.001193" and "danh mục" in rows[0][-2]
    assert session.scalar(select(func.count()).select_from(Procedure)) == 0
    whole = run(session, office, ("x.csv", b"a,b\n1,2\n"))
    assert [error.row for error in whole.files[0].table.errors] == [0]


def test_days_and_kinds_may_be_written_as_people_write_them(session, world, office):
    text = "Mã,Tên,Loại,Cấp,Mã đơn vị cấp trên,Từ ngày\nU-moi,Bắc Đông Hà,Phường,2,QT,01/07/2026\n"
    trial = run(session, office, ("don-vi.csv", text.encode()))
    assert trial.n_errors == 0, trial.files[0].table.errors
    unit = session.scalars(select(Unit).where(Unit.code == "U-moi")).one()
    assert (unit.kind, unit.valid_from, unit.parent_id) == ("ward", date(2026, 7, 1), world.province)


def test_the_registry_is_the_top_office_s(session, world):
    with pytest.raises(NotAllowed):
        run(session, Viewer(1, Role.PAR_OFFICE, world.units["Đông Hà"]), ("x.csv", b"a"))
