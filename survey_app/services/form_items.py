"""The parts of a compiled questionnaire: questions, their choices and the groups they stand in."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from analysis.packing import MAX_POSITIONS, Missing
from survey_app.services.definitions import (
    CHANNELS,
    MISSING_CHOICES,
    STAGES,
    Definition,
    is_counted,
    items_under,
    nodes_under,
)
from survey_app.vocabulary import INTERVIEWED, Channel, Stage

CHOSEN, NOT_CHOSEN = 1, 2
MISSING_BYTES: Mapping[str, int] = {name: int(Missing[name.upper()]) for name in MISSING_CHOICES}


@dataclass(frozen=True, slots=True)
class Text:
    """The same words in Vietnamese, which is authoritative, and in other languages where there are any."""

    vi: str
    others: Mapping[str, str]

    def in_language(self, language: str) -> str:
        return self.others.get(language, self.vi)


@dataclass(frozen=True, slots=True)
class Choice:
    """A scale point, an option or a missing answer the reader may press; `group` is good, bad or neutral."""

    code: str
    label: Text
    position: int
    score: float | None = None
    is_satisfied: bool = False
    group: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One question: its words, what may be answered, whom it is for and the slots it fills."""

    code: str
    kind: str
    text: Text
    text_by_channel: Mapping[int, Text]
    screen: str
    factor_code: str
    choices: tuple[Choice, ...]
    missing: tuple[Choice, ...]
    max_choices: int | None
    stages: frozenset[Stage] | None
    hidden_channels: frozenset[Channel]
    is_multiple: bool
    is_mandatory: bool
    is_counted: bool
    slot: int
    n_slots: int
    # Earlier questions, each with the answers of which one must have been given.
    conditions: tuple[tuple[str, frozenset[str]], ...] = ()

    def is_asked(self, *, stage: int, channel: int) -> bool:
        return channel not in self.hidden_channels and (self.stages is None or stage in self.stages)

    def text_on(self, channel: int) -> Text:
        """The words of a channel; who is interviewed is at home, and is asked as behind a link unless told else."""
        spoken = self.text_by_channel.get(Channel.LINK, self.text) if channel in INTERVIEWED else self.text
        return self.text_by_channel.get(channel, spoken)

    @property
    def end(self) -> int:
        return self.slot + self.n_slots

    @property
    def option_codes(self) -> tuple[str, ...]:
        """What tells this item's slots apart: its options, or nothing for a single answer."""
        return tuple(choice.code for choice in self.choices) if self.is_multiple else ("",)


@dataclass(frozen=True, slots=True)
class Group:
    """An aspect, factor or section of the tree with the items below it, however deep."""

    code: str
    kind: str
    title: Text
    items: tuple[Item, ...]

    @property
    def counted_items(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.is_counted)


@dataclass(frozen=True, slots=True)
class Slot:
    """What one byte of a packed answer means."""

    position: int
    item_code: str
    option_code: str
    factor_code: str
    kind: str


def build_items(definition: Definition) -> tuple[Item, ...]:
    """Every item, depth first, each with the nearest factor and screen above it and its first slot."""
    scales = {name: _scale_choices(scale) for name, scale in definition["scales"].items()}
    items: list[Item] = []
    slot = 0
    for node, factor, screen in _placed(definition["tree"], factor="", screen=""):
        item = _item(node, definition["scales"], scales, factor=factor, screen=screen, slot=slot)
        items.append(item)
        slot += item.n_slots
    return tuple(items)


def build_groups(definition: Definition, by_code: Mapping[str, Item]) -> tuple[Group, ...]:
    """Every group of the tree, depth first, with all the items below it."""
    return tuple(
        Group(
            code=node["code"],
            kind=node["kind"],
            title=text_of(node["title"]),
            items=tuple(by_code[item["code"]] for item in items_under(node["children"])),
        )
        for node in nodes_under(definition["tree"])
    )


def _placed(nodes: list[Any], *, factor: str, screen: str) -> list[tuple[Definition, str, str]]:
    placed: list[tuple[Definition, str, str]] = []
    for node in nodes:
        here = node.get("screen", screen)
        if "children" in node:
            inner = node["code"] if node["kind"] == "factor" else factor
            placed += _placed(node["children"], factor=inner, screen=here)
        else:
            placed.append((node, factor, here))
    return placed


def _item(
    node: Definition, scales: Definition, points: Mapping[str, tuple[Choice, ...]], *,
    factor: str, screen: str, slot: int,
) -> Item:  # fmt: skip
    options = _options(node.get("options", ()))
    missing = node.get("missing") or ({} if options else scales[node["scale"]].get("missing") or {})
    variants = node.get("text_by_channel") or {}
    relevant = node.get("relevant") or {}
    return Item(
        code=node["code"],
        kind=node["kind"],
        text=text_of(node["text"]),
        text_by_channel={CHANNELS[name]: text_of(text) for name, text in variants.items()},
        screen=screen,
        factor_code=factor,
        choices=options or points[node["scale"]],
        missing=tuple(Choice(name, text_of(label), MISSING_BYTES[name]) for name, label in missing.items()),
        max_choices=node.get("max_choices"),
        stages=frozenset(STAGES[name] for name in relevant["stage"]) if "stage" in relevant else None,
        hidden_channels=frozenset(CHANNELS[name] for name in node.get("channels_hidden") or ()),
        is_multiple=bool(options),
        is_mandatory=node.get("mandatory", False),
        is_counted=is_counted(node),
        slot=slot,
        n_slots=len(options) or 1,
        conditions=tuple((code, frozenset(wanted)) for code, wanted in relevant.get("answers", {}).items()),
    )


def _scale_choices(scale: Definition) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            code=point["code"],
            label=text_of(point["label"]),
            position=position,
            score=point.get("score"),
            is_satisfied=point.get("satisfied", False),
        )
        for position, point in enumerate(scale["points"], start=1)
    )


def _options(options: Any) -> tuple[Choice, ...]:
    return tuple(
        Choice(option["code"], text_of(option["label"]), CHOSEN, group=option.get("group", ""))
        for option in options
    )


def text_of(text: Mapping[str, str]) -> Text:
    return Text(text["vi"], MappingProxyType(dict(text)))


def is_position(byte: int) -> bool:
    """Whether a byte is an answer on a scale, not a missing one."""
    return 1 <= byte <= MAX_POSITIONS
