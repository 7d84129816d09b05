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
    found = peer_groups(session, rows, **DAYS, rule=RULE)
    # One unit in each of two bands: both bands join, and with them the third; a single ward is in no group.
    assert {group.code: group.unit_ids for group in found} == {
        "commune-0": (900, 901),
        "commune-all": (902, 903),
    }
    assert [(group.low, group.high) for group in found if group.code == "commune-0"] == [(None, 10_000)]
