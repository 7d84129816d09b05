"""What programs may read: reference data and published results. Nothing is counted for them, no response is shown."""

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

from flask import Response, current_app, jsonify, request
from flask_babel import lazy_gettext as _

from survey_app.db import db
from survey_app.errors import InvalidField, NotFound
from survey_app.i18n import current_language
from survey_app.open_data import open_tables, table_json
from survey_app.queries import calendar, questionnaires, units
from survey_app.queries import waves as wave_queries
from survey_app.services import api_clients
from survey_app.services.published_results import EXTENSION, Source
from survey_app.web.api.blueprint import bp
from survey_app.web.current import today
from survey_app.web.security import Scope, current_client, requires_scope

T = TypeVar("T")
MOST_ROWS, USUAL_ROWS, MOST_CURSOR = 500, 100, 200
MOST_NUMBER = 2**31 - 1
PAGING = ("cursor", "limit")


@bp.get("/units", endpoint="units")
@requires_scope(Scope.READ_REGISTRY)
def units_list() -> Response:
    """Units as at a day, within those of the key."""
    _only("on", *PAGING)
    on = _day("on") or today()
    rows = units.units_as_at(db.session, on, current_client().unit_id)
    return _page(rows, key=lambda row: row.code, told=_unit)


@bp.get("/questionnaires", endpoint="questionnaires")
@requires_scope(Scope.READ_REGISTRY)
def questionnaires_list() -> Response:
    """Published versions of all questionnaires."""
    _only(*PAGING)
    rows = [row for row in questionnaires.list_versions(db.session) if row.published_on is not None]
    return _page(rows, key=lambda row: f"{row.code}/{row.version:05}", told=_version)


@bp.get("/waves", endpoint="waves")
@requires_scope(Scope.READ_REGISTRY)
def waves_list() -> Response:
    """Waves in which units of the key take part."""
    _only(*PAGING)
    mine = api_clients.unit_ids(db.session, current_client())
    rows = [row for row in wave_queries.planned_waves(db.session, mine) if row.row.state != "draft"]
    return _page(rows, key=lambda row: row.row.code, told=_wave)


@bp.get("/periods", endpoint="periods")
@requires_scope(Scope.READ_REGISTRY)
def periods_list() -> Response:
    """Periods of the offices above the unit of the key."""
    _only(*PAGING)
    roots = units.ancestor_ids(db.session, current_client().unit_id)
    rows = calendar.periods_of(db.session, roots)
    return _page(rows, key=lambda row: f"{row.code}/{row.id:010}", told=_period)


@bp.get("/releases")
@requires_scope(Scope.READ_RESULTS)
def releases() -> Response:
    """Published results in force: those that everyone may read, and those of the units of the key."""
    _only(*PAGING)
    mine = api_clients.unit_ids(db.session, current_client())
    return _page(
        _source().releases(db.session, unit_ids=mine), key=lambda row: f"{row.id:010}", told=_release
    )


@bp.get("/releases/<release>/tables")
@requires_scope(Scope.READ_RESULTS)
def release_tables(release: str) -> Response:
    """All tables of a release, as its open data has them."""
    _only()
    if not (release.isascii() and release.isdigit() and int(release) <= MOST_NUMBER):
        raise NotFound(f"release {release[:20]}")
    mine = api_clients.unit_ids(db.session, current_client())
    content = _source().content(db.session, int(release), current_language(), unit_ids=mine)
    if content is None:
        raise NotFound(f"release {release}")
    return _cached(jsonify(release=int(release), tables=[table_json(each) for each in open_tables(content)]))


def _source() -> Source:
    source: Source = current_app.extensions[EXTENSION]
    return source


def _unit(row: Any) -> dict[str, Any]:
    ends = None if row.valid_to is None else row.valid_to.isoformat()
    return {"code": row.code, "name": row.name, "kind": row.kind, "level": row.level,
            "valid_from": row.valid_from.isoformat(), "valid_to": ends}  # fmt: skip


def _version(row: Any) -> dict[str, Any]:
    return {"code": row.code, "version": row.version, "effective_from": row.effective_from.isoformat(),
            "legal_basis": row.legal_basis}  # fmt: skip


def _wave(row: Any) -> dict[str, Any]:
    wave = row.row
    closes = None if wave.closes_on is None else wave.closes_on.isoformat()
    return {"code": wave.code, "title_vi": wave.title_vi, "title_en": wave.title_en, "basis": wave.basis,
            "opens_on": wave.opens_on.isoformat(), "closes_on": closes, "state": wave.state}  # fmt: skip


def _period(row: Any) -> dict[str, Any]:
    return {"code": row.code, "title_vi": row.title_vi, "title_en": row.title_en,
            "starts_on": row.starts_on.isoformat(), "ends_on": row.ends_on.isoformat()}  # fmt: skip


def _release(row: Any) -> dict[str, Any]:
    return {"id": row.id, "office": row.office_code, "basis": row.basis, "period": row.period_code,
            "revision": row.revision, "published_on": row.published_on.isoformat(),
            "method_version": row.method_version, "is_simulated": row.is_simulated,
            "fingerprint": row.fingerprint}  # fmt: skip


def _only(*names: str) -> None:
    """An argument that is unknown, or given twice, is a mistake that must not pass for a filter."""
    for name, values in request.args.lists():
        if name not in names:
            raise InvalidField(name[:60], "unknown_field")
        if len(values) > 1:
            raise InvalidField(name, "wrong_shape")


