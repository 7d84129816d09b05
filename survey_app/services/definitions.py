"""Whether a questionnaire definition can be published: the first fault is named with its place."""

import math
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from analysis.packing import MAX_POSITIONS
from survey_app.errors import DefinitionError
from survey_app.services.conditions import check_answers
from survey_app.vocabulary import Channel, Stage

MAX_SLOTS = 255
MAX_DEPTH = 8
NODE_KINDS = frozenset({"aspect", "factor", "section"})
SINGLE_KINDS = frozenset({"satisfaction", "assertion", "fact", "profile", "confidential"})
MULTI_KINDS = frozenset({"multi", "expectation"})
MISSING_CHOICES = frozenset({"dont_know", "refused", "left_blank", "not_applicable"})
STAGES = {stage.name.lower(): stage for stage in Stage}
CHANNELS = {channel.name.lower(): channel for channel in Channel}

_LANGUAGE = re.compile(r"[a-z]{2,3}")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")
_HEAD_KEYS = frozenset(
    {"code", "version", "title", "legal_basis", "provenance", "effective_from", "english", "scales", "tree",
     "index"}
)  # fmt: skip
_HEAD_FIELDS = ("code", "version", "title", "legal_basis", "provenance", "effective_from")
_NODE_KEYS = frozenset({"code", "kind", "title", "children", "screen"})
_ITEM_KEYS = frozenset(
    {"code", "kind", "text", "text_by_channel", "screen", "scale", "options", "max_choices", "relevant",
     "channels_hidden", "mandatory", "missing", "counts"}
)  # fmt: skip

Definition = Mapping[str, Any]


def validate_definition(definition: Definition) -> None:
    """Raise `DefinitionError` at the first fault; return when the definition can be compiled and stored."""
    _check_head(definition)
    for name, scale in definition["scales"].items():
        _check_scale(scale, path=f"scales.{name}")
    items = _check_tree(definition)
    n_slots = sum(len(item.get("options", ())) or 1 for item in items.values())
    _require(1 <= n_slots <= MAX_SLOTS, "tree", f"{n_slots} slots; a packed answer holds 1 to {MAX_SLOTS}")
    _check_index(definition, items)


def definition_faults(definition: Definition) -> tuple[DefinitionError, ...]:
    """Every fault of a definition in the making, in the order of the form; empty exactly when it is valid.

    Of what hangs together (a scale, one property of an item, the index) the first fault is told; mending it shows
    the next. The definition has its shape already: objects, lists and texts stand where they belong.
    """
    faults: list[DefinitionError] = []
    fields = definition.keys() & _HEAD_FIELDS
    _try(
        faults,
        _check_mapping,
        definition,
        "definition",
        allowed=_HEAD_KEYS,
        required=_HEAD_KEYS - {"english"},
    )
    for key in sorted(fields):
        _try(faults, _check_head_field, definition, key)
    for name, scale in definition.get("scales", {}).items():
        _try(faults, _check_scale, scale, path=f"scales.{name}")
    items = _tried_tree(definition, faults)
    n_slots = sum(len(item.get("options", ())) or 1 for item in items.values())
    _try(
        faults,
        _require,
        n_slots <= MAX_SLOTS,
        "tree",
        f"{n_slots} slots; a packed answer holds 1 to {MAX_SLOTS}",
    )
    if "index" in definition:
        _try(faults, _check_index, definition, items)
    return tuple(faults)


def _try(faults: list[DefinitionError], check: Callable[..., None], *args: Any, **named: Any) -> None:
    try:
        check(*args, **named)
    except DefinitionError as fault:
        faults.append(fault)


