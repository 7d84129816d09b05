"""The form's screens in one language and for one door: items of the form, and how each is asked.

Citizens answer them themselves; interviewers read the same ones out.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Protocol

from survey_app.services.form_items import Choice, Group, Item
from survey_app.services.forms import Form
from survey_app.services.routing import conditions_in_words
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
    # Earlier questions with the answers of which one must have been given, and the same in words.
    conditions: tuple[tuple[str, tuple[str, ...]], ...] = ()
    only_if: str = ""
    max_choices: int | None = None
    is_numbered: bool = False
    can_finish: bool = True

    @property
    def rule(self) -> str:
        """The conditions for a script: `code=answer answer;code=answer`."""
        return ";".join(f"{code}={' '.join(answers)}" for code, answers in self.conditions)

    def is_for(self, stage: str) -> bool:
        return not self.stages or (stage or "unknown") in self.stages

    def hangs_on(self, codes: Iterable[str]) -> bool:
        return not {code for code, _answers in self.conditions}.isdisjoint(codes)

    def may_follow(self, said: Mapping[str, Collection[str]], asked_with: Collection[str] = ()) -> bool:
        """Whether the conditions hold by what was said; of a question on the same page nobody knows yet."""
        return all(
            code in asked_with or not set(answers).isdisjoint(said.get(code, ()))
            for code, answers in self.conditions
        )


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
    inner = [_group_step(form, group, address) for group in _shown_groups(form)]
    single = [
        _item_step(form, item, address)
        for item in form.items
        if item.screen in {"expectations", "confidential"}
    ]
    ordered = _after_what_governs(_in_order([*inner, *(step for step in single if step.screens)], by_code))
    return FormPage(
        overall=_screen(form, form.headline, address),
        reasons=_reasons(form, address.lang, has_pictures=has_pictures),
        steps=ordered,
        n_items=sum(len(factor.items) for factor in form.factors),
    )


def numbered_step(
    page: FormPage, *, code: str, stage: str, said: Mapping[str, Collection[str]] = MappingProxyType({}),
    before: str = "",
) -> Step:  # fmt: skip
    """The step asked for, or the first, with its neighbours for a person at this stage who said this.

    Coming from the step `before`, it is the nearest one that is asked in that direction: what was answered there
    may have opened a step or closed it.
    """
    order = [step.code for step in page.steps]
    steps = _shown_steps(page.steps, stage, said)
    codes = [step.code for step in steps]
    at = codes.index(code) if code in codes else 0
    if code in order and before in order and code != before:
        at = _nearest([order.index(other) for other in codes], order.index(before), order.index(code))
    shown = steps[at]
    # Whoever comes back to the last step has answered it: nothing that it might have opened is open.
    here = () if shown.code == before != code else {screen.code for screen in shown.screens}
    later = [step.code for step in _shown_steps(page.steps, stage, said, answered_now=here)]
    return replace(
        shown,
        number=at + 1,
        total=len(steps),
        previous=codes[at - 1] if at else "",
        next=next((each for each in later[later.index(shown.code) + 1 :]), ""),
    )


def _shown_steps(
    steps: Sequence[Step], stage: str, said: Mapping[str, Collection[str]], *,
    answered_now: Collection[str] = (),
) -> list[Step]:  # fmt: skip
    """What this person may be asked, step by step; what hangs on a question that is not asked falls with it.

    A condition on a question of the same step, or of those answered now, is open; the step says it in words.
    """
    left, shown_steps = dict(said), []
    for step in steps:
        shown: list[Screen] = []
        for screen in step.screens:
            is_asked = screen.is_for(stage)
            if is_asked and screen.may_follow(left) and not screen.hangs_on(other.code for other in shown):
                shown.append(replace(screen, only_if=""))
            elif is_asked and screen.may_follow(left, {*answered_now, *(other.code for other in shown)}):
                shown.append(screen)
            else:
                left.pop(screen.code, None)
        if shown:
            shown_steps.append(replace(step, screens=tuple(shown)))
    return shown_steps


def _nearest(places: Sequence[int], origin: int, goal: int) -> int:
    """The place in `places` that is nearest to the origin in the direction of the goal."""
    if goal < origin:
        return max((at for at, place in enumerate(places) if place < origin), default=0)
    return min((at for at, place in enumerate(places) if place > origin), default=len(places) - 1)


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


def _after_what_governs(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The same steps, each after those whose answers decide whether it is asked."""
    waiting, ordered, placed = list(steps), list[Step](), set[str]()
    asked = {screen.code for step in steps for screen in step.screens}
    while waiting:
        ready = (step for step in waiting if not (_governing(step) & asked) - placed)
        step = next(ready, waiting[0])
        waiting.remove(step)
        ordered.append(step)
        placed |= {screen.code for screen in step.screens}
    return tuple(ordered)


def _governing(step: Step) -> set[str]:
    """Questions outside the step that its own hang on."""
    own = {screen.code for screen in step.screens}
    return {code for screen in step.screens for code, _answers in screen.conditions} - own


def _group_step(form: Form, group: Group, address: Asking) -> Step:
    heading = group.title.in_language(address.lang)
    asked = _asked(group.items, address)
    return Step(
        group.code, heading, tuple(replace(_screen(form, item, address), heading=heading) for item in asked)
    )


def _item_step(form: Form, item: Item, address: Asking) -> Step:
    screens = tuple(_screen(form, shown, address) for shown in _asked((item,), address))
    return Step(item.code, screens[0].text if screens else "", screens)


def _asked(items: Iterable[Item], address: Asking) -> tuple[Item, ...]:
    return tuple(item for item in items if address.wording not in item.hidden_channels)


def _screen(form: Form, item: Item, address: Asking) -> Screen:
    lang = address.lang
    return Screen(
        code=item.code,
        kind=item.kind,
        look=_look(item),
        text=item.text_on(address.wording).in_language(lang),
        options=_options(item.choices, lang),
        extras=_options(item.missing, lang),
        stages=tuple(sorted(stage.name.lower() for stage in item.stages)) if item.stages else (),
        conditions=tuple((code, tuple(sorted(wanted))) for code, wanted in item.conditions),
        only_if="; ".join(
            f"{text.in_language(lang)} – {answers.in_language(lang)}"
            for text, answers in conditions_in_words(form, item, address.wording)
        ),
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
