"""The pages of the PAR office, in one order for tabs and cards; a page that is not there yet has neither."""

from typing import NamedTuple

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from survey_app.web.security import may_open


class Page(NamedTuple):
    """A tab, and a card with one line."""

    endpoint: str
    title: LazyString
    text: LazyString


PAGES: tuple[Page, ...] = (
    Page("par_office.home", _("Việc cần làm"), _("Những gì đang chờ người phụ trách.")),
    Page(
        "par_office.comparison",
        _("So sánh đơn vị"),
        _("Nhóm, khoảng hạng, biểu đồ phễu và nhóm tương đồng; không xếp hạng trần."),
    ),
    Page(
        "par_office.trends",
        _("Xu hướng"),
        _("Theo tuần, theo đợt và từng đơn vị; tính theo đơn vị khi đó và hiện nay."),
    ),
    Page(
        "par_office.remedies",
        _("Trước và sau khắc phục"),
        _("Tỷ lệ trước và sau một ngày, có hoặc không có nhóm đối chứng."),
    ),
    Page(
        "par_office.crosstabs",
        _("Bảng chéo"),
        _("Hai câu hỏi hoặc hai đặc điểm, có kiểm định theo thiết kế; ô nhỏ được ẩn."),
    ),
    Page(
        "par_office.drivers",
        _("Yếu tố ảnh hưởng"),
        _("Yếu tố nào đi cùng đánh giá chung, kèm khoảng và cảnh báo."),
    ),
    Page(
        "par_office.reliability",
        _("Độ tin cậy của phiếu"),
        _("Alpha, omega, câu bỏ trống, trần điểm và hiệu ứng người phỏng vấn."),
    ),
    Page(
        "par_office.equity",
        _("Công bằng"),
        _("Điểm và độ phủ theo tuổi, giới, dân tộc, học vấn, nơi ở; nhóm còn thiếu trong số liệu."),
    ),
    Page("par_office.reports", _("Báo cáo"), _("Báo cáo kết quả khảo sát của tỉnh và từng đơn vị.")),
    Page("par_office.datasets", _("Dữ liệu"), _("Dữ liệu cho người phân tích, có ghi nhật ký.")),
)


def open_pages() -> list[Page]:
    """The pages that there are and that the reader may open."""
    return [page for page in PAGES if may_open(page.endpoint)]
