"""A definition at a glance: its tree line by line, and how much of what it asks. Reads faulty ones too."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from survey_app.services.definitions import is_counted

MAX_LINES = 600


@dataclass(frozen=True, slots=True)
class OutlineLine:
    """A group or a question: how deep it stands, and what is known of it."""

    depth: int
    code: str
    kind: str
    text: str
    is_group: bool
    n_choices: int = 0
    is_counted: bool = False
    stages: tuple[str, ...] = ()
    conditions: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Outline:
    code: str
    version: str
    title: str
    headline: str
    factors: tuple[str, ...]
    languages: tuple[str, ...]
    n_items: int
    n_counted: int
    n_slots: int
    lines: tuple[OutlineLine, ...]


def outline_of(definition: Mapping[str, Any]) -> Outline:
    """Nothing is taken for granted: what is not of the expected shape is left out."""
    tree = [node for node in _list(definition.get("tree")) if isinstance(node, dict)]
    scales = _object(definition.get("scales"))
    lines = tuple(_lines(tree, scales, 0))[:MAX_LINES]
    items = [line for line in lines if not line.is_group]
    index = _object(definition.get("index"))
    several = {line.code for line in items if line.kind in {"multi", "expectation"}}
    return Outline(
        code=str(definition.get("code", "")),
        version=str(definition.get("version", "")),
        title=_vi(definition.get("title")),
        headline=str(index.get("headline") or ""),
        factors=tuple(str(code) for code in _list(index.get("factors"))),
        languages=tuple(sorted(_languages(tree))),
        n_items=len(items),
        n_counted=sum(line.is_counted for line in items),
        n_slots=sum(line.n_choices if line.code in several else 1 for line in items),
        lines=lines,
    )


def _lines(nodes: Sequence[Any], scales: Mapping[str, Any], depth: int) -> Iterator[OutlineLine]:
    for node in nodes:
        if not isinstance(node, dict):
            continue
        code, kind = str(node.get("code", "")), str(node.get("kind", ""))
        if "children" in node:
            yield OutlineLine(depth, code, kind, _vi(node.get("title")), is_group=True)
            yield from _lines(_list(node["children"]), scales, depth + 1)
            continue
        relevant = _object(node.get("relevant"))
        yield OutlineLine(
            depth,
            code,
            kind,
            _vi(node.get("text")),
            is_group=False,
            n_choices=len(_choices(node, scales)),
            is_counted=bool(kind) and is_counted({**node, "kind": kind}),
            stages=tuple(str(stage) for stage in _list(relevant.get("stage"))),
            conditions=tuple(
                (str(earlier), tuple(str(answer) for answer in _list(wanted)))
                for earlier, wanted in _object(relevant.get("answers")).items()
            ),
        )


def _choices(item: Mapping[str, Any], scales: Mapping[str, Any]) -> list[Any]:
    if "options" in item:
        return _list(item["options"])
    scale = item.get("scale")
    return _list(_object(scales.get(scale)).get("points")) if isinstance(scale, str) else []


def _languages(nodes: Sequence[Any]) -> set[str]:
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, dict):
            found |= {str(language) for language in _object(node.get("text"))}
            found |= _languages(_list(node.get("children")))
    return found


def _vi(text: Any) -> str:
    return str(_object(text).get("vi", ""))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
