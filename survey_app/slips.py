"""The slips of the one-stop desk that carry a code, and what each says about the visit of the person who holds it."""

from dataclasses import dataclass

from survey_app.vocabulary import Stage


@dataclass(frozen=True, slots=True)
class Slip:
    """A kind of slip: its code in addresses, its full name, and the stage that is true of its holder."""

    code: str
    name_vi: str
    name_en: str
    stage: Stage


SLIPS = (
    Slip("receipt", "Giấy tiếp nhận hồ sơ và hẹn trả kết quả", "Receipt and appointment slip", Stage.SUBMIT),
    Slip(
        "supplement",
        "Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ",
        "Request for more papers",
        Stage.SUPPLEMENT,
    ),
    Slip("refusal", "Phiếu từ chối tiếp nhận giải quyết hồ sơ", "Notice of refusal", Stage.REFUSED),
    # Whoever holds an apology has handed in an application and has collected nothing yet: questions about
    # the result are not theirs to answer, the one about the appointed day is. That is the stage SUBMIT.
    Slip("apology", "Phiếu xin lỗi và hẹn lại ngày trả kết quả", "Apology and new date", Stage.SUBMIT),
)
"""The four slips of the one-stop procedure, in the order in which a person may meet them."""
