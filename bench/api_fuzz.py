"""Requests made up from the description of the API, by the thousand: how many fail (R31: none may).

python -m bench.api_fuzz [REQUESTS]
"""

import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

from config import read_settings
from survey_app import create_app
from survey_app.clock import local_today, utc_now
from survey_app.db import db, write_transaction
from survey_app.queries.units import units_as_at
from survey_app.services.api_clients import Scope, create_client


def fuzz(n_requests: int) -> Counter[int]:
    """Statuses of about so many requests, spread over the calls, against a copy of the database."""
    with tempfile.TemporaryDirectory() as folder:
        base = read_settings()
        copy = Path(folder) / "fuzz.sqlite3"
        shutil.copy(base.DATABASE_URL.removeprefix("sqlite:///"), copy)
        app = create_app(replace(base, DATABASE_URL=f"sqlite:///{copy}"))
        with app.app_context(), write_transaction(db.session):
            today = local_today(base)
            unit = units_as_at(db.session, today)[0]
            key = create_client(
                db.session,
                name="fuzz",
                unit_id=unit.id,
                scopes=list(Scope),
                is_trial=True,
                now=utc_now(),
                today=today,
            )
        schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
        operations = [each.ok() for each in schema.get_all_operations()]
        statuses: Counter[int] = Counter()
        for operation in operations:
            _hold(operation, key, n_requests // len(operations) + 1, statuses)
        return statuses


def _hold(operation: object, key: str, n: int, statuses: Counter[int]) -> None:
    @settings(
        max_examples=n, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy())  # type: ignore[attr-defined]
    def ask(case: object) -> None:
        answer = case.call(headers={"Authorization": f"Bearer {key}"})  # type: ignore[attr-defined]
        statuses[answer.status_code] += 1

    ask()


def main() -> None:
    statuses = fuzz(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
    n_failed = sum(n for status, n in statuses.items() if status >= 500)
    print(f"{sum(statuses.values())} requests, {dict(sorted(statuses.items()))}, {n_failed} x 5xx")
    raise SystemExit(1 if n_failed else 0)


if __name__ == "__main__":
    main()
