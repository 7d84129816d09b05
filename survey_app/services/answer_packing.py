"""Answers to bytes and back, by tables made once for a questionnaire version."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from analysis.packing import Missing
from survey_app.errors import InvalidAnswer
from survey_app.services.form_items import CHOSEN, MISSING_BYTES, NOT_CHOSEN, Item, is_position
from survey_app.vocabulary import Channel, Stage

Answer = str | int | Collection[str]


@dataclass(frozen=True, slots=True)
class Route:
    """Packed answers of someone who was shown nothing or everything, and the items this person is asked."""

    unreached: bytes
    blank: bytes
    asked: frozenset[str]


@dataclass(frozen=True, slots=True)
class Packer:
    """Slots of one item and the bytes of everything that may be answered there."""

    start: int
    stop: int
    blank: bytes
    single: Mapping[str, bytes]
    options: Mapping[str, int]
    max_choices: int
    n_points: int


def packer_of(item: Item) -> Packer:
    single = {name: bytes([byte]) * item.n_slots for name, byte in MISSING_BYTES.items()}
    options: dict[str, int] = {}
    if item.is_multiple:
        options = {choice.code: place for place, choice in enumerate(item.choices)}
    else:
        single |= {choice.code: bytes([choice.position]) for choice in item.choices}
    return Packer(
        start=item.slot,
        stop=item.slot + item.n_slots,
        blank=bytes([Missing.LEFT_BLANK]) * item.n_slots,
        single=single,
        options=options,
        max_choices=item.max_choices or len(item.choices),
        n_points=0 if item.is_multiple else len(item.choices),
    )


def route_of(items: tuple[Item, ...], stage: Stage, channel: Channel) -> Route:
    asked = frozenset(item.code for item in items if item.is_asked(stage=stage, channel=channel))
    parts: dict[Missing, bytes] = {}
    for shown in (Missing.NOT_REACHED, Missing.LEFT_BLANK):
        parts[shown] = b"".join(bytes([_state(item, stage, channel, shown)]) * item.n_slots for item in items)
    return Route(parts[Missing.NOT_REACHED], parts[Missing.LEFT_BLANK], asked)


def _state(item: Item, stage: Stage, channel: Channel, shown: Missing) -> Missing:
    if channel in item.hidden_channels:
        return Missing.NOT_ASKED
    return shown if item.is_asked(stage=stage, channel=channel) else Missing.NOT_RELEVANT


def answer_bytes(packer: Packer, code: str, value: Answer) -> bytes:
    """The bytes of one answer; types are compared exactly, since True and 1.0 are equal to position 1."""
    if type(value) is str:
        answer = packer.single.get(value)
        if answer is None:
            raise InvalidAnswer(code, "wrong_shape" if packer.options else "unknown_choice")
        return answer
    if type(value) is int and not packer.options:
        if not 1 <= value <= packer.n_points:
            raise InvalidAnswer(code, "unknown_choice")
        return bytes([value])
    if packer.options and isinstance(value, (list, tuple, set, frozenset)):
        return _chosen_bytes(packer, code, value)
    raise InvalidAnswer(code, "wrong_shape")


def _chosen_bytes(packer: Packer, code: str, chosen: Collection[str]) -> bytes:
    """One byte per option; a choice made twice is one choice, and none at all leaves the question blank."""
    if not chosen:
        return packer.blank
    places = set()
    for option in chosen:
        place = packer.options.get(option) if type(option) is str else None
        if place is None:
            raise InvalidAnswer(code, "unknown_choice")
        places.add(place)
    if len(places) > packer.max_choices:
        raise InvalidAnswer(code, "too_many_choices")
    return bytes(CHOSEN if place in places else NOT_CHOSEN for place in range(packer.stop - packer.start))


def unpacked_answer(item: Item, packed: bytes) -> str | tuple[str, ...]:
    if not is_position(packed[0]):
        return Missing(packed[0]).name.lower()
    if item.is_multiple:
        return tuple(choice.code for choice, byte in zip(item.choices, packed, strict=True) if byte == CHOSEN)
    return item.choices[packed[0] - 1].code
