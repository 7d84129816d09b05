"""`flask demo`: the demo database, built from nothing; it never touches the database of a real instance."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.engine import make_url

from config import Settings
from survey_app.db import db
from survey_app.demo.build import N_RESPONSES, SEED, DemoReport, build_demo_file, demo_home
from survey_app.signing import Signer

demo = AppGroup("demo", help="Dữ liệu mô phỏng để xem thử / Simulated data to look around in.")

SMALLEST = 2_500
_HOME = {
    "citizen": "Người dân, mã QR / Citizen, QR code",
    "kiosk": "Người dân, máy tại chỗ / Citizen, kiosk",
    "manager": "Đơn vị phường Đông Hà / The unit phường Đông Hà",
    "manager_small": "Đơn vị quá nhỏ: Cồn Cỏ / A unit too small: Cồn Cỏ",
    "comparison": "So sánh 78 xã, phường, đặc khu / All 78 units compared",
}


@demo.command("build")
@click.option("--responses", type=click.IntRange(SMALLEST), default=N_RESPONSES, show_default=True, 
              help="Số phiếu / Number of responses.")  # fmt: skip
@click.option("--seed", type=int, default=SEED, show_default=True, 
              help="Hạt giống ngẫu nhiên / Random seed.")  # fmt: skip
@click.option("--if-missing", is_flag=True, 
              help="Không làm gì nếu đã có / Do nothing if there is a demo already.")  # fmt: skip
def build(responses: int, seed: int, if_missing: bool) -> None:
    """Tạo dữ liệu mô phỏng, in tài khoản một lần / Build the demo, print its accounts once."""
    settings = current_app.extensions["settings"]
    path = demo_path(settings)
    if if_missing and path.exists():
        click.echo(
            "Đã có dữ liệu mô phỏng; muốn tạo lại với mật khẩu mới: flask demo build / "
            "The demo is there; to build it anew with new passwords: flask demo build"
        )
    else:
        key = Signer(settings.audit_secret).audit_key()
        report = build_demo_file(path, audit_key=key, n_responses=responses, seed=seed, has_merger=True)
        _print(report, path)
        # They are of the log that was there before.
        settings.anchors_path.unlink(missing_ok=True)
    _print_home(settings)


def demo_path(settings: Settings) -> Path:
    """The file of the demo instance; any other database is refused."""
    if not settings.IS_DEMO or not settings.is_sqlite:
        raise click.ClickException(
            "Chỉ tạo dữ liệu mô phỏng với DEMO=1 và SQLite. / The demo needs DEMO=1 and SQLite."
        )
    database = make_url(settings.DATABASE_URL).database
    if not database:
        raise click.ClickException("Dữ liệu mô phỏng phải nằm trong một tệp. / The demo must be a file.")
    return Path(database)


@demo.command("home")
def home() -> None:
    """In các địa chỉ nên mở trước / Print the addresses worth opening first."""
    settings = current_app.extensions["settings"]
    demo_path(settings)
    _print_home(settings)


def _print_home(settings: Settings) -> None:
    for name, path in demo_home(db.session).items():
        click.echo(f"  {_HOME[name]:<58} {settings.PUBLIC_BASE_URL}{path}")


def _print(report: DemoReport, path: Path) -> None:
    counts = report.counts
    click.echo(
        f"DỮ LIỆU MÔ PHỎNG / SIMULATED DATA: {counts['responses']} phiếu, {counts['units']} đơn vị, "
        f"{report.seconds:.1f} s, {path}"
    )
    click.echo("Tài khoản xem thử, mật khẩu chỉ hiện một lần / Demo accounts, passwords shown once:")
    for account in report.accounts:
        click.echo(f"  {account.name:<10} {account.password:<18} {account.role:<11} {account.unit_name}")
