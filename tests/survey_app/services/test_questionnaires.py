"""Questionnaires as versioned data: the seeds, what may be published, and answers to bytes and back."""

import copy
import json
import timeit
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, event, func, select
from sqlalchemy.orm import Session

from analysis.packing import Missing
from survey_app.errors import DefinitionError, InvalidAnswer, NotFound, PublishedVersionImmutable
from survey_app.models import Base, IndicatorSet, QuestionnaireSlot, QuestionnaireVersion
from survey_app.queries.questionnaires import list_versions
from survey_app.services.definitions import validate_definition
from survey_app.services.forms import Form, compile_version, load_form
from survey_app.services.indicator_sets import validate_indicator_set
from survey_app.services.questionnaires import (
    SEEDS,
    definition_digest,
    load_indicator_sets,
    load_seed_questionnaires,
    publish,
    with_library_scales,
)
from survey_app.vocabulary import Channel, Stage

TODAY = date(2026, 1, 15)
LEAD = {"stage": Stage.COLLECT_RESULT, "channel": Channel.QR}


def seed(name: str) -> dict[str, Any]:
    return json.loads((SEEDS / name).read_text(encoding="utf-8"))


FULL_FORM = compile_version(seed("questionnaires/full_form_v1.json"))


@pytest.fixture
def full_form() -> Form:
    return FULL_FORM


@pytest.fixture
def session() -> Iterator[Session]:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        yield session
    engine.dispose()


def text(words: str) -> dict[str, str]:
    return {"vi": words, "en": words}


def policy_form() -> dict[str, Any]:
    """Three levels deep, scales of several kinds, and both item kinds that can be scored."""
    first = [
        {"code": "A1.1", "kind": "satisfaction", "text": text("Tiêu chí"), "scale": "satisfaction3"},
        {"code": "A1.2", "kind": "assertion", "text": text("Nhận định"), "scale": "agreement5"},
    ]
    second = [
        {"code": "A2.1", "kind": "assertion", "text": text("Điểm"), "scale": "points012", "counts": True},
        {"code": "A2.2", "kind": "fact", "text": text("Có hay không"), "scale": "yes_no"},
    ]
    factors = [
        {"code": "A1", "kind": "factor", "title": text("Yếu tố"), "children": first},
        {"code": "A2", "kind": "factor", "title": text("Yếu tố"), "children": second},
    ]
    definition = {
        "code": "policy_form",
        "version": 1,
        "title": text("Phiếu thử"),
        "legal_basis": "thử",
        "provenance": "thử",
        "effective_from": "2027-01-01",
        "scales": {},
        "tree": [
            {"code": "h", "kind": "satisfaction", "text": text("Chung"), "scale": "ten_points"},
            {"code": "A", "kind": "aspect", "title": text("Khía cạnh"), "children": factors},
        ],
        "index": {"headline": "h", "factors": ["A1", "A2"]},
    }
    return with_library_scales(definition, seed("scales.json"))


# The seeds


def test_seed_questionnaires_are_published_once_and_loading_again_adds_nothing(session):
    first = load_seed_questionnaires(session, TODAY)
    again = load_seed_questionnaires(session, TODAY)
    assert {code: version.id for code, version in first.items()} == {c: v.id for c, v in again.items()}
    rows = list_versions(session)
    assert len(rows) == len(list((SEEDS / "questionnaires").glob("*.json")))
    assert {("full_form", 72), ("one_tap", 31)} <= {(row.code, row.n_slots) for row in rows}


def test_full_form_asks_in_the_order_of_the_screens(full_form):
    screens = list(dict.fromkeys(item.screen for item in full_form.items))
    assert screens == ["question", "reasons", "criteria", "facts", "expectations", "confidential", "profile"]
    assert [len(factor.items) for factor in full_form.factors] == [4, 5, 6, 3, 4]
    assert [item.code for item in full_form.items if item.is_mandatory] == ["overall"]
    assert {item.kind for item in full_form.items} == {
        "satisfaction", "multi", "fact", "expectation", "confidential", "profile",
    }  # fmt: skip


