"""What programs send: the fields of a response and of an order of tickets, read strictly."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from survey_app.errors import InvalidField
from survey_app.services.bulk_responses import SentResponse
from survey_app.services.submissions import Dimensions
from survey_app.services.ticket_orders import MAX_SIZE, MIN_SIZE
from survey_app.vocabulary import AssistedBy, Capacity, Channel, Residence, Stage
from survey_app.web.api import fields
from survey_app.web.api.fields import Field, read_fields
from survey_app.web.bodies import Limits

BULK = Limits(most_bytes=5 * 1024 * 1024, most_levels=8, most_values=300_000)
MAX_RESPONSES = 1_000
MAX_ANSWERS = 300
MAX_CODE = 64
MAX_COMMENT = 1_200
LANGUAGES = {"vi": "vi", "en": "en"}
POLARITIES = {"good": "good", "bad": "bad", "neutral": "neutral"}

DIMENSIONS: Mapping[str, Field] = {
    "stage": fields.member_of(Stage, _("Giai đoạn của lượt giao dịch.")),
    "field": fields.text(MAX_CODE, _("Mã lĩnh vực; mã lạ được coi là chưa cho biết.")),
    "desk": fields.text(MAX_CODE, _("Mã quầy; mã lạ được coi là không xác định.")),
    "capacity": fields.member_of(Capacity, _("Tư cách của người trả lời.")),
    "assisted_by": fields.member_of(AssistedBy, _("Ai giúp thao tác.")),
    "residence": fields.member_of(Residence, _("Nơi ở so với đơn vị.")),
    "is_proxy": fields.yes_or_no(_("Trả lời giúp người khác.")),
}


def _answers(value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InvalidField(path, "wrong_shape")
    if len(value) > MAX_ANSWERS:
        raise InvalidField(path, "too_many")
    for item, answer in value.items():
        # Choices by their codes; positions on a scale are for files that are imported.
        if not isinstance(answer, str):
            _codes(answer, f"{path}.{item[:MAX_CODE]}")
    return value


def _codes(value: Any, path: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise InvalidField(path, "wrong_shape")
    if len(value) > MAX_ANSWERS:
        raise InvalidField(path, "too_many")
    return value


def _reached(value: Any, path: str) -> frozenset[str]:
    return frozenset(_codes(value, path))


def _dimensions(value: Any, path: str) -> Dimensions:
    said = read_fields(value, DIMENSIONS, path=path)
    return Dimensions(
        stage=int(said.get("stage", 0)),
        field_code=said.get("field") or None,
        desk_code=said.get("desk") or None,
        capacity=int(said.get("capacity", 0)),
        assisted_by=int(said.get("assisted_by", 0)),
        residence=int(said.get("residence", 0)),
        is_proxy=said.get("is_proxy"),
    )


RESPONSE: Mapping[str, Field] = {
    "id": fields.random_id(_("UUID phiên bản 4 do phần mềm gửi tạo; gửi lại cùng mã thì không lưu hai lần.")),
    "point": fields.code(_("Mã 8 ký tự của điểm đặt, như in dưới mã QR."), is_required=True),
    "channel": fields.member_of(Channel, _("Kênh trả lời."), is_required=True),
    "wave": fields.code(_("Mã đợt; để trống là đợt thường xuyên của đơn vị vào ngày trả lời.")),
    "questionnaire": fields.code(_("Mã phiếu hỏi; để trống là phiếu của đợt.")),
    "version": fields.number(1, 10_000, _("Phiên bản phiếu hỏi; để trống là phiên bản của đợt.")),
    "language": fields.one_of(LANGUAGES, _("Ngôn ngữ đã trả lời."), is_required=True),
    "collected_on": fields.day(_("Ngày trả lời, theo giờ địa phương; để trống là hôm nay.")),
    "answers": Field(
        _answers,
        {
            "type": "object",
            "description": _("Câu trả lời theo mã câu hỏi: mã lựa chọn, hoặc danh sách mã nếu chọn nhiều."),
            "maxProperties": MAX_ANSWERS,
            "additionalProperties": {
                "anyOf": [
                    {"type": "string"},
                    {"type": "array", "items": {"type": "string"}, "maxItems": MAX_ANSWERS},
                ]
            },
        },
        True,
    ),
    "reached": Field(
        _reached,
        {
            "type": ["array", "null"],
            "description": _(
                "Mã các câu đã hiện cho người trả lời; câu có trả lời luôn được tính là đã hiện."
            ),
            "items": {"type": "string"},
            "maxItems": MAX_ANSWERS,
        },
    ),
    "dimensions": Field(
        _dimensions,
        fields.object_schema(DIMENSIONS, _("Điều người trả lời cho biết về lượt giao dịch."))
        | {"type": ["object", "null"]},
    ),
    "comment": fields.text(MAX_COMMENT, _("Góp ý bằng lời; lưu riêng, không gắn với phiếu.")),
    "polarity": fields.one_of(POLARITIES, _("Góp ý về điều hài lòng, chưa hài lòng hay khác.")),
    "ticket": fields.text(
        200, _("Mã trên phiếu hẹn; mã sai hoặc đã dùng thì phiếu vẫn được lưu, tính riêng.")
    ),
}
TICKET_ORDER: Mapping[str, Field] = {
    "point": fields.code(_("Mã 8 ký tự của điểm đặt."), is_required=True),
    "size": fields.number(MIN_SIZE, MAX_SIZE, _("Số mã cần cấp."), is_required=True),
    "expires_on": fields.day(_("Ngày cuối cùng mã còn hiệu lực, tối đa 366 ngày."), is_required=True),
    "stage": fields.member_of(Stage, _("Giai đoạn ghi sẵn trong đường dẫn."), leave_out="unknown"),
    "field": fields.text(MAX_CODE, _("Mã lĩnh vực ghi sẵn trong đường dẫn.")),
    "wave": fields.code(_("Mã đợt; để trống là đợt thường xuyên khi người dân trả lời.")),
}


def read_response(value: Any) -> SentResponse:
    """One response of a call; raises `InvalidField` at its first fault."""
    said = read_fields(value, RESPONSE)
    return SentResponse(
        id=said["id"],
        point_code=said["point"].upper(),
        channel=said["channel"],
        language=said["language"],
        answers=said["answers"],
        reached=said.get("reached", frozenset()),
        dimensions=said.get("dimensions", Dimensions()),
        comment=said.get("comment", "").strip(),
        polarity=said.get("polarity", "neutral"),
        ticket=said.get("ticket") or None,
        wave_code=said.get("wave"),
        questionnaire=said.get("questionnaire"),
        version=said.get("version"),
        collected_on=said.get("collected_on"),
    )


def read_responses(body: Mapping[str, Any]) -> list[Any]:
    """The responses of a call, each still as sent: a faulty one must not refuse the others."""
    if "responses" not in body:
        raise InvalidField("responses", "missing")
    if len(body) > 1:
        raise InvalidField("body", "unknown_field")
    sent = body["responses"]
    if not isinstance(sent, list):
        raise InvalidField("responses", "wrong_shape")
    if not 1 <= len(sent) <= MAX_RESPONSES:
        raise InvalidField("responses", "out_of_range")
    return sent
