"""A comparison of an old period under the names and kinds of another day: the words change, the figures do not."""

from datetime import UTC, date, datetime

from survey_app.services.accounts import Role, Viewer
from survey_app.services.approvals import Moment
from survey_app.services.comparisons import compare_units
from survey_app.services.registry_changes.operations import carry_out_simulated
from survey_app.services.registry_changes.requests import ChangeRequest
from tests.builders import make_response, release_everything
from tests.survey_app.interviewing import make_account

CHANGED_ON = date(2026, 10, 1)
TODAY = date(2026, 10, 5)


def test_units_are_named_and_sorted_into_kinds_as_on_the_day_asked(session, world):
    office = make_account(session, "sonoivu", Role.PAR_OFFICE, world.province)
    for i in range(40):
        level = "satisfied" if i % 4 else "dissatisfied"
        make_response(
            session, world, unit="Hòa Xuân", on=date(2026, 7, 1 + i % 28), answers={"overall": level}
        )
    release_everything(session, world)
    request = ChangeRequest(
        kind="rename", unit_ids=(world.units["Hòa Xuân"],), on=CHANGED_ON, name="Xuân Hòa", unit_kind="ward"
    )
    moment = Moment(datetime(2026, 10, 5, 2, tzinfo=UTC), TODAY)
    carry_out_simulated(session, request, viewer=Viewer(office.account_id, Role.PAR_OFFICE, world.province),
                        at=moment)  # fmt: skip
    session.expire_all()

    def compared(kind=None, **asked):
        return compare_units(
            session, root_unit_id=world.province, basis="continuous", period_code="2026Q3", kind=kind,
            viewer=office, today=TODAY, **asked,
        )  # fmt: skip

    old, new = compared(), compared(units_on=TODAY)
    words = (
        {row.unit.id: (row.unit.name, row.unit.kind, row.share) for row in old.rows},
        {row.unit.id: (row.unit.name, row.unit.kind, row.share) for row in new.rows},
    )
    unit = world.units["Hòa Xuân"]
    assert (words[0][unit][:2], words[1][unit][:2]) == (("Hòa Xuân", "commune"), ("Xuân Hòa", "ward"))
    assert words[0][unit][2] == words[1][unit][2] and words[1][unit][2].n == 40
    assert {row.unit.id for row in compared("ward", units_on=TODAY).rows} == {unit, world.units["Đông Hà"]}
    assert {row.unit.id for row in compared("ward").rows} == {world.units["Đông Hà"]}