def test_reasons_offer_the_same_ten_places_as_good_bad_and_neutral(full_form):
    groups = {"good": [], "bad": [], "neutral": []}
    for choice in full_form.by_code["reasons"].choices:
        place, _, group = choice.code.rpartition("_")
        assert group == choice.group
        groups[group].append(place)
    assert groups["good"] == groups["bad"] == groups["neutral"]
    assert len(groups["good"]) == 10


def test_every_single_answer_question_can_be_left_without_choosing_a_side(full_form):
    without = [item.code for item in full_form.items if not item.is_multiple and item.missing == ()]
    assert without == []
    assert full_form.by_code["overall"].missing[0].label.vi == "Không có ý kiến"
    assert full_form.by_code["F3.1"].missing[0].label.vi == "Không biết / Không liên quan"
    assert {item.missing[0].code for item in full_form.group("profile").items} == {"refused"}


def test_overall_question_of_a_link_speaks_of_the_procedure_and_not_of_today(full_form):
    overall = full_form.by_code["overall"]
    assert overall.text_on(Channel.KIOSK).vi.endswith("việc phục vụ hôm nay?")
    assert overall.text_on(Channel.LINK).vi.endswith("lần giải quyết thủ tục này?")


@pytest.mark.parametrize(
    "path", [*sorted(SEEDS.rglob("questionnaires/*.json")), SEEDS / "scales.json"], ids=str
)
def test_seed_texts_are_complete_in_both_languages_and_in_nfc(path: Path):
    def texts(value: Any) -> Iterator[dict[str, str]]:
        children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        if isinstance(value, dict) and "vi" in value:
            yield value
        for child in children:
            yield from texts(child)

    raw = path.read_text(encoding="utf-8")
    assert unicodedata.is_normalized("NFC", raw)
    assert all(words["vi"].strip() and words["en"].strip() for words in texts(json.loads(raw)))


def test_scales_of_a_seed_questionnaire_that_bear_a_library_name_are_the_librarys():
    library = seed("scales.json")
    for path in (SEEDS / "questionnaires").glob("*.json"):
        for name, scale in json.loads(path.read_text(encoding="utf-8"))["scales"].items():
            assert scale == library.get(name, scale), (path.name, name)


def test_indicator_set_holds_nine_indicators_and_the_classes_as_the_circular_writes_them(session):
    load_indicator_sets(session)
    load_indicator_sets(session)
    assert session.scalar(select(func.count()).select_from(IndicatorSet)) == 1
    definition = load_indicator_sets(session)["tt01_2018"].definition
    assert len(definition["indicators"]) == 9
    assert [band["at_least"] for band in definition["totals"]["unit"]["classes"]] == [15, 12, 9, 6, 0]
    assert [band["at_least"] for band in definition["totals"]["officer"]["classes"]] == [5, 3.5, 0]
    assert definition["totals"]["officer"]["indicators"] == [1, 2, 3, 4, 7]
    assert definition["is_enabled"] is False


def test_indicator_set_whose_totals_do_not_add_up_is_refused():
    for path, change in {
        "totals.unit.max_points": {"max_points": 20},
        "totals.unit.indicators": {"indicators": [1, 2, 10]},
        "totals.unit.classes": {"classes": [{"at_least": 6}, {"at_least": 9}, {"at_least": 0}]},
    }.items():
        definition = seed("indicators/tt01_2018_v1.json")
        definition["totals"]["unit"].update(change)
        with pytest.raises(DefinitionError) as refusal:
            validate_indicator_set(definition)
        assert refusal.value.path == path


def test_changed_indicator_set_under_the_same_version_is_refused(session, tmp_path):
    load_indicator_sets(session)
    changed = {**seed("indicators/tt01_2018_v1.json"), "decimals": 2}
    (tmp_path / "indicators").mkdir()
    (tmp_path / "indicators" / "set.json").write_text(json.dumps(changed), encoding="utf-8")
    with pytest.raises(PublishedVersionImmutable):
        load_indicator_sets(session, seeds=tmp_path)


