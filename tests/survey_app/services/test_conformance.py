"""Official numbers against counts worked out by hand, under each aggregation; what a method must say to be stored."""

from datetime import date, timedelta
from fractions import Fraction

import pytest

from survey_app.errors import MethodRefused, NotFound, PublishedVersionImmutable
from survey_app.services import official_methods
from survey_app.services.accounts import Role, Viewer
from survey_app.services.conformance import conformance_sheet
from survey_app.services.official_methods import (
    OF_FACTORS,
    OF_ITEMS,
    POOLED,
    WEIGHTED,
    method_of,
    store_method,
)
from tests.builders import World, make_response, make_wave, release_everything

TODAY = date(2026, 9, 15)
OPENS = date(2026, 8, 1)
LEVELS = {"quality4": ("very_good", "not_good"), "satisfaction5": ("satisfied", "neutral"),
          "agreement5": ("agree", "disagree")}  # fmt: skip
# How many of the forty are satisfied with each item; TG1.2 is answered by half of them.
SATISFIED = {"PV1.1": 40, "PV1.2": 30, "PV2.1": 20, "PV2.2": 36, "PV2.3": 28, "TG1.1": 10, "TG1.2": 15}
SCALES = {"PV1.1": "quality4", "PV1.2": "quality4", "PV2.1": "satisfaction5", "PV2.2": "satisfaction5",
          "PV2.3": "satisfaction5", "TG1.1": "agreement5", "TG1.2": "agreement5"}  # fmt: skip
N = 40


def method(**changes):
    return {
        "code": "thu", "version": 1, "title": {"vi": "Thử"}, "aggregation": POOLED, "decimals": 2,
        "questionnaire": {"code": "vi_du_2027", "version": 1}, "aspects": ["PV", "TG"], "is_example": True,
        "bands": [{"at_least": 0.8, "points": 2}, {"at_least": 0, "points": 0}], "legal_basis": "thử",
        "provenance": "thử", "effective_from": "2026-01-01",
    } | changes  # fmt: skip


def answered(session, world, *, n: int = N) -> Viewer:
    units = list(world.units.values())
    make_wave(session, "exam", version_id=world.versions["vi_du_2027_v1"], root_id=world.province,
              unit_ids=[world.units["Đông Hà"], world.units["Hòa Xuân"]], opens_on=OPENS)  # fmt: skip
    here = World.read(session)
    for person in range(n):
        answers = {"overall": "satisfied"}
        for code, satisfied in SATISFIED.items():
            yes, no = LEVELS[SCALES[code]]
            if code != "TG1.2" or person < N // 2:
                answers[code] = yes if person < satisfied else no
        make_response(session, here, wave="exam", unit=("Đông Hà", "Hòa Xuân")[person % 2],
                      on=OPENS + timedelta(days=person % 20), answers=answers)  # fmt: skip
    session.flush()
    release_everything(session, here)
    return Viewer(1, Role.PAR_OFFICE, units[0] if world.province not in units else world.province)


def sheet(session, viewer):
    return conformance_sheet(session, wave_code="exam", viewer=viewer, today=TODAY)


BY_HAND = {
    POOLED: Fraction(40 + 30 + 20 + 36 + 28 + 10 + 15, 6 * 40 + 20),
    OF_ITEMS: (Fraction(40 + 30 + 20 + 36 + 28 + 10, 40) + Fraction(15, 20)) / 7,
    OF_FACTORS: (Fraction(70, 80) + Fraction(84, 120) + Fraction(25, 60)) / 3,
}


@pytest.mark.parametrize("rule", [POOLED, OF_ITEMS, OF_FACTORS])
def test_every_number_is_that_of_the_hand_and_of_the_other_road(session, world, rule):
    store_method(session, method(aggregation=rule))
    found = sheet(session, answered(session, world))
    by_code = {(line.kind, line.code): line for line in found.lines}
    item = by_code["item", "TG1.2"]
    assert (item.n_satisfied, item.n_valid, item.value) == (15, 20, 0.75)
    assert [(level.n, level.is_satisfied) for level in by_code["item", "PV1.2"].levels] == [
        (30, True), (0, True), (10, False), (0, False),
    ]  # fmt: skip
    factor = by_code["factor", "PV2"]
    assert (factor.n_satisfied, factor.n_valid) == (84, 120)
    assert by_code["overall", "vi_du_2027"].value == pytest.approx(float(BY_HAND[rule]), abs=1e-12)
    aspect = {
        POOLED: Fraction(154, 200),
        OF_ITEMS: Fraction(154, 200),
        OF_FACTORS: (Fraction(7, 8) + Fraction(7, 10)) / 2,
    }
    assert by_code["aspect", "PV"].value == pytest.approx(float(aspect[rule]), abs=1e-12)
    assert {line.agrees for line in found.lines if line.kind != "aspect"} == {True}
    assert (found.n_responses, found.band.points) == (N, 0)


