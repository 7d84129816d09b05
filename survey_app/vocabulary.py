"""The coded dimensions of a response: one small integer each, 0 always meaning not known."""

from enum import IntEnum


class Channel(IntEnum):
    """How the answer reached us (kênh)."""

    KIOSK = 1
    QR = 2
    LINK = 3
    PHONE = 4
    PAPER = 5
    INTERVIEW = 6


INTERVIEWED = (Channel.PHONE, Channel.INTERVIEW)
"""Channels on which an interviewer asks, whose name for that is the collector of the response."""


class Stage(IntEnum):
    """Why the person came (giai đoạn); someone who has only submitted cannot judge the result."""

    UNKNOWN = 0
    SUBMIT = 1
    SUPPLEMENT = 2
    COLLECT_RESULT = 3
    ASK_GUIDANCE = 4
    REFUSED = 5


class Capacity(IntEnum):
    """In what capacity the person came (tư cách)."""

    UNKNOWN = 0
    CITIZEN = 1
    ORGANISATION = 2
    AUTHORISED = 3


class AssistedBy(IntEnum):
    """Who handled the screen or the pen."""

    UNKNOWN = 0
    ALONE = 1
    FAMILY = 2
    VOLUNTEER = 3
    POSTAL_STAFF = 4
    DESK_STAFF = 5


class Residence(IntEnum):
    """Where the person lives, seen from the unit that serves."""

    UNKNOWN = 0
    SAME_UNIT = 1
    SAME_PROVINCE = 2
    ELSEWHERE = 3


class FilingMode(IntEnum):
    """How a file was handed in (hình thức nộp hồ sơ)."""

    UNKNOWN = 0
    IN_PERSON = 1
    ONLINE = 2
    POST = 3


class FileOutcome(IntEnum):
    """What became of a file: settled, sent back for more papers, refused."""

    UNKNOWN = 0
    DONE = 1
    SUPPLEMENT = 2
    REFUSED = 3


class QualityFlag(IntEnum):
    """Bits of `response.flags`: signs to be looked at, never proof; a flagged response still counts."""

    FAST = 1
    STRAIGHT_LINE = 2
    CLOCK_ODD = 4
    AFTER_HOURS = 8


Words = tuple[str, str]

LABELS: dict[tuple[type[IntEnum], int], Words] = {
    (Channel, Channel.KIOSK): ("Ki-ốt", "Kiosk"),
    (Channel, Channel.QR): ("Mã QR", "QR code"),
    (Channel, Channel.LINK): ("Đường dẫn", "Link"),
    (Channel, Channel.PHONE): ("Điện thoại", "Telephone"),
    (Channel, Channel.PAPER): ("Phiếu giấy", "Paper form"),
    (Channel, Channel.INTERVIEW): ("Phỏng vấn", "Interview"),
    (Stage, Stage.UNKNOWN): ("Chưa cho biết", "Not stated"),
    (Stage, Stage.SUBMIT): ("Nộp hồ sơ", "Submitted an application"),
    (Stage, Stage.SUPPLEMENT): ("Bổ sung hồ sơ", "Supplied more papers"),
    (Stage, Stage.COLLECT_RESULT): ("Nhận kết quả", "Collected the result"),
    (Stage, Stage.ASK_GUIDANCE): ("Hỏi, được hướng dẫn", "Asked for guidance"),
    (Stage, Stage.REFUSED): ("Hồ sơ không được tiếp nhận", "Application not accepted"),
    (Capacity, Capacity.UNKNOWN): ("Chưa cho biết", "Not stated"),
    (Capacity, Capacity.CITIZEN): ("Người dân", "Citizen"),
    (Capacity, Capacity.ORGANISATION): ("Đại diện tổ chức, doanh nghiệp", "Organisation or business"),
    (Capacity, Capacity.AUTHORISED): ("Người được ủy quyền", "Authorised person"),
    (AssistedBy, AssistedBy.UNKNOWN): ("Chưa cho biết", "Not stated"),
    (AssistedBy, AssistedBy.ALONE): ("Tự làm", "On one's own"),
    (AssistedBy, AssistedBy.FAMILY): ("Người nhà", "Family"),
    (AssistedBy, AssistedBy.VOLUNTEER): (
        "Tình nguyện viên, tổ công nghệ số",
        "Volunteer, digital community team",
    ),
    (AssistedBy, AssistedBy.POSTAL_STAFF): ("Nhân viên bưu chính", "Postal staff"),
    (AssistedBy, AssistedBy.DESK_STAFF): ("Cán bộ tại quầy", "Desk staff"),
    (Residence, Residence.UNKNOWN): ("Chưa cho biết", "Not stated"),
    (Residence, Residence.SAME_UNIT): ("Trong xã, phường này", "This commune or ward"),
    (Residence, Residence.SAME_PROVINCE): ("Nơi khác trong tỉnh", "Elsewhere in the province"),
    (Residence, Residence.ELSEWHERE): ("Ngoài tỉnh", "Outside the province"),
    (FilingMode, FilingMode.UNKNOWN): ("Chưa phân loại", "Not stated"),
    (FilingMode, FilingMode.IN_PERSON): ("Trực tiếp", "In person"),
    (FilingMode, FilingMode.ONLINE): ("Trực tuyến", "Online"),
    (FilingMode, FilingMode.POST): ("Bưu chính", "By post"),
    (FileOutcome, FileOutcome.UNKNOWN): ("Chưa phân loại", "Not stated"),
    (FileOutcome, FileOutcome.DONE): ("Đã giải quyết", "Settled"),
    (FileOutcome, FileOutcome.SUPPLEMENT): ("Yêu cầu bổ sung", "More papers asked for"),
    (FileOutcome, FileOutcome.REFUSED): ("Từ chối", "Refused"),
}
"""The words of each code, Vietnamese and English: data, like the wording of an item."""


def label(code: IntEnum, language: str) -> str:
    """The word of a code in a language."""
    return LABELS[type(code), code][0 if language == "vi" else 1]
