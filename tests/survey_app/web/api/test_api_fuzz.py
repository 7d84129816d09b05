"""Requests made up from the description: no answer fails, and each is one that the description names."""

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

from survey_app.clock import local_today, utc_now
from survey_app.services.api_clients import Scope, create_client

EXAMPLES = 4

EXCLUDED = [schemathesis.checks.ignored_auth, schemathesis.checks.positive_data_acceptance]


def test_made_up_requests_get_described_answers(app, session, world):
    key = create_client(
        session, name="thu", unit_id=world.province, scopes=list(Scope), is_trial=True, now=utc_now(),
        today=local_today(app.extensions["settings"]),
    )  # fmt: skip
    session.commit()
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    n = 0

    for operation in schema.get_all_operations():
        found = operation.ok()

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def hold(case):
            nonlocal n
            n += 1
            answer = case.call(headers={"Authorization": f"Bearer {key}", "Accept-Encoding": "identity"})
            assert answer.status_code < 500, (case.method, case.path, answer.text[:200])
            # What is well formed may still name what is not there: 422 is an answer.
            # Keys that are missing or wrong have tests of their own; here every call carries a good one.
            case.validate_response(answer, excluded_checks=EXCLUDED)

        given(case=found.as_strategy())(hold)()
    assert n >= EXAMPLES