def _day(name: str) -> date | None:
    given = request.args.get(name)
    if given is None:
        return None
    try:
        if len(given) == 10 and given.isascii():
            return date.fromisoformat(given)
    except ValueError as error:
        raise InvalidField(name, "not_a_date") from error
    raise InvalidField(name, "not_a_date")


def _page(rows: Sequence[T], *, key: Callable[[T], str], told: Callable[[T], Mapping[str, Any]]) -> Response:
    """Rows after the cursor in the order of their keys, and the cursor of the next page."""
    after, limit = _after(), _limit()
    ordered = sorted((row for row in rows if after is None or key(row) > after), key=key)
    some = ordered[:limit]
    more = key(some[-1]) if len(ordered) > limit else None
    next_cursor = None if more is None else base64.urlsafe_b64encode(more.encode()).decode()
    return _cached(jsonify(items=[told(row) for row in some], next_cursor=next_cursor))


def _after() -> str | None:
    cursor = request.args.get("cursor")
    if cursor is None:
        return None
    try:
        if len(cursor) <= MOST_CURSOR:
            return base64.b64decode(cursor, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise InvalidField("cursor", "wrong_shape") from error
    raise InvalidField("cursor", "too_long")


def _limit() -> int:
    given = request.args.get("limit", str(USUAL_ROWS))
    if not (given.isascii() and given.isdigit() and len(given) <= 5):
        raise InvalidField("limit", "wrong_shape")
    if not 1 <= int(given) <= MOST_ROWS:
        raise InvalidField("limit", "out_of_range")
    return int(given)


def _cached(answer: Response) -> Response:
    """With a mark of its content: asked again, 304 while nothing changed."""
    answer.set_etag(hashlib.sha256(answer.get_data()).hexdigest()[:32])
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.vary.add("Authorization")
    return answer.make_conditional(request)


TEXT: Mapping[str, Any] = {"type": "string"}
DAY: Mapping[str, Any] = {"type": "string", "format": "date"}
NO_DAY: Mapping[str, Any] = {"type": ["string", "null"], "format": "date"}
WHOLE: Mapping[str, Any] = {"type": "integer"}
ITEMS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "Unit": {"code": TEXT, "name": TEXT, "kind": TEXT, "level": WHOLE, "valid_from": DAY, "valid_to": NO_DAY},
    "QuestionnaireVersion": {"code": TEXT, "version": WHOLE, "effective_from": DAY, "legal_basis": TEXT},
    "Wave": {"code": TEXT, "title_vi": TEXT, "title_en": TEXT, "basis": {"enum": ["continuous", "sample"]},
             "opens_on": DAY, "closes_on": NO_DAY, "state": TEXT},
    "Period": {"code": TEXT, "title_vi": TEXT, "title_en": TEXT, "starts_on": DAY, "ends_on": DAY},
    "Release": {"id": WHOLE, "office": TEXT, "basis": TEXT, "period": TEXT, "revision": WHOLE, "published_on": DAY,
                "method_version": TEXT, "is_simulated": {"type": "boolean"}, "fingerprint": TEXT},
}  # fmt: skip
LISTS = {
    "units": ("Unit", Scope.READ_REGISTRY, _("Đơn vị tại một ngày")),
    "questionnaires": ("QuestionnaireVersion", Scope.READ_REGISTRY, _("Phiên bản phiếu hỏi đã ban hành")),
    "waves": ("Wave", Scope.READ_REGISTRY, _("Đợt khảo sát")),
    "periods": ("Period", Scope.READ_REGISTRY, _("Kỳ báo cáo")),
    "releases": ("Release", Scope.READ_RESULTS, _("Kết quả đã công bố")),
}


def schemas() -> dict[str, Any]:
    """The schemas of what is read."""
    made: dict[str, Any] = {}
    for name, properties in ITEMS.items():
        item = {"type": "object", "properties": dict(properties), "required": list(properties),
                "additionalProperties": False}  # fmt: skip
        page = {
            "items": {
                "type": "array",
                "items": {"$ref": f"#/components/schemas/{name}"},
                "maxItems": MOST_ROWS,
            },
            "next_cursor": {
                "type": ["string", "null"],
                "description": _("Gửi lại làm tham số cursor để đọc tiếp."),
            },
        }
        made[name] = item
        made[f"{name}Page"] = {"type": "object", "properties": page, "required": list(page),
                               "additionalProperties": False}  # fmt: skip
    made["ReleaseTables"] = {
        "type": "object",
        "properties": {"release": WHOLE, "tables": {"type": "array", "items": {"type": "object"}}},
        "required": ["release", "tables"],
        "additionalProperties": False,
    }
    return made


def parameters(name: str) -> list[dict[str, Any]]:
    """The arguments of a list."""
    limit = {"type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": USUAL_ROWS}
    found = [
        _argument("cursor", _("Mã đọc tiếp của trang trước."), {"type": "string", "maxLength": MOST_CURSOR}),
        _argument("limit", _("Số dòng mỗi trang."), limit),
    ]
    if name == "units":
        found.append(_argument("on", _("Ngày; để trống là hôm nay."), DAY))
    return found


def _argument(name: str, words: Any, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": words, "schema": dict(schema)}
