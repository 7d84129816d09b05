"""Reads a text aloud with programs of the machine: espeak-ng speaks, ffmpeg makes it small. Both are optional."""

import shutil
import subprocess
from collections.abc import Mapping

from survey_app.errors import SpeechUnavailable

# The voice of each language; others have none and are read by people.
VOICES: Mapping[str, str] = {"vi": "vi", "en": "en-gb"}
PROGRAMS = ("espeak-ng", "ffmpeg")
WORDS_A_MINUTE = "140"
SECONDS = 60
_TO_MP3 = (
    "ffmpeg", "-loglevel", "error", "-i", "pipe:0", "-map_metadata", "-1", "-ac", "1", "-ar", "22050",
    "-codec:a", "libmp3lame", "-b:a", "32k", "-f", "mp3", "pipe:1",
)  # fmt: skip


def missing_programs() -> list[str]:
    return [program for program in PROGRAMS if shutil.which(program) is None]


def read_aloud(text: str, *, language: str) -> bytes:
    """The text as an MP3, which every browser plays."""
    spoken = _run(
        "espeak-ng", "-v", VOICES[language], "-s", WORDS_A_MINUTE, "--stdin", "--stdout", given=text.encode()
    )
    return _run(*_TO_MP3, given=spoken)


def _run(*command: str, given: bytes) -> bytes:
    try:
        done = subprocess.run(command, input=given, capture_output=True, check=True, timeout=SECONDS)
    except (OSError, subprocess.SubprocessError) as error:
        raise SpeechUnavailable(command[0]) from error
    return done.stdout
