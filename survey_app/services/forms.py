"""A questionnaire version, compiled once: what to ask, how answers are packed and how they are scored."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from sqlalchemy.orm import Session

from analysis.counting.scoring import Scoring
from analysis.packing import N_CODES, Missing
from survey_app.errors import InvalidAnswer
from survey_app.queries import questionnaires as versions
from survey_app.services.answer_packing import (
    Answer,
    Packer,
    Route,
    answer_bytes,
    packer_of,
    route_of,
    unpacked_answer,
)
from survey_app.services.definitions import Definition, validate_definition
from survey_app.services.form_items import (
    Group,
    Item,
    Slot,
    Text,
    build_groups,
    build_items,
    is_position,
    text_of,
)
from survey_app.services.routing import Branch, branches_of, settle
from survey_app.vocabulary import Channel, Stage

OVERALL = "overall"
_STAGES = frozenset(Stage)


@dataclass(frozen=True)
class Form:
    """A questionnaire version ready to render and to pack; `headline` is the item of its first figure."""

    code: str
    version: int
    title: Text
    items: tuple[Item, ...]
    groups: tuple[Group, ...]
    headline: Item
    factors: tuple[Group, ...]
    n_slots: int
    by_code: Mapping[str, Item]
    _packers: Mapping[str, Packer]
    _routes: Mapping[tuple[int, int], Route]
    _branches: tuple[Branch, ...]
    _counted_slots: tuple[int, ...]

    def group(self, code: str) -> Group:
        return next(group for group in self.groups if group.code == code)

    def asked_items(self, *, stage: int, channel: int) -> tuple[Item, ...]:
        """The items shown to a person at this stage on this channel, in order."""
        return tuple(item for item in self.items if item.is_asked(stage=stage, channel=channel))

    def pack(
        self,
        values: Mapping[str, Answer],
        *,
        stage: int,
        channel: int,
        reached: Collection[str] | None,
        before: bytes | None = None,
    ) -> bytes:
        """One byte per slot. `reached` names the items shown (None: all); an answered item was reached.

        What was not shown is NOT_REACHED; what was shown and left is LEFT_BLANK, a multi-select with nothing
        chosen too. An answer to an item that is not for this stage, this channel or
        these answers is dropped, not refused. `before` is what an earlier part of the same response stored.
        """
        route = self._route(stage, channel)
        packed = bytearray(route.blank if reached is None else route.unreached)
        for code in reached or ():
            packer = self._packer(code)
            if code in route.asked:
                packed[packer.start : packer.stop] = packer.blank
        for code, value in values.items():
            packer = self._packer(code)
            answer = answer_bytes(packer, code, value)
            if code in route.asked:
                packed[packer.start : packer.stop] = answer
        if self._branches:
            settle(packed, self._branches, before=before)
        return bytes(packed)

    def unpack(self, packed: bytes) -> dict[str, str | tuple[str, ...]]:
        """Each item's answer by code: a choice, several of a multi-select, or the name of a missing one."""
        if len(packed) != self.n_slots:
            raise ValueError(f"{self.code} v{self.version} packs {self.n_slots} slots, got {len(packed)}")
        return {item.code: unpacked_answer(item, packed[item.slot : item.end]) for item in self.items}

    def is_complete(self, packed: bytes) -> bool:
        """Whether every item of the index was reached; a partial never enters the mean of respondents."""
        return all(packed[slot] != Missing.NOT_REACHED for slot in self._counted_slots)

    def scored_answers(self, packed: bytes) -> list[int]:
        """The scale positions given to the items of the factor index, in order, missing answers left out."""
        return [packed[slot] for slot in self._counted_slots if is_position(packed[slot])]

    def slots(self) -> tuple[Slot, ...]:
        """The meaning of every byte, in order."""
        return tuple(
            Slot(item.slot + place, item.code, option, item.factor_code, item.kind)
            for item in self.items
            for place, option in enumerate(item.option_codes)
        )

    def scoring(self) -> Scoring:
        """The tables by which packed answers are counted: the headline item, then each factor."""
        group_of_slot = np.full(self.n_slots, -1, dtype=np.int64)
        satisfied = np.zeros((self.n_slots, N_CODES), dtype=bool)
        answered = np.zeros_like(satisfied)
        score = np.zeros(satisfied.shape, dtype=np.float64)
        members = [(self.headline,), *(factor.counted_items for factor in self.factors)]
        for group, items in enumerate(members):
            for item in items:
                group_of_slot[item.slot] = group
                for choice in item.choices:
                    answered[item.slot, choice.position] = True
                    satisfied[item.slot, choice.position] = choice.is_satisfied
                    score[item.slot, choice.position] = choice.score
        return Scoring(
            groups=(OVERALL, *(factor.code for factor in self.factors)),
            satisfied=satisfied,
            answered=answered,
            score=score,
            group_of_slot=group_of_slot,
            index_groups=tuple(range(1, len(members))),
        )

    def _route(self, stage: int, channel: int) -> Route:
        route = self._routes.get((stage, channel))
        if route is None:
            raise InvalidAnswer("stage" if stage not in _STAGES else "channel", "unknown_choice")
        return route

    def _packer(self, code: str) -> Packer:
        packer = self._packers.get(code)
        if packer is None:
            raise InvalidAnswer(code, "unknown_item")
        return packer


def compile_version(definition: Definition) -> Form:
    """The form of a valid definition; raises `DefinitionError` for any other."""
    validate_definition(definition)
    items = build_items(definition)
    by_code = {item.code: item for item in items}
    groups = build_groups(definition, by_code)
    group_of = {group.code: group for group in groups}
    factors = tuple(group_of[code] for code in definition["index"]["factors"])
    return Form(
        code=definition["code"],
        version=definition["version"],
        title=text_of(definition["title"]),
        items=items,
        groups=groups,
        headline=by_code[definition["index"]["headline"]],
        factors=factors,
        n_slots=sum(item.n_slots for item in items),
        by_code=MappingProxyType(by_code),
        _packers={item.code: packer_of(item) for item in items},
        _routes={(stage, channel): route_of(items, stage, channel) for stage in Stage for channel in Channel},
        _branches=branches_of(items),
        _counted_slots=tuple(item.slot for factor in factors for item in factor.counted_items),
    )


_FORMS: dict[bytes, Form] = {}


def load_form(session: Session, *, version_id: int) -> Form:
    """The form of a stored version, compiled once in this process and kept by the digest of its content."""
    digest = versions.version_digest(session, version_id)
    form = _FORMS.get(digest)
    if form is None:
        form = _FORMS[digest] = compile_version(versions.version_definition(session, version_id))
    return form


def form_titles(session: Session, version_ids: Iterable[int], *, language: str) -> dict[int, str]:
    """What a reader calls each of these versions; its code is for machines."""
    return {each: load_form(session, version_id=each).title.in_language(language) for each in version_ids}
