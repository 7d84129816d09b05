"""`flask samples redraw`: draw again to check."""

import click
from flask.cli import AppGroup

from survey_app.db import db
from survey_app.errors import DrawRefused, NotFound
from survey_app.queries.samples import draw_ids
from survey_app.services.sample_draws import check_draw

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
