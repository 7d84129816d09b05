"""The form's screens in one language and for one door: items of the form, and how each is asked.

Citizens answer them themselves; interviewers read the same ones out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from survey_app.services.form_items import Choice, Group, Item
from survey_app.services.forms import Form
from survey_app.vocabulary import Channel

# Reasons that have a picture, by the beginning of their codes.
PICTURED = frozenset(
    {"time", "attitude", "guidance", "papers", "travel", "fees", "place", "online", "result", "other"}
)
TONES: Mapping[str, str] = {
    "very_satisfied": "good", "satisfied": "good", "dissatisfied": "bad", "very_dissatisfied": "bad",
    "not_satisfied": "bad",
}  # fmt: skip


class Asking(Protocol):
    """How the questions are asked: in which language, and in the words of which channel."""

    @property
    def lang(self) -> str: ...

    @property
    def wording(self) -> Channel: ...


@dataclass(frozen=True, slots=True)
class Option:
    code: str
    label: str
    icon: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """One question, an item of the form or a dimension of the visit: how it looks and whom it is for."""

    code: str
    kind: str
    look: str
    text: str
    options: tuple[Option, ...]
    heading: str = ""
    extras: tuple[Option, ...] = ()
    stages: tuple[str, ...] = ()
    max_choices: int | None = None
    is_numbered: bool = False
    can_finish: bool = True

    def is_for(self, stage: str) -> bool:
        return not self.stages or (stage or "unknown") in self.stages


@dataclass(frozen=True, slots=True)
class Step:
    """A page of the form without a script: one factor, or one small group of questions."""

    code: str
    heading: str
    screens: tuple[Screen, ...]
    number: int = 0
    total: int = 0
    previous: str = ""
    next: str = ""

    @property
    def is_last(self) -> bool:
        return not self.next


@dataclass(frozen=True, slots=True)
class FormPage:
    """A form in one language and for one door."""

    overall: Screen
    reasons: Mapping[str, tuple[Option, ...]]
    steps: tuple[Step, ...]
    n_items: int

    @property
    def screens(self) -> tuple[Screen, ...]:
        return tuple(screen for step in self.steps for screen in step.screens)


def form_page(
    form: Form, *, address: Asking, visit: Sequence[Step] = (), has_pictures: bool = False
) -> FormPage:
    """The screens of a form; `visit` are the dimension steps that stand around its items."""
    by_code = {step.code: step for step in visit}
    inner = [_group_step(group, address) for group in _shown_groups(form)]
    single = [
        _item_step(item, address) for item in form.items if item.screen in {"expectations", "confidential"}
    ]
    ordered = _in_order([*inner, *(step for step in single if step.screens)], by_code)
    return FormPage(
        overall=_screen(form.headline, address),
        reasons=_reasons(form, address.lang, has_pictures=has_pictures),
        steps=ordered,
        n_items=sum(len(factor.items) for factor in form.factors),
    )


def numbered_step(page: FormPage, *, code: str, stage: str) -> Step:
    """The step asked for, or the first, with its neighbours for a person at this stage."""
    steps = [
        replace(step, screens=screens)
        for step in page.steps
        if (screens := tuple(screen for screen in step.screens if screen.is_for(stage)))
    ]
    codes = [step.code for step in steps]
    at = codes.index(code) if code in codes else 0
    return replace(
        steps[at],
        number=at + 1,
        total=len(steps),
        previous=codes[at - 1] if at else "",
        next=codes[at + 1] if at + 1 < len(codes) else "",
    )


def _shown_groups(form: Form) -> list[Group]:
    """The factors, then the sections; an aspect only holds factors."""
    return [*form.factors, *(group for group in form.groups if group.kind == "section")]


def _in_order(steps: Sequence[Step], visit: Mapping[str, Step]) -> tuple[Step, ...]:
    """Visit first, then the criteria, facts, expectations and the confidential item; the person last."""
    if not steps:
        return ()
    profile = [step for step in steps if step.screens and step.screens[0].kind == "profile"]
    rest = [step for step in steps if step not in profile]
    facts = [step for step in rest if step.screens[0].kind == "fact"]
    factors = [step for step in rest if step.screens[0].kind in {"satisfaction", "assertion"}]
    others = [step for step in rest if step not in facts and step not in factors]
    around = [visit[name] for name in ("visit", "help") if name in visit]
    return (*around[:1], *factors, *facts, *others, *around[1:], *profile)


def _group_step(group: Group, address: Asking) -> Step:
    heading = group.title.in_language(address.lang)
    screens = tuple(replace(_screen(item, address), heading=heading) for item in _asked(group.items, address))
    return Step(group.code, heading, screens)


def _item_step(item: Item, address: Asking) -> Step:
    screens = tuple(_screen(shown, address) for shown in _asked((item,), address))
    return Step(item.code, screens[0].text if screens else "", screens)


def _asked(items: Iterable[Item], address: Asking) -> tuple[Item, ...]:
    return tuple(item for item in items if address.wording not in item.hidden_channels)


def _screen(item: Item, address: Asking) -> Screen:
    lang = address.lang
    return Screen(
        code=item.code,
        kind=item.kind,
        look=_look(item),
        text=item.text_on(address.wording).in_language(lang),
        options=_options(item.choices, lang),
        extras=_options(item.missing, lang),
        stages=tuple(sorted(stage.name.lower() for stage in item.stages)) if item.stages else (),
        max_choices=item.max_choices,
        is_numbered=item.kind in {"satisfaction", "assertion"},
    )


def _look(item: Item) -> str:
    if item.is_multiple:
        return "chips"
    return "faces" if item.kind in {"satisfaction", "assertion"} and len(item.choices) == 5 else "rows"


def _options(choices: Iterable[Choice], lang: str) -> tuple[Option, ...]:
    return tuple(Option(choice.code, choice.label.in_language(lang)) for choice in choices)


def _picture(code: str) -> str:
    thing = code.partition("_")[0]
    return thing if thing in PICTURED else ""


def _reasons(form: Form, lang: str, *, has_pictures: bool) -> dict[str, tuple[Option, ...]]:
    """Reasons of each tone; the same picture for what was good of a thing and for what was bad of it."""
    item = form.by_code["reasons"]
    return {
        group: tuple(
            Option(
                choice.code,
                choice.label.in_language(lang),
                _picture(choice.code) if has_pictures else "",
            )
            for choice in item.choices
            if choice.group == group
        )
        for group in ("neutral", "good", "bad")
    }
