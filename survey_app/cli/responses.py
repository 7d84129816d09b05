"""`flask responses`: survey micro-data, tried first and written only with --apply; and a wave's scores."""

import csv
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from survey_app.clock import local_today, utc_now
from survey_app.db import db, write_transaction
from survey_app.errors import NoPolicyInForce, NotFound
from survey_app.formatting import count, percent
from survey_app.services.figures import Showing
from survey_app.services.import_rows import MAX_FILE_BYTES, RowError, UnreadableFile
from survey_app.services.json_fields import MappingError
from survey_app.services.mapping_reader import MAX_MAPPING_BYTES, read_mapping
from survey_app.services.response_import import ImportReport, PlannedImport, apply_import, plan_import
from survey_app.services.wave_scores import UnitScore, WaveScores, wave_scores

ERRORS_SHOWN = 20
NAME_WIDTH = 40
_STARTS_A_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NO_POLICY = "Chưa có ngưỡng công bố; chạy flask init trước. / No policy is in force; run flask init first."

responses = AppGroup("responses", help="Phiếu trả lời: nhập từ tệp, xem điểm / Responses: import, scores.")


@responses.command("import")
@click.argument("mapping_path", metavar="MAPPING", type=_FILE)
@click.argument("file_path", metavar="FILE", type=_FILE)
@click.option(
    "--apply", is_flag=True, help="Ghi vào cơ sở dữ liệu; nếu không, chỉ kiểm tra / Write; else only try."
)
@click.option(
    "--add",
    is_flag=True,
    help="Cho phép khi đợt đã có phiếu từ tệp khác / Although the wave holds another file.",
)
@click.option(
    "--reject",
    "reject_path",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Ghi các dòng bị từ chối ra tệp CSV / Write refused rows to a CSV file.",
)
def import_command(
    mapping_path: Path, file_path: Path, apply: bool, add: bool, reject_path: Path | None
) -> None:
    """Nhập phiếu từ tệp CSV theo tệp ánh xạ MAPPING / Import responses of a CSV file as MAPPING says."""
    today = local_today(current_app.extensions["settings"])
    try:
        mapping = read_mapping(_content(mapping_path, MAX_MAPPING_BYTES))
        content = _content(file_path, MAX_FILE_BYTES)
        planned = plan_import(
            db.session, mapping=mapping, content=content, signer=current_app.extensions["signer"]
        )
        db.session.rollback()
        _check_other_files(planned.report, add=add)
        report = _apply(planned, today=today) if apply else planned.report
    except MappingError as error:
        raise click.ClickException(f"Tệp ánh xạ / Mapping: {error}") from error
    except UnreadableFile as error:
        raise click.ClickException(
            f"Không đọc được tệp, chưa ghi gì. Dòng {error.row}: cần {error.expected.vi}. / "
            f"The file cannot be read, nothing is written. Row {error.row}: expected {error.expected.en}."
        ) from error
    except NoPolicyInForce as error:
        raise click.ClickException(_NO_POLICY) from error
    _show_report(report)
    _show_errors(report.errors)
    if reject_path is not None:
        _write_rejects(reject_path, report.errors)
    if apply:
        _show_scores(wave_scores(db.session, wave_code=mapping.wave.code, today=today))
    else:
        click.echo("Mới kiểm tra, chưa ghi. Thêm --apply để ghi. / Tried only; add --apply to write.")


@responses.command("scores")
@click.option("--wave", "wave_code", required=True, help="Mã đợt / Code of the wave.")
def scores_command(wave_code: str) -> None:
    """Tỷ lệ hài lòng của một đợt và của từng đơn vị / Share satisfied of a wave and of each unit."""
    today = local_today(current_app.extensions["settings"])
    try:
        _show_scores(wave_scores(db.session, wave_code=wave_code, today=today))
    except NotFound as error:
        raise click.ClickException(f"Không có đợt mã {wave_code}. / No wave {wave_code}.") from error
    except NoPolicyInForce as error:
        raise click.ClickException(_NO_POLICY) from error


def _apply(planned: PlannedImport, *, today: date) -> ImportReport:
    """Only the writing holds the lock; the file was read before."""
    with write_transaction(db.session):
        return apply_import(db.session, planned, now=utc_now(), today=today)


def _content(path: Path, most: int) -> bytes:
    """The bytes of a file; of a huge one just enough to refuse it."""
    with path.open("rb") as file:
        return file.read(most + 1)


