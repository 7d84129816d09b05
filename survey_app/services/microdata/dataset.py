"""A dataset opened for export: its variables, and its rows re-keyed, without days, in an order drawn by chance."""

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from survey_app.errors import InvalidField, NotFound
from survey_app.queries import accounts as scopes
from survey_app.queries import microdata as queries
from survey_app.queries.microdata import DatasetRow, PersonRow
from survey_app.queries.units import service_fields
from survey_app.services import audit
from survey_app.services.accounts import Viewer
from survey_app.services.forms import Form, load_form
from survey_app.services.microdata.local_suppression import (
    NO_UNIT,
    SUPPRESSED,
    Combination,
    Suppression,
    suppress,
)
from survey_app.services.microdata.variables import (
    NOT_TOLD,
    Variable,
    answer_codes,
    answer_variables,
    person_variables,
)
from survey_app.services.policy import current_policy
from survey_app.vocabulary import QualityFlag

LANGUAGE_CODES = {"vi": 1, "en": 2}
OTHER_LANGUAGE = 3
IS_PROXY_UNKNOWN = -1
LONGEST_PURPOSE, SHORTEST_PURPOSE = 400, 10
Row = tuple[object, ...]


def available(session: Session, *, viewer: Viewer) -> list[DatasetRow]:
    """What the viewer's office can export."""
    return queries.datasets(session, unit_ids=scopes.subtree_unit_ids(session, viewer.unit_id))


@dataclass
class OpenedDataset:
    """One export. New keys are drawn whenever it is opened, so that two exports cannot be laid side by side."""

    session: Session
    row: DatasetRow
    form: Form
    unit_ids: frozenset[int]
    today: date
    k: int
    _points: dict[int, int] = field(default_factory=dict)
    _clusters: dict[tuple[object, ...], int] = field(default_factory=dict)
    _names: dict[date, Mapping[int, tuple[str, str]]] = field(default_factory=dict)

    @cached_property
    def variables(self) -> tuple[Variable, ...]:
        fields = {each.id: (each.name_vi, each.name_en) for each in service_fields(self.session)}
        return (*person_variables(fields), *answer_variables(self.form))

    @cached_property
    def suppression(self) -> Suppression:
        """Which traits are withheld so that at least k of a unit look alike."""
        counted: Counter[Combination] = Counter()
        for people in queries.person_rows(self.session, self._ids):
            counted.update(self._combination(person) for person in people)
        return suppress(counted, k=self.k)

    @cached_property
    def _ids(self) -> list[UUID]:
        """All keys, in an order drawn by chance: what is kept of the dataset while it is written."""
        ids = queries.response_ids(
            self.session, wave_id=self.row.wave_id, version_id=self.row.version_id, unit_ids=self.unit_ids
        )
        random.SystemRandom().shuffle(ids)
        return ids

    @cached_property
    def _tables(self) -> list[tuple[int, ...]]:
        return answer_codes(self.form)

    @cached_property
    def _profile(self) -> tuple[int, ...]:
        """Slots of the questions about the person."""
        return tuple(item.slot for item in self.form.items if item.kind == "profile" and not item.is_multiple)

    def _combination(self, person: PersonRow) -> Combination:
        """The unit and the traits by which somebody could be recognised, those withheld first last."""
        return (
            person.unit_id,
            *(self._tables[slot][person.answers[slot]] for slot in self._profile),
            person.capacity, person.residence, _proxy(person.is_proxy), person.assisted_by, _language(person.language),
        )  # fmt: skip

    def chunks(self) -> Iterator[list[Row]]:
        """The rows, some thousand at a time, in random order; memory holds their ids and one chunk."""
        now_at = queries.units_of_points(self.session, self.today)
        several = queries.points_with_several_desks(self.session)
        for people in queries.person_rows(self.session, self._ids):
            yield [self._row(person, now_at, several) for person in people]

    def _row(self, person: PersonRow, now_at: Mapping[int, int], several: frozenset[int]) -> Row:
        told = self.suppression.told[self._combination(person)]
        unit_id, profile = told[0], dict(zip(self._profile, told[1:], strict=False))
        capacity, residence, is_proxy, assisted_by, language = told[1 + len(self._profile) :]
        is_told = unit_id != NO_UNIT
        today_id = now_at.get(person.point_id, person.unit_id)
        then = self._unit(person.unit_id, person.month) if is_told else ("", NOT_TOLD[0])
        now = self._unit(today_id, self.today) if is_told else ("", NOT_TOLD[0])
        # Where one officer serves, the place of the answer is the officer.
        is_place_told = is_told and person.point_id in several
        point = _number(self._points, person.point_id) if is_place_told else SUPPRESSED
        return (
            uuid4().hex, *then, *now, f"{person.month:%Y-%m}", point, person.channel, person.stage, person.field_id,
            capacity, residence, is_proxy, assisted_by, language, person.weight,
            person.stratum if is_told else 0, _number(self._clusters, person.cluster), int(person.is_late),
            int(person.is_ticketed), int(person.is_excluded), int(bool(person.flags & QualityFlag.FAST)),
            int(bool(person.flags & QualityFlag.STRAIGHT_LINE)),
            *(
                profile.get(slot, table[byte])
                for slot, (table, byte) in enumerate(zip(self._tables, person.answers, strict=True))
            ),
        )  # fmt: skip

    def _unit(self, unit_id: int, on: date) -> tuple[str, str]:
        if on not in self._names:
            self._names[on] = queries.names_on(self.session, on)
        return self._names[on].get(unit_id, ("", ""))


def open_dataset(
    session: Session, *, wave_id: int, version_id: int, viewer: Viewer, today: date
) -> OpenedDataset:
    """The dataset of a wave and a form within the viewer's units."""
    unit_ids = scopes.subtree_unit_ids(session, viewer.unit_id)
    row = next(
        (
            each
            for each in queries.datasets(session, unit_ids=unit_ids)
            if (each.wave_id, each.version_id) == (wave_id, version_id)
        ),
        None,
    )
    if row is None:
        raise NotFound(f"dataset of wave {wave_id}")
    form = load_form(session, version_id=version_id)
    return OpenedDataset(session, row, form, unit_ids, today, current_policy(session, today).min_staff)


def note_export(
    session: Session, row: DatasetRow, *, purpose: str, kind: str, viewer: Viewer, now: datetime
) -> None:
    """Every export is an entry of the audit log, with what it is for."""
    words = " ".join(purpose.split())
    if not SHORTEST_PURPOSE <= len(words) <= LONGEST_PURPOSE:
        raise InvalidField("purpose", "missing" if len(words) < SHORTEST_PURPOSE else "too_long")
    audit.record(
        session,
        "dataset.exported",
        target=f"wave:{row.wave_id}",
        by=viewer,
        at=now,
        details={
            "wave": row.wave_code,
            "form": f"{row.form_code} v{row.form_version}",
            "format": kind,
            "purpose": words,
            "n_rows": row.n,
        },
    )


def _number(known: dict[object, int] | dict[int, int] | dict[tuple[object, ...], int], key: object) -> int:
    """A number of its own, by who comes first in the random order."""
    return known.setdefault(key, len(known) + 1)  # type: ignore[arg-type]


def _proxy(is_proxy: int | None) -> int:
    return IS_PROXY_UNKNOWN if is_proxy is None else is_proxy


def _language(language: str) -> int:
    return LANGUAGE_CODES.get(language, OTHER_LANGUAGE)
