"""The description of the API (OpenAPI 3.1), made from the tables by which calls are read and errors are told."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel.speaklater import LazyString

from survey_app.services.api_clients import Scope
from survey_app.services.bulk_responses import MAX_AGE_DAYS, OutcomeStatus
from survey_app.services.ticket_orders import MAX_DAYS, MAX_SIZE, MIN_SIZE
from survey_app.web import errors
from survey_app.web.api import reading, transactions
from survey_app.web.api.bodies import BULK, MAX_RESPONSES, RESPONSE, TICKET_ORDER
from survey_app.web.api.fields import object_schema
from survey_app.web.reasons import REASONS

VERSION = "1.1.0"
PROBLEM = "application/problem+json"
# What any call may be answered with, whatever it asks for.
ALWAYS = (500, 503)
KEYED = (400, 401, 403, 413, 415, 422, *ALWAYS)


def description(base_url: str) -> dict[str, Any]:
    """The whole description in the language of the request."""
    described: dict[str, Any] = _plain(_described(base_url))
    return described


def _plain(value: Any) -> Any:
    """The value with texts that wait for a language turned into texts."""
    if isinstance(value, LazyString):
        return str(value)
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, (list, tuple)) else value


def _described(base_url: str) -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {
            "title": _("Hài lòng Một cửa: API cho phần mềm"),
            "version": VERSION,
            "description": _(
                "Gửi phiếu trả lời đã thu ở hệ thống khác, gửi số lượng hồ sơ, và lấy mã trả lời một lần cho "
                "phiếu hẹn. Không gửi mã hồ sơ, họ tên hay số giấy tờ; hệ thống không có chỗ lưu các dữ liệu đó."
            ),
        },
        "servers": [{"url": base_url}],
        "paths": {
            "/api/v1/openapi.json": {"get": _describe()},
            "/api/v1/docs": {"get": _document()},
            "/api/v1/responses": {"post": _store()},
            "/api/v1/ticket-batches": {"post": _issue()},
            "/api/v1/transactions": {"post": _count()},
            **{f"/api/v1/{name}": {"get": _list(name)} for name in reading.LISTS},
            "/api/v1/releases/{release}/tables": {"get": _tables()},
        },
        "components": {
            "schemas": {
                "Response": object_schema(RESPONSE, _("Một phiếu trả lời.")),
                "TicketOrder": object_schema(TICKET_ORDER, _("Yêu cầu cấp một đợt mã.")),
                "Results": _results(),
                "TicketBatch": _batch(),
                "TransactionCount": object_schema(transactions.COUNT, _("Một số đếm hồ sơ.")),
                "TransactionResult": transactions.answer_schema(),
                "Problem": _problem(),
                **reading.schemas(),
            },
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": _(
                        "Khóa do người quản trị cấp cho từng phần mềm: %(scopes)s.", scopes=", ".join(Scope)
                    ),
                }
            },
        },
    }


def _describe() -> dict[str, Any]:
    return {
        "operationId": "description",
        "summary": _("Bản mô tả này"),
        "security": [],
        "responses": {
            "200": {
                "description": _("Bản mô tả theo OpenAPI 3.1"),
                "content": {"application/json": {"schema": {"type": "object"}}},
            },
            **_problems(ALWAYS),
        },
    }


def _document() -> dict[str, Any]:
    content = {"text/html": {"schema": {"type": "string"}}}
    return {
        "operationId": "docs",
        "summary": _("Bản mô tả này thành trang để đọc"),
        "security": [],
        "responses": {"200": {"description": _("Trang HTML"), "content": content}, **_problems(ALWAYS)},
    }


def _store() -> dict[str, Any]:
    schema = {
        "type": "object",
        "properties": {
            "responses": {
                "type": "array",
                "items": {"$ref": "#/components/schemas/Response"},
                "minItems": 1,
                "maxItems": MAX_RESPONSES,
            }
        },
        "required": ["responses"],
        "additionalProperties": False,
    }
    return {
        "operationId": "store_responses",
        "summary": _("Gửi phiếu trả lời"),
        "description": _(
            "Mỗi phiếu được xét riêng: đã lưu, đã có từ trước, trùng mã mà khác nội dung, hoặc không hợp lệ. "
            "Phiếu được ghi theo từng nhóm; nếu không nhận được trả lời hoặc gặp lỗi 5xx thì gửi lại nguyên yêu cầu, "
            "phiếu đã lưu sẽ được nhận ra. Tối đa %(n)s phiếu, %(mb)s MB; ngày trả lời không quá %(days)s ngày trước.",
            n=MAX_RESPONSES,
            mb=BULK.most_bytes // 2**20,
            days=MAX_AGE_DAYS,
        ),
        "security": [{"key": [Scope.WRITE_RESPONSES.value]}],
        "requestBody": _body(schema),
        "responses": {"200": _answer("Results", _("Kết quả từng phiếu")), **_problems(KEYED)},
    }


def _issue() -> dict[str, Any]:
    key = {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": _(
            "Khóa chống lặp do phần mềm gửi tạo; gửi lại cùng khóa thì nhận lại đúng các đường dẫn đó."
        ),
        "schema": {"type": "string", "minLength": 1, "maxLength": 80},
    }
    return {
        "operationId": "issue_tickets",
        "summary": _("Lấy một đợt mã trả lời một lần"),
        "description": _(
            "Từ %(least)s đến %(most)s mã một lần, hạn dùng tối đa %(days)s ngày. In mỗi đường dẫn lên một giấy hẹn. "
            "Không lưu mã nào được đưa cho hồ sơ nào.",
            least=MIN_SIZE,
            most=MAX_SIZE,
            days=MAX_DAYS,
        ),
        "security": [{"key": [Scope.ISSUE_TICKETS.value]}],
        "parameters": [key],
        "requestBody": _body({"$ref": "#/components/schemas/TicketOrder"}),
        "responses": {
            "200": _answer("TicketBatch", _("Đợt mã đã cấp trước đó với cùng khóa")),
            "201": _answer("TicketBatch", _("Đợt mã mới")),
            **_problems((*KEYED, 404, 409)),
        },
    }


def _count() -> dict[str, Any]:
    return {
        "operationId": "store_transactions",
        "summary": _("Gửi số lượng hồ sơ"),
        "description": _(
            "Số hồ sơ theo đơn vị, kỳ, quầy, lĩnh vực, hình thức nộp và kết quả; chỉ số đếm, không có từng hồ sơ. "
            "Ghi toàn bộ hoặc không ghi dòng nào. Gửi lại thì không đổi gì; số khác cho cùng khóa thì thay số cũ, "
            "số cũ còn trong nhật ký. Tối đa %(n)s dòng mỗi lần.",
            n=transactions.MAX_COUNTS,
        ),
        "security": [{"key": [Scope.WRITE_TRANSACTIONS.value]}],
        "requestBody": _body(transactions.request_schema()),
        "responses": {"200": _answer("TransactionResult", _("Đã ghi")), **_problems(KEYED)},
    }


def _list(name: str) -> dict[str, Any]:
    schema, scope, words = reading.LISTS[name]
    return {
        "operationId": f"list_{name}",
        "summary": words,
        "security": [{"key": [scope.value]}],
        "parameters": [*reading.parameters(name), _if_none_match()],
        "responses": {
            "200": _answer(f"{schema}Page", words),
            "304": {"description": _("Không đổi từ lần đọc trước")},
            **_problems((401, 403, 422, *ALWAYS)),
        },
    }


def _tables() -> dict[str, Any]:
    words = _("Mọi bảng của một kết quả đã công bố")
    release = {"name": "release", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 0}}
    return {
        "operationId": "release_tables",
        "summary": words,
        "security": [{"key": [Scope.READ_RESULTS.value]}],
        "parameters": [release, _if_none_match()],
        "responses": {
            "200": _answer("ReleaseTables", words),
            "304": {"description": _("Không đổi từ lần đọc trước")},
            **_problems((401, 403, 404, 422, *ALWAYS)),
        },
    }


def _if_none_match() -> dict[str, Any]:
    words = _("ETag của lần đọc trước; không đổi thì trả lời 304 không có nội dung.")
    return {"name": "If-None-Match", "in": "header", "required": False, "description": words,
            "schema": {"type": "string"}}  # fmt: skip


def _results() -> dict[str, Any]:
    outcome = {
        "type": "object",
        "properties": {
            "id": {"type": ["string", "null"]},
            "status": {"enum": [status.value for status in OutcomeStatus]},
            "receipt": {"type": "string", "description": _("Mã biên nhận: chứng tỏ phiếu đã được lưu.")},
            "field": {"type": "string"},
            "reason": {"enum": list(REASONS)},
            "detail": {"type": "string"},
        },
        "required": ["id", "status"],
        "additionalProperties": False,
    }
    counts = {status.value: {"type": "integer", "minimum": 0} for status in OutcomeStatus}
    return {
        "type": "object",
        "properties": {
            "counts": {
                "type": "object",
                "properties": counts,
                "required": list(counts),
                "additionalProperties": False,
            },
            "results": {"type": "array", "items": outcome, "description": _("Theo thứ tự đã gửi.")},
        },
        "required": ["counts", "results"],
        "additionalProperties": False,
    }


def _batch() -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "batch": {"type": "string", "format": "uuid"},
            "size": {"type": "integer"},
            "expires_on": {"type": "string", "format": "date"},
            "links": {"type": "array", "items": {"type": "string", "format": "uri"}},
        },
        "required": ["batch", "size", "expires_on", "links"],
        "additionalProperties": False,
    }


def _problem() -> dict[str, Any]:
    names = sorted({words.name for words in errors.all_words()})
    return {
        "type": "object",
        "description": _("Lỗi theo RFC 9457."),
        "properties": {
            "type": {"enum": [errors.problem_type(name) for name in names]},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "field": {"type": "string"},
            "reason": {"enum": list(REASONS)},
            "incident": {"type": "string", "description": _("Mã sự cố để báo người quản trị.")},
        },
        "required": ["type", "title", "status", "detail"],
        "additionalProperties": False,
    }


def _body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _answer(schema: str, words: str) -> dict[str, Any]:
    return {
        "description": words,
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
    }


def _problems(statuses: tuple[int, ...]) -> dict[str, Any]:
    """One entry a status, with the titles that it may carry."""
    titles: dict[int, list[str]] = {}
    for words in errors.all_words():
        titles.setdefault(words.status, []).append(str(words.title))
    content = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        str(status): {"description": " / ".join(dict.fromkeys(titles[status])), "content": content}
        for status in sorted(statuses)
    }
