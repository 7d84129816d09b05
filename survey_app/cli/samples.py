"""`flask samples redraw` and `flask samples forget`: draw again to check, delete lists whose time is over."""

import click
from flask import current_app
from flask.cli import AppGroup

from survey_app.clock import local_today, utc_now
from survey_app.db import db, write_transaction
from survey_app.errors import DrawRefused, NotFound
from survey_app.queries.samples import draw_ids
from survey_app.services.sample_draws import check_draw
from survey_app.services.sample_retention import KEPT_DAYS, forget_lists

samples = AppGroup("samples", help="Mẫu khảo sát / Samples.")


@samples.command("redraw")
@click.argument("draw_id", type=int, required=False)
@click.option("--check", is_flag=True, required=True, help="Chỉ so sánh, không ghi gì / Compare only.")
def redraw_command(draw_id: int | None, check: bool) -> None:
    """Chọn lại mẫu DRAW_ID (hoặc mọi mẫu) từ khung mẫu và hạt giống / Draw again and compare byte for byte."""
    n_different = 0
    for each in [draw_id] if draw_id is not None else draw_ids(db.session):
        try:
            checked = check_draw(db.session, each)
        except NotFound as error:
            raise click.ClickException(f"Không có mẫu {each} / No draw {each}") from error
        except DrawRefused:
            click.echo(f"{each}: danh sách đã xóa theo thời hạn / lists were deleted after their time")
            continue
        n_different += not checked.is_same
        click.echo(
            f"{each}: {'trùng khớp / identical' if checked.is_same else f'KHÁC / DIFFERENT {checked}'}"
        )
    if n_different:
        raise click.ClickException(f"{n_different} mẫu không trùng / draws differ")


@samples.command("forget")
@click.option("--days", type=click.IntRange(min=1), default=KEPT_DAYS, show_default=True)
@click.option("--apply", "is_applied", is_flag=True, help="Xóa thật / Delete.")
def forget_command(days: int, is_applied: bool) -> None:
    """Xóa danh sách của các đợt đã đóng / Delete the lists of waves that closed so many days ago."""
    today = local_today(current_app.extensions["settings"])
    with write_transaction(db.session):
        found = forget_lists(db.session, today=today, now=utc_now(), days=days, apply=is_applied)
    done = "Đã xóa / Deleted" if is_applied else "Sẽ xóa / Would delete"
    click.echo(f"{done}: {found.n_entries} dòng khung mẫu / frame rows, {found.n_cases} phiếu / cases.")
