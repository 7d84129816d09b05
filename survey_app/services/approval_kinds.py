"""Which changes need a second person, and what carries each of them out: the one table."""

from collections.abc import Mapping

from survey_app.services import wave_states
from survey_app.services.approvals import Kind

KINDS: Mapping[str, Kind] = {
    wave_states.REOPEN: wave_states.REOPENING,
}
