"""A definition as JSON from outside: read strictly, each fault with its place in the text or in the definition."""

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any, NoReturn

from survey_app.errors import DefinitionError
from survey_app.services.definitions import Definition, validate_definition

MAX_BYTES = 2 * 1024 * 1024
MAX_LEVELS = 24
MAX_VALUES = 50_000
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def read_definition_json(content: bytes) -> tuple[dict[str, Any], DefinitionError | None]:
    """The object, and the first fault that stands in the way of publishing it.

    Raises `DefinitionError` for what is no JSON object, is too large or too deep, names a key twice, or holds
    characters that turn or break a text.
    """
    value = _parsed(content)
    if not isinstance(value, dict):
        raise DefinitionError("definition", "not an object")
    for path, text in _texts(value):
        if _UNWANTED.search(text):
            raise DefinitionError(path, "a character that turns or breaks the text")
    definition: dict[str, Any] = _composed(value)
    try:
        validate_definition(definition)
    except DefinitionError as error:
        return definition, error
    return definition, None


def definition_json(definition: Definition) -> bytes:
    """The same as a file that people can read and compare."""
    return (json.dumps(definition, ensure_ascii=False, indent=2) + "\n").encode()


def _parsed(content: bytes) -> Any:
    if len(content) > MAX_BYTES:
        raise DefinitionError("definition", f"larger than {MAX_BYTES} bytes")
    try:
        return json.loads(content.decode("utf-8-sig"), object_pairs_hook=_object, parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise DefinitionError(f"byte {error.start + 1}", "not UTF-8") from error
    except json.JSONDecodeError as error:
        raise DefinitionError(f"line {error.lineno}, column {error.colno}", "not JSON") from error
    except RecursionError as error:
        raise DefinitionError("definition", "too deep") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _value in pairs]
        twice = sorted({name for name in names if names.count(name) > 1})
        raise DefinitionError("definition", f"key used twice: {', '.join(twice)}")
    return made


def _no_constant(name: str) -> NoReturn:
    raise DefinitionError("definition", f"not a number: {name}")


def _texts(value: Any) -> Iterator[tuple[str, str]]:
    """Every text and every key with its path, level by level; how many and how deep is bounded."""
    level: list[tuple[str, Any]] = [("definition", value)]
    n_values = 0
    for _level in range(MAX_LEVELS):
        inner: list[tuple[str, Any]] = []
        for path, each in level:
            if isinstance(each, str):
                yield path, each
            elif isinstance(each, dict):
                yield from ((path, key) for key in each)
                inner += [(f"{path}.{key}", part) for key, part in each.items()]
            elif isinstance(each, list):
                inner += [(f"{path}[{place}]", part) for place, part in enumerate(each)]
        n_values += len(inner)
        if n_values > MAX_VALUES:
            raise DefinitionError("definition", f"more than {MAX_VALUES} values")
        if not inner:
            return
        level = inner
    raise DefinitionError(level[0][0], f"deeper than {MAX_LEVELS} levels")


def _composed(value: Any) -> Any:
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, dict):
        return {unicodedata.normalize("NFC", key): _composed(part) for key, part in value.items()}
    return [_composed(part) for part in value] if isinstance(value, list) else value
