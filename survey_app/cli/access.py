"""`flask access`: who may open what, as the application itself decides it."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from config import ROOT
from survey_app.web.access_listing import access_page

access = AppGroup("access", help="Ai được mở trang nào.")
PAGE = ROOT / "docs" / "access.md"


@access.command("table")
@click.option("--write", is_flag=True, help="Ghi vào docs/access.md thay vì in ra.")
def table(write: bool) -> None:
    """In bảng địa chỉ × vai trò."""
    page = access_page(current_app)  # type: ignore[arg-type]
    if not write:
        click.echo(page)
        return
    Path(PAGE).write_text(page, encoding="utf-8")
    click.echo(f"Đã ghi {PAGE}.")
