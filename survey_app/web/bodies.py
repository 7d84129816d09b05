"""Reads the body of a request strictly: what no text can hold is refused before it reaches a rule."""

import json
import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from flask import Request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from survey_app.errors import InvalidBody

MAX_BYTES = 64 * 1024
MAX_DEPTH = 8
MAX_VALUES = 2_000
MAX_FIELDS = 200


@dataclass(frozen=True, slots=True)
class Limits:
    """How much JSON a body may hold."""

    most_bytes: int = MAX_BYTES
    most_levels: int = MAX_DEPTH
    most_values: int = MAX_VALUES


ONE_PERSON = Limits()
# Marks that turn the reading direction, and with it the meaning, of the text around them.
_BIDI_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")
_CONTROLS = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SURROGATES = re.compile("[\ud800-\udfff]")


def read_json_body(request: Request, limits: Limits = ONE_PERSON) -> dict[str, Any]:
    """The JSON object of the body, its texts cleaned. Any fault of the sender is `InvalidBody`."""
    text = _decoded(_raw(request, limits.most_bytes))
    try:
        body = json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant, parse_float=_finite)
    except RecursionError as error:
        raise InvalidBody("too deep") from error
    except ValueError as error:
        raise InvalidBody("not JSON") from error
    if not isinstance(body, dict):
        raise InvalidBody("not an object")
    _check_size(body, limits)
    cleaned: dict[str, Any] = _cleaned(body)
    return cleaned


def read_form_body(request: Request) -> MultiDict[str, str]:
    """The fields of a form, their texts cleaned, in their order and with their repeats."""
    if request.mimetype == "multipart/form-data":
        pairs = list(request.form.items(multi=True))
    elif request.mimetype in {"application/x-www-form-urlencoded", ""}:
        pairs = _urlencoded_pairs(_decoded(_raw(request, MAX_BYTES)))
    else:
        raise UnsupportedMediaType
    if len(pairs) > MAX_FIELDS:
        raise InvalidBody("too many fields")
    return MultiDict((clean_text(name), clean_text(value)) for name, value in pairs)


def read_staff_form(request: Request) -> MultiDict[str, str]:
    """The same of a staff page, whose body the check of its CSRF token has parsed already."""
    pairs = list(request.form.items(multi=True))
    if len(pairs) > MAX_FIELDS:
        raise InvalidBody("too many fields")
    return MultiDict((clean_text(name), clean_text(value)) for name, value in pairs)


def id_in(text: str) -> int | None:
    """The id that a field or an address names; None for what no row has."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def ticked_ids(form: MultiDict[str, str], name: str) -> tuple[int, ...]:
    """The ids of the boxes that are ticked, each once; what is no id is passed over."""
    return tuple(dict.fromkeys(found for text in form.getlist(name) if (found := id_in(text)) is not None))


def clean_text(text: str) -> str:
    """The text composed (NFC), with plain line ends, without control and direction marks.

    NUL and lone surrogates are refused: no database stores them, and no keyboard sends them.
    """
    if "\x00" in text or _SURROGATES.search(text):
        raise InvalidBody("a character that is no text")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _BIDI_CONTROLS.sub("", _CONTROLS.sub("", text)))


def _raw(request: Request, most_bytes: int) -> bytes:
    data = request.get_data()
    if len(data) > most_bytes:
        raise RequestEntityTooLarge
    return data


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidBody("not UTF-8") from error


def _urlencoded_pairs(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise InvalidBody("not a form") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names differ: two readers of a doubled name could see different answers."""
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("doubled name")
    return made


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _check_size(body: dict[str, Any], limits: Limits) -> None:
    """Refuse more levels or values than any form of ours has; going by levels, depth costs no stack."""
    level: list[Any] = [body]
    n_values = 0
    for _ in range(limits.most_levels + 1):
        level = [child for value in level for child in _children(value)]
        n_values += len(level)
        if n_values > limits.most_values:
            raise InvalidBody("too many values")
        if not level:
            return
    raise InvalidBody("too deep")


def _children(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _cleaned(value: Any) -> Any:
    """The value with every text in it cleaned; `_check_size` has bounded the depth."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, list):
        return [_cleaned(child) for child in value]
    if isinstance(value, dict):
        return {clean_text(name): _cleaned(child) for name, child in value.items()}
    return value
