"""Counts of files from other systems: the fields of a row, the call, and how both are described."""

import hashlib
from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify, request
from flask_babel import lazy_gettext as _

from survey_app.clock import utc_now
from survey_app.db import db, writes
from survey_app.errors import InvalidField
from survey_app.services.bulk_transactions import SentCount, receive_counts
from survey_app.services.cell_values import MAX_COUNT
from survey_app.vocabulary import FileOutcome, FilingMode
from survey_app.web.api import fields
from survey_app.web.api.blueprint import bp
from survey_app.web.api.calls import read_json
from survey_app.web.api.fields import Field, read_fields
from survey_app.web.bodies import Limits
from survey_app.web.current import today
from survey_app.web.security import Scope, current_client, requires_scope, takes_body

MAX_COUNTS = 5_000
LIMITS = Limits(most_bytes=2 * 1024 * 1024, most_levels=4, most_values=100_000)

COUNT: Mapping[str, Field] = {
    "unit": fields.code(_("Mã đơn vị trong danh mục, có vào ngày cuối kỳ."), is_required=True),
    "starts_on": fields.day(_("Ngày đầu kỳ."), is_required=True),
    "ends_on": fields.day(_("Ngày cuối kỳ, không sau hôm nay."), is_required=True),
    "n_files": fields.number(0, MAX_COUNT, _("Số hồ sơ."), is_required=True),
    "desk": fields.code(_("Mã quầy của đơn vị; để trống là không phân theo quầy.")),
    "field": fields.code(_("Mã lĩnh vực; để trống là không phân theo lĩnh vực.")),
    "mode": fields.member_of(
        FilingMode, _("Hình thức nộp; để trống là không phân loại."), leave_out="unknown"
    ),
    "outcome": fields.member_of(
        FileOutcome, _("Kết quả giải quyết; để trống là không phân loại."), leave_out="unknown"
    ),
}


# A whole call is one transaction of at most some hundred milliseconds; a year of a province is sent in parts.
@bp.post("/transactions")
@requires_scope(Scope.WRITE_TRANSACTIONS)
@takes_body(LIMITS.most_bytes)
@writes
def store_transactions() -> Response:
    """All rows of a call or none; the same call again changes nothing."""
    body = read_json(request, LIMITS)
    sent = _counts(body)
    plan = receive_counts(
        db.session,
        current_client(),
        sent,
        replaces=_replaces(body),
        digest=hashlib.sha256(request.get_data()).digest(),
        now=utc_now(),
        today=today(),
    )
    counts = {
        "added": len(plan.added),
        "changed": len(plan.changed),
        "unchanged": plan.n_unchanged,
        "removed": len(plan.removed),
    }
    return jsonify(counts=counts)


def _counts(body: Mapping[str, Any]) -> list[SentCount]:
    for name in body:
        if name not in {"transactions", "replaces"}:
            raise InvalidField(name[:60], "unknown_field")
    sent = body.get("transactions")
    if sent is None:
        raise InvalidField("transactions", "missing")
    if not isinstance(sent, list):
        raise InvalidField("transactions", "wrong_shape")
    if not 1 <= len(sent) <= MAX_COUNTS:
        raise InvalidField("transactions", "out_of_range")
    return [_count(value, row) for row, value in enumerate(sent)]


def _count(value: Any, row: int) -> SentCount:
    said = read_fields(value, COUNT, path=f"transactions[{row}]")
    return SentCount(
        unit_code=said["unit"],
        starts_on=said["starts_on"],
        ends_on=said["ends_on"],
        n_files=said["n_files"],
        desk_code=said.get("desk"),
        field_code=said.get("field"),
        mode=int(said.get("mode", 0)),
        outcome=int(said.get("outcome", 0)),
    )


def _replaces(body: Mapping[str, Any]) -> bool:
    said = body.get("replaces", False)
    if type(said) is not bool:
        raise InvalidField("replaces", "wrong_shape")
    return said


def request_schema() -> dict[str, Any]:
    """The body of the call."""
    rows = {
        "type": "array",
        "items": {"$ref": "#/components/schemas/TransactionCount"},
        "minItems": 1,
        "maxItems": MAX_COUNTS,
    }
    replaces = {
        "type": "boolean",
        "description": _(
            "true: số đã có của đơn vị trong các ngày này mà khác kỳ hoặc khác cách phân loại thì bị thay toàn bộ; "
            "mặc định thì yêu cầu như vậy bị từ chối."
        ),
    }
    return {
        "type": "object",
        "properties": {"transactions": rows, "replaces": replaces},
        "required": ["transactions"],
        "additionalProperties": False,
    }


def answer_schema() -> dict[str, Any]:
    """What a good call is answered with."""
    names = ("added", "changed", "unchanged", "removed")
    counts = {
        "type": "object",
        "properties": {name: {"type": "integer", "minimum": 0} for name in names},
        "required": list(names),
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {"counts": counts},
        "required": ["counts"],
        "additionalProperties": False,
    }
