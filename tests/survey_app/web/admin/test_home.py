"""The entrance: every page that leads back to it is one of its cards."""

from survey_app.db import db, write_transaction
from survey_app.services.accounts import Role, create_account
from survey_app.web.admin.tasks import SECTIONS
from tests.builders import World
from tests.sites import sign_in
from tests.survey_app.web.auth.test_sign_on import NOW, PASSWORD


def test_every_room_has_its_card_and_its_way_back(app, client):
    with app.app_context(), write_transaction(db.session):
        province = World.read(db.session).province
        create_account(
            db.session, name="quantri", password=PASSWORD, role=Role.ADMIN, unit_id=province, now=NOW
        )
    sign_in(client, name="quantri", password=PASSWORD)
    cards = {task.endpoint for _, tasks in SECTIONS for task in tasks}
    pages = {
        rule.endpoint: client.get(rule.rule)
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("admin.") and "GET" in (rule.methods or ()) and not rule.arguments
    }
    way_back = '<p class="eyebrow"><a href="/admin/">'
    rooms = {
        endpoint
        for endpoint, page in pages.items()
        if page.status_code == 200 and way_back.encode() in page.data
    }
    assert rooms - cards == set()
    assert {"admin.calendar", "admin.registry_import", "admin.programs"} <= rooms
    entrance = pages["admin.home"].text
    assert {endpoint for endpoint in cards if f'href="{_path(app, endpoint)}"' not in entrance} == set()


def _path(app, endpoint):
    with app.test_request_context():
        return app.url_for(endpoint)
