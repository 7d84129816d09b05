"""`flask audit`: is the log as it was written, are the answers as they came; and the head of the log, to be kept."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from survey_app.anchors import anchor_line, keep_anchor, read_anchors
from survey_app.clock import local_today
from survey_app.db import db
from survey_app.errors import UnreadableAnchors
from survey_app.services.audit_verification import Anchor, ChainReport, Fault, current_anchor, verify_chain
from survey_app.services.root_verification import BatchFault, RootsReport, verify_roots

audit_group = AppGroup("audit", help="Nhật ký kiểm toán / The audit log.")

FAULTS = {
    Fault.CHANGED: "bị sửa / was changed",
    Fault.MISSING: "bị xóa / was removed",
    Fault.INSERTED: "bị chèn thêm / was inserted",
    Fault.REORDERED: "bị đổi chỗ / was moved",
    Fault.CUT: "và các mục sau bị cắt bỏ / and what followed was cut off",
    Fault.OLDER_CHANGED: "không khớp các mục cũ trước chuỗi / does not fit the entries of before the chain",
    Fault.WRONG_KEY: "được niêm bằng khóa khác / was sealed with another key",
    Fault.REWRITTEN: "khác với mốc đã giữ / is not the one of the kept anchor",
}
BATCH_FAULTS = {
    BatchFault.CHANGED: "có phiếu bị sửa / a response was changed",
    BatchFault.ADDED: "có phiếu bị thêm / a response was added",
    BatchFault.REMOVED: "có phiếu bị xóa / a response was removed",
    BatchFault.ROOT_CHANGED: "dấu niêm trong bảng bị sửa / the stored root was changed",
}


@audit_group.command("verify")
@click.option("--anchor", "anchor_file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Tệp mốc giữ nơi khác / File of anchors kept elsewhere.")  # fmt: skip
@click.option("--no-responses", is_flag=True, help="Chỉ kiểm tra nhật ký / The log only.")
def verify(anchor_file: Path | None, no_responses: bool) -> None:
    """Kiểm tra nhật ký và phiếu đã nhận; mã thoát 1 nếu sai / Verify log and responses; exit 1 if broken."""
    chain = verify_chain(db.session, anchors=_anchors(anchor_file))
    _tell_chain(chain)
    roots = RootsReport(0, 0, ()) if no_responses else verify_roots(db.session)
    if not no_responses:
        _tell_roots(roots)
    if not (chain.is_whole and roots.is_whole):
        raise click.exceptions.Exit(1)


@audit_group.command("anchor")
@click.option("--to", "path", type=click.Path(dir_okay=False, path_type=Path),
              help="Ghi thêm vào tệp này / Append to this file.")  # fmt: skip
def anchor(path: Path | None) -> None:
    """In mốc hiện tại để giữ ở nơi khác / Print the head of the chain, to be kept elsewhere."""
    head = current_anchor(db.session)
    if head is None:
        raise click.ClickException("Nhật ký chưa có mục nào. / The log has no entry yet.")
    day = local_today(current_app.extensions["settings"])
    click.echo(keep_anchor(path, head, day) if path else anchor_line(head, day))


def _anchors(given: Path | None) -> list[Anchor]:
    """Those of the instance, and those of the file."""
    paths = [current_app.extensions["settings"].anchors_path, *([given] if given else [])]
    try:
        return [each for path in paths for each in read_anchors(path)]
    except UnreadableAnchors as error:
        message = f"Không đọc được dòng {error.line} của tệp mốc. / Line {error.line} is no anchor."
        raise click.ClickException(message) from error


def _tell_chain(chain: ChainReport) -> None:
    if chain.broken is None:
        click.echo(f"Nhật ký nguyên vẹn: {chain.n_whole} mục. / The log is whole: {chain.n_whole} entries.")
        return
    click.echo(f"NHẬT KÝ KHÔNG NGUYÊN VẸN / THE LOG IS BROKEN; nguyên vẹn đến mục / whole to {chain.n_whole}")
    click.echo(f"  mục / entry {chain.broken.sequence} {FAULTS[chain.broken.fault]}")


def _tell_roots(roots: RootsReport) -> None:
    waiting = f"; {roots.n_waiting} chờ niêm lại đêm nay / sealed again tonight" if roots.n_waiting else ""
    if roots.is_whole:
        click.echo(f"Phiếu nguyên vẹn: {roots.n_whole} ngày của các đợt / batches whole{waiting}.")
        return
    click.echo("PHIẾU KHÔNG NGUYÊN VẸN / RESPONSES ARE NOT AS THEY WERE RECEIVED")
    for broken in roots.broken:
        click.echo(f"  {broken.wave_code} {broken.received_on:%d/%m/%Y} {BATCH_FAULTS[broken.fault]}")
