"""`flask units import`: the registry files of a province, tried first and written only with --apply."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from survey_app.clock import local_today, utc_now
from survey_app.db import db, write_transaction
from survey_app.queries.units import points_of_unit, unit_by_code, units_as_at
from survey_app.services.registry import Changes, ImportReport, import_registry
from survey_app.services.registry_import import MAX_FILE_BYTES, RowError, SourceFile

ERRORS_SHOWN = 20
_STARTS_A_FORMULA = tuple("=+-@\t\r\n＝＋－＠")

units = AppGroup("units", help="Đơn vị, điểm đặt, quầy, lĩnh vực / Units, points, desks, service fields.")


@units.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--apply", is_flag=True, help="Ghi vào cơ sở dữ liệu; nếu không, chỉ kiểm tra / Write; else only try."
)
@click.option(
    "--rejects",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    default=Path("units-rejects.csv"),
    show_default=True,
    help="Tệp liệt kê dòng bị từ chối / File that lists refused rows.",
)
def import_command(paths: tuple[Path, ...], apply: bool, rejects: Path) -> None:
    """Nhập tệp CSV hoặc thư mục có các tệp CSV / Import CSV files, or folders of them."""
    report = _import(sources_in(paths), apply=apply)
    for table, changes in report.changes.items():
        click.echo(f"{table}: {_in_words(changes)}")
    if report.errors:
        _write_rejects(rejects, report.errors)
        _show_errors(report.errors, rejects)
        raise SystemExit(1)
    click.echo(f"Tổng / Total: {_in_words(report.total)}")
    if not report.is_applied:
        click.echo("Mới kiểm tra, chưa ghi. Thêm --apply để ghi. / Tried only; add --apply to write.")


@units.command("codes")
@click.option("--root", "root_code", help="Chỉ đơn vị này và cấp dưới / This unit and below only.")
def codes_command(root_code: str | None) -> None:
    """Liệt kê địa chỉ trên mã QR của từng điểm / List the address on each point's QR code."""
    settings = current_app.extensions["settings"]
    today = local_today(settings)
    root_id = unit_by_code(db.session, root_code).id if root_code else None
    for unit in units_as_at(db.session, today, root_id):
        for point in points_of_unit(db.session, unit.id, today):
            if point.public_code is not None:
                click.echo(f"{settings.PUBLIC_BASE_URL}/q/{point.public_code}\t{unit.label}\t{point.name}")


def _import(files: Sequence[SourceFile], *, apply: bool) -> ImportReport:
    now, today = utc_now(), local_today(current_app.extensions["settings"])
    session = db.session
    if not apply:
        report = import_registry(session, files=files, apply=False, now=now, today=today)
        session.rollback()
        return report
    with write_transaction(session):
        return import_registry(session, files=files, apply=True, now=now, today=today)


def sources_in(paths: Iterable[Path]) -> list[SourceFile]:
    """The files named, and the CSV files of the folders named; of a huge file just enough to refuse it."""
    files = []
    for path in paths:
        for each in sorted(path.glob("*.csv")) if path.is_dir() else [path]:
            with each.open("rb") as file:
                files.append(SourceFile(each.name, file.read(MAX_FILE_BYTES + 1)))
    if not files:
        raise click.UsageError("Không có tệp CSV nào. / No CSV file found.")
    return files


def _in_words(changes: Changes) -> str:
    added, changed, unchanged = changes.n_added, changes.n_changed, changes.n_unchanged
    return (
        f"{added} thêm, {changed} sửa, {unchanged} không đổi / "
        f"{added} added, {changed} changed, {unchanged} unchanged"
    )


def _show_errors(errors: Sequence[RowError], rejects: Path) -> None:
    for error in errors[:ERRORS_SHOWN]:
        click.echo(
            f"{error.file}, dòng {error.row}, cột {error.column or '-'}: cần {error.expected.vi}", err=True
        )
        click.echo(f"  row {error.row}, column {error.column or '-'}: expected {error.expected.en}", err=True)
    click.echo(
        f"{len(errors)} lỗi, không ghi gì; xem {rejects}. / {len(errors)} errors, nothing written.", err=True
    )


def _write_rejects(path: Path, errors: Iterable[RowError]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("file", "row", "column", "can", "expected"))
        for error in errors:
            cells = (error.file, str(error.row), error.column, error.expected.vi, error.expected.en)
            writer.writerow([_inert(cell) for cell in cells])


def _inert(cell: str) -> str:
    """The text as a spreadsheet shows it, never a formula that it runs."""
    return f"'{cell}" if cell.startswith(_STARTS_A_FORMULA) else cell
