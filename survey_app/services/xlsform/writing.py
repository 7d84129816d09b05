"""A definition as an XLSForm workbook that other tools read, and that reads back as the same definition."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from survey_app.errors import DefinitionError
from survey_app.languages import AUTHORITATIVE
from survey_app.services.definitions import (
    CHANNELS,
    Definition,
    items_under,
    nodes_under,
    validate_definition,
)
from survey_app.services.xlsform.expressions import write_condition
from survey_app.services.xlsform.layout import AUDIO, FORMAT, LABEL, STAGE, language_header
from survey_app.spreadsheets import workbook_bytes
from survey_app.vocabulary import LABELS, Stage

Row = dict[str, Any]
_XML_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_TAKEN = frozenset({"meta", "instanceid", "instancename", "audit", STAGE})
_STAGE_QUESTION = {"vi": "Ông/Bà đến để làm gì?", "en": "What did you come for?"}


def xlsform_bytes(definition: Definition) -> bytes:
    """The workbook of a valid definition."""
    return workbook_bytes(
        (name, columns, ([row.get(column) for column in columns] for row in rows))
        for name, columns, rows in xlsform_sheets(definition)
    )


def xlsform_sheets(definition: Definition) -> list[tuple[str, list[str], list[Row]]]:
    """The sheets as name, columns and rows; raises `DefinitionError` for what is no definition.

    A draft whose index is not settled yet may be written too.
    """
    try:
        validate_definition(definition)
    except DefinitionError as error:
        if not error.path.startswith("index."):
            raise
    return _Writer(definition).sheets()


def without_nothing(value: Any) -> Any:
    """A definition without keys that say nothing (null, an empty list or object, `mandatory: false`).

    What a workbook cannot tell from saying nothing; `max_choices: null` it can, and keeps.
    """
    if isinstance(value, dict):
        kept = {key: without_nothing(part) for key, part in value.items()}
        return {
            key: part
            for key, part in kept.items()
            if part not in (None, [], {}) or key in {"max_choices", "factors", "tree", "scales"}
            if not (key == "mandatory" and part is False)
        }
    return [without_nothing(part) for part in value] if isinstance(value, list) else value


class _Writer:
    """Names in the file for codes of the definition, and the rows of its sheets."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.items = {item["code"]: item for item in items_under(definition["tree"])}
        groups = [node["code"] for node in nodes_under(definition["tree"])]
        self.names = _names([*groups, *self.items])
        self.languages = _languages(definition)
        self.lists: set[str] = set(definition["scales"])
        self.choices: list[Row] = [
            row for name, scale in definition["scales"].items() for row in self._scale_rows(name, scale)
        ]

    def sheets(self) -> list[tuple[str, list[str], list[Row]]]:
        survey = [*self._stage_rows(), *self._node_rows(self.definition["tree"])]
        labels = [language_header(LABEL, language) for language in self.languages]
        audio = [language_header(AUDIO, language) for language in self.languages]
        own = ["hailong_code", "hailong_kind", "hailong_screen", "hailong_scale", "hailong_counts",
               "hailong_max_choices", "hailong_channels_hidden"]  # fmt: skip
        wordings = [
            f"hailong_text_{channel}_{language}" for channel in CHANNELS for language in self.languages
        ]
        wordings = [column for column in wordings if any(column in row for row in survey)]
        columns = ["type", "name", *labels, "required", "relevant", "constraint", *audio, *own, *wordings]
        choice_columns = ["list_name", "name", *labels, "hailong_score", "hailong_satisfied", "hailong_missing",
                          "hailong_group"]  # fmt: skip
        settings = self._settings()
        return [
            ("survey", columns, survey),
            ("choices", choice_columns, self.choices),
            ("settings", list(settings), [settings]),
        ]

    def _settings(self) -> Row:
        given = self.definition
        more = {
            f"hailong_title_{language}": words
            for language, words in given["title"].items()
            if language != "vi"
        }
        return {
            "form_title": given["title"]["vi"],
            "form_id": given["code"],
            "version": str(given["version"]),
            "default_language": language_header("", AUTHORITATIVE).removeprefix("::"),
            "hailong_format": FORMAT,
            **more,
            "hailong_legal_basis": given["legal_basis"],
            "hailong_provenance": given["provenance"],
            "hailong_effective_from": given["effective_from"],
            "hailong_english": given.get("english"),
            "hailong_headline": given["index"]["headline"],
            "hailong_factors": " ".join(given["index"]["factors"]),
        }

    def _stage_rows(self) -> list[Row]:
        """Other tools ask the stage as a question; here it is known before the form opens."""
        if not any("stage" in (item.get("relevant") or {}) for item in self.items.values()):
            return []
        self.lists.add(STAGE)
        for stage in Stage:
            vi, en = LABELS[Stage, stage]
            self.choices.append(
                {"list_name": STAGE, "name": stage.name.lower()} | self._labels({"vi": vi, "en": en})
            )
        return [{"type": f"select_one {STAGE}", "name": STAGE} | self._labels(_STAGE_QUESTION)]

    def _node_rows(self, nodes: Sequence[Definition]) -> Iterator[Row]:
        for node in nodes:
            if "children" not in node:
                yield self._item_row(node)
                continue
            head = {"type": "begin_group", **self._named(node), **self._labels(node["title"])}
            yield head | {"hailong_kind": node["kind"], "hailong_screen": node.get("screen")}
            yield from self._node_rows(node["children"])
            yield {"type": "end_group"}

    def _item_row(self, item: Definition) -> Row:
        row = self._named(item) | self._labels(item["text"])
        row |= {"hailong_kind": item["kind"], "hailong_screen": item.get("screen")}
        row["required"] = "yes" if item.get("mandatory") else None
        row["relevant"] = self._condition(item.get("relevant") or {})
        if "counts" in item:
            row["hailong_counts"] = _yes_no(item["counts"])
        row["hailong_channels_hidden"] = " ".join(item.get("channels_hidden") or ()) or None
        for channel, texts in (item.get("text_by_channel") or {}).items():
            row |= {f"hailong_text_{channel}_{language}": words for language, words in texts.items()}
        return row | (self._several(item) if "options" in item else self._one_of(item))

    def _one_of(self, item: Definition) -> Row:
        scale, missing = item["scale"], item.get("missing")
        if not missing:
            return {"type": f"select_one {scale}"}
        own = self._new_list(f"{scale}__{item['code']}")
        self.choices += self._scale_rows(own, {**self.definition["scales"][scale], "missing": missing})
        return {"type": f"select_one {own}", "hailong_scale": scale}

    def _several(self, item: Definition) -> Row:
        name = self._new_list(f"{item['code']}_options")
        for option in item["options"]:
            row = {"list_name": name, "name": option["code"], "hailong_group": option.get("group")}
            self.choices.append(row | self._labels(option["label"]))
        self.choices += self._missing_rows(name, item.get("missing"))
        row = {"type": f"select_multiple {name}"}
        most = item.get("max_choices", 0)
        if most is None:
            return row | {"hailong_max_choices": "none"}
        return row | ({"constraint": f"count-selected(.) <= {most}"} if most else {})

    def _scale_rows(self, name: str, scale: Definition) -> list[Row]:
        rows = []
        for point in scale["points"]:
            row = {"list_name": name, "name": point["code"]} | self._labels(point["label"])
            if "score" in point:
                row |= {"hailong_score": point["score"], "hailong_satisfied": _yes_no(point["satisfied"])}
            rows.append(row)
        return rows + self._missing_rows(name, scale.get("missing"))

    def _missing_rows(self, name: str, missing: Mapping[str, Any] | None) -> list[Row]:
        return [
            {"list_name": name, "name": code, "hailong_missing": "yes"} | self._labels(label)
            for code, label in (missing or {}).items()
        ]

    def _condition(self, relevant: Mapping[str, Any]) -> str | None:
        clauses = [(STAGE, relevant["stage"], False)] if "stage" in relevant else []
        clauses += [
            (self.names[code], values, "options" in self.items[code])
            for code, values in relevant.get("answers", {}).items()
        ]
        return write_condition(clauses) or None

    def _named(self, node: Definition) -> Row:
        code, name = node["code"], self.names[node["code"]]
        return {"name": name, "hailong_code": code if code != name else None}

    def _labels(self, texts: Mapping[str, str]) -> Row:
        return {language_header(LABEL, language): texts.get(language) for language in self.languages}

    def _new_list(self, name: str) -> str:
        unique = _unique(name, self.lists)
        self.lists.add(unique)
        return unique


def _names(codes: Iterable[str]) -> dict[str, str]:
    """A name in the file for every code: the code itself wherever XML has such a name."""
    codes = list(codes)
    names = {code: code for code in codes if _XML_NAME.fullmatch(code) and code.lower() not in _TAKEN}
    for code in codes:
        if code not in names:
            names[code] = _unique(f"q_{code}", set(names.values()))
    return names


def _unique(name: str, taken: set[str]) -> str:
    number, unique = 1, name
    while unique in taken:
        number += 1
        unique = f"{name}_{number}"
    return unique


def _languages(definition: Definition) -> list[str]:
    """Every language that a text of the definition is in, Vietnamese first."""
    found: set[str] = set()
    waiting: list[Any] = [definition["title"], definition["tree"], definition["scales"]]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if isinstance(value.get(AUTHORITATIVE), str):
                found |= value.keys()
            else:
                waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return sorted(found, key=lambda language: (language != AUTHORITATIVE, language))


def _yes_no(value: bool) -> str:
    return "yes" if value else "no"