def _tried_tree(definition: Definition, faults: list[DefinitionError]) -> dict[str, Definition]:
    """The items by code, depth first, the faults of every node noted on the way."""
    scales = definition.get("scales", {})
    seen: dict[str, str] = {}
    items: dict[str, Definition] = {}

    def walk(nodes: Sequence[Definition], path: str, depth: int) -> None:
        _try(faults, _require, len(nodes) > 0, path, "an empty list")
        _try(faults, _require, depth <= MAX_DEPTH, path, f"deeper than {MAX_DEPTH} levels")
        for place, node in enumerate(nodes):
            here, code = f"{path}[{place}]", node["code"]
            _try(faults, _check_code, code, f"{here}.code")
            _try(faults, _check_code, node.get("screen", "none"), f"{here}.screen")
            _try(
                faults,
                _require,
                code not in seen,
                f"{here}.code",
                f"{code!r} is already used at {seen.get(code)}",
            )
            seen.setdefault(code, here)
            if "children" in node:
                _try(faults, _check_group, node, here)
                walk(node["children"], f"{here}.children", depth + 1)
                continue
            _try(faults, _check_mapping, node, here, allowed=_ITEM_KEYS, required={"kind", "text"})
            _try(faults, _check_text, node["text"], f"{here}.text")
            if node["kind"] in MULTI_KINDS:
                _try(faults, _check_options, node, here)
            else:
                _try(faults, _check_item_scale, node, here, scales=scales)
            _try(faults, _check_routing, node, here, scales=scales, earlier=items)
            _try(faults, _check_missing, node.get("missing"), f"{here}.missing")
            for channel, text in (node.get("text_by_channel") or {}).items():
                path_there = f"{here}.text_by_channel"
                _try(faults, _require, channel in CHANNELS, path_there, f"unknown channel {channel!r}")
                _try(faults, _check_text, text, f"{path_there}.{channel}")
            items.setdefault(code, node)

    walk(definition.get("tree", ()), "tree", 1)
    return items


def is_counted(item: Definition) -> bool:
    """Whether the item's answers enter its factor: satisfaction unless told otherwise."""
    return bool(item.get("counts", item["kind"] == "satisfaction"))


def items_under(nodes: Sequence[Definition]) -> Iterator[Definition]:
    """The items below these nodes, depth first: the order of the packed bytes."""
    for node in nodes:
        if "children" in node:
            yield from items_under(node["children"])
        else:
            yield node


def nodes_under(nodes: Sequence[Definition]) -> Iterator[Definition]:
    """The groups (aspect, factor, section) at or below these nodes, depth first."""
    for node in nodes:
        if "children" in node:
            yield node
            yield from nodes_under(node["children"])


def _require(condition: bool, path: str, problem: str) -> None:
    if not condition:
        raise DefinitionError(path, problem)


def _check_head(definition: Definition) -> None:
    _check_mapping(definition, "definition", allowed=_HEAD_KEYS, required=_HEAD_KEYS - {"english"})
    for key in _HEAD_FIELDS:
        _check_head_field(definition, key)
    _require(isinstance(definition["scales"], dict), "scales", "not an object")


def _check_head_field(definition: Definition, key: str) -> None:
    value = definition[key]
    if key == "code":
        _check_code(value, key)
    elif key == "version":
        _check_from_one(value, key)
    elif key == "title":
        _check_text(value, key)
    else:
        _check_string(value, key, max_length=10 if key == "effective_from" else 400)
    if key == "effective_from":
        try:
            date.fromisoformat(value)
        except ValueError as error:
            raise DefinitionError(key, "not a date like 2026-01-31") from error


def _check_scale(scale: Any, *, path: str) -> None:
    _check_mapping(scale, path, allowed={"points", "missing"}, required={"points"})
    points = scale["points"]
    _require(isinstance(points, list) and len(points) > 0, f"{path}.points", "no points")
    _require(len(points) <= MAX_POSITIONS, f"{path}.points", f"more than {MAX_POSITIONS} points")
    for place, point in enumerate(points):
        _check_point(point, f"{path}.points[{place}]")
    _check_unique([point["code"] for point in points], f"{path}.points")
    n_scored = sum("score" in point for point in points)
    _require(n_scored in (0, len(points)), f"{path}.points", "some points have a score and some have none")
    _check_missing(scale.get("missing"), f"{path}.missing")


def _check_point(point: Any, path: str) -> None:
    _check_mapping(point, path, allowed={"code", "label", "score", "satisfied"}, required={"code", "label"})
    _check_code(point["code"], f"{path}.code")
    _require(point["code"] not in MISSING_CHOICES, f"{path}.code", "reserved for a missing answer")
    _check_text(point["label"], f"{path}.label")
    _require(("score" in point) == ("satisfied" in point), path, "score and satisfied go together")
    if "score" in point:
        is_number = type(point["score"]) in (int, float) and math.isfinite(point["score"])
        _require(is_number, f"{path}.score", "not a number")
        _require(type(point["satisfied"]) is bool, f"{path}.satisfied", "not true or false")


