"""What differs between two definitions, change by change, as a person would list it."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from survey_app.services.definitions import Definition, is_counted

Said = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `what` names it; `before` and `after` are words or codes, empty where there is nothing.

    `label` says which node or scale it is about, in its own words, for whoever does not know the code.
    """

    what: str
    code: str
    label: str
    before: Said
    after: Said


@dataclass(frozen=True, slots=True)
class _Spot:
    """A node with the group above it and its number in the order of the form."""

    node: Definition
    parent: str
    number: int


HEAD = ("title", "legal_basis", "provenance", "effective_from")
ITEM_FLAGS = ("mandatory", "max_choices", "screen")


def differences(old: Definition, new: Definition) -> tuple[Change, ...]:
    """Head first, then what left, what came, what moved and what changed in its place, then scales and index."""
    before, after = _spots(old), _spots(new)
    return (
        *_head_changes(old, new),
        *(_gone(spot) for code, spot in before.items() if code not in after),
        *(_come(spot) for code, spot in after.items() if code not in before),
        *_moves(before, after),
        *(
            change
            for code, spot in after.items()
            if code in before
            for change in _node_changes(before[code].node, spot.node)
        ),
        *_scale_changes(old, new),
        *_index_changes(old, new),
    )


def point_words(scale: Mapping[str, Any]) -> Said:
    """A scale in words: each point with its score and whether it counts as satisfied."""
    return tuple(_point(point) for point in scale["points"])


def _point(point: Mapping[str, Any]) -> str:
    words = _vi(point["label"]) or str(point["code"])
    if "score" not in point:
        return words
    return f"{words} ({point['score']}{', ✓' if point['satisfied'] else ''})"


def _head_changes(old: Definition, new: Definition) -> Iterator[Change]:
    for key in HEAD:
        before, after = (_vi(each[key]) if key == "title" else str(each[key]) for each in (old, new))
        if before != after:
            yield Change(f"head.{key}", "", "", (before,), (after,))


def _gone(spot: _Spot) -> Change:
    return Change("removed", spot.node["code"], _words(spot.node), (_words(spot.node),), ())


def _come(spot: _Spot) -> Change:
    return Change("added", spot.node["code"], _words(spot.node), (), (_words(spot.node),))


def _moves(before: Mapping[str, _Spot], after: Mapping[str, _Spot]) -> Iterator[Change]:
    """Nodes under another group, and the fewest that had to be taken out of their order."""
    shared = [code for code in after if code in before]
    kept = _longest_rising([before[code].number for code in shared])
    for place, code in enumerate(shared):
        was, now = before[code], after[code]
        if was.parent != now.parent:
            yield Change("moved", code, _words(now.node), (was.parent,), (now.parent,))
        elif place not in kept and not _parent_moved(now.parent, before, after):
            yield Change("reordered", code, _words(now.node), (str(was.number + 1),), (str(now.number + 1),))


def _parent_moved(parent: str, before: Mapping[str, _Spot], after: Mapping[str, _Spot]) -> bool:
    """Whether the group went elsewhere as a whole: then what is in it only went along."""
    return parent in before and parent in after and before[parent].number != after[parent].number


def _longest_rising(numbers: Sequence[int]) -> frozenset[int]:
    """Places of a longest rising subsequence: what stayed in order while the rest was moved."""
    tails: list[int] = []
    tail_places: list[int] = []
    previous: list[int | None] = []
    for place, number in enumerate(numbers):
        at = bisect_left(tails, number)
        tails[at : at + 1] = [number]
        tail_places[at : at + 1] = [place]
        previous.append(tail_places[at - 1] if at else None)
    kept, place_or_none = set(), tail_places[-1] if tail_places else None
    while place_or_none is not None:
        kept.add(place_or_none)
        place_or_none = previous[place_or_none]
    return frozenset(kept)


def _node_changes(old: Definition, new: Definition) -> Iterator[Change]:
    code, label = new["code"], _words(new)

    def change(what: str, before: Said, after: Said) -> Iterator[Change]:
        if before != after:
            yield Change(what, code, label, before, after)

    yield from change("reworded", (_words(old),), (_words(new),))
    yield from change(
        "translated", *(_others(node.get("text") or node.get("title") or {}) for node in (old, new))
    )
    yield from change("kind", (str(old["kind"]),), (str(new["kind"]),))
    if "children" in old or "children" in new:
        return
    yield from change("scale", _one(old.get("scale")), _one(new.get("scale")))
    yield from change("options", _labels(old.get("options", [])), _labels(new.get("options", [])))
    yield from change("missing", *(_named(node.get("missing") or {}) for node in (old, new)))
    yield from change("text_by_channel", *(_named(node.get("text_by_channel") or {}) for node in (old, new)))
    yield from change("relevant", *(_relevant(node) for node in (old, new)))
    yield from change("channels_hidden", *(tuple(node.get("channels_hidden") or ()) for node in (old, new)))
    yield from change("counts", *((str(is_counted(node)),) for node in (old, new)))
    for key in ITEM_FLAGS:
        yield from change(key, _one(old.get(key)), _one(new.get(key)))


def _scale_changes(old: Definition, new: Definition) -> Iterator[Change]:
    """Scales that both have and that differ; one that only an item names is told at the item."""
    for name, scale in new["scales"].items():
        if name not in old["scales"]:
            continue
        was = old["scales"][name]
        pairs = (
            ("scale_points", point_words(was), point_words(scale)),
            ("scale_missing", _named(was.get("missing") or {}), _named(scale.get("missing") or {})),
        )
        for what, before, after in pairs:
            if before != after:
                yield Change(what, name, name, before, after)


def _index_changes(old: Definition, new: Definition) -> Iterator[Change]:
    for key in ("headline", "factors"):
        before, after = (_one_or_many(each["index"][key]) for each in (old, new))
        if before != after:
            yield Change(f"index.{key}", "", "", before, after)


def _spots(definition: Definition) -> dict[str, _Spot]:
    spots: dict[str, _Spot] = {}

    def walk(nodes: Sequence[Definition], parent: str) -> None:
        for node in nodes:
            spots.setdefault(node["code"], _Spot(node, parent, len(spots)))
            walk(node.get("children", ()), node["code"])

    walk(definition["tree"], "")
    return spots


def _relevant(node: Definition) -> Said:
    """For whom an item is asked: stages by name, and any other condition as it is written."""
    relevant = node.get("relevant") or {}
    others = tuple(f"{key}: {value}" for key, value in sorted(relevant.items()) if key != "stage")
    return (*relevant.get("stage", ()), *others)


def _labels(options: Sequence[Mapping[str, Any]]) -> Said:
    return tuple(_vi(option["label"]) or str(option["code"]) for option in options)


def _named(texts: Mapping[str, Mapping[str, str]]) -> Said:
    return tuple(_vi(text) for _name, text in sorted(texts.items()))


def _others(text: Mapping[str, str]) -> Said:
    return tuple(f"{language}: {words}" for language, words in sorted(text.items()) if language != "vi")


def _words(node: Definition) -> str:
    return _vi(node.get("text") or node.get("title") or {})


def _vi(text: Mapping[str, str]) -> str:
    return text.get("vi", "")


def _one(value: object) -> Said:
    return () if value in (None, "", False) else (str(value),)


def _one_or_many(value: str | list[str]) -> Said:
    return (value,) if isinstance(value, str) else tuple(value)
