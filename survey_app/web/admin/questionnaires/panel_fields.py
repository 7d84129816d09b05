"""What a panel of the editor sends, made into a part of a definition; what was not on the panel stays as it was."""

from collections.abc import Mapping, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

from survey_app.services.definitions import (
    CHANNELS,
    MISSING_CHOICES,
    MULTI_KINDS,
    NODE_KINDS,
    SINGLE_KINDS,
    STAGES,
)

Fields = MultiDict[str, str]
Made = dict[str, Any]
ROWS_TO_ADD = 3
MOST_ROWS = 60


def group_from(fields: Fields, before: Mapping[str, Any]) -> Made:
    """A group as the panel has it, with the children it had."""
    kind = fields.get("kind", "")
    return _with_screen(fields, {
        "code": _code(fields), "kind": kind if kind in NODE_KINDS else before["kind"],
        "title": _words(fields, "text", before["title"]), "children": before["children"],
    })  # fmt: skip


def item_from(fields: Fields, before: Mapping[str, Any]) -> Made:
    """An item as the panel has it. Translations of texts that stay are kept."""
    kind = fields.get("kind", "")
    kind = kind if kind in SINGLE_KINDS | MULTI_KINDS else before["kind"]
    item: Made = {"code": _code(fields), "kind": kind, "text": _words(fields, "text", before["text"])}
    if kind in MULTI_KINDS:
        item["options"] = _options(fields, before.get("options", []))
        item["max_choices"] = number_or_text(fields.get("max_choices", "")) or None
    else:
        item["scale"] = fields.get("scale", "")[:40]
        if fields.get("counts") in {"yes", "no"}:
            item["counts"] = fields["counts"] == "yes"
    item |= _routing(fields, before)
    if fields.get("mandatory") == "yes":
        item["mandatory"] = True
    for name, known in (("missing", MISSING_CHOICES), ("text_by_channel", frozenset(CHANNELS))):
        texts = _named_words(fields, name, known, before.get(name) or {})
        if texts:
            item[name] = texts
    return _with_screen(fields, item)


def scale_from(fields: Fields, before: Mapping[str, Any]) -> Made:
    """A scale as the panel has it, its points in the order of their places."""
    known = {point["code"]: point for point in before["points"]}
    points = []
    for number, row in enumerate(_rows(fields, "point"), start=1):
        code = row.get("code", "") or f"p{number}"
        point: Made = {"code": code, "label": _label(row, known.get(code))}
        if row.get("score", ""):
            point["score"] = number_or_text(row["score"])
            point["satisfied"] = row.get("satisfied") == "yes"
        elif row.get("satisfied") == "yes":
            point["satisfied"] = True
        points.append(point)
    scale: Made = {"points": points}
    missing = _named_words(fields, "missing", MISSING_CHOICES, before.get("missing") or {})
    return scale | ({"missing": missing} if missing else {})


def number_or_text(text: str) -> int | float | str:
    """The number that was meant; anything else stays as it was typed, and is told as a fault."""
    plain = text.strip().replace(",", ".")[:12]
    try:
        number = float(plain)
    except ValueError:
        return plain
    return int(number) if number.is_integer() else number


def _code(fields: Fields) -> str:
    return fields.get("code", "").strip()[:60]


def _words(fields: Fields, name: str, before: Mapping[str, str]) -> dict[str, str]:
    said = fields.get(name, "").strip()
    return (
        {**before, "vi": said}
        if said
        else {language: text for language, text in before.items() if language != "vi"}
    )


def _with_screen(fields: Fields, node: Made) -> Made:
    screen = fields.get("screen", "").strip()[:40]
    return node | ({"screen": screen} if screen else {})


def _options(fields: Fields, before: Sequence[Mapping[str, Any]]) -> list[Made]:
    known = {option["code"]: option for option in before}
    options = []
    for number, row in enumerate(_rows(fields, "option"), start=1):
        code = row.get("code", "") or f"o{number}"
        option: Made = {"code": code, "label": _label(row, known.get(code))}
        if row.get("group"):
            option["group"] = row["group"]
        options.append(option)
    return options


def _label(row: Mapping[str, str], before: Mapping[str, Any] | None) -> dict[str, str]:
    others = {
        language: text for language, text in (before or {"label": {}})["label"].items() if language != "vi"
    }
    return ({"vi": row["label"]} if row.get("label") else {}) | others


def _rows(fields: Fields, name: str) -> list[dict[str, str]]:
    """Rows of a table in the order of the places typed beside them; a row without code and words is left out."""
    rows = []
    for number in range(MOST_ROWS):
        keys = ("place", "code", "label", "score", "satisfied", "group")
        row = {key: fields.get(f"{name}.{number}.{key}", "").strip()[:1000] for key in keys}
        if row["code"] or row["label"]:
            place = number_or_text(row["place"])
            rows.append((place if isinstance(place, int | float) else number + 1, number, row))
    return [row for _place, _number, row in sorted(rows, key=lambda each: each[:2])]


def _routing(fields: Fields, before: Mapping[str, Any]) -> Made:
    """Stages and channels as ticked; any other condition of the item stays."""
    stages = [name for name in fields.getlist("stage") if name in STAGES]
    relevant = {key: value for key, value in (before.get("relevant") or {}).items() if key != "stage"}
    if stages:
        relevant = {"stage": stages} | relevant
    hidden = [name for name in fields.getlist("hidden") if name in CHANNELS]
    return ({"relevant": relevant} if relevant else {}) | ({"channels_hidden": hidden} if hidden else {})


def _named_words(
    fields: Fields, name: str, known: frozenset[str], before: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, str]]:
    found = {}
    for code in sorted(known):
        said = fields.get(f"{name}.{code}", "").strip()
        if said:
            found[code] = {**before.get(code, {}), "vi": said}
    return found
