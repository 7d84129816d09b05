"""The audit log in words: what was done, to what, and what the details mean. One table each."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from survey_app import formatting
from survey_app.i18n import current_language
from survey_app.vocabulary import Channel, label
from survey_app.web.admin.audit_detail_words import EDITED, NAMES, VALUES
from survey_app.web.admin.questionnaires.words import CHANGES, PLACES
from survey_app.web.security import ROLE_TITLES, Role

_DAY = re.compile(r"(?:19|20)\d\d-[01]\d-[0-3]\d")
# Details that are lists, and what one of them is.
_ONE_OF = {
    "point_ids": "point_id",
    "channels": "channel",
    "languages": "language",
    "changes": "change",
    "scopes": "scope",
    "unit_ids": "unit_id",
}
# Lists that may be long: how many are not named.
_LONG: Mapping[str, LazyString] = {
    "point_ids": _("… và %(n)s điểm khác"),
    "unit_ids": _("… và %(n)s đơn vị khác"),
}
FIRST_NAMED, MOST_NAMED = 3, 5

# By what comes before the point of an action.
GROUPS: Mapping[str, LazyString] = {
    "account": _("Tài khoản và đăng nhập"),
    "api_client": _("Phần mềm được gọi API"),
    "approval": _("Việc cần hai người duyệt"),
    "audit": _("Nhật ký"),
    "calendar": _("Lịch làm việc"),
    "conversion": _("Bảng quy đổi điểm"),
    "data": _("Dữ liệu hết hạn lưu"),
    "indicators": _("Chín chỉ số và con số đã công bố"),
    "dataset": _("Dữ liệu cho phân tích"),
    "device": _("Máy đánh giá"),
    "evidence": _("Hồ sơ kiểm chứng"),
    "exclusion": _("Loại phiếu khỏi tính toán"),
    "interview": _("Phỏng vấn"),
    "method": _("Phương pháp chính thức"),
    "letterhead": _("Thể thức văn bản"),
    "paper": _("Phiếu giấy"),
    "period": _("Kỳ báo cáo"),
    "point_code": _("Mã in của điểm đặt"),
    "publication": _("Công bố kết quả"),
    "questionnaire": _("Phiếu hỏi"),
    "recording": _("Bản đọc"),
    "registry": _("Danh mục"),
    "responses": _("Nhập phiếu từ tệp"),
    "roots": _("Niêm phiếu đã nhận"),
    "sample": _("Mẫu khảo sát"),
    "sample_frame": _("Khung chọn mẫu"),
    "sample_plan": _("Phương án mẫu"),
    "tickets": _("Mã trả lời một lần"),
    "transactions": _("Số hồ sơ"),
    "wave": _("Đợt khảo sát"),
}
TITLES: Mapping[str, LazyString] = {
    "conversion.saved": _("Lưu bảng quy đổi điểm"),
    "letterhead.saved": _("Lưu thể thức văn bản"),
    "account.changed": _("Sửa tài khoản"),
    "account.created": _("Lập tài khoản"),
    "account.identity_linked": _("Nối người của cổng đăng nhập với tài khoản"),
    "account.identity_unlinked": _("Bỏ nối người của cổng đăng nhập"),
    "account.invitation_accepted": _("Nhận lời mời, đặt mật khẩu"),
    "account.invitation_renewed": _("Gửi lại lời mời"),
    "account.invitation_revoked": _("Thu hồi lời mời"),
    "account.invited": _("Mời cán bộ lập tài khoản"),
    "account.own_sessions_ended": _("Tự kết thúc các phiên đăng nhập"),
    "account.password_changed": _("Đổi mật khẩu"),
    "account.second_factor_recovery_code_used": _("Dùng một mã dự phòng"),
    "account.second_factor_recovery_codes_renewed": _("Cấp lại mã dự phòng"),
    "account.second_factor_removed": _("Gỡ xác thực hai lớp"),
    "account.second_factor_set": _("Bật xác thực hai lớp"),
    "account.security_key_added": _("Thêm khóa bảo mật"),
    "account.security_key_removed": _("Gỡ khóa bảo mật"),
    "account.sessions_ended": _("Kết thúc các phiên đăng nhập"),
    "account.signed_in": _("Đăng nhập"),
    "account.signed_out": _("Đăng xuất"),
    "account.throttled": _("Nhập sai mật khẩu nhiều lần, tạm dừng đăng nhập"),
    "api_client.created": _("Cấp khóa cho phần mềm"),
    "api_client.revoked": _("Thu hồi khóa của phần mềm"),
    "approval.approved": _("Duyệt một đề nghị"),
    "approval.proposed": _("Đề nghị một thay đổi"),
    "approval.rejected": _("Từ chối một đề nghị"),
    "approval.withdrawn": _("Rút một đề nghị"),
    "audit.checked": _("Kiểm tra nhật ký và phiếu đã nhận"),
    "audit.exported": _("Tải nhật ký"),
    "indicators.basis_chosen": _("Chọn căn cứ của chín chỉ số"),
    "indicators.counts_entered": _("Ghi số liệu chín chỉ số"),
    "indicators.figure_entered": _("Ghi con số đã công bố"),
    "calendar.closure_entered": _("Ghi ngày ngừng tiếp dân"),
    "calendar.closure_withdrawn": _("Rút ngày ngừng tiếp dân"),
    "calendar.day_entered": _("Ghi ngày lễ, ngày làm bù"),
    "calendar.day_withdrawn": _("Bỏ ngày lễ, ngày làm bù"),
    "calendar.hours_set": _("Đặt giờ làm việc"),
    "data.purged": _("Xóa dữ liệu hết thời hạn lưu"),
    "dataset.exported": _("Xuất dữ liệu từng phiếu cho phân tích"),
    "device.commissioned": _("Đưa máy vào sử dụng"),
    "device.enrolled": _("Đăng ký máy"),
    "device.expected": _("Lập máy đánh giá"),
    "device.incident": _("Ghi sự cố của máy"),
    "device.message": _("Đổi lời nhắn trên máy"),
    "device.profile_changed": _("Đổi cài đặt của máy"),
    "device.queue_imported": _("Nhập phiếu máy chưa gửi"),
    "device.reload": _("Yêu cầu máy tải lại"),
    "device.replaced": _("Thay máy"),
    "device.revoked": _("Ngừng sử dụng máy"),
    "evidence.taken": _("Tải hồ sơ kiểm chứng của đợt"),
    "exclusion.added": _("Loại phiếu khỏi tính toán"),
    "exclusion.lifted": _("Tính lại phiếu đã loại"),
    "exclusion.previewed": _("Xem trước việc loại phiếu"),
    "interview.called_back": _("Phúc tra phỏng vấn"),
    "interview.case_replaced": _("Thay một phiếu phỏng vấn"),
    "interview.cases_given": _("Giao phiếu phỏng vấn"),
    "interview.cases_viewed": _("Xem danh sách phiếu phỏng vấn"),
    "paper.batch_booked": _("Ghi sổ lô phiếu giấy"),
    "paper.batch_reopened": _("Mở lại lô phiếu giấy"),
    "paper.box_opened": _("Mở hòm phiếu"),
    "paper.pad_added": _("Lập tập phiếu"),
    "paper.sheets_viewed": _("Xem các tờ phiếu giấy đang nhập"),
    "period.added": _("Thêm kỳ báo cáo"),
    "point_code.issued": _("Cấp mã in"),
    "point_code.replaced": _("Thay mã in"),
    "method.discarded": _("Bỏ bản thảo phương pháp"),
    "method.drafted": _("Lập bản thảo phương pháp"),
    "method.edited": _("Sửa bản thảo phương pháp"),
    "method.published": _("Đưa phương pháp chính thức vào hiệu lực"),
    "publication.answered": _("Trả lời ý kiến của đơn vị về kết quả"),
    "publication.hearing_opened": _("Lấy ý kiến đơn vị về kết quả"),
    "publication.pages_closed": _("Đóng trang kết quả công khai"),
    "publication.pages_opened": _("Mở trang kết quả công khai"),
    "publication.published": _("Công bố kết quả"),
    "publication.recounted": _("Tính lại kết quả, quay về dự thảo"),
    "publication.replied": _("Đơn vị có ý kiến về kết quả"),
    "publication.reviewed": _("Chuyển kết quả sang soát xét"),
    "publication.started": _("Lập dự thảo kết quả"),
    "publication.withdrawn": _("Rút kết quả"),
    "questionnaire.discarded": _("Bỏ bản thảo phiếu hỏi"),
    "questionnaire.drafted": _("Lập bản thảo phiếu hỏi"),
    "questionnaire.edited": _("Sửa bản thảo phiếu hỏi"),
    "questionnaire.noted": _("Ghi ý kiến về phiếu hỏi"),
    "questionnaire.published": _("Ban hành phiếu hỏi"),
    "questionnaire.remapped": _("Sửa bảng nối hai phiên bản"),
    "recording.deleted": _("Xóa bản đọc"),
    "recording.stored": _("Lưu bản đọc"),
    "registry.alias_added": _("Thêm tên gọi khác"),
    "registry.alias_removed": _("Bỏ tên gọi khác"),
    "registry.changed": _("Đổi danh mục"),
    "registry.desk_added": _("Thêm quầy"),
    "registry.desk_changed": _("Sửa quầy"),
    "registry.desk_closed": _("Đóng quầy"),
    "registry.field_saved": _("Lưu lĩnh vực"),
    "registry.imported": _("Nhập danh mục"),
    "registry.point_added": _("Thêm điểm đặt"),
    "registry.point_closed": _("Đóng điểm đặt"),
    "registry.point_moved": _("Chuyển điểm đặt"),
    "registry.point_renamed": _("Đổi tên điểm đặt"),
    "registry.settled": _("Thay đổi danh mục có hiệu lực"),
    "registry.undone": _("Hoàn tác thay đổi danh mục"),
    "responses.imported": _("Nhập phiếu từ tệp"),
    "roots.broken": _("Phiếu không khớp dấu niêm"),
    "roots.folded": _("Niêm lại sau khi làm thô ngày"),
    "roots.sealed": _("Niêm phiếu đã nhận"),
    "sample.drawn": _("Chọn mẫu"),
    "sample.given": _("Giao mẫu"),
    "sample.list_matched": _("Đối chiếu danh sách"),
    "sample.list_taken": _("Tải danh sách mẫu"),
    "sample.lists_forgotten": _("Xóa danh sách mẫu"),
    "sample.replaced": _("Thay một đơn vị mẫu"),
    "sample.set_aside": _("Hủy mẫu chọn nhầm"),
    "sample.tickets_listed": _("Tải mã của mẫu"),
    "sample_frame.accepted": _("Chấp nhận khung chọn mẫu"),
    "sample_frame.discarded": _("Bỏ khung chọn mẫu"),
    "sample_frame.loaded": _("Nạp khung chọn mẫu"),
    "sample_plan.deleted": _("Xóa phương án mẫu"),
    "sample_plan.saved": _("Lưu phương án mẫu"),
    "tickets.downloaded": _("Tải các đường dẫn trả lời"),
    "tickets.issued": _("Tạo đợt mã trả lời"),
    "tickets.revoked": _("Thu hồi đợt mã trả lời"),
    "transactions.loaded": _("Nhập số hồ sơ"),
    "wave.added": _("Mở đợt khảo sát"),
    "wave.archived": _("Lưu trữ đợt khảo sát"),
    "wave.changed": _("Sửa đợt khảo sát"),
    "wave.closed": _("Khóa sổ đợt khảo sát"),
    "wave.coarsened": _("Làm thô ngày của đợt"),
    "wave.dropped": _("Bỏ đợt khảo sát đang lập"),
    "wave.opened": _("Mở đợt khảo sát đã lập"),
    "wave.planned": _("Lập đợt khảo sát"),
    "wave.reopened": _("Mở lại đợt khảo sát"),
    "wave.targets_set": _("Đặt số phiếu cần"),
    "wave.units_chosen": _("Chọn đơn vị tham gia"),
}
# What stands before the colon of a target.
TARGETS: Mapping[str, LazyString] = {
    "account": _("Tài khoản"),
    "api_client": _("Phần mềm"),
    "approval": _("Đề nghị số"),
    "audit": _("Nhật ký"),
    "calendar_day": _("Ngày"),
    "closure": _("Lần ngừng tiếp dân số"),
    "device": _("Máy số"),
    "draft": _("Bản thảo số"),
    "method_draft": _("Bản thảo phương pháp số"),
    "exclusion": _("Quyết định loại số"),
    "paper_batch": _("Lô phiếu số"),
    "paper_opening": _("Lần mở hòm số"),
    "paper_pad": _("Tập phiếu số"),
    "point": _("Điểm đặt"),
    "point_code": _("Mã in"),
    "recording": _("Bản đọc"),
    "registry_operation": _("Thay đổi danh mục số"),
    "responses": _("Phiếu đã nhận"),
    "sample_draw": _("Lần chọn mẫu số"),
    "sample_frame": _("Khung chọn mẫu"),
    "sample_plan": _("Phương án mẫu số"),
    "ticket_batch": _("Đợt mã"),
    "tickets": _("Đợt mã"),
    "unit": _("Đơn vị"),
    "version": _("Phiếu hỏi số"),
    "wave": _("Đợt khảo sát số"),
}


class Line(NamedTuple):
    """One detail: what it is, as it was (empty where nothing is said of it) and as it is.

    Of a long list `after` names the first few and says how many more there are; `rest` names these.
    """

    name: str
    before: str
    after: str
    rest: str = ""


def action_title(action: str) -> str:
    """What was done; the code itself for an action that an older version wrote."""
    return str(TITLES.get(action, action))


@dataclass(frozen=True, slots=True)
class Named:
    """Names of what an entry refers to by number."""

    accounts: Mapping[int, str]
    units: Mapping[int, str]
    points: Mapping[int, str]

    def name(self, kind: str, key: object) -> str | None:
        """The name of an account, unit or point; None for what has none."""
        known = {"account": self.accounts, "unit": self.units, "point": self.points}.get(kind, {})
        text = str(key)
        return known.get(int(text)) if text.isascii() and text.isdecimal() else None


def target_words(target: str, named: Named) -> str:
    """What it was done to, by name where it has one."""
    kind, _colon, key = target.partition(":")
    if kind not in TARGETS:
        return target
    return f"{TARGETS[kind]} {named.name(kind, key) or key}".strip()


def detail_lines(details: Mapping[str, object], named: Named) -> Iterator[Line]:
    """Details as lines; those of a change with what was before."""
    before, after = details.get("before"), details.get("after")
    is_change = isinstance(before, dict) and isinstance(after, dict)
    if isinstance(before, dict) and isinstance(after, dict):
        for name in [*before, *(name for name in after if name not in before)]:
            was, now = (value_words(name, values.get(name), named) for values in (before, after))
            if was != now:
                yield Line(_name(name), was, now)
    for name, value in details.items():
        if name == "after" and not is_change and isinstance(value, dict):
            # Something new: what it is, without what was left empty.
            filled = ((key, each) for key, each in value.items() if each not in (None, "", []))
            yield from (_line(key, each, named) for key, each in filled)
        elif not (is_change and name in {"before", "after"}):
            yield _line(name, value, named)


def _line(name: str, value: object, named: Named) -> Line:
    """A detail that was not changed from something else. Targets stand under the number of their unit."""
    title = _name(named.name("unit", name) or name)
    if not isinstance(value, list) or name not in _LONG or len(value) <= MOST_NAMED:
        return Line(title, "", value_words(name, value, named))
    words = [value_words(_ONE_OF[name], each, named) for each in value]
    more = str(_LONG[name]) % {"n": len(words) - FIRST_NAMED}
    return Line(title, "", f"{', '.join(words[:FIRST_NAMED])} {more}", ", ".join(words[FIRST_NAMED:]))


def value_words(name: str, value: object, named: Named) -> str:
    """A value as one reads it; nothing is a dash."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return gettext("có") if value else gettext("không")
    if name == "roots" and isinstance(value, list):
        return str(len(value))
    if isinstance(value, list):
        return ", ".join(value_words(_ONE_OF.get(name, ""), each, named) for each in value) or "–"
    if isinstance(value, dict):
        return (
            "; ".join(f"{_name(key)}: {value_words(key, each, named)}" for key, each in value.items()) or "–"
        )
    if name == "change":
        return _change_words(str(value))
    if name == "role" and value in set(Role):
        return str(ROLE_TITLES[Role(str(value))])
    if name == "channel" and value in set(Channel):
        return label(Channel(value), current_language())
    if (words := VALUES.get((name, str(value)))) is not None:
        return str(words)
    if isinstance(value, str) and _DAY.fullmatch(value):
        return formatting.short_date(date.fromisoformat(value), language=current_language())
    return named.name(name.removesuffix("_id"), value) or str(value)


def _change_words(change: str) -> str:
    """What was edited in a draft, then the code of the question it was edited in, if it was in one."""
    what, _space, code = change.partition(" ")
    words = CHANGES.get(what) or EDITED.get(what) or PLACES.get(what)
    return change if words is None else f"{words} {code}".strip()


def _name(name: str) -> str:
    return str(NAMES.get(name, name.replace("_", " ")))
