"""Whatever an address names of a unit that is not the reader's looks as if it did not exist.

Random readers and random things of other units, over every address with something of a unit in it. More of them:
`FOREIGN_PAIRS=5000 pytest tests/architecture/test_foreign_units.py`.
"""

import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from sqlalchemy import Table, select
from werkzeug.routing import IntegerConverter, UUIDConverter

from survey_app.db import db, write_transaction
from survey_app.demo.build import build_demo_file
from survey_app.models import Base, Point, PointUnit, Unit, UnitLineage
from survey_app.queries.accounts import subtree_unit_ids
from survey_app.services.accounts import Role
from survey_app.web.security import access_table
from tests.architecture.asking import Address, Reader, addresses, build, keep_signed_in
from tests.builders import AUDIT_KEY
from tests.survey_app.staffing import make_account

N_PAIRS = int(os.environ.get("FOREIGN_PAIRS", "1000"))
N_PLACES = 12
# A reader of one unit, with the widest of these roles that opens the address.
ROLES = (Role.MANAGER, Role.PAR_OFFICE, Role.ADMIN, Role.DESK_STAFF, Role.VIEWER, Role.INTERVIEWER)
# What an address calls by another name than its table.
TABLE_OF = {
    "draft_id": "questionnaire_draft",
    "case_id": "interview_assignment",
    "opening_id": "paper_opening",
    "code": "point_code",
    "version_id": "questionnaire_version",
}
# Of an office above or of the whole instance, so that the units below share it.
SHARED = {
    "wave", "period", "publication", "questionnaire_version", "service_field", "indicator_set", "official_method",
}  # fmt: skip
# A form or a body that is refused before anything is looked up tells nothing of what exists.
REFUSED = {404, 422, 400}


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    folder = tmp_path_factory.mktemp("foreign")
    build_demo_file(folder / "demo.sqlite3", audit_key=AUDIT_KEY, n_responses=2_500)
    app = build(folder / "demo.sqlite3")
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="module")
def readers(app):
    """An account of each role in a dozen units, and the units that each may see."""
    rng = Random(19)
    with app.app_context(), write_transaction(db.session):
        top = db.session.scalars(select(Unit.id).where(Unit.code == "QT")).one_or_none()
        statement = (
            select(Unit.id).where(Unit.parent_id.is_not(None), Unit.valid_to.is_(None)).order_by(Unit.id)
        )
        places = rng.sample([id_ for id_ in db.session.scalars(statement) if id_ != top], N_PLACES)
        return {
            role: [
                (
                    make_account(db.session, f"{role.value}{place}", role, place),
                    subtree_unit_ids(db.session, place),
                )
                for place in places
            ]
            for role in ROLES
        }


def owned(table: Table, *, deeper: int = 3) -> Iterator[tuple[int, Any]]:
    """(unit, key) of each row that belongs to a unit, by a column of its own or through what it belongs to."""
    if table.name in SHARED or len(table.primary_key.columns) != 1 or not deeper:
        return
    (key,) = table.primary_key.columns
    if table.name == "unit":
        yield from ((row, row) for row in db.session.scalars(select(key)))
        return
    if table.name == "point":
        yield from db.session.execute(
            select(PointUnit.unit_id, Point.id).join(Point, Point.id == PointUnit.point_id)
        )
        return
    column = next((c for c in table.columns if c.name in {"unit_id", "root_unit_id"}), None)
    if column is not None:
        yield from db.session.execute(select(column, key))
        return
    for foreign in sorted(table.foreign_keys, key=lambda foreign: foreign.parent.name):
        if foreign.column.table is table:
            continue
        units_of = defaultdict(list)
        for unit, parent in owned(foreign.column.table, deeper=deeper - 1):
            units_of[parent].append(unit)
        rows = db.session.execute(select(foreign.parent, key)).all()
        found = [(unit, own) for parent, own in rows for unit in units_of.get(parent, ())]
        yield from found
        if found:
            return


