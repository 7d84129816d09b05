"""What people answered: levels from a latent scale, reasons that fit, missing answers; packed."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit, ndtr

from analysis.packing import N_CODES, Missing
from survey_app.demo.truth import Truth
from survey_app.demo.visits import END, STOPS, Visits
from survey_app.services.form_items import CHOSEN, NOT_CHOSEN, Item
from survey_app.services.forms import Form
from survey_app.vocabulary import Stage

ITEM_EFFECTS = (0.12, 0.05, -0.1, -0.15, 0.08, 0.0)
REASON_GIVEN = 0.62
# In the order of the places: time, attitude, guidance, papers, travel, fees, place, online, result, other.
REASON_WEIGHTS = {
    "good": (0.34, 0.42, 0.30, 0.10, 0.12, 0.10, 0.14, 0.07, 0.16, 0.03),
    "bad": (0.44, 0.16, 0.22, 0.30, 0.28, 0.06, 0.12, 0.14, 0.10, 0.05),
    "neutral": (0.40, 0.20, 0.25, 0.25, 0.20, 0.08, 0.15, 0.15, 0.12, 0.06),
}
OTHER_POLARITY = 0.08
GOOD, BAD, NEUTRAL = 0, 1, 2
OPPOSITE = np.array([BAD, GOOD, NEUTRAL])
MIDDLE_SCORE = 3
EXPECTATION_WEIGHTS = (1.0, 1.6, 1.5, 0.7, 0.5, 1.2, 0.8, 0.8, 0.6, 0.9)
REFUSED = {"sex": 0.02, "age_band": 0.04, "ethnicity": 0.04, "education": 0.07, "occupation": 0.06,
           "living_area": 0.04, "confidential": 0.05}  # fmt: skip
MIXES = {
    "visits": (0.62, 0.27, 0.11), "punctuality": (0.62, 0.06, 0.04, 0.28), "confidential": (0.985, 0.015),
    "sex": (0.48, 0.52), "age_band": (0.09, 0.24, 0.37, 0.20, 0.10), "ethnicity": (0.91, 0.09),
    "education": (0.06, 0.22, 0.33, 0.16, 0.19, 0.02, 0.02),
    "occupation": (0.03, 0.47, 0.10, 0.19, 0.14, 0.07),
    "living_area": (0.21, 0.63, 0.16),
}  # fmt: skip
NOT_YET_DUE = (0.08, 0.03, 0.02, 0.87)

Packed = NDArray[np.uint8]
Floats = NDArray[np.float64]


@dataclass(slots=True)
class _People:
    """The rows that answer one version, with what runs through all answers of a person."""

    form: Form
    truth: Truth
    visits: Visits
    packed: Packed
    person: Floats
    rng: np.random.Generator

    @property
    def predictor(self) -> Floats:
        return self.visits.predictor + self.visits.cluster_effect


def pack_answers(form: Form, truth: Truth, visits: Visits, rng: np.random.Generator) -> Packed:
    """The packed answers of these visits, one row each, all on this form."""
    people = _People(form, truth, visits, _shown(form, visits), rng.normal(size=len(visits)), rng)
    overall = form.headline
    _fill(people, overall, _levels(people, overall, people.predictor, _mixed(people, truth.overall_loading)))
    _lose(people, overall, Missing.DONT_KNOW, truth.dont_know_overall)
    for factor in form.factors:
        _answer_factor(people, factor.code, factor.counted_items)
    for item in form.items:
        if item.kind == "multi":
            _choose_reasons(people, item, people.packed[:, overall.slot])
        elif item.kind == "expectation":
            _choose_expectations(people, item)
        elif item.code in MIXES:
            _answer_single(people, item)
    return people.packed


def rows_of(visits: Visits, rows: NDArray[np.intp]) -> Visits:
    return Visits(**{column.name: getattr(visits, column.name)[rows] for column in fields(visits)})


def recorded_stage(visits: Visits) -> NDArray[np.int64]:
    """The stage as the response holds it: unknown where nobody asked."""
    return np.where(visits.is_stage_known, visits.stage, Stage.UNKNOWN)


def _shown(form: Form, visits: Visits) -> Packed:
    """Nobody has answered yet: LEFT_BLANK where the person was shown the item, else why it was not."""
    stages = recorded_stage(visits)
    packed = np.zeros((len(visits), form.n_slots), dtype=np.uint8)
    keys, label = np.unique(np.stack([stages, visits.channel, visits.stop]), axis=1, return_inverse=True)
    label = np.asarray(label).reshape(-1)
    for index, (stage, channel, stop) in enumerate(keys.T.tolist()):
        blank = form.pack({}, stage=stage, channel=channel, reached=_reached(form, stop))
        packed[label == index] = np.frombuffer(blank, dtype=np.uint8)
    return packed


def _reached(form: Form, stop: int) -> frozenset[str]:
    """Codes of the items shown to somebody who left at this stop."""
    if stop == END:
        return frozenset(form.by_code)
    seen = [form.headline.code]
    seen += ["reasons"] if stop >= STOPS.index("reasons") else []
    for place, factor in enumerate(form.factors):
        if stop >= STOPS.index("F1") + place:
            seen += [item.code for item in factor.items]
    return frozenset(seen)


def _mixed(people: _People, loading: float) -> Floats:
    """A standard normal that shares this loading with everything else the person answers."""
    return np.asarray(
        loading * people.person + np.sqrt(1 - loading**2) * people.rng.normal(size=len(people.person))
    )


def _levels(people: _People, item: Item, predictor: Floats, normal: Floats) -> Packed:
    """Positions of the scale: a logistic latent answer, cut at the truth's cut points."""
    best_first = sorted(item.choices, key=lambda choice: choice.score or 0.0, reverse=True)
    positions = np.array([choice.position for choice in best_first], dtype=np.uint8)
    latent = predictor + logit(ndtr(normal))
    return np.asarray(positions[(latent[:, None] <= np.array(people.truth.cut_points)).sum(axis=1)])


