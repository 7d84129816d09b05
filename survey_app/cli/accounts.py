"""`flask accounts`: the first account, from the server itself; the others are invited in the browser or here."""

import secrets
import sys
from datetime import datetime

import click
from flask import current_app
from flask.cli import AppGroup

from survey_app.clock import utc_now
from survey_app.db import db, write_transaction
from survey_app.errors import AccountExists, InvalidField, WeakPassword
from survey_app.queries.accounts import unit_id_by_code
from survey_app.services.accounts import Mandate, Role, create_account
from survey_app.services.passwords import MAX_LENGTH, MIN_LENGTH
from survey_app.services.people import NewPerson, invite_from_server

accounts = AppGroup("accounts", help="Tài khoản của cán bộ.")

_WEAK = {
    "short": f"Mật khẩu cần ít nhất {MIN_LENGTH} ký tự.",
    "long": f"Mật khẩu dài quá {MAX_LENGTH} ký tự.",
    "common": "Mật khẩu gồm những từ quá quen thuộc, dễ bị đoán.",
    "like_name": "Mật khẩu giống tên đăng nhập.",
}


@accounts.command("create")
@click.argument("name")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True, help="Vai trò.")
@click.option("--unit", "unit_code", required=True, help="Mã đơn vị trên cùng mà tài khoản được xem.")
@click.option(
    "--language", type=click.Choice(["vi", "en"]), default="vi", show_default=True, help="Ngôn ngữ."
)
@click.option("--generate", is_flag=True, help="Tạo mật khẩu ngẫu nhiên và in ra một lần.")
@click.option("--password-stdin", is_flag=True, help="Đọc mật khẩu từ đầu vào chuẩn.")
def create(name: str, role: str, unit_code: str, language: str, generate: bool, password_stdin: bool) -> None:
    """Tạo tài khoản NAME. Không nêu cách nào khác thì hỏi mật khẩu trên màn hình."""
    if generate and password_stdin:
        raise click.UsageError("Chỉ chọn một trong --generate và --password-stdin.")
    password = _password(generate=generate, password_stdin=password_stdin)
    with write_transaction(db.session):
        _create(name, password, role=Role(role), unit_id=_unit_id(unit_code), language=language)
    click.echo(f"Đã tạo tài khoản {name} ({role}, {unit_code}).")
    if generate:
        click.echo(f"Mật khẩu (chỉ hiện một lần): {password}")


@accounts.command("invite")
@click.argument("name")
@click.option("--full-name", required=True, help="Họ và tên.")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True, help="Vai trò.")
@click.option("--unit", "unit_code", required=True, help="Mã đơn vị trên cùng mà tài khoản được xem.")
@click.option(
    "--language", type=click.Choice(["vi", "en"]), default="vi", show_default=True, help="Ngôn ngữ."
)
@click.option("--decision-number", default="", help="Số quyết định (chỉ Đoàn kiểm tra).")
@click.option("--decision-on", type=click.DateTime(["%Y-%m-%d"]), help="Ngày quyết định (chỉ Đoàn kiểm tra).")
@click.option("--valid-until", type=click.DateTime(["%Y-%m-%d"]), help="Ngày cuối cùng (chỉ Đoàn kiểm tra).")
def invite(
    name: str,
    full_name: str,
    role: str,
    unit_code: str,
    language: str,
    decision_number: str,
    decision_on: datetime | None,
    valid_until: datetime | None,
) -> None:
    """Mời NAME: in một liên kết dùng một lần để người đó tự đặt mật khẩu."""
    mandate = None
    if decision_number and decision_on and valid_until:
        mandate = Mandate(decision_number, decision_on.date(), valid_until.date())
    with write_transaction(db.session):
        new = NewPerson(
            name=name, full_name=full_name, role=Role(role), unit_id=_unit_id(unit_code), language=language,
            mandate=mandate,
        )  # fmt: skip
        try:
            invited = invite_from_server(db.session, new, now=utc_now())
        except AccountExists as error:
            raise click.ClickException(f"Đã có tài khoản {name}.") from error
        except InvalidField as error:
            raise click.ClickException("Đoàn kiểm tra cần số, ngày quyết định và ngày cuối cùng.") from error
    base = current_app.extensions["settings"].PUBLIC_BASE_URL
    click.echo(f"Liên kết (chỉ hiện một lần, dùng trong 7 ngày): {base}/invitation/{invited.token}")


def _unit_id(code: str) -> int:
    unit_id = unit_id_by_code(db.session, code)
    if unit_id is None:
        raise click.ClickException(f"Không có đơn vị mã {code}.")
    return unit_id


def _password(*, generate: bool, password_stdin: bool) -> str:
    if generate:
        return secrets.token_urlsafe(15)
    if password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    entered: str = click.prompt("Mật khẩu", hide_input=True, confirmation_prompt="Nhập lại mật khẩu")
    return entered


def _create(name: str, password: str, *, role: Role, unit_id: int, language: str) -> None:
    now = utc_now()
    try:
        create_account(
            db.session, name=name, password=password, role=role, unit_id=unit_id, language=language, now=now
        )
    except AccountExists as error:
        raise click.ClickException(f"Đã có tài khoản {name}.") from error
    except WeakPassword as error:
        raise click.ClickException(_WEAK[error.reason]) from error
    except InvalidField as error:
        raise click.ClickException(
            "Tài khoản Đoàn kiểm tra được mở bằng lời mời: flask accounts invite."
        ) from error