# Publishing


def test_publish_writes_what_every_byte_means(session):
    version = publish(session, seed("questionnaires/full_form_v1.json"), TODAY)
    slots = session.scalars(select(QuestionnaireSlot).order_by(QuestionnaireSlot.position)).all()
    assert [slot.position for slot in slots] == list(range(version.n_slots))
    assert (slots[0].item_code, slots[0].option_code) == ("overall", "")
    assert (slots[1].item_code, slots[1].option_code) == ("reasons", "time_good")
    assert (slots[31].item_code, slots[31].factor_code) == ("F1.1", "F1")
    assert version.published_on == TODAY


def test_publish_other_content_under_a_published_version_is_refused(session):
    definition = seed("questionnaires/one_tap_v1.json")
    publish(session, definition, TODAY)
    changed = copy.deepcopy(definition)
    changed["tree"][0]["text"]["en"] += "!"
    with pytest.raises(PublishedVersionImmutable, match="one_tap v1"):
        publish(session, changed, TODAY)
    stored = session.scalars(select(QuestionnaireVersion)).one()
    assert stored.digest == definition_digest(definition)
    assert publish(session, {**changed, "version": 2}, TODAY).id != stored.id


def test_digest_does_not_depend_on_the_order_of_keys():
    definition = seed("questionnaires/one_tap_v1.json")
    assert definition_digest(dict(reversed(definition.items()))) == definition_digest(definition)


def test_load_form_compiles_once_and_reads_one_small_row_after(session):
    version = publish(session, seed("questionnaires/full_form_v1.json"), TODAY)
    form = load_form(session, version_id=version.id)
    statements: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *args: statements.append(args[2]))
    assert load_form(session, version_id=version.id) is form
    assert len(statements) == 1 and "definition" not in statements[0]


def test_load_form_of_a_version_that_does_not_exist_is_not_found(session):
    with pytest.raises(NotFound):
        load_form(session, version_id=1)


# What may be published

Change = Callable[[dict[str, Any]], object]
ITEM = "tree[1].children[0].children[0]"
LEVELS = "scales.satisfaction3.points"


def _item(definition: dict[str, Any]) -> dict[str, Any]:
    return definition["tree"][1]["children"][0]["children"][0]


def _points(definition: dict[str, Any]) -> list[dict[str, Any]]:
    return definition["scales"]["satisfaction3"]["points"]


def _options(count: int) -> list[dict[str, Any]]:
    return [{"code": f"o{place}", "label": text("Ý")} for place in range(count)]


