"""`flask verify-report`: do the stored answers still count to what was published?"""

import json
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext

from survey_app.db import db
from survey_app.errors import NotFound, PeriodNotKept
from survey_app.services.report_verification import Checked, verify

SHOWN = 20


@click.command("verify-report")
@click.argument("report")
@with_appcontext
def verify_report(report: str) -> None:
    """Tính lại kết quả số REPORT (hoặc tệp nội dung JSON) và so / Count a release, or a file of it, again."""
    publication_id, content = _named(report)
    try:
        checked = verify(db.session, publication_id, content=content)
    except NotFound as error:
        raise click.ClickException(f"Không tìm thấy / Not found: {error}") from error
    except PeriodNotKept as error:
        raise click.ClickException(
            "Kỳ cắt ngang tháng của đợt chỉ còn tháng, không đếm lại được / The days of this period are gone."
        ) from error
    _tell(checked)


def _named(report: str) -> tuple[int, dict[str, Any] | None]:
    """The number of a publication, or a file that was saved from its page."""
    if report.isdecimal():
        return int(report), None
    path = Path(report)
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        return int(body["publication"]), dict(body["content"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise click.ClickException(f"Không đọc được / Cannot be read: {report}") from error


def _tell(checked: Checked) -> None:
    row = checked.publication
    click.echo(
        f"{row.period_code}, {row.basis}, lần / revision {row.revision}, {row.state}: "
        f"{checked.n_figures} số / numbers, SHA-256 {checked.fingerprint}"
    )
    if checked.is_by_month:
        click.echo(
            "Ngày chỉ còn tháng: các bảng cần ngày không so / Only months are left: tables by day not compared."
        )
    for each in checked.differences[:SHOWN]:
        click.echo(f"KHÁC / DIFFERS {each.where}: {each.kept} → {each.found}")
    if checked.differences:
        click.echo(f"{len(checked.differences)} chỗ khác / differences.")
        raise SystemExit(1)
    click.echo("Không khác / Nothing differs.")
