"""`flask waves open` and `flask periods add`: what is asked, where, and between which days figures are read."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

import click
from flask import current_app
from flask.cli import AppGroup

from survey_app.clock import utc_now
from survey_app.db import db, write_transaction
from survey_app.errors import AlreadyExists, DatesReversed, NotFound, WaveRefused
from survey_app.queries import lookups
from survey_app.services.wave_snapshots import verify
from survey_app.services.wave_states import close_by_hand
from survey_app.services.waves import NewPeriod, NewWave, add_period, open_wave

waves = AppGroup("waves", help="Đợt khảo sát / Waves.")
periods = AppGroup("periods", help="Kỳ báo cáo / Reporting periods.")
DAY = click.DateTime(["%Y-%m-%d", "%d/%m/%Y"])


@waves.command("open")
@click.argument("code")
@click.option("--title", required=True, help="Tên đợt / Title.")
@click.option("--title-en", default="", help="Tên tiếng Anh / English title.")
@click.option("--basis", type=click.Choice(["continuous", "sample"]), default="continuous", show_default=True)
@click.option(
    "--questionnaire", default="full_form", show_default=True, help="Mã phiếu hỏi / Questionnaire code."
)
@click.option("--root", "root_code", required=True, help="Mã đơn vị gốc / Root unit.")
@click.option("--opens", type=DAY, required=True)
@click.option("--closes", type=DAY)
def open_command(code: str, title: str, title_en: str, basis: str, questionnaire: str, root_code: str,
                 opens: datetime, closes: datetime | None) -> None:  # fmt: skip
    """Mở đợt CODE cho mọi đơn vị có điểm đặt / Open a wave for every unit that has a collection point."""
    new = NewWave(code, title, title_en or title, basis, questionnaire, root_code, opens.date(), _day(closes))
    with _told(), write_transaction(db.session):
        n_units = open_wave(db.session, new, now=utc_now())
    click.echo(f"Đợt {code}: {n_units} đơn vị / units.")


@waves.command("close")
@click.argument("code")
@click.option(
    "--reason",
    default="",
    help="Lý do, phải có khi không phiếu nào được tính / Reason.",
)
def close_command(code: str, reason: str) -> None:
    """Khóa sổ đợt CODE với phiếu nhận đến hết hôm qua / Close the books of a wave as of yesterday."""
    today = utc_now().astimezone(current_app.extensions["settings"].TIME_ZONE).date()
    with _told(), write_transaction(db.session):
        wave = lookups.wave_by_code(db.session, code)
        held = close_by_hand(db.session, wave, reason=reason.strip(), by=None, now=utc_now(), today=today)
    click.echo(f"Đợt {code}: {held.n_counted} phiếu được tính / counted, gốc / root {held.root.hex()}")


@waves.command("verify")
@click.argument("code")
def verify_command(code: str) -> None:
    """Đếm lại đợt CODE và so với bản khóa sổ / Count a closed wave again and compare with what was frozen."""
    with _told():
        wave = lookups.wave_by_code(db.session, code)
    checked = verify(db.session, wave_id=wave.id)
    if not checked.n_revisions:
        raise click.ClickException(f"Đợt {code} chưa khóa sổ / was not closed yet.")
    click.echo(
        f"Đợt {code}: {checked.n_revisions} lần khóa sổ / closings, {checked.n_answers} phiếu / answers, "
        f"{checked.n_tallies} ô / tallies."
    )
    if checked.is_by_month:
        click.echo(
            "Ngày chỉ còn tháng: so theo tháng, không so theo cụm / Only months are left: compared by month."
        )
    for difference in checked.differences:
        click.echo(
            f"KHÁC / DIFFERS {difference.what} [{difference.where}]: {difference.frozen} → {difference.found}"
        )
    if checked.differences:
        raise SystemExit(1)
    click.echo("Không khác / Nothing differs.")


@periods.command("add")
@click.argument("code")
@click.option("--title", required=True, help="Tên kỳ / Title.")
@click.option("--title-en", default="", help="Tên tiếng Anh / English title.")
@click.option("--root", "root_code", required=True, help="Mã đơn vị gốc / Root unit.")
@click.option("--from", "starts", type=DAY, required=True)
@click.option("--to", "ends", type=DAY, required=True)
def add_command(
    code: str, title: str, title_en: str, root_code: str, starts: datetime, ends: datetime
) -> None:
    """Thêm kỳ CODE / Add a period."""
    new = NewPeriod(code, title, title_en or title, root_code, starts.date(), ends.date())
    with _told(), write_transaction(db.session):
        add_period(db.session, new, now=utc_now())
    click.echo(f"Kỳ {code}.")


REFUSALS = {
    NotFound: "Không tìm thấy / Not found",
    AlreadyExists: "Mã này đã có với nội dung khác / This code exists with other content",
    WaveRefused: "Trạng thái của đợt không cho phép / The wave's state does not allow it",
    DatesReversed: "Ngày cuối trước ngày đầu / The last day is before the first",
}


def _day(value: datetime | None) -> date | None:
    return None if value is None else value.date()


def _words(error: Exception) -> str:
    """What of it, where the bare code of a refusal would not say what to do."""
    if isinstance(error, WaveRefused) and "nothing_counted" in str(error):
        return (
            "nothing_counted: không phiếu nào được tính, xin thêm --reason / no answer counts, add --reason"
        )
    return str(error)


@contextmanager
def _told() -> Iterator[None]:
    """A refusal becomes a message in both languages instead of a traceback."""
    try:
        yield
    except tuple(REFUSALS) as error:
        raise click.ClickException(f"{REFUSALS[type(error)]}: {_words(error)}") from error