FAULTS: list[tuple[str, Change, str]] = [
    ("item code twice", lambda d: _item(d).update(code="h"), f"{ITEM}.code"),
    ("node code twice", lambda d: d["tree"][1]["children"][1].update(code="A"), "tree[1].children[1].code"),
    ("not a code", lambda d: _item(d).update(code="A 1"), f"{ITEM}.code"),
    ("unknown scale", lambda d: _item(d).update(scale="stars"), f"{ITEM}.scale"),
    ("no scale", lambda d: _item(d).pop("scale"), f"{ITEM}.scale"),
    ("no Vietnamese", lambda d: _item(d)["text"].pop("vi"), f"{ITEM}.text.vi"),
    ("blank Vietnamese", lambda d: _item(d)["text"].update(vi=" "), f"{ITEM}.text.vi"),
    ("NFD", lambda d: _item(d)["text"].update(vi="Y\u0301"), f"{ITEM}.text.vi"),
    ("unknown kind", lambda d: _item(d).update(kind="stars"), f"{ITEM}.kind"),
    ("misspelt key", lambda d: _item(d).update(relevent=None), ITEM),
    ("relevance key", lambda d: _item(d).update(relevant={"mood": ["good"]}), f"{ITEM}.relevant"),
    ("stage", lambda d: _item(d).update(relevant={"stage": ["paid"]}), f"{ITEM}.relevant.stage"),
    ("channel", lambda d: _item(d).update(channels_hidden=["fax"]), f"{ITEM}.channels_hidden"),
    ("options on a scale", lambda d: _item(d).update(options=_options(2)), f"{ITEM}.options"),
    ("multi with no options", lambda d: d["tree"].append({"code": "m", "kind": "multi", "text": text("m")}),
     "tree[2].options"),
    ("256 slots", lambda d: d["tree"].append(
        {"code": "m", "kind": "multi", "text": text("m"), "options": _options(251)}), "tree"),
    ("21 points", lambda d: _points(d).extend(d["scales"]["ten_points"]["points"] * 3),
     LEVELS),
    ("no points", lambda d: d["scales"]["satisfaction3"].update(points=[]), LEVELS),
    ("point code twice", lambda d: _points(d)[1].update(code="very_satisfied"),
     LEVELS),
    ("point named like a missing answer", lambda d: _points(d)[1].update(code="refused"),
     f"{LEVELS}[1].code"),
    ("one point without a score", lambda d: [_points(d)[1].pop(key)
                                            for key in ("score", "satisfied")], LEVELS),
    ("score not a number", lambda d: _points(d)[1].update(score=float("nan")),
     f"{LEVELS}[1].score"),
    ("counted without scores", lambda d: _item(d).update(scale="yes_no"), f"{ITEM}.scale"),
    ("factor with nothing scored", lambda d: _item(d).update(counts=False), "index.factors[0]"),
    ("unknown factor", lambda d: d["index"].update(factors=["A9"]), "index.factors[0]"),
    ("item in two factors", lambda d: d["index"].update(factors=["A", "A1"]), "index.factors[1]"),
    ("headline not scored", lambda d: d["index"].update(headline="A2.2"), "index.headline"),
    ("headline also in a factor", lambda d: d["index"].update(headline="A1.1"), "index.factors[0]"),
    ("version zero", lambda d: d.update(version=0), "version"),
    ("version true", lambda d: d.update(version=True), "version"),
    ("date", lambda d: d.update(effective_from="01/02/2027"), "effective_from"),
    ("empty tree", lambda d: d.update(tree=[]), "tree"),
    ("no index", lambda d: d.pop("index"), "definition"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "path"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS]
)
def test_definition_fault_is_named_with_its_place(change: Change, path: str):
    definition = copy.deepcopy(policy_form())
    change(definition)
    with pytest.raises(DefinitionError) as refusal:
        validate_definition(definition)
    assert refusal.value.path == path


def test_definition_nested_too_deep_is_refused():
    definition = policy_form()
    for level in range(8):
        definition["tree"] = [
            {"code": f"L{level}", "kind": "section", "title": text("Mục"), "children": definition["tree"]}
        ]
    with pytest.raises(DefinitionError, match="deeper than 8 levels"):
        validate_definition(definition)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) |
                    st.dictionaries(st.sampled_from(sorted(policy_form())) | st.text(), inner)))  # fmt: skip
def test_definition_of_any_json_is_refused_and_never_breaks(value: Any):
    for definition in (value, {**policy_form(), "tree": value}, {**policy_form(), "scales": value},
                       {**policy_form(), "index": value}):  # fmt: skip
        with pytest.raises(DefinitionError):
            validate_definition(definition)


# Trees of other depths and other scales


def test_tree_three_levels_deep_scores_by_factor_with_mixed_scales():
    form = compile_version(policy_form())
    assert [group.code for group in form.groups] == ["A", "A1", "A2"]
    assert [item.code for item in form.group("A").items] == ["A1.1", "A1.2", "A2.1", "A2.2"]
    scoring = form.scoring()
    assert scoring.groups == ("overall", "A1", "A2")
    assert scoring.index_groups == (1, 2)
    assert scoring.group_of_slot.tolist() == [0, 1, -1, 2, -1]
    satisfied = [np.flatnonzero(row).tolist() for row in scoring.satisfied]
    assert satisfied == [[1, 2, 3, 4], [1, 2], [], [1], []]
    assert scoring.score[3, 1:4].tolist() == [2.0, 1.0, 0.0]
    assert scoring.answered[3].sum() == 3
    assert scoring.score[0, 1] == 10.0


