"""What the tests of pages share: staff at their desks, made when a test first asks for them."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.clock import utc_now
from survey_app.models import Account
from survey_app.services.accounts import Role, create_account
from tests.builders import World
from tests.sites import sign_in
from tests.survey_app.staffing import LASTING_MANDATE

PASSWORD = "con đò nhỏ qua sông lúc rạng sáng"


@pytest.fixture
def staff(app: Flask, client: FlaskClient, session: Session, world: World) -> Callable[..., FlaskClient]:
    """A client of its own, signed in with a role for a unit; `client` only has every page checked."""

    def signed_in(role: Role = Role.PAR_OFFICE, unit: str = "Quảng Trị") -> FlaskClient:
        unit_id = world.units[unit]
        name = f"{role.value}-{unit_id}"
        if session.scalar(select(Account.id).where(Account.name == name)) is None:
            create_account(
                session, name=name, password=PASSWORD, role=role, unit_id=unit_id, now=utc_now(),
                mandate=LASTING_MANDATE,
            )  # fmt: skip
        session.commit()
        return sign_in(app.test_client(), name=name, password=PASSWORD)

    return signed_in
