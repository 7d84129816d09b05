"""What the script of the grid says to the reader, and the names of a batch's states."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

STATES: dict[str, LazyString] = {
    "keying": lazy_gettext("Đang nhập"),
    "checking": lazy_gettext("Đang nhập lần hai"),
    "compared": lazy_gettext("Đã đối chiếu, chờ ghi sổ"),
    "booked": lazy_gettext("Đã ghi sổ"),
}


def grid_words() -> dict[str, str]:
    return {
        "sheet": _("Phiếu"),
        "column": _("Câu"),
        "blank": _("để trống"),
        "none": _("chưa nhập"),
        "editing": _("chưa xong"),
        "saving": _("đang lưu"),
        "saved": _("đã lưu"),
        "unsaved": _("chưa lưu, sẽ tự gửi lại"),
        "refused": _("không lưu được"),
        "spare": _("ngoài số phiếu đã đếm"),
        "wrong": _("Câu này không có số đó."),
        "most": _("Câu này chọn nhiều nhất %(n)s ý.", n="{n}"),
        "heard": _("vừa nhập câu %(column)s: %(words)s", column="{column}", words="{words}"),
        "all_saved": _("Đã lưu tất cả."),
        "some_unsaved": _("%(n)s phiếu chưa lưu. Xin đừng tắt trang này.", n="{n}"),
        "progress": _("Đã xong %(done)s/%(all)s phiếu.", done="{done}", all="{all}"),
        "signed_out": _(
            "Phiên làm việc đã hết. Xin mở trang đăng nhập ở thẻ khác, đăng nhập rồi quay lại đây."
        ),
        "elsewhere": _("Phiếu này đã có người khác nhập. Xin tải lại trang."),
    }