def _check_other_files(report: ImportReport, *, add: bool) -> None:
    """A corrected copy of a file has other ids: importing it beside the first would count people twice."""
    if report.n_of_other_files and report.n_new and not add:
        n = report.n_of_other_files
        raise click.ClickException(
            f"Đợt này đã có {n} phiếu không thuộc tệp này. Nếu tệp chỉ gồm phiếu mới, thêm --add. / "
            f"The wave holds {n} responses of other files. If this file holds only new ones, say --add."
        )


def _show_report(report: ImportReport) -> None:
    vi = "Đã thêm" if report.is_applied else "Sẽ thêm"
    en = "added" if report.is_applied else "to add"
    lines = [
        ("Dòng / Rows", report.n_rows),
        (f"{vi} / {en.capitalize()}", report.n_new),
        ("Đã có từ trước / Stored before", report.n_already),
        ("Đã có, nội dung khác, giữ bản đầu / Stored, other content, first stays", report.n_different),
        ("Bỏ qua theo ánh xạ / Skipped by the mapping", report.n_skipped),
        ("Bị từ chối / Rejected", report.n_rejected),
        ("Đơn vị mới / New units", len(report.new_units)),
    ]
    for label, number in lines:
        click.echo(f"{label}: {number}")


def _show_errors(errors: Sequence[RowError]) -> None:
    for error in errors[:ERRORS_SHOWN]:
        click.echo(
            f"Dòng {error.row}, cột {error.column}: cần {error.expected.vi}; có {error.got!r} / "
            f"Row {error.row}, column {error.column}: expected {error.expected.en}; got {error.got!r}"
        )
    if len(errors) > ERRORS_SHOWN:
        more = len(errors) - ERRORS_SHOWN
        click.echo(f"… và {more} lỗi nữa; xem tệp --reject / … and {more} more; see the --reject file")


def _write_rejects(path: Path, errors: Sequence[RowError]) -> None:
    """A CSV that a spreadsheet opens as text: no cell begins a formula."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["row", "column", "expected_vi", "expected_en", "got"])
        for error in errors:
            cells = [str(error.row), error.column, error.expected.vi, error.expected.en, error.got]
            writer.writerow([f"'{cell}" if cell.startswith(_STARTS_A_FORMULA) else cell for cell in cells])


def _show_scores(scores: WaveScores) -> None:
    simulated = "  [Dữ liệu mô phỏng / Simulated data]" if scores.is_simulated else ""
    basis = {
        "continuous": "phản hồi tự chọn, không phải mẫu xác suất / self-selected, not a probability sample",
        "sample": "khảo sát chọn mẫu / designed survey",
    }[scores.basis]
    click.echo(f"{scores.title_vi} / {scores.title_en} ({scores.code}){simulated}")
    click.echo(f"Cơ sở / Basis: {basis}")
    click.echo(f"Phiếu đã công bố / Released responses: {count(scores.n_responses)}")
    if scores.overall.showing is Showing.SHOWN:
        click.echo("  ".join(f"{level.code} = {count(level.n)}" for level in scores.levels))
    heading = "Tỷ lệ hài lòng / Share satisfied"
    click.echo(f"{heading:{NAME_WIDTH}} {'n':>7} {'%':>7}   khoảng tin cậy / interval")
    _show_score(scores.overall, "Toàn đợt / Whole wave", scores)
    for unit in scores.units:
        _show_score(unit, unit.label, scores)


def _show_score(score: UnitScore, label: str, scores: WaveScores) -> None:
    name = f"{label:{NAME_WIDTH}}"
    if score.showing is Showing.WITHHELD:
        click.echo(f"{name} {f'<{scores.minimum_shown}':>7}")
    elif score.estimate is None:
        few = f"chưa đủ dữ liệu (n < {scores.minimum_base}) / not enough data"
        click.echo(f"{name} {count(score.n or 0):>7} {'–':>7}   {few}")
    else:
        figure = score.estimate
        interval = f"{percent(figure.ci_low)} – {percent(figure.ci_high)}"
        click.echo(
            f"{name} {count(score.n or 0):>7} {percent(figure.value):>7}   {interval}"
            f"   ({percent(figure.confidence_level, digits=0)}, deff {figure.design_effect:.2f})"
        )
