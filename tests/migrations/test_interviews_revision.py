"""Cells that hold interviews are counted again when the clusters of interviews change, and only those."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.models import MomentCell, RollupDirty
from survey_app.services.rollups import rebuild_rollups
from survey_app.vocabulary import Channel
from tests.builders import World, build_world, release_everything
from tests.migrations.test_revisions import empty_engine, migrate  # noqa: F401
from tests.survey_app.random_responses import fill

BEFORE, AFTER = "0005", "0006"


def marked(session: Session) -> set[tuple[int, date]]:
    return {(row.point_id, row.month) for row in session.scalars(select(RollupDirty))}


def test_months_with_interviews_are_marked_once_either_way(empty_engine):  # noqa: F811
    migrate(empty_engine, "upgrade", "head")
    with Session(empty_engine) as session:
        build_world(session)
        session.flush()
        world = World.read(session)
        fill(session, world, seed=1, n=60)
        release_everything(session, world)
        rebuild_rollups(session, today=date(2026, 12, 1))
        session.commit()
        assert marked(session) == set()
        cells = session.execute(select(MomentCell.point_id, MomentCell.month, MomentCell.channel)).all()
    interviewed = {(c.point_id, c.month) for c in cells if c.channel in (Channel.PHONE, Channel.INTERVIEW)}
    assert set() < interviewed < {(c.point_id, c.month) for c in cells}
    for step, target in (("downgrade", BEFORE), ("upgrade", AFTER)):
        migrate(empty_engine, step, target)
        with Session(empty_engine) as session:
            assert marked(session) == interviewed
