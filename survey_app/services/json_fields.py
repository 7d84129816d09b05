"""JSON objects read strictly, key by key: a fault is named by its place, and an unknown key is a fault."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeVar

from survey_app.errors import SurveyError
from survey_app.names import clean_name

T = TypeVar("T")
_REQUIRED: Any = object()


class MappingError(SurveyError):
    """A mapping cannot be used; `path` is the place of the fault."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path
        self.problem = problem


class Fields:
    """An object of the JSON whose keys are taken one by one; what is left in the end is unknown."""

    def __init__(self, value: Any, path: str) -> None:
        if not isinstance(value, dict):
            raise MappingError(path, "not an object")
        self.left = dict(value)
        self.path = path

    def take(self, key: str, read: Callable[[Any, str], T], default: Any = _REQUIRED) -> T:
        path = f"{self.path}.{key}"
        if key not in self.left:
            if default is _REQUIRED:
                raise MappingError(path, "missing")
            return default  # type: ignore[no-any-return]
        return read(self.left.pop(key), path)

    def finish(self) -> None:
        if self.left:
            raise MappingError(self.path, f"unknown key {', '.join(sorted(self.left))}")


def without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    repeated = sorted({key for key in keys if keys.count(key) > 1})
    if repeated:
        raise MappingError("mapping", f"key used twice: {', '.join(repeated)}")
    return dict(pairs)


def list_of(read: Callable[[Any, str], T]) -> Callable[[Any, str], tuple[T, ...]]:
    def read_all(value: Any, path: str) -> tuple[T, ...]:
        if not isinstance(value, list) or not value:
            raise MappingError(path, "not a list with something in it")
        return tuple(read(each, f"{path}[{place}]") for place, each in enumerate(value))

    return read_all


def text(value: Any, path: str) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > 1000 or not value.isprintable():
        raise MappingError(path, "not a text of 1 to 1000 characters without control characters")
    return unicodedata.normalize("NFC", value)


def texts(value: Any, path: str) -> dict[str, str]:
    fields = Fields(value, path)
    return {key: fields.take(key, text) for key in [*fields.left]}


def cell_values(value: Any, path: str) -> frozenset[str]:
    """Cells as they are written; an empty one may be meant."""
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise MappingError(path, "not a list of texts")
    return frozenset(value)


def title(value: Any, path: str) -> tuple[str, str]:
    fields = Fields(value, path)
    both = fields.take("vi", name), fields.take("en", name)
    fields.finish()
    return both


def name(value: Any, path: str) -> str:
    cleaned = clean_name(text(value, path))
    if not 1 <= len(cleaned) <= 120:
        raise MappingError(path, "not a name of 1 to 120 characters")
    return cleaned


def matching(pattern: re.Pattern[str], problem: str) -> Callable[[Any, str], str]:
    def read(value: Any, path: str) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise MappingError(path, problem)
        return value

    return read


def one_of(values: Mapping[str, Any] | frozenset[str]) -> Callable[[Any, str], str]:
    def read(value: Any, path: str) -> str:
        if not isinstance(value, str) or value not in values:
            raise MappingError(path, f"not one of {', '.join(sorted(values))}")
        return value

    return read


def whole_number(value: Any, path: str) -> int:
    if type(value) is not int or value < 1:
        raise MappingError(path, "not a whole number from 1")
    return value


def truth(value: Any, path: str) -> bool:
    if type(value) is not bool:
        raise MappingError(path, "not true or false")
    return value


def day(value: Any, path: str) -> date:
    try:
        return date.fromisoformat(text(value, path))
    except ValueError as error:
        raise MappingError(path, "not a date like 2026-01-31") from error
