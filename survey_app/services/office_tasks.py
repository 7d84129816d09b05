"""What waits for the head of the office on a Monday: silent points, owing kiosks, samples behind, drafts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from survey_app.queries import publications, waves
from survey_app.services import approvals, wave_progress
from survey_app.services.accounts import Viewer, visible_unit_ids
from survey_app.services.approvals import Kind
from survey_app.services.figures import OfficeTask
from survey_app.services.wave_progress import Line, WaveProgress

# A sample is behind when its share of the target lags the share of its days by more than this.
BEHIND_BY = 0.1


@dataclass(frozen=True, slots=True)
class Asked:
    """For whom and for which day the list is made, and which changes need two people."""

    viewer: Viewer
    today: date
    kinds: Mapping[str, Kind]
    language: str


Source = Callable[[Session, Asked], list[OfficeTask]]
NAMES_SHOWN = 4


def office_tasks(
    session: Session, *, viewer: Viewer, today: date, kinds: Mapping[str, Kind], language: str = "vi"
) -> tuple[OfficeTask, ...]:
    """Everything that waits, in the order of the sources."""
    asked = Asked(viewer, today, kinds, language)
    return tuple(task for source in SOURCES for task in source(session, asked))


def _pending(session: Session, asked: Asked) -> list[OfficeTask]:
    """Changes that wait for a second person; those the viewer proposed wait for somebody else."""
    rows = approvals.visible_approvals(session, viewer=asked.viewer, kinds=asked.kinds, is_pending=True)
    others = [row for row in rows if row.proposed_by_id != asked.viewer.account_id]
    if not others:
        return []
    subjects = tuple(row.subject for row in others[:NAMES_SHOWN])
    return [OfficeTask("pending", len(others), subjects)]


def _fieldwork(session: Session, asked: Asked) -> list[OfficeTask]:
    """Of every wave that is being asked: silent points, devices that owe, units behind their target."""
    visible = visible_unit_ids(session, viewer=asked.viewer)
    tasks, owing = [], set[int]()
    for wave in waves.planned_waves(session, visible):
        if not wave.row.is_open(asked.today):
            continue
        progress = wave_progress.wave_progress_of(session, wave, viewer=asked.viewer, today=asked.today)
        title = wave.row.title_vi if asked.language == "vi" else wave.row.title_en
        if progress.silent:
            tasks.append(_silent(progress, title))
        new = [each for each in progress.owing if each.device.id not in owing]
        owing |= {each.device.id for each in new}
        if new:
            n_owed = sum(each.n_owed for each in new)
            names = tuple(each.device.name for each in new[:NAMES_SHOWN])
            tasks.append(OfficeTask("owing", len(new), names, n_answers=n_owed))
        behind = [line for line in progress.lines if _is_behind(line, progress, asked.today)]
        if behind:
            behind.sort(key=lambda line: (-line.n_missing, line.title))
            names = tuple(line.title for line in behind[:NAMES_SHOWN])
            n_missing = sum(line.n_missing for line in behind)
            tasks.append(
                OfficeTask("behind", len(behind), names, title, wave.row.code, wave.row.closes_on, n_missing)
            )
    return tasks


def _silent(progress: WaveProgress, title: str) -> OfficeTask:
    longest = sorted(progress.silent, key=lambda each: (-each.n_open_days, each.point.name))
    names = tuple(each.point.name for each in longest[:NAMES_SHOWN])
    return OfficeTask("silent", len(longest), names, title, progress.wave.row.code)


def _is_behind(line: Line, progress: WaveProgress, today: date) -> bool:
    """Whether the target is further away than the days that are left explain."""
    wave = progress.wave.row
    if not line.target or wave.closes_on is None or line.n >= line.target:
        return False
    n_days = (wave.closes_on - wave.opens_on).days + 1
    gone = min(1.0, max(0, (today - wave.opens_on).days) / n_days)
    return line.n / line.target < gone - BEHIND_BY


def _publications(session: Session, asked: Asked) -> list[OfficeTask]:
    """Hearings that are over, with replies or not, and drafts that nobody has sent on; each by its period."""
    offices = visible_unit_ids(session, viewer=asked.viewer)
    rows = publications.publications_of(session, root_unit_ids=offices, states=publications.UNFINISHED)
    tasks = []
    for row in rows:
        title = row.period_vi if asked.language == "vi" else row.period_en
        if row.state == "hearing":
            last = max(notice.reply_by for notice in publications.notices(session, row.id))
            n_unanswered = publications.n_unanswered(session, row.id)
            if n_unanswered:
                tasks.append(OfficeTask("replies", n_unanswered, of=title, code=str(row.id), on=last))
            elif row.approval_id is None and asked.today > last:
                tasks.append(OfficeTask("heard", 1, of=title, code=str(row.id), on=last))
        else:
            tasks.append(OfficeTask(row.state, 1, of=title, code=str(row.id)))
    return tasks


SOURCES: tuple[Source, ...] = (_pending, _publications, _fieldwork)
