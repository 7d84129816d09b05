"""`flask api-clients`: the programs of other systems that may call the API."""

from datetime import date, datetime

import click
from flask import current_app
from flask.cli import AppGroup

from survey_app.clock import local_today, utc_now
from survey_app.db import db, write_transaction
from survey_app.errors import AlreadyExists, InvalidField, NotFound
from survey_app.formatting import short_date
from survey_app.queries.accounts import unit_id_by_code
from survey_app.services.api_clients import Scope, create_client, list_clients, revoke_client

api_clients = AppGroup("api-clients", help="Phần mềm được gọi API / Programs that may call the API.")


@api_clients.command("create")
@click.argument("name")
@click.option(
    "--unit", "unit_code", required=True, help="Mã đơn vị trên cùng được gửi phiếu / Code of the top unit."
)
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice([scope.value for scope in Scope]),
    help="Việc được làm, có thể nêu nhiều lần / What it may do; may be repeated.",
)
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Ngày cuối khóa còn dùng được, dạng 2026-12-31 / Last day of the key.",
)
@click.option("--trial", is_flag=True, help="Chạy thử: phiếu gửi đến không được tính / Answers never count.")
def create_command(
    name: str, unit_code: str, scopes: tuple[str, ...], until: datetime | None, trial: bool
) -> None:
    """Tạo khóa cho phần mềm NAME và in khóa ra một lần / Make a key for a program and print it once."""
    with write_transaction(db.session):
        unit_id = unit_id_by_code(db.session, unit_code)
        if unit_id is None:
            raise click.ClickException(f"Không có đơn vị mã {unit_code}. / No unit {unit_code}.")
        expires_on = until.date() if until else None
        key = _create(name, unit_id, scopes, expires_on=expires_on, is_trial=trial)
    click.echo(f"Đã tạo {name} ({unit_code}; {', '.join(scopes)}). / Created {name}.")
    click.echo(f"Khóa, chỉ hiện một lần / Key, shown once: {key}")


@api_clients.command("list")
def list_command() -> None:
    """Các phần mềm được gọi API / The programs that may call the API."""
    clients = list_clients(db.session)
    for client in clients:
        state = f"thu hồi / revoked {short_date(client.revoked_on)}" if client.revoked_on else ""
        if client.expires_on and not client.revoked_on:
            state = f"đến hết / until {short_date(client.expires_on)}"
        trial = "chạy thử / trial" if client.is_trial else ""
        parts = (
            client.name, client.unit_code, client.scopes, short_date(client.created_on), trial, state,
        )  # fmt: skip
        click.echo("  ".join(filter(None, parts)))
    if not clients:
        click.echo("Chưa có phần mềm nào. / No program yet.")


@api_clients.command("revoke")
@click.argument("name")
def revoke_command(name: str) -> None:
    """Thu hồi khóa của phần mềm NAME ngay / Revoke the key of a program at once."""
    try:
        with write_transaction(db.session):
            revoke_client(db.session, name=name, now=utc_now(), today=_today())
    except NotFound as error:
        raise click.ClickException(f"Không có phần mềm tên {name}. / No program {name}.") from error
    click.echo(f"Đã thu hồi khóa của {name}. / The key of {name} is revoked.")


def _create(
    name: str, unit_id: int, scopes: tuple[str, ...], *, expires_on: date | None, is_trial: bool
) -> str:
    try:
        return create_client(
            db.session,
            name=name,
            unit_id=unit_id,
            scopes=[Scope(scope) for scope in scopes],
            is_trial=is_trial,
            expires_on=expires_on,
            now=utc_now(),
            today=_today(),
        )
    except AlreadyExists as error:
        raise click.ClickException(f"Đã có phần mềm tên {name}. / {name} exists.") from error
    except InvalidField as error:
        if error.field == "expires_on":
            raise click.ClickException("Ngày cuối đã qua. / The last day is over.") from error
        raise click.ClickException(
            "Tên gồm 2 đến 32 chữ thường không dấu, chữ số, dấu gạch nối. / "
            "A name has 2 to 32 lower-case letters, digits, hyphens."
        ) from error


def _today() -> date:
    return local_today(current_app.extensions["settings"])
