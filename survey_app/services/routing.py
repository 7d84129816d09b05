"""Questions that depend on earlier answers: what their conditions make of packed bytes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from analysis.packing import Missing
from survey_app.services.form_items import CHOSEN, Item, Text

# What a second part may fill: everything that the first part did not answer.
OPEN = frozenset({Missing.NOT_ASKED, Missing.NOT_RELEVANT, Missing.LEFT_BLANK, Missing.NOT_REACHED})
_NOT_ASKED = frozenset({Missing.NOT_ASKED, Missing.NOT_RELEVANT})


class _HasItems(Protocol):
    """A form, as far as conditions ask it."""

    @property
    def by_code(self) -> Mapping[str, Item]: ...


@dataclass(frozen=True, slots=True)
class _Test:
    """Where the answer of the earlier question stands, and which bytes there satisfy the condition."""

    slots: tuple[int, ...]
    bytes: frozenset[int]


@dataclass(frozen=True, slots=True)
class Branch:
    """The bytes of one question with conditions, and the conditions, all of which must hold."""

    start: int
    stop: int
    tests: tuple[_Test, ...]


def branches_of(items: Iterable[Item]) -> tuple[Branch, ...]:
    """The questions with conditions in the order of the tree, so that what governs is settled before what follows."""
    by_code = {item.code: item for item in items}
    return tuple(
        Branch(item.slot, item.end, tuple(_test(by_code[code], wanted) for code, wanted in item.conditions))
        for item in by_code.values()
        if item.conditions
    )


def conditions_in_words(form: _HasItems, item: Item, channel: int) -> list[tuple[Text, Text]]:
    """For each condition the earlier question, in the words of a channel, and the answers that satisfy it."""
    governing = [(form.by_code[code], wanted) for code, wanted in item.conditions]
    return [
        (earlier.text_on(channel), _joined([each.label for each in earlier.choices if each.code in wanted]))
        for earlier, wanted in governing
    ]


def _joined(labels: Sequence[Text]) -> Text:
    languages = {language for label in labels for language in label.others}
    return Text(
        ", ".join(label.vi for label in labels),
        {language: ", ".join(label.in_language(language) for label in labels) for language in languages},
    )


def settle(packed: bytearray, branches: Sequence[Branch], *, before: bytes | None = None) -> None:
    """Overwrite what was not asked of this person, whatever was sent; `before` is what an earlier part stored.

    A condition that cannot hold (another answer, a blank, a question that was itself not for this person) makes the
    question NOT_RELEVANT; one whose earlier question was not reached leaves it NOT_REACHED.
    """
    for branch in branches:
        if packed[branch.start] in _NOT_ASKED:
            continue
        states = {_state(test, packed, before) for test in branch.tests}
        state = Missing.NOT_RELEVANT if Missing.NOT_RELEVANT in states else Missing.NOT_REACHED
        if state in states:
            packed[branch.start : branch.stop] = bytes([state]) * (branch.stop - branch.start)


def _state(test: _Test, packed: bytearray, before: bytes | None) -> Missing | None:
    """None while the condition holds, else what it makes of the question."""
    given = [packed[slot] if before is None or before[slot] in OPEN else before[slot] for slot in test.slots]
    if any(byte in test.bytes for byte in given):
        return None
    return Missing.NOT_REACHED if given[0] == Missing.NOT_REACHED else Missing.NOT_RELEVANT


def _test(item: Item, wanted: frozenset[str]) -> _Test:
    if item.is_multiple:
        places = [place for place, choice in enumerate(item.choices) if choice.code in wanted]
        return _Test(tuple(item.slot + place for place in places), frozenset({CHOSEN}))
    positions = frozenset(choice.position for choice in item.choices if choice.code in wanted)
    return _Test((item.slot,), positions)
