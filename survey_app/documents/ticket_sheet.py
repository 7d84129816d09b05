"""Slips of tickets on A4, to be cut apart."""

import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import segno

from survey_app.documents.typesetting import pdf


@dataclass(frozen=True, slots=True)
class SlipText:
    """What stands beside each code."""

    lang: str
    unit: str
    ask: str
    once: str
    until: str


def ticket_sheet(links: Sequence[str], text: SlipText) -> bytes:
    """One slip a link, in the order given; no slip says which it is."""
    return pdf("ticket_sheet", asdict(text) | {"codes": [_code(link) for link in links]})


def _code(link: str) -> str:
    """The link as an SVG that a scanner still reads when a quarter of it is soiled."""
    file = io.BytesIO()
    segno.make(link, error="q", boost_error=False, micro=False).save(
        file, kind="svg", xmldecl=False, border=4
    )
    return file.getvalue().decode()