def test_a_wave_with_too_few_answers_to_an_item_shows_no_number(session, world):
    store_method(session, method())
    found = sheet(session, answered(session, world, n=4))
    assert (found.lines, found.band, found.n_responses) == ((), None, None)


def test_a_wave_without_a_method_has_no_sheet(session, world):
    with pytest.raises(NotFound):
        conformance_sheet(session, wave_code="tap", viewer=Viewer(1, Role.ADMIN, world.province), today=TODAY)


def test_a_reader_of_one_unit_does_not_see_a_wave_of_others(session, world):
    store_method(session, method())
    answered(session, world)
    with pytest.raises(NotFound):
        sheet(session, Viewer(1, Role.VIEWER, world.units["Đông Hà"]))


def test_a_bound_belongs_to_its_own_band(session, world):
    store_method(session, method())
    found = method_of(session, code="vi_du_2027", version=1, on=TODAY)
    assert [found.band_of(share).points for share in (1.0, 0.8, 0.7999, 0.0)] == [2, 2, 0, 0]


def test_a_wave_is_counted_by_the_method_in_force_at_its_end(session, world):
    store_method(session, method(aggregation=OF_ITEMS))
    store_method(session, method(aggregation=POOLED, version=2, effective_from="2026-09-16"))
    assert sheet(session, answered(session, world)).method.aggregation == OF_ITEMS
    assert method_of(session, code="vi_du_2027", version=1).row.effective_from == date(2027, 1, 1)


def test_before_any_method_is_in_force_there_is_no_sheet(session, world):
    with pytest.raises(NotFound):
        sheet(session, answered(session, world))


def test_a_stored_method_never_changes_and_the_same_again_is_no_second(session, world):
    store_method(session, method())
    store_method(session, method())
    assert len(official_methods.methods(session)) == 3
    with pytest.raises(PublishedVersionImmutable):
        store_method(session, method(aggregation=OF_ITEMS))


def test_weights_count_factors_unlike_on_both_roads(session, world):
    store_method(session, method(aggregation=WEIGHTED, weights={"PV1": 3, "PV2": 2, "TG1": 0.5}))
    found = sheet(session, answered(session, world))
    by_code = {(line.kind, line.code): line for line in found.lines}
    parts = [Fraction(by_code["factor", code].n_satisfied, by_code["factor", code].n_valid)
             for code in ("PV1", "PV2", "TG1")]  # fmt: skip
    by_hand = (3 * parts[0] + 2 * parts[1] + Fraction(1, 2) * parts[2]) / Fraction(11, 2)
    overall = by_code["overall", "vi_du_2027"]
    assert overall.value == pytest.approx(float(by_hand), abs=1e-12)
    assert overall.agrees and overall.weights == (3.0, 2.0, 0.5)
    assert by_code["aspect", "TG"].value == pytest.approx(float(parts[2]), abs=1e-12)


@pytest.mark.parametrize(
    ("changes", "path"),
    [({"aggregation": "best of"}, "aggregation"), ({"decimals": 9}, "decimals"), ({"aspects": ["nowhere"]}, "aspects"),
     ({"questionnaire": {"code": "x", "version": 1}}, "questionnaire"),
     ({"bands": [{"at_least": 0.5, "points": 1}]}, "bands.0.at_least"),
     ({"bands": [{"at_least": 0, "points": 1}, {"at_least": 0.5, "points": 2}]},
      "bands.1.at_least"),
     ({"aggregation": WEIGHTED, "weights": {"PV1": 1, "PV2": 1}}, "weights.TG1"), ({"scale": "none"}, "scale")],
)  # fmt: skip
def test_a_method_that_cannot_be_applied_is_refused_at_its_place(session, world, changes, path):
    with pytest.raises(MethodRefused) as refused:
        store_method(session, method(**changes))
    assert refused.value.path == path
