"""Similar units: by a rule that sees kind, people and files, and joins groups that are too small."""

from dataclasses import replace
from datetime import date

from survey_app.queries.units import unit_by_id
from survey_app.services.peer_groups import PeerRule, peer_groups

RULE = PeerRule((10_000, 20_000), frozenset({"land"}), 0.5, 2, 10, "")
DAYS = {"starts_on": date(2026, 7, 1), "ends_on": date(2026, 9, 30)}


def test_groups_join_until_they_are_large_enough(session, world):
    unit = unit_by_id(session, world.units["Đông Hà"])
    rows = [
        replace(unit, id=900 + place, kind=kind, population=population)
        for place, (kind, population) in enumerate([
            ("commune", 5_000), ("commune", 9_999), ("commune", 10_000), ("commune", 25_000), ("ward", 5_000),
        ])
    ]  # fmt: skip
    by_two = replace(RULE, population_edges=(10_000,))
    found = {group.code: group for group in peer_groups(session, rows, **DAYS, rule=by_two)}
    # A single ward is in no group.
    assert {code: group.unit_ids for code, group in found.items()} == {
        "commune-0": (900, 901), "commune-1": (902, 903),
    }  # fmt: skip
    assert (found["commune-0"].low, found["commune-0"].high) == (None, 10_000)
    assert (found["commune-1"].low, found["commune-1"].high) == (10_000, None)
    # With three bands two hold one unit each: the bands of that kind become one.
    found = {group.code: group for group in peer_groups(session, rows, **DAYS, rule=RULE)}
    assert {code: group.unit_ids for code, group in found.items()} == {"commune-all": (900, 901, 902, 903)}
