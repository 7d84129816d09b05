"""What a change would do, in the order in which a person checks it: units, points, people, waves, interviews."""

from dataclasses import dataclass
from datetime import date

from survey_app.names import unit_label
from survey_app.queries.registry_changes import WavePart
from survey_app.services.registry_changes.affected import Affected, day_before
from survey_app.services.registry_changes.operations import Plan
from survey_app.services.registry_changes.requests import MERGE, SPLIT, ChangeRequest, NewUnit
from survey_app.services.registry_changes.targets import cut_part, new_parts


@dataclass(frozen=True, slots=True)
class Going:
    """Something that goes from one unit to another; to none when it ends."""

    name: str
    old: str
    new: str | None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class PointGoing:
    """A point with what goes along: printed codes, kiosks, desks, paper pads, batches of tickets."""

    name: str
    old: str
    new: str
    n_codes: int
    n_devices: int
    n_desks: int
    n_pads: int
    n_tickets: int


@dataclass(frozen=True, slots=True)
class PartRow:
    """A unit's part in a wave."""

    label: str
    is_new: bool
    is_gone: bool
    target_before: int | None
    target: int | None
    population: int | None


@dataclass(frozen=True, slots=True)
class WaveCut:
    """A wave that runs on the day, cut there."""

    title_vi: str
    title_en: str
    opens_on: date
    closes_on: date | None
    rows: tuple[PartRow, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """All of it; `described` is what a unit that goes on is called, or stands below, before and after."""

    request: ChangeRequest
    subject: str
    last_day: date
    is_waiting: bool
    ending: tuple[str, ...]
    new_units: tuple[NewUnit, ...]
    parent: str
    described: tuple[str, str] | None
    points: tuple[PointGoing, ...]
    children: tuple[Going, ...]
    accounts: tuple[Going, ...]
    clients: tuple[Going, ...]
    waves: tuple[WaveCut, ...]
    n_cases: int
    n_rows: int

    def count(self, what: str) -> int:
        """How many of something go along with the points."""
        return sum(getattr(point, what) for point in self.points)


def preview_of(plan: Plan, *, today: date) -> Preview:
    """The plan in words and counts."""
    request, affected = plan.request, plan.affected
    is_succession = request.kind in (MERGE, SPLIT)
    labels = {unit.id: unit.label for unit in affected.units}
    made = [new.label for new in request.successors]
    return Preview(
        request=request,
        subject=plan.subject,
        last_day=day_before(request.on),
        is_waiting=request.on > today,
        ending=tuple(labels.values()) if is_succession else (),
        new_units=request.successors,
        parent="" if affected.parent is None else affected.parent.label,
        described=None if is_succession else _described(request, affected),
        points=_points(request, affected, labels, made) if is_succession else (),
        children=_children(request, affected, labels, made) if is_succession else (),
        accounts=_accounts(request, affected, labels, made) if is_succession else (),
        clients=tuple(Going(client.name, labels[client.unit_id], made[0]) for client in affected.clients)
        if is_succession
        else (),
        waves=_waves(request, affected, labels, made) if is_succession else (),
        n_cases=len(affected.cases) if is_succession else 0,
        n_rows=len(plan.changes),
    )


def _described(request: ChangeRequest, affected: Affected) -> tuple[str, str]:
    unit = affected.units[0]
    if request.name:
        return unit.label, unit_label(request.unit_kind, request.name)
    if request.parent_id is not None:
        return unit.parent_label, "" if affected.parent is None else affected.parent.label
    return str(unit.population or ""), str(request.population)


def _points(
    request: ChangeRequest, affected: Affected, labels: dict[int, str], made: list[str]
) -> tuple[PointGoing, ...]:
    return tuple(
        PointGoing(
            point.name, labels[point.unit_id], made[request.points.get(point.id, 0)], point.n_codes,
            point.n_devices, point.n_desks, point.n_pads, point.n_tickets,
        )
        for point in affected.points
    )  # fmt: skip


def _children(
    request: ChangeRequest, affected: Affected, labels: dict[int, str], made: list[str]
) -> tuple[Going, ...]:
    return tuple(
        Going(child.label, labels.get(child.parent_id or 0, ""), made[request.children.get(child.id, 0)])
        for child in affected.children
    )


def _accounts(
    request: ChangeRequest, affected: Affected, labels: dict[int, str], made: list[str]
) -> tuple[Going, ...]:
    found = []
    for account in affected.accounts:
        place = request.accounts.get(account.id, 0)
        new = None if place is None else made[place]
        found.append(Going(account.name, labels[account.unit_id], new, account.role))
    return tuple(found)


def _waves(
    request: ChangeRequest, affected: Affected, labels: dict[int, str], made: list[str]
) -> tuple[WaveCut, ...]:
    cuts = [cut_part(part, request.on) for part in affected.waves]
    news = new_parts(cuts, [new.share for new in request.successors], affected.shifts)
    waves: dict[int, WavePart] = {part.wave_id: part for part in affected.waves}
    found = []
    for wave_id, wave in waves.items():
        old_rows = [
            PartRow(
                labels[cut.part.unit_id],
                False,
                cut.is_gone,
                cut.part.target,
                cut.kept_target,
                cut.part.population,
            )
            for cut in cuts
            if cut.part.wave_id == wave_id
        ]
        new_rows = [
            PartRow(made[new.successor], True, False, None, new.target, new.population)
            for new in news
            if new.wave_id == wave_id
        ]
        found.append(
            WaveCut(wave.title_vi, wave.title_en, wave.opens_on, wave.closes_on, (*old_rows, *new_rows))
        )
    return tuple(found)