def _check_missing(missing: Any, path: str) -> None:
    if missing is None:
        return
    _check_mapping(missing, path, allowed=MISSING_CHOICES)
    for name, label in missing.items():
        _check_text(label, f"{path}.{name}")


def _check_tree(definition: Definition) -> dict[str, Definition]:
    seen: dict[str, str] = {}
    items: dict[str, Definition] = {}
    for node, path in _walk(definition["tree"], "tree", depth=1):
        code = node["code"]
        _require(code not in seen, f"{path}.code", f"{code!r} is already used at {seen.get(code)}")
        seen[code] = path
        if "children" not in node:
            _check_item(node, path, scales=definition["scales"], earlier=items)
            items[code] = node
    return items


def _walk(nodes: Any, path: str, *, depth: int) -> Iterator[tuple[Definition, str]]:
    """Every node and item with its path, groups checked on the way; codes are known to be codes."""
    _require(isinstance(nodes, list) and len(nodes) > 0, path, "an empty list")
    _require(depth <= MAX_DEPTH, path, f"deeper than {MAX_DEPTH} levels")
    for place, node in enumerate(nodes):
        here = f"{path}[{place}]"
        _require(isinstance(node, dict), here, "not an object")
        _check_code(node.get("code"), f"{here}.code")
        _check_code(node.get("screen", "none"), f"{here}.screen")
        if "children" in node:
            _check_group(node, here)
        yield node, here
        if "children" in node:
            yield from _walk(node["children"], f"{here}.children", depth=depth + 1)


def _check_group(node: Definition, path: str) -> None:
    _check_mapping(node, path, allowed=_NODE_KEYS, required={"kind", "title"})
    _require(node["kind"] in NODE_KINDS, f"{path}.kind", f"unknown kind {node['kind']!r}")
    _check_text(node["title"], f"{path}.title")


def _check_item(
    item: Definition, path: str, *, scales: Definition, earlier: Mapping[str, Definition]
) -> None:
    _check_mapping(item, path, allowed=_ITEM_KEYS, required={"kind", "text"})
    _check_text(item["text"], f"{path}.text")
    if item["kind"] in MULTI_KINDS:
        _check_options(item, path)
    else:
        _require(item["kind"] in SINGLE_KINDS, f"{path}.kind", f"unknown kind {item['kind']!r}")
        _check_item_scale(item, path, scales=scales)
    _check_routing(item, path, scales=scales, earlier=earlier)
    _check_missing(item.get("missing"), f"{path}.missing")
    for channel, text in (item.get("text_by_channel") or {}).items():
        _require(channel in CHANNELS, f"{path}.text_by_channel", f"unknown channel {channel!r}")
        _check_text(text, f"{path}.text_by_channel.{channel}")


def _check_item_scale(item: Definition, path: str, *, scales: Definition) -> None:
    scale: Any = item.get("scale")
    _require(isinstance(scale, str) and scale in scales, f"{path}.scale", f"unknown scale {scale!r}")
    for key in ("options", "max_choices"):
        _require(key not in item, f"{path}.{key}", "only a multi-select has it")
    points = scales[scale].get("points")
    _require(bool(points), f"{path}.scale", f"the scale {scale!r} has no points")
    has_scores = "score" in points[0]
    _require(has_scores or not is_counted(item), f"{path}.scale", "a counted item needs a scale with scores")


def _check_options(item: Definition, path: str) -> None:
    _require("scale" not in item, f"{path}.scale", "a multi-select has options, not a scale")
    _require("counts" not in item, f"{path}.counts", "a multi-select is never scored")
    options: Any = item.get("options")
    _require(isinstance(options, list) and len(options) > 0, f"{path}.options", "no options")
    for place, option in enumerate(options):
        here = f"{path}.options[{place}]"
        _check_mapping(option, here, allowed={"code", "label", "group"}, required={"code", "label"})
        _check_code(option["code"], f"{here}.code")
        _check_code(option.get("group", "none"), f"{here}.group")
        _check_text(option["label"], f"{here}.label")
    _check_unique([option["code"] for option in options], f"{path}.options")
    if item.get("max_choices") is not None:
        _check_from_one(item["max_choices"], f"{path}.max_choices")


