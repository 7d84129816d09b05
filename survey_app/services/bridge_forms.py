"""Which of the two forms of a bridge wave somebody is given: by chance, never by who they are or where they stand.

A bridge wave measures what a new form changes (the break of a series). Its two halves differ by nothing but chance, so
the form is drawn when a page is made, from nothing that lasts: no device, no cookie, no address. The drawn form is in
the page's signed token, so that a retry and the second part of an answer stay on it.
"""

import secrets
from uuid import UUID

from survey_app.queries.lookups import WaveRow

OLD, NEW = 1, 2
_RANGE = 2**32


def form_on(wave: WaveRow, wanted: int) -> int:
    """The form asked for, or one drawn now; 0 where the wave has one form only."""
    if wave.bridge_version_id is None:
        return 0
    if wanted in (OLD, NEW):
        return wanted
    return _drawn(wave, secrets.randbelow(_RANGE))


def form_of_case(wave: WaveRow, case_id: UUID) -> int:
    """The form of an interview: its case has a random id, which decides once and for every retry."""
    return 0 if wave.bridge_version_id is None else _drawn(wave, case_id.int % _RANGE)


def form_of_pad(wave: WaveRow, number: int) -> int:
    """Pads of paper take turns, since whoever hands out a sheet must not choose it."""
    return 0 if wave.bridge_version_id is None else (OLD, NEW)[(number - 1) % 2]


def version_of(wave: WaveRow, form: int) -> int:
    """The version of the old or the new form."""
    return wave.version_id if form != NEW or wave.bridge_version_id is None else wave.bridge_version_id


def _drawn(wave: WaveRow, number: int) -> int:
    return NEW if number < (wave.bridge_share or 0.0) * _RANGE else OLD
