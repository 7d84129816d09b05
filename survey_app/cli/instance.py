"""`flask init`: a real instance from nothing."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from config import ROOT
from survey_app.cli.accounts import create
from survey_app.cli.units import sources_in
from survey_app.clock import local_today, utc_now
from survey_app.db import db, write_transaction
from survey_app.queries.accounts import has_account
from survey_app.schema import upgrade_schema
from survey_app.services.accounts import normal_name
from survey_app.services.office_calendar import load_seed_calendar
from survey_app.services.policy import load_policy
from survey_app.services.questionnaires import load_indicator_sets, load_seed_questionnaires
from survey_app.services.registry import import_registry


@click.command("init")
@click.option("--registry", type=click.Path(exists=True, path_type=Path), default=ROOT / "seeds" / "quang_tri",
              show_default=True, help="Thư mục sổ đăng ký đơn vị / Folder of the unit registry.")  # fmt: skip
@click.option(
    "--admin", "admin_name", required=True, help="Tên đăng nhập của quản trị viên đầu tiên / First admin."
)
@click.option(
    "--unit", "unit_code", default="QT", show_default=True, help="Mã đơn vị gốc / Code of the root unit."
)
@click.pass_context
@with_appcontext
def init(context: click.Context, registry: Path, admin_name: str, unit_code: str) -> None:
    """Lập một hệ thống thật, không có dữ liệu mô phỏng / Set up a real instance, with no simulated data."""
    settings = current_app.extensions["settings"]
    if settings.IS_DEMO:
        raise click.ClickException("DEMO=1: hãy bỏ biến DEMO để lập hệ thống thật. / Unset DEMO first.")
    upgrade_schema(db.engine)
    today = local_today(settings)
    with write_transaction(db.session):
        load_policy(db.session)
        load_seed_calendar(db.session, on=today)
        load_seed_questionnaires(db.session, today)
        load_indicator_sets(db.session)
        report = import_registry(
            db.session, files=sources_in([registry]), apply=True, now=utc_now(), today=today
        )
        if report.errors:
            raise click.ClickException(f"{len(report.errors)} lỗi trong {registry} / errors in the registry")
    if has_account(db.session, normal_name(admin_name)):
        click.echo(f"Tài khoản {admin_name} đã có, giữ nguyên. / The account exists and stays as it is.")
        return
    context.invoke(create, name=admin_name, role="admin", unit_code=unit_code, language="vi", generate=True,
                   password_stdin=False)  # fmt: skip
    click.echo("Bước tiếp theo / Next: flask waves open … ; flask periods add … ; make serve")