def test_index_may_group_by_aspect_instead_of_factor():
    definition = policy_form()
    definition["index"]["factors"] = ["A"]
    form = compile_version(definition)
    assert form.scoring().group_of_slot.tolist() == [0, 1, -1, 1, -1]


def test_scoring_of_the_seeds_counts_the_headline_and_the_22_criteria(full_form):
    scoring = full_form.scoring()
    assert scoring.groups == ("overall", "F1", "F2", "F3", "F4", "F5")
    assert np.bincount(scoring.group_of_slot[scoring.group_of_slot >= 0]).tolist() == [1, 4, 5, 6, 3, 4]
    assert np.flatnonzero(scoring.satisfied[0]).tolist() == [1, 2]
    assert scoring.score[0, 1:6].tolist() == [5, 4, 3, 2, 1]
    assert compile_version(seed("questionnaires/one_tap_v1.json")).scoring().index_groups == ()


# Answers to bytes


def answers_of(form: Form, packed: bytes) -> dict[str, Any]:
    return form.unpack(packed)


def test_pack_one_tap_leaves_everything_else_not_reached(full_form):
    packed = full_form.pack(
        {"overall": "neutral"}, stage=Stage.UNKNOWN, channel=Channel.QR, reached={"overall"}
    )
    answers = answers_of(full_form, packed)
    assert answers.pop("overall") == "neutral"
    assert {code for code, answer in answers.items() if answer != "not_reached"} == {"F4.1", "F4.2", "F4.3"}
    assert not full_form.is_complete(packed)


def test_pack_shown_and_unanswered_is_left_blank_also_for_a_choice_of_many(full_form):
    packed = full_form.pack({"reasons": []}, **LEAD, reached={"F1.1", "expectations", "reasons"})
    answers = answers_of(full_form, packed)
    assert answers["F1.1"] == answers["expectations"] == answers["reasons"] == "left_blank"
    assert answers["overall"] == "not_reached"


def test_pack_answered_item_was_reached_even_when_not_listed(full_form):
    assert (
        answers_of(full_form, full_form.pack({"F1.1": "satisfied"}, **LEAD, reached=()))["F1.1"]
        == "satisfied"
    )


def test_pack_of_a_whole_paper_form_has_nothing_not_reached(full_form):
    packed = full_form.pack({"overall": "satisfied"}, stage=Stage.SUBMIT, channel=Channel.PAPER, reached=None)
    assert Missing.NOT_REACHED not in packed
    assert full_form.is_complete(packed)


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage != Stage.COLLECT_RESULT])
def test_pack_answer_about_the_result_before_there_is_one_becomes_not_relevant(full_form, stage):
    packed = full_form.pack({"F4.1": "satisfied"}, stage=stage, channel=Channel.QR, reached={"F4.1", "F4.2"})
    answers = answers_of(full_form, packed)
    assert answers["F4.1"] == answers["F4.2"] == "not_relevant"


def test_pack_confidential_answer_sent_from_a_kiosk_is_not_kept(full_form):
    kiosk = full_form.pack({"confidential": "yes"}, stage=Stage.SUBMIT, channel=Channel.KIOSK, reached=None)
    link = full_form.pack({"confidential": "yes"}, stage=Stage.SUBMIT, channel=Channel.LINK, reached=None)
    assert answers_of(full_form, kiosk)["confidential"] == "not_asked"
    assert answers_of(full_form, link)["confidential"] == "yes"
    asked = full_form.asked_items(stage=Stage.SUBMIT, channel=Channel.KIOSK)
    assert "confidential" not in {item.code for item in asked}


def test_pack_choices_of_many_are_one_byte_each(full_form):
    chosen = ["time_bad", "fees_bad", "time_bad"]
    packed = full_form.pack({"reasons": chosen}, **LEAD, reached=None)
    reasons = full_form.by_code["reasons"]
    part = packed[reasons.slot : reasons.end]
    assert (part.count(1), part.count(2)) == (2, 28)
    assert answers_of(full_form, packed)["reasons"] == ("time_bad", "fees_bad")


