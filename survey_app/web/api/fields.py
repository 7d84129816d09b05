"""The fields of a call, each with how it is read and how the description of the API words it: one table for both."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Any
from uuid import UUID

from flask_babel.speaklater import LazyString

from survey_app.errors import InvalidField

Reader = Callable[[Any, str], Any]
Schema = Mapping[str, Any]

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")
_HEX = "[0-9a-fA-F]"
_UUID4 = re.compile(f"{_HEX}{{8}}-{_HEX}{{4}}-4{_HEX}{{3}}-[89abAB]{_HEX}{{3}}-{_HEX}{{12}}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Field:
    """One field: what it means, its JSON schema, and the reader that holds it to that schema."""

    read: Reader
    schema: Schema
    is_required: bool = False


def read_fields(value: Any, fields: Mapping[str, Field], *, path: str = "") -> dict[str, Any]:
    """The values given, read; a missing or unknown field is refused. A null counts as not given."""
    if not isinstance(value, dict):
        raise InvalidField(path or "body", "wrong_shape")
    given = {name: each for name, each in value.items() if each is not None}
    for name in value:
        if name not in fields:
            raise InvalidField(_path(path, name[:60]), "unknown_field")
    for name, field in fields.items():
        if field.is_required and name not in given:
            raise InvalidField(_path(path, name), "missing")
    return {name: fields[name].read(each, _path(path, name)) for name, each in given.items()}


def object_schema(fields: Mapping[str, Field], description: LazyString | str) -> dict[str, Any]:
    """The JSON schema of an object of these fields."""
    return {
        "type": "object",
        "description": description,
        "properties": {name: dict(field.schema) for name, field in fields.items()},
        "required": [name for name, field in fields.items() if field.is_required],
        "additionalProperties": False,
    }


def text(most: int, description: LazyString, *, is_required: bool = False) -> Field:
    def read(value: Any, path: str) -> str:
        if not isinstance(value, str):
            raise InvalidField(path, "wrong_shape")
        if len(value) > most:
            raise InvalidField(path, "too_long")
        return value

    schema = {"type": ["string", "null"], "maxLength": most, "description": description}
    return Field(read, _schema(schema, is_required), is_required)


def code(description: LazyString, *, is_required: bool = False) -> Field:
    def read(value: Any, path: str) -> str:
        if not isinstance(value, str) or not _CODE.fullmatch(value):
            raise InvalidField(path, "wrong_shape")
        return value

    schema = {"type": ["string", "null"], "pattern": f"^{_CODE.pattern}$", "description": description}
    return Field(read, _schema(schema, is_required), is_required)


def random_id(description: LazyString) -> Field:
    """A UUID of version 4 and no other: most others say when, and some on which machine, they were made."""

    def read(value: Any, path: str) -> UUID:
        if not isinstance(value, str) or not _UUID4.fullmatch(value):
            raise InvalidField(path, "not_uuid4")
        return UUID(value)

    schema = {
        "type": "string",
        "format": "uuid",
        "pattern": f"^{_UUID4.pattern}$",
        "description": description,
    }
    return Field(read, schema, True)


def one_of(names: Mapping[str, Any], description: LazyString, *, is_required: bool = False) -> Field:
    """One of these names; read as what the name stands for."""

    def read(value: Any, path: str) -> Any:
        if not isinstance(value, str) or value not in names:
            raise InvalidField(path, "unknown_choice")
        return names[value]

    known = list(names) if is_required else [*names, None]
    return Field(read, {"enum": known, "description": description}, is_required)


def member_of(
    kind: type[IntEnum], description: LazyString, *, is_required: bool = False, leave_out: str = ""
) -> Field:
    names = {member.name.lower(): member for member in kind if member.name.lower() != leave_out}
    return one_of(names, description, is_required=is_required)


def number(least: int, most: int, description: LazyString, *, is_required: bool = False) -> Field:
    def read(value: Any, path: str) -> int:
        if type(value) is not int:
            raise InvalidField(path, "wrong_shape")
        if not least <= value <= most:
            raise InvalidField(path, "out_of_range")
        return value

    schema = {"type": ["integer", "null"], "minimum": least, "maximum": most, "description": description}
    return Field(read, _schema(schema, is_required), is_required)


def day(description: LazyString, *, is_required: bool = False) -> Field:
    def read(value: Any, path: str) -> date:
        try:
            if isinstance(value, str) and _DATE.fullmatch(value):
                return date.fromisoformat(value)
        except ValueError as error:
            raise InvalidField(path, "not_a_date") from error
        raise InvalidField(path, "not_a_date")

    schema = {
        "type": ["string", "null"],
        "format": "date",
        "pattern": f"^{_DATE.pattern}$",
        "description": description,
    }
    return Field(read, _schema(schema, is_required), is_required)


def yes_or_no(description: LazyString) -> Field:
    def read(value: Any, path: str) -> bool:
        if type(value) is not bool:
            raise InvalidField(path, "wrong_shape")
        return value

    return Field(read, {"type": ["boolean", "null"], "description": description})


def _schema(schema: dict[str, Any], is_required: bool) -> dict[str, Any]:
    """A required field may not be null."""
    return schema | {"type": schema["type"][0]} if is_required else schema


def _path(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
