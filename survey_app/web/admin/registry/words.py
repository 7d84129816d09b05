"""Words of the registry's pages: why a change is refused, what kinds of changes and units there are."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from survey_app.errors import RegistryRefused
from survey_app.services.registry_changes.requests import MERGE, MOVE, POPULATION, RENAME, SPLIT

KINDS: Mapping[str, LazyString] = {
    MERGE: _("Sáp nhập nhiều đơn vị thành một"),
    SPLIT: _("Chia một đơn vị thành nhiều"),
    RENAME: _("Đổi tên hoặc đổi loại đơn vị"),
    MOVE: _("Chuyển đơn vị về trực thuộc đơn vị khác"),
    POPULATION: _("Cập nhật dân số"),
}
KIND_HINTS: Mapping[str, LazyString] = {
    MERGE: _("Các đơn vị cũ kết thúc; đơn vị mới nhận điểm đặt, tài khoản, phần còn lại của các đợt."),
    SPLIT: _("Mỗi điểm đặt về một đơn vị mới; dân số và chỉ tiêu chia theo tỷ lệ ghi rõ."),
    RENAME: _("Số liệu của những ngày trước giữ tên cũ."),
    MOVE: _("Đơn vị giữ nguyên tên, điểm đặt và tài khoản."),
}
ICON_NAMES: Mapping[str, LazyString] = {
    "land": _("Thửa đất"),
    "family": _("Gia đình"),
    "stamp": _("Con dấu"),
    "shop": _("Cửa hàng"),
    "crane": _("Ngôi nhà"),
    "hands": _("Bàn tay nâng đỡ"),
    "briefcase": _("Cặp công việc"),
    "health": _("Chữ thập y tế"),
    "book": _("Mũ tốt nghiệp"),
    "leaf": _("Cây xanh"),
    "medal": _("Huân chương"),
    "more": _("Lĩnh vực khác"),
}
_REASONS: Mapping[str, LazyString] = {
    "no_reason": _("Xin ghi căn cứ, lý do: người duyệt đọc dòng này."),
    "unknown_kind": _("Xin chọn một loại thay đổi."),
    "same_unit_twice": _("Xin chọn mỗi đơn vị một lần, không quá 20 đơn vị."),
    "too_few_units": _("Sáp nhập cần ít nhất hai đơn vị."),
    "one_unit_only": _("Việc này làm với một đơn vị mỗi lần."),
    "own_office": _("Không tự thay đổi được đơn vị mà tài khoản của ông/bà quản lý. Xin nhờ cấp trên."),
    "too_far_ahead": _("Ngày có hiệu lực không được quá một năm kể từ hôm nay."),
    "not_valid_then": _("%(detail)s không tồn tại vào ngày này hoặc ngày liền trước."),
    "ends_already": _("Đã có ngày kết thúc: %(detail)s."),
    "changed_later": _(
        "Danh mục đã ghi một thay đổi từ ngày này trở đi. Xin chọn ngày sau đó, hoặc hoàn tác thay đổi kia trước."
    ),
    "answers_since": _(
        "Từ ngày này đã có phiếu. Phiếu giữ đơn vị của ngày trả lời, nên xin chọn từ ngày %(detail)s trở đi."
    ),
    "one_successor": _("Xin nhập đơn vị mới."),
    "different_levels": _("Chỉ sáp nhập các đơn vị cùng cấp."),
    "too_few_successors": _("Chia tách cần ít nhất hai đơn vị mới."),
    "shares_not_one": _("Các tỷ lệ dân số phải lớn hơn 0 và cộng lại đúng 100%%."),
    "unknown_place": _("Xin chọn nơi nhận cho từng điểm đặt, đơn vị trực thuộc và tài khoản."),
    "no_parent": _("Xin chọn đơn vị cấp trên."),
    "wrong_parent": _(
        "%(detail)s không làm cấp trên được: cần đơn vị cấp cao hơn, còn hoạt động vào ngày này."
    ),
    "code_taken": _("Mã %(detail)s đã dùng."),
    "bad_code": _("Mã gồm 1–40 chữ không dấu, chữ số, dấu chấm, gạch ngang: “%(detail)s” không được."),
    "bad_gso_code": _("Mã của Cục Thống kê gồm tối đa 10 chữ số."),
    "gso_taken": _("Mã của Cục Thống kê này đang thuộc %(detail)s."),
    "bad_name": _("Xin nhập tên, không quá 200 ký tự, và chọn loại."),
    "name_taken": _("Đã có %(detail)s trong cùng đơn vị cấp trên."),
    "bad_population": _("Dân số là số nguyên từ 0 trở lên."),
    "nothing_new": _("Không có gì khác với hiện nay."),
    "undone_already": _("Thay đổi này đã được hoàn tác."),
    "changed_since": _("Không hoàn tác được khi còn thay đổi sau nó. Xin hoàn tác trước: %(detail)s."),
    "answers_since_change": _(
        "Không hoàn tác được: đơn vị mới đã có phiếu đến ngày %(detail)s. Phiếu giữ đơn vị của ngày trả lời."
    ),
    "used_since": _(
        "Không hoàn tác được: đã có dữ liệu mới gắn với đơn vị mới (bảng %(detail)s). Xin chuyển dữ liệu đó đi trước."
    ),
    "too_many_aliases": _("Mỗi đơn vị có không quá 20 tên gọi khác."),
    "bad_icon": _("Xin chọn một hình trong danh sách và thứ tự từ 0 đến 999."),
    "moved_on": _("Dữ liệu đã thay đổi từ khi ông/bà xem. Chưa thay đổi gì; xin xem lại rồi làm lại."),
    "not_a_date": _("Xin nhập ngày đúng dạng."),
}


def refusal(error: RegistryRefused) -> str:
    """Why not, in the reader's words."""
    return str(_REASONS[error.reason]) % {"detail": error.detail}
