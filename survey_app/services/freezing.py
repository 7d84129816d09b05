"""Frozen values as plain JSON and back: what is published is kept as the very values that pages show."""

import hashlib
import json
import math
from datetime import date
from enum import Enum, IntEnum
from typing import Any, TypeVar

from cattrs import Converter

T = TypeVar("T")


def _converter() -> Converter:
    """Days as ISO text, enums by name, numbers that JSON cannot hold as text; unknown fields are refused."""
    converter = Converter(forbid_extra_keys=True)
    converter.register_unstructure_hook(date, lambda value: value.isoformat())
    converter.register_structure_hook(date, lambda value, _: date.fromisoformat(value))
    for kind in (Enum, IntEnum):
        converter.register_unstructure_hook(kind, lambda value: value.name)
        converter.register_structure_hook(kind, lambda name, of: of[name])
    converter.register_unstructure_hook(float, lambda value: value if math.isfinite(value) else repr(value))
    converter.register_structure_hook(float, lambda value, _: float(value))
    return converter


_CONVERTER = _converter()


def freeze(value: object) -> Any:
    """A frozen dataclass as values that JSON holds without loss."""
    return _CONVERTER.unstructure(value)


def thaw(content: Any, kind: type[T]) -> T:
    """The value that `freeze` made `content` of, equal to it in every field."""
    return _CONVERTER.structure(content, kind)


def fingerprint(content: Any) -> str:
    """SHA-256 over the canonical JSON of frozen content, as 64 hexadecimal digits."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