def _fill(people: _People, item: Item, answers: Packed) -> None:
    """Put answers where the item was shown; elsewhere the reason why not stays."""
    column = people.packed[:, item.slot]
    was_shown = column == Missing.LEFT_BLANK
    column[was_shown] = answers[was_shown]


def _lose(people: _People, item: Item, reason: Missing, share: float) -> None:
    """Replace a share of what is answered with a missing reason."""
    column = people.packed[:, item.slot]
    is_answer = (column > 0) & (column < Missing.NOT_RELEVANT)
    column[is_answer & (people.rng.random(len(column)) < share)] = reason


def _answer_factor(people: _People, code: str, items: Sequence[Item]) -> None:
    truth = people.truth
    slots = [item.slot for item in items]
    shown = np.flatnonzero((people.packed[:, slots] == Missing.LEFT_BLANK).any(axis=1))
    part = _those(people, shown)
    own = np.sqrt(1 - truth.person_loading**2 - truth.factor_loading**2)
    common = truth.person_loading * part.person + truth.factor_loading * people.rng.normal(size=len(shown))
    for item, effect in zip(items, ITEM_EFFECTS, strict=False):
        normal = common + own * people.rng.normal(size=len(shown))
        predictor = part.predictor + truth.factor_effects.get(code, 0.0) + effect
        _fill(part, item, _levels(part, item, predictor, normal))
        _lose(part, item, Missing.DONT_KNOW, truth.dont_know_item.get(code, 0.0))
        _lose(part, item, Missing.LEFT_BLANK, truth.left_blank_item)
    people.packed[shown] = part.packed


def _those(people: _People, rows: NDArray[np.intp]) -> _People:
    return replace(
        people, visits=rows_of(people.visits, rows), packed=people.packed[rows], person=people.person[rows]
    )


def _choose_reasons(people: _People, item: Item, level: Packed) -> None:
    """Reasons of the polarity that the answer opened, now and then one of the other kind."""
    opened = _polarity(people.form, level)
    weights = _weights_by_option(item)
    other = np.where(opened < NEUTRAL, OTHER_POLARITY, 0.0)
    chances = weights[opened] + other[:, None] * weights[OPPOSITE[opened]]
    chosen = people.rng.random(chances.shape) < chances
    chosen &= (people.rng.random(len(level)) < REASON_GIVEN)[:, None]
    _fill_options(people, item, chosen)


def _polarity(form: Form, level: Packed) -> NDArray[np.int64]:
    """The tab that opens after the first answer."""
    table = np.full(N_CODES, NEUTRAL, dtype=np.int64)
    for choice in form.headline.choices:
        if choice.score != MIDDLE_SCORE:
            table[choice.position] = GOOD if choice.is_satisfied else BAD
    return np.asarray(table[level])


def _weights_by_option(item: Item) -> Floats:
    """Chance of each option, by polarity: nothing for options of another polarity."""
    weights = np.zeros((len(REASON_WEIGHTS), item.n_slots))
    for row, (group, chances) in enumerate(REASON_WEIGHTS.items()):
        places = [place for place, choice in enumerate(item.choices) if choice.group == group]
        weights[row, places] = chances[: len(places)]
    return weights


def _choose_expectations(people: _People, item: Item) -> None:
    """Up to `max_choices`, the likelier ones more often (weighted sampling without replacement)."""
    n = len(people.packed)
    keys = people.rng.exponential(size=(n, item.n_slots)) / np.array(EXPECTATION_WEIGHTS[: item.n_slots])
    n_chosen = people.rng.choice(4, size=n, p=(0.12, 0.22, 0.26, 0.40)).clip(
        max=item.max_choices or item.n_slots
    )
    _fill_options(people, item, keys.argsort(axis=1).argsort(axis=1) < n_chosen[:, None])


def _fill_options(people: _People, item: Item, chosen: NDArray[np.bool_]) -> None:
    """A multi-select with nothing chosen stays blank as a whole."""
    block = people.packed[:, item.slot : item.end]
    rows = (block[:, 0] == Missing.LEFT_BLANK) & chosen.any(axis=1)
    block[rows] = np.where(chosen[rows], CHOSEN, NOT_CHOSEN)


def _answer_single(people: _People, item: Item) -> None:
    """Facts and the profile: drawn from a fixed mix, the punctuality of what is not due yet apart."""
    n = len(people.packed)
    answers = _drawn(people, MIXES[item.code], n)
    if item.code == "punctuality":
        is_due = np.isin(people.visits.stage, (Stage.COLLECT_RESULT, Stage.ASK_GUIDANCE))
        answers = np.where(is_due, answers, _drawn(people, NOT_YET_DUE, n))
    _fill(people, item, answers.astype(np.uint8))
    refuse = {choice.code: choice.position for choice in item.missing}
    reason = Missing.REFUSED if "refused" in refuse else Missing.DONT_KNOW
    _lose(people, item, reason, REFUSED.get(item.code, 0.05))
    _lose(people, item, Missing.LEFT_BLANK, people.truth.left_blank_item)


def _drawn(people: _People, mix: Sequence[float], n: int) -> NDArray[np.int64]:
    return people.rng.choice(len(mix), size=n, p=mix) + 1