def _check_routing(
    item: Definition, path: str, *, scales: Definition, earlier: Mapping[str, Definition]
) -> None:
    relevant = item.get("relevant")
    if relevant is not None:
        _check_mapping(relevant, f"{path}.relevant", allowed={"stage", "answers"})
        _require(len(relevant) > 0, f"{path}.relevant", "no condition")
        if "stage" in relevant:
            _check_names(relevant["stage"], f"{path}.relevant.stage", known=STAGES)
        if "answers" in relevant:
            check_answers(relevant["answers"], f"{path}.relevant.answers", earlier=earlier, scales=scales)
    if item.get("channels_hidden") is not None:
        _check_names(item["channels_hidden"], f"{path}.channels_hidden", known=CHANNELS)
    for key in ("mandatory", "counts"):
        _require(type(item.get(key, False)) is bool, f"{path}.{key}", "not true or false")


def _check_index(definition: Definition, items: Mapping[str, Definition]) -> None:
    index = definition["index"]
    _check_mapping(index, "index", allowed={"headline", "factors"}, required={"headline", "factors"})
    headline = items.get(index["headline"]) if isinstance(index["headline"], str) else None
    _require(headline is not None and is_counted(headline), "index.headline", "not a counted item")
    _require(isinstance(index["factors"], list), "index.factors", "not a list")
    groups = {node["code"]: node for node in nodes_under(definition["tree"])}
    taken = {index["headline"]}
    for place, code in enumerate(index["factors"]):
        here = f"index.factors[{place}]"
        _require(isinstance(code, str) and code in groups, here, f"no group {code!r} in the tree")
        counted = {item["code"] for item in items_under(groups[code]["children"]) if is_counted(item)}
        _require(len(counted) > 0, here, f"{code!r} has no scored item")
        _require(not counted & taken, here, f"{sorted(counted & taken)} would count twice")
        taken |= counted


def _check_mapping(
    value: Any, path: str, *, allowed: Sequence[str] | frozenset[str] | set[str],
    required: frozenset[str] | set[str] = frozenset(),
) -> None:  # fmt: skip
    _require(isinstance(value, dict), path, "not an object")
    unknown = sorted(str(key) for key in value if key not in allowed)
    _require(not unknown, path, f"unknown key {', '.join(unknown)}")
    absent = sorted(required - value.keys())
    _require(not absent, path, f"missing key {', '.join(absent)}")


def _check_names(names: Any, path: str, *, known: Mapping[str, Any]) -> None:
    _require(isinstance(names, list) and len(names) > 0, path, "an empty list")
    for name in names:
        _require(isinstance(name, str) and name in known, path, f"unknown name {name!r}")


def _check_unique(codes: Sequence[str], path: str) -> None:
    repeated = sorted({code for code in codes if codes.count(code) > 1})
    _require(not repeated, path, f"code used twice: {', '.join(repeated)}")


def _check_from_one(number: Any, path: str) -> None:
    _require(type(number) is int and number >= 1, path, "not a whole number from 1")


def _check_code(code: Any, path: str) -> None:
    _require(isinstance(code, str) and _CODE.fullmatch(code) is not None, path, f"not a code: {code!r}")


def _check_text(text: Any, path: str) -> None:
    """Vietnamese is authoritative and required; another language is optional, and never empty."""
    _require(isinstance(text, dict) and "vi" in text, f"{path}.vi", "no Vietnamese text")
    for language, words in text.items():
        _require(_LANGUAGE.fullmatch(language) is not None, path, f"not a language: {language!r}")
        _check_string(words, f"{path}.{language}", max_length=1000)


def _check_string(text: Any, path: str, *, max_length: int) -> None:
    _require(isinstance(text, str) and text.strip() != "", path, "no text")
    _require(len(text) <= max_length, path, f"longer than {max_length} characters")
    _require(unicodedata.is_normalized("NFC", text), path, "not in Unicode form NFC")
