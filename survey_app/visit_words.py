"""The words of what is asked about the visit and the person: shown by the pages, and read aloud."""

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

Choices = tuple[tuple[str, LazyString], ...]

ABOUT_VISIT = _("Về lần đến này")
ABOUT_PERSON = _("Người trả lời")
STAGE = _("Hôm nay Ông/Bà đến để")
FIELD = _("Về lĩnh vực nào?")
PROXY = _("Ông/Bà trả lời giúp người khác?")
HELPER = _("Ai giúp thao tác?")
CAPACITY = _("Ông/Bà đến với tư cách nào?")
RESIDENCE = _("Ông/Bà sống ở đâu?")
FORGOTTEN = _("Không nhớ")
REFUSED = _("Không muốn trả lời")
# One tap of somebody who answers for another, beside the reasons.
FOR_ANOTHER = _("Tôi trả lời giúp người khác")

STAGES: Choices = (
    ("submit", _("Nộp hồ sơ")),
    ("supplement", _("Bổ sung hồ sơ")),
    ("collect_result", _("Nhận kết quả")),
    ("ask_guidance", _("Hỏi, được hướng dẫn")),
    ("refused", _("Hồ sơ không được tiếp nhận")),
)
PROXIES: Choices = (("no", _("Không, trả lời cho mình")), ("yes", _("Có, trả lời giúp")))
HELPERS: Choices = (
    ("alone", _("Tự làm")),
    ("family", _("Người nhà")),
    ("volunteer", _("Tình nguyện viên, tổ công nghệ số")),
    ("postal_staff", _("Nhân viên bưu chính")),
    ("desk_staff", _("Cán bộ tại quầy")),
)
CAPACITIES: Choices = (
    ("citizen", _("Người dân")),
    ("organisation", _("Đại diện tổ chức, doanh nghiệp")),
    ("authorised", _("Người được ủy quyền")),
)
RESIDENCES: Choices = (
    ("same_unit", _("Trong địa bàn này")),
    ("same_province", _("Nơi khác trong tỉnh")),
    ("elsewhere", _("Tỉnh khác")),
)
