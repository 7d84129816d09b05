"""A year of made-up counts of files: every unit by month, way of filing and outcome, with some months missing."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime

import numpy as np
from sqlalchemy import insert
from sqlalchemy.orm import Session

from survey_app.demo.places import MANAGED_UNIT, UnitPlace
from survey_app.demo.records import month_totals
from survey_app.demo.truth import FIRST_DAY, LAST_DAY
from survey_app.demo.visits import Visits
from survey_app.models import TransactionBatch, TransactionCount
from survey_app.months import month_of
from survey_app.queries import units
from survey_app.services.transaction_tables import CountEntry
from survey_app.vocabulary import FileOutcome, FilingMode

TRANSACTIONS_A_PERSON = (0.026, 0.042)
LEAST_PER_ANSWER = 1.3
CENTRE_TRANSACTIONS = (5_200, 7_600)
DAYS_A_MONTH = 30
EARLIER_MONTHS = (
    date(2025, 10, 1), date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1),
)  # fmt: skip
# Of units whose place in the list is a multiple of this, the first two months were never sent.
MISSING_EVERY = 9
LOADED_AT = datetime(2026, 9, 15, 2, 0, tzinfo=UTC)
MODE_SHARES = {FilingMode.IN_PERSON: 0.55, FilingMode.ONLINE: 0.39, FilingMode.POST: 0.06}
OUTCOME_SHARES = {FileOutcome.DONE: 0.93, FileOutcome.SUPPLEMENT: 0.05, FileOutcome.REFUSED: 0.02}
BY_FIELD = (MANAGED_UNIT, "QT.TTPVHCC")


def store_transactions(
    session: Session, places: Sequence[UnitPlace], visits: Visits, rng: np.random.Generator, *, seed: int
) -> None:
    """Files by people and days, never fewer than the answers need; split by shares of their own."""
    whole = dict(_handled(places, visits, rng))
    own = np.random.default_rng([seed, 19])
    for place, month in ((place, month) for month in EARLIER_MONTHS for place in range(len(places))):
        usual = whole[place, date(2026, 4, 1)]
        whole[place, month] = max(1, round(usual * own.uniform(0.85, 1.1)))
    missing = {
        (place, month) for place in range(0, len(places), MISSING_EVERY) for month in EARLIER_MONTHS[:2]
    }
    fields = [field.id for field in units.service_fields(session)]
    batch = TransactionBatch(
        source="file", title="so-ho-so-mo-phong.csv", digest=None, account_id=None, client_id=None,
        loaded_at=LOADED_AT, n_rows=0,
    )  # fmt: skip
    session.add(batch)
    session.flush()
    rows = []
    for (place, month), n in sorted(whole.items()):
        if (place, month) in missing:
            continue
        for each in _split(places[place], month, n, fields, own):
            rows.append(_row(each) | {"batch_id": batch.id})
    batch.n_rows = len(rows)
    session.execute(insert(TransactionCount), rows)


def _handled(
    places: Sequence[UnitPlace], visits: Visits, rng: np.random.Generator
) -> Iterator[tuple[tuple[int, date], int]]:
    """Files by place and month of the stream; the last month only up to the last recorded day."""
    rates = rng.uniform(*TRANSACTIONS_A_PERSON, size=len(places))
    centre = rng.uniform(*CENTRE_TRANSACTIONS)
    for unit, month, n_answers in month_totals(visits, n_units=len(places)):
        people = places[unit].population
        usual = centre if people is None else people * rates[unit]
        end = min(month_of(month)[1], LAST_DAY)
        heard_on = (end - max(month, FIRST_DAY)).days + 1
        handled = usual * end.day / DAYS_A_MONTH * rng.uniform(0.92, 1.08)
        least = LEAST_PER_ANSWER * n_answers * end.day / heard_on
        yield (unit, month), max(round(handled), int(np.ceil(least)))


def _split(
    place: UnitPlace, month: date, n: int, fields: Sequence[int], rng: np.random.Generator
) -> Iterator[CountEntry]:
    """The files of a unit's month by way of filing and outcome, at two units by field too."""
    kinds = [(mode, outcome) for mode in MODE_SHARES for outcome in OUTCOME_SHARES]
    shares = [MODE_SHARES[mode] * OUTCOME_SHARES[outcome] for mode, outcome in kinds]
    end = min(month_of(month)[1], LAST_DAY)
    by_field: Mapping[int | None, int] = {None: n}
    if place.code in BY_FIELD:
        mix = rng.dirichlet(np.linspace(9, 2, len(fields)))
        by_field = dict(zip(fields, rng.multinomial(n, mix).tolist(), strict=True))
    for field_id, files in by_field.items():
        for (mode, outcome), count in zip(kinds, rng.multinomial(files, shares).tolist(), strict=True):
            yield CountEntry(place.id, month, end, count, None, field_id, int(mode), int(outcome))


def _row(entry: CountEntry) -> dict[str, object]:
    return {
        "key": entry.key, "unit_id": entry.unit_id, "desk_id": None, "field_id": entry.field_id,
        "starts_on": entry.starts_on, "ends_on": entry.ends_on, "mode": entry.mode, "outcome": entry.outcome,
        "n_files": entry.n_files, "is_simulated": True,
    }  # fmt: skip