@pytest.mark.parametrize(
    ("item", "answer", "reason"),
    [
        ("F9.9", "satisfied", "unknown_item"),
        ("overall", "delighted", "unknown_choice"),
        ("overall", "", "unknown_choice"),
        ("overall", "not_reached", "unknown_choice"),
        ("overall", 0, "unknown_choice"),
        ("overall", 6, "unknown_choice"),
        ("overall", 30, "unknown_choice"),
        ("overall", True, "wrong_shape"),
        ("overall", 1.0, "wrong_shape"),
        ("overall", None, "wrong_shape"),
        ("overall", ["satisfied"], "wrong_shape"),
        ("overall", {"satisfied": 1}, "wrong_shape"),
        ("reasons", "time_bad", "wrong_shape"),
        ("reasons", 1, "wrong_shape"),
        ("reasons", ["rude"], "unknown_choice"),
        ("reasons", [["time_bad"]], "unknown_choice"),
        ("reasons", [1], "unknown_choice"),
        ("expectations", ["digital", "transparency", "lower_fees", "fewer_papers"], "too_many_choices"),
    ],
)
def test_pack_refuses_what_the_form_does_not_offer(full_form, item, answer, reason):
    with pytest.raises(InvalidAnswer) as refusal:
        full_form.pack({item: answer}, **LEAD, reached=None)
    assert (refusal.value.item_code, refusal.value.reason) == (item, reason)


def test_pack_refuses_unknown_items_among_the_shown_and_unknown_stages(full_form):
    with pytest.raises(InvalidAnswer, match=r"F9\.9: unknown_item"):
        full_form.pack({}, **LEAD, reached={"F9.9"})
    with pytest.raises(InvalidAnswer, match="stage: unknown_choice"):
        full_form.pack({}, stage=9, channel=Channel.QR, reached=None)


def test_pack_position_of_a_scale_point_is_the_same_as_its_code(full_form):
    by_code = full_form.pack({"overall": "dissatisfied"}, **LEAD, reached=())
    assert full_form.pack({"overall": 4}, **LEAD, reached=()) == by_code


def test_scored_answers_leave_out_the_headline_and_missing_answers(full_form):
    values = {"overall": "satisfied", "F1.1": "satisfied", "F1.2": "dont_know", "F1.3": "very_dissatisfied"}
    assert full_form.scored_answers(full_form.pack(values, **LEAD, reached=None)) == [2, 5]


ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        item.code: st.lists(st.sampled_from([choice.code for choice in item.choices]), min_size=1,
                            max_size=item.max_choices or 30, unique=True) if item.is_multiple
        else st.sampled_from([choice.code for choice in (*item.choices, *item.missing)])
        for item in FULL_FORM.items
    },
)  # fmt: skip


@given(ANSWERS)
def test_unpack_gives_back_what_was_packed(values):
    unpacked = FULL_FORM.unpack(FULL_FORM.pack(values, **LEAD, reached=()))
    for code, value in values.items():
        assert set(unpacked[code]) == set(value) if isinstance(value, list) else unpacked[code] == value
    assert all(answer == "not_reached" for code, answer in unpacked.items() if code not in values)


def test_unpack_of_another_forms_bytes_is_refused(full_form):
    with pytest.raises(ValueError, match="packs 72 slots, got 31"):
        full_form.unpack(bytes(31))


def test_pack_a_full_form_is_far_below_a_tenth_of_a_millisecond(full_form):
    values = {item.code: item.choices[0].code for item in full_form.items if not item.is_multiple}
    values |= {"reasons": ["time_bad"], "expectations": ["digital"]}
    reached = frozenset(full_form.by_code)
    rounds = timeit.repeat(lambda: full_form.pack(values, **LEAD, reached=reached), number=200, repeat=5)
    assert min(rounds) / 200 < 100e-6
