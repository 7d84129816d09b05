"""`flask waves open` and `flask periods add`: what is asked, where, and between which days figures are read."""

from datetime import date

import click
from flask.cli import AppGroup

from survey_app.db import db, write_transaction
from survey_app.errors import SurveyError
from survey_app.services.waves import NewPeriod, NewWave, add_period, open_wave

waves = AppGroup("waves", help="Đợt khảo sát / Waves.")
periods = AppGroup("periods", help="Kỳ báo cáo / Reporting periods.")
DAY = click.DateTime(["%Y-%m-%d", "%d/%m/%Y"])


@waves.command("open")
@click.argument("code")
@click.option("--title", required=True, help="Tên đợt / Title.")
@click.option("--title-en", default="", help="Tên tiếng Anh / English title.")
@click.option("--basis", type=click.Choice(["continuous", "sample"]), default="continuous", show_default=True)
@click.option("--questionnaire", default="full_form", show_default=True, help="Mã phiếu hỏi / Questionnaire code.")
@click.option("--root", "root_code", required=True, help="Mã đơn vị gốc / Root unit.")
@click.option("--opens", type=DAY, required=True)
@click.option("--closes", type=DAY)
def open_command(code: str, title: str, title_en: str, basis: str, questionnaire: str, root_code: str,
                 opens: date, closes: date | None) -> None:  # fmt: skip
    """Mở đợt CODE cho mọi đơn vị có điểm đặt / Open a wave for every unit that has a collection point."""
    new = NewWave(code, title, title_en or title, basis, questionnaire, root_code, _day(opens), _day(closes))
    with write_transaction(db.session):
        n_units = _told(lambda: open_wave(db.session, new))
    click.echo(f"Đợt {code}: {n_units} đơn vị / units.")


@periods.command("add")
@click.argument("code")
@click.option("--title", required=True, help="Tên kỳ / Title.")
@click.option("--title-en", default="", help="Tên tiếng Anh / English title.")
@click.option("--root", "root_code", required=True, help="Mã đơn vị gốc / Root unit.")
@click.option("--from", "starts", type=DAY, required=True)
@click.option("--to", "ends", type=DAY, required=True)
def add_command(code: str, title: str, title_en: str, root_code: str, starts: date, ends: date) -> None:
    """Thêm kỳ CODE / Add a period."""
    new = NewPeriod(code, title, title_en or title, root_code, _day(starts), _day(ends))
    with write_transaction(db.session):
        _told(lambda: add_period(db.session, new))
    click.echo(f"Kỳ {code}.")


def _day(value):  # type: ignore[no-untyped-def]
    return value.date() if value is not None else None


def _told(action):  # type: ignore[no-untyped-def]
    """Run an action; a refusal of the survey becomes a message instead of a traceback."""
    try:
        return action()
    except SurveyError as error:
        raise click.ClickException(str(error)) from error
