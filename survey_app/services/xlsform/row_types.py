"""What a row of the survey sheet asks, by its `type`: a question we can hold, a group, or something left out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_SELECT = re.compile(
    r"(?:add )?select[ _]?(?P<how>one|1|multiple|all that apply)(?: from| prompt using| using)?\s+(?P<list>\S+)"
    r"(?P<other>\s+or[ _](?:specify[ _])?other)?",
    re.IGNORECASE,
)
_EXTERNAL = re.compile(
    r"(select_(one|multiple)_(from_file|external)|select one external|csv-external|xml-external)\b"
)
_OPEN_QUESTIONS = frozenset(
    {"text", "string", "integer", "int", "decimal", "date", "time", "datetime", "barcode", "geopoint", "geotrace",
     "geoshape", "image", "photo", "audio", "video", "file", "acknowledge", "trigger", "range", "gps", "location",
     "phone number", "percentage"}
)  # fmt: skip
_METADATA = frozenset(
    {"start", "end", "today", "deviceid", "phonenumber", "username", "email", "simserial", "subscriberid", "audit",
     "start-geopoint", "background-audio", "start time", "end time", "device id", "imei", "get start time",
     "get end time", "get today", "get device id", "get subscriber id", "get sim id", "get phone number"}
)  # fmt: skip
_PLAIN: Mapping[str, str] = {
    "begin group": "begin_group", "end group": "end_group", "begin lgroup": "begin_group", "end lgroup": "end_group",
    "begin repeat": "begin_repeat", "end repeat": "end_repeat", "begin lrepeat": "begin_repeat",
    "end lrepeat": "end_repeat", "begin loop": "begin_repeat", "end loop": "end_repeat",
    "begin looped group": "begin_repeat", "end looped group": "end_repeat",
}  # fmt: skip
# Columns whose cells are left out of a row that is kept, each with what is said of it.
CELLS_LEFT_OUT: Mapping[str, str] = {
    "hint": "hint", "guidance_hint": "hint", "constraint_message": "constraint", "bind::jr:constraintmsg": "constraint",
    "required_message": "required", "appearance": "appearance", "default": "default", "parameters": "parameters",
    "readonly": "read_only", "read_only": "read_only", "calculation": "calculation", "trigger": "calculation",
    "media": "media", "image": "media", "big-image": "media", "audio": "audio", "video": "media",
    "repeat_count": "repeat", "autoplay": "media", "save_to": "unknown_column", "choice_filter": "filtered_list",
}  # fmt: skip
# Columns that are read, or that say nothing about the questions.
KNOWN_COLUMNS = frozenset(
    {"type", "name", "label", "required", "relevant", "constraint", "disabled", "note", "notes", "comment", "comments",
     "$given_name"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RowType:
    """`what` is select_one, select_multiple, begin or end of a group or repeat, or why the row is left out."""

    what: str
    list_name: str = ""
    has_other: bool = False


def row_type(text: str) -> RowType:
    words = " ".join(text.split())
    plain = words.lower().replace("_", " ")
    if plain in _PLAIN:
        return RowType(_PLAIN[plain])
    if _EXTERNAL.match(words.lower()):
        return RowType("external_list")
    found = _SELECT.fullmatch(words)
    if found:
        how = "select_one" if found["how"].lower() in {"one", "1"} else "select_multiple"
        is_piped = found["list"].startswith("${")
        return RowType("external_list" if is_piped else how, found["list"], found["other"] is not None)
    return RowType(_reason(words.lower().split(" ")[0], words.lower()))


def _reason(first: str, words: str) -> str:
    if words in _METADATA or first in {"audit", "background-audio"}:
        return "metadata"
    if words in _OPEN_QUESTIONS or first in _OPEN_QUESTIONS:
        return "open_question"
    if first in {"calculate", "hidden", "xml-external"}:
        return "calculation"
    return {"note": "note", "rank": "ranking"}.get(first, "unknown_type")
