"""Every revision goes up and down with rows in the tables, and the newest one is what the models say."""

from collections.abc import Iterator
from datetime import date

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from config import ROOT
from survey_app.db import engine_options, prepare_engine
from survey_app.models import Base, QuestionnaireVersion, Response
from survey_app.services import forms
from tests.builders import World, build_world, make_comment, make_response
from tests.survey_app.random_responses import fill

REVISIONS = [script.revision for script in ScriptDirectory(str(ROOT / "migrations")).walk_revisions()]


@pytest.fixture
def empty_engine(empty_database_url: str) -> Iterator[Engine]:
    engine = prepare_engine(create_engine(**engine_options(empty_database_url)))
    yield engine
    engine.dispose()


def migrate(engine: Engine, step: str, target: str = "") -> None:
    config = Config(str(ROOT / "alembic.ini"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        getattr(command, step)(*filter(None, (config, target)))


def add_rows(engine: Engine) -> None:
    with Session(engine) as session:
        build_world(session)
        session.flush()
        world = World.read(session)
        fill(session, world, seed=1, n=50)
        make_comment(session, world)
        session.commit()


def rows(engine: Engine) -> dict[str, list[str]]:
    """Everything in every table, whatever the order of storage and of columns."""
    with engine.connect() as connection:
        return {
            table.name: sorted(
                repr(sorted(row._mapping.items())) for row in connection.execute(table.select())
            )
            for table in Base.metadata.sorted_tables
        }


def test_the_newest_revision_is_what_the_models_say(empty_engine):
    migrate(empty_engine, "upgrade", "head")
    migrate(empty_engine, "check")


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_a_revision_taken_back_and_applied_again_keeps_every_row(empty_engine, revision):
    migrate(empty_engine, "upgrade", "head")
    add_rows(empty_engine)
    before = rows(empty_engine)
    assert len(before["response"]) == 50
    migrate(empty_engine, "downgrade", f"{revision}-1")
    # A table that the revision made goes with its rows.
    left = set(inspect(empty_engine).get_table_names())
    assert {"response", "questionnaire_version", "wave"} <= left
    migrate(empty_engine, "upgrade", "head")
    after = rows(empty_engine)
    assert {name: after[name] for name in after if name in left} == {
        name: before[name] for name in before if name in left
    }
    migrate(empty_engine, "check")


def test_everything_taken_back_leaves_nothing(empty_engine):
    migrate(empty_engine, "upgrade", "head")
    add_rows(empty_engine)
    migrate(empty_engine, "downgrade", "base")
    found = inspect(empty_engine)
    assert found.get_table_names() == ["alembic_version"]
    assert found.get_view_names() == []
    if empty_engine.dialect.name == "postgresql":
        with empty_engine.connect() as connection:
            functions = "SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
            assert connection.scalar(text(functions)) == 0


def test_the_analysts_view_reads_every_answer_as_the_form_does(session, world):
    fill(session, world, seed=2, n=40)
    session.add(_every_byte(world, session))
    session.flush()
    versions = session.scalars(select(QuestionnaireVersion.id))
    form_of = {version_id: forms.load_form(session, version_id=version_id) for version_id in versions}
    for row in session.scalars(select(Response)):
        read = session.execute(
            text("SELECT item_code, option_code, code FROM response_answer WHERE response_id = :id"),
            {"id": row.id if session.get_bind().dialect.name == "postgresql" else row.id.hex},
        ).all()
        slots = form_of[row.version_id].slots()
        assert {(slot.item_code, slot.option_code): row.answers[slot.position] for slot in slots} == {
            (item, option): code for item, option, code in read
        }


def _every_byte(world: World, session: Session) -> Response:
    """The longest form, holding the bytes at the edges: 0, 10, 13, 31."""
    key = make_response(session, world)
    session.flush()
    response = session.get_one(Response, key)
    edges = bytes([0, 10, 13, 31, 26, 1])
    response.answers = (edges * 50)[: len(response.answers)]
    return response


def test_the_analysts_view_gives_the_words_that_unpacking_gives(session, world):
    answers = {"overall": "dissatisfied", "F1.1": "dont_know", "reasons": ("time_bad",), "sex": "female"}
    key = make_response(session, world, answers=answers)
    session.flush()
    stored = session.get_one(Response, key)
    form = forms.load_form(session, version_id=stored.version_id)
    unpacked = form.unpack(stored.answers)
    codes = {
        (item, option): code
        for item, option, code in session.execute(
            text("SELECT item_code, option_code, code FROM response_answer")
        )
    }
    for item in form.items:
        if item.is_multiple:
            chosen = tuple(option for option in item.option_codes if codes[item.code, option] == 1)
            assert unpacked[item.code] == chosen or not chosen
        else:
            words = {choice.position: choice.code for choice in item.choices + item.missing}
            code = codes[item.code, ""]
            assert unpacked[item.code] == words.get(code, unpacked[item.code])
    assert unpacked["reasons"] == ("time_bad",)
    assert (unpacked["overall"], unpacked["F1.1"], unpacked["sex"]) == ("dissatisfied", "dont_know", "female")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE questionnaire_version SET legal_basis = 'khác'",
        "UPDATE questionnaire_version SET published_on = NULL",
        "UPDATE questionnaire_slot SET factor_code = 'F9'",
        "DELETE FROM questionnaire_slot",
        "DELETE FROM questionnaire_version",
    ],
)
def test_a_published_version_cannot_be_changed_by_hand(session, world, change):
    with pytest.raises(DBAPIError, match="cannot change"):
        session.execute(text(change))
    session.rollback()


def test_a_draft_may_still_be_changed(session, world):
    draft = QuestionnaireVersion(
        code="draft", version=1, definition={}, digest=bytes(32), n_slots=1, published_on=None,
        effective_from=date(2026, 1, 1), legal_basis="", provenance="",
    )  # fmt: skip
    session.add(draft)
    session.flush()
    draft.legal_basis = "Quyết định"
    session.flush()
    session.delete(draft)
    session.flush()
