"""`flask purge`: what is over its time, first as a count, then gone."""

import click
from flask import current_app
from flask.cli import with_appcontext

from survey_app.clock import local_today, utc_now
from survey_app.db import db, forget_deleted, write_transaction
from survey_app.errors import DefinitionError
from survey_app.services.retention import over_time, read_retention
from survey_app.services.retention import purge as remove

WORDS = {
    "comments": "Góp ý bằng lời / Comments",
    "case_labels": "Mã hồ sơ trong danh sách phỏng vấn / Labels of interview cases",
    "call_back_digests": "Dấu đối chiếu phúc tra chưa dùng / Digests of call-backs never held",
    "device_incidents": "Sự cố của máy đã kết thúc / Ended incidents of kiosks",
    "waiting_identities": "Người qua cổng đăng nhập chưa được nối / Unlinked people of the sign-on provider",
    "sample_rows": "Dòng khung mẫu của đợt đã đóng / Rows of frames of closed waves",
    "sample_cases": "Danh sách đã chọn của đợt đã đóng / Lists drawn for closed waves",
    "invitations": "Lời mời lập tài khoản đã hết hạn / Invitations that ran out",
}


@click.command("purge")
@click.option(
    "--apply",
    is_flag=True,
    help="Xóa thật; không có tùy chọn này thì chỉ đếm / Remove; without it only count.",
)
@with_appcontext
def purge(apply: bool) -> None:
    """Đếm hoặc xóa dữ liệu hết thời hạn lưu / Count or remove what is over its time."""
    settings = current_app.extensions["settings"]
    today = local_today(settings)
    try:
        rules = read_retention(settings.RETENTION_FILE, on=today)
    except DefinitionError as error:
        raise click.ClickException(str(error)) from error
    if apply:
        with write_transaction(db.session):
            purged = remove(db.session, rules=rules, today=today, now=utc_now())
        forget_deleted(db.engine)
    else:
        purged = over_time(db.session, rules=rules, today=today)
    for each in purged:
        click.echo(f"{each.n:>8}  {WORDS[each.kind]} (trước / before {each.before:%d/%m/%Y})")
    click.echo(
        "Đã xóa. / Removed." if apply else "Chưa xóa gì; thêm --apply để xóa. / Nothing removed; add --apply."
    )
