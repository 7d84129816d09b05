"""`flask nightly`: the night's work by hand, and what it did, a line each."""

from collections.abc import Iterator

import click
from flask import current_app
from flask.cli import with_appcontext

from survey_app import nightly_work
from survey_app.cli.audit import BATCH_FAULTS, FAULTS
from survey_app.formatting import count
from survey_app.services.audit_checks import Check
from survey_app.services.nightly import NightlyReport


@click.command("nightly")
@with_appcontext
def nightly() -> None:
    """Làm việc của đêm: mở số liệu, khóa sổ, niêm, kiểm tra / Do the night's work; exit 1 if the books are broken."""
    report = nightly_work.run(current_app.extensions["settings"])
    for line in lines(report):
        click.echo(line)
    if not report.chain.is_whole:
        raise click.exceptions.Exit(1)


def lines(report: NightlyReport) -> Iterator[str]:
    """What was done, in both languages; what was not needed is said as nought."""
    done = (
        (report.n_shuffled, "dòng được xáo thứ tự đến", "rows put in random order"),
        (report.n_units_released, "đơn vị có số liệu mới được mở", "units whose figures were released"),
        (report.n_comment_batches, "nhóm ý kiến được mở", "groups of comments released"),
        (report.n_waves_closed, "đợt được khóa sổ", "waves closed"),
        (report.n_months_counted, "tháng của điểm đặt được đếm lại", "months of points counted"),
        (report.n_roots_sealed, "ngày của các đợt được niêm", "days of waves sealed"),
        (report.n_waves_coarsened, "đợt chỉ còn giữ tháng", "waves of which only months are left"),
        (report.n_answers_coarsened, "phiếu đổi ngày thành tháng", "answers dated by month"),
        (report.n_sessions_ended, "phiên đăng nhập hết hạn được kết thúc", "expired sessions ended"),
    )
    for n, vietnamese, english in done:
        yield f"{count(n):>9}  {vietnamese} / {english}"
    yield from _checked(report.chain)


def _checked(check: Check) -> Iterator[str]:
    broken = check.report.broken
    if broken is None:
        yield f"Nhật ký nguyên vẹn: {check.report.n_whole} mục / the audit log is whole"
    else:
        yield f"NHẬT KÝ KHÔNG NGUYÊN VẸN / THE LOG IS BROKEN: {broken.sequence} {FAULTS[broken.fault]}"
    if check.answers is None:
        return
    if not check.answers.n_broken:
        part = "" if check.answers.is_all else " (phần đến lượt đêm nay / this night's part)"
        yield f"Phiếu khớp dấu niêm: {check.answers.report.n_whole} ngày của các đợt / days of waves hold{part}"
        return
    yield f"PHIẾU KHÔNG KHỚP DẤU NIÊM / ANSWERS DIFFER FROM THEIR ROOTS: {check.answers.n_broken}"
    for each in check.answers.report.broken:
        yield f"  {each.wave_code} {each.received_on:%d/%m/%Y} {BATCH_FAULTS[each.fault]}"
