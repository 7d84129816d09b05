"""A wave of two forms at a kiosk without a network: each person is given either, and both are stored."""

from collections import Counter

from sqlalchemy import select

from survey_app.db import own_transaction
from survey_app.models import QuestionnaireVersion, Response, Wave, WaveBridge
from tests.journeys.test_kiosk import Office, Tablet, answer, chromium, enrol, office, tablet, until_sent
from tests.sites import CODE

__all__ = ["chromium", "office", "tablet"]
PEOPLE = 16


def bridge() -> None:
    """The one-tap form becomes the second form of the office's wave."""
    with own_transaction() as session:
        wave = session.scalars(select(Wave).where(Wave.code == f"W.{CODE}")).one()
        one_tap = session.scalars(
            select(QuestionnaireVersion.id).where(QuestionnaireVersion.code == "one_tap")
        ).one()
        session.add(WaveBridge(wave_id=wave.id, version_id=one_tap, share=0.5))


def test_each_person_is_given_either_form_although_the_network_is_away(office: Office, tablet: Tablet):
    office.inside(bridge)
    page = enrol(office, tablet)
    office.kill()
    office.line.is_cut = True
    page.reload()
    page.wait_for_selector("[data-screen]:not([hidden])")
    shown = Counter()
    for _ in range(PEOPLE):
        # The next form is drawn when the one before is done, and is in the page before anybody can see it change.
        page.wait_for_timeout(150)
        shown[page.get_attribute("#app", "data-which")] += 1
        answer(page)
    assert set(shown) == {"1", "2"}, "sixteen people on one form: once in thirty thousand runs"
    office.start()
    office.line.is_cut = False
    until_sent(page)
    stored = Counter(version for (version,) in office.rows(Response.version_id))
    assert sorted(stored.values()) == sorted(shown.values())
