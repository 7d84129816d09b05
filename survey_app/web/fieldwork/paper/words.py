"""What the script of the grid says to the reader, and the names of a batch's states."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

STATES: dict[str, LazyString] = {
    "keying": _("Đang nhập"),
    "checking": _("Đang nhập lần hai"),
    "compared": _("Đã đối chiếu, chờ ghi sổ"),
    "booked": _("Đã ghi sổ"),
}


def grid_words() -> dict[str, str]:
    return {
        "sheet": gettext("Phiếu"),
        "column": gettext("Câu"),
        "blank": gettext("để trống"),
        "none": gettext("chưa nhập"),
        "editing": gettext("chưa xong"),
        "saving": gettext("đang lưu"),
        "saved": gettext("đã lưu"),
        "unsaved": gettext("chưa lưu, sẽ tự gửi lại"),
        "refused": gettext("không lưu được"),
        "spare": gettext("ngoài số phiếu đã đếm"),
        "wrong": gettext("Câu này không có số đó."),
        "most": gettext("Câu này chọn nhiều nhất %(n)s ý.", n="{n}"),
        "heard": gettext("vừa nhập câu %(column)s: %(words)s", column="{column}", words="{words}"),
        "all_saved": gettext("Đã lưu tất cả."),
        "some_unsaved": gettext("%(n)s phiếu chưa lưu. Xin đừng tắt trang này.", n="{n}"),
        "progress": gettext("Đã xong %(done)s/%(all)s phiếu.", done="{done}", all="{all}"),
        "signed_out": gettext(
            "Phiên làm việc đã hết. Xin mở trang đăng nhập ở thẻ khác, đăng nhập rồi quay lại đây."
        ),
        "elsewhere": gettext("Phiếu này đã có người khác nhập. Xin tải lại trang."),
    }