def table_named(name: str, converter: object) -> Table | None:
    """The table whose keys a part of an address holds: "pad_id" is of paper_pad."""
    if name in TABLE_OF:
        return Base.metadata.tables[TABLE_OF[name]]
    stem = name.removesuffix("_id")
    kind = {IntegerConverter: "INTEGER", UUIDConverter: "CHAR(32)"}.get(type(converter))
    if stem == name or kind is None:
        return None
    fitting = [
        table
        for table in Base.metadata.tables.values()
        if (table.name == stem or table.name.endswith(f"_{stem}")) and len(table.primary_key.columns) == 1
        and str(next(iter(table.primary_key.columns)).type) == kind
    ]  # fmt: skip
    return min(fitting, key=lambda table: len(table.name), default=None)


@pytest.fixture(scope="module")
def targets(app):
    """Addresses that name something of a unit: (address, role, part of the address, units and keys)."""
    found = []
    with app.app_context():
        for address in addresses(app):
            roles = access_table(app)[address.endpoint].roles
            role = next((role for role in ROLES if role in roles), None)
            for name, converter in address.rule._converters.items():
                table = table_named(name, converter)
                things = [] if role is None or table is None else sorted(set(owned(table)), key=str)
                if things:
                    found.append((address, role, name, things))
    return found


@pytest.fixture(scope="module")
def gone(app, readers):
    """For each reader the units that went into those the reader may see."""
    with app.app_context():
        links = db.session.execute(select(UnitLineage.predecessor_id, UnitLineage.successor_id)).all()
    return {
        viewer: {old for old, new in links if new in own_units}
        for of_role in readers.values()
        for viewer, own_units in of_role
    }


def test_what_belongs_to_a_foreign_unit_is_not_found(app, readers, targets, gone):
    rng, reader, seen = Random(2026), Reader.of(app), Counter()
    wrong: list[tuple[Address, Any, int]] = []
    while sum(seen.values()) < N_PAIRS:
        address, role, name, things = rng.choice(targets)
        viewer, own_units = rng.choice(readers[role])
        unit, key = rng.choice(things)
        if unit in own_units or {unit for unit, other in things if other == key} & own_units:
            continue
        # What became part of one's own unit is read by name, and nowhere else.
        if address.rule.rule.startswith("/admin/units/") and address.method == "GET" and key in gone[viewer]:
            continue
        token = keep_signed_in(app, viewer)
        status, _place = reader.ask(address.method, address.path(app, **{name: key}), token)
        seen[address.method, address.rule.rule] += 1
        if status not in REFUSED or (address.method == "GET" and status != 404):
            wrong.append((address, key, status))
    print(f"{sum(seen.values())} pairs over {len(seen)} addresses")
    assert {(each.method, each.rule.rule, status) for each, _key, status in wrong} == set()
    assert len(seen) == len(targets)


def test_the_same_things_are_found_by_their_own_office(app, readers, targets):
    """Else the test above would pass by finding nothing at all."""
    reader, found = Reader.of(app), Counter()
    with app.app_context(), write_transaction(db.session):
        top = db.session.scalars(
            select(Unit.id).where(Unit.parent_id.is_(None), Unit.kind == "province")
        ).first()
        office = {role: make_account(db.session, f"top{role.value}", role, top) for role in ROLES}
    for address, role, name, things in targets:
        if address.method == "GET":
            token = keep_signed_in(app, office[role])
            # The first that is found is enough: some of these are documents that take seconds to set.
            found[address.rule.rule] += any(
                reader.ask("GET", address.path(app, **{name: key}), token)[0] == 200
                for _unit, key in things[:6]
            )
    assert sum(n > 0 for n in found.values()) >= 8, found
    assert found["/admin/people/<int(max=2147483647):account_id>"] and found["/manager/units/<int:unit_id>"]
