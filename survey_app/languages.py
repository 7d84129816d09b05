"""The languages a citizen may choose: written ones, and spoken ones whose pages stay Vietnamese and are read aloud.

Codes are BCP 47: ISO 639-1 where there is one, else ISO 639-3 (`bru` Eastern Bru, `pac` Pacoh, `tth` Upper Ta'oih,
`scb` Chut). Names are those in use in Vietnamese and are not translated.
"""

from collections.abc import Collection, Mapping

AUTHORITATIVE = "vi"
WRITTEN: Mapping[str, str] = {"vi": "Tiếng Việt", "en": "English"}
SPOKEN_ONLY: Mapping[str, str] = {
    "bru": "Bru – Vân Kiều",
    "pac": "Pa Cô",
    "tth": "Tà Ôi",
    "scb": "Chứt",
}
NAMES: Mapping[str, str] = {**WRITTEN, **SPOKEN_ONLY}
# Offered where nothing else is said.
USUAL = ("vi", "en")


def written_language(code: str) -> str:
    """The language in which the page of this one is written."""
    return code if code in WRITTEN else AUTHORITATIVE


def offered_language(asked: str, offered: Collection[str]) -> str:
    """The language asked for where it is offered and known, else the authoritative one."""
    return asked if asked in offered and asked in NAMES else AUTHORITATIVE
