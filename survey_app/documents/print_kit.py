"""The print kit of a collection point: what each piece carries, and the pages set from it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode, urlsplit

from survey_app.documents import qr, typesetting
from survey_app.formatting import short_date
from survey_app.slips import SLIPS, Slip

TEMPLATE = "kit"
TITLE = "Bộ in của điểm đặt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Imprint:
    """What every printed thing of a point says of itself."""

    base_url: str
    code: str
    unit_title: str
    point_name: str
    languages: tuple[str, ...]
    revised_on: date
    is_simulated: bool
    # Paper for the desk of one field of service; empty on paper for all of them.
    field_code: str = ""
    field_name: str = ""

    def link(self, **visit: str) -> str:
        """The address behind the code, with what the paper says about the visit."""
        path = f"{self.base_url}/q/{self.code}"
        said = visit | ({"f": self.field_code} if self.field_code else {})
        return f"{path}?{urlencode(said)}" if said else path

    def slip_link(self, slip: Slip) -> str:
        return self.link(s=slip.stage.name.lower())

    @property
    def place(self) -> str:
        """Where the paper belongs, under the unit's title; a centre that is a unit itself is named once."""
        point = "" if self.point_name == self.unit_title else self.point_name
        field = f"Lĩnh vực: {self.field_name}" if self.field_name else ""
        return " · ".join(part for part in (point, field) if part)

    @property
    def typed_address(self) -> str:
        """What stands before the code where somebody types the address: no scheme, which browsers add."""
        parts = urlsplit(self.base_url)
        return f"{parts.netloc}{parts.path}/q/"


def pdf(names: Iterable[str], imprint: Imprint) -> bytes:
    """These pieces of one point as one document."""
    return typesetting.pdf(TEMPLATE, _document(TITLE, [PIECES[name](imprint) for name in names]))


def posters(imprints: Iterable[Imprint]) -> bytes:
    """The posters of many points as one document, a page each."""
    return typesetting.pdf(TEMPLATE, _document(TITLE, map(_plain("poster"), imprints)))


def slip_svg(slip: Slip, imprint: Imprint) -> bytes:
    """The strip as a drawing, letters and code as outlines, for templates that take no PDF."""
    return typesetting.svg(TEMPLATE, _document(slip.name_vi, [_strip(slip)(imprint)]))


def _document(title: str, pieces: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {"title": title, "pieces": list(pieces)}


def _plain(kind: str) -> Callable[[Imprint], dict[str, Any]]:
    """A piece whose code says nothing about the visit."""
    return lambda imprint: _piece(kind, imprint, imprint.link())


def _strip(slip: Slip) -> Callable[[Imprint], dict[str, Any]]:
    return lambda imprint: _piece("slip", imprint, imprint.slip_link(slip)) | {"slip": slip.name_vi}


def _piece(kind: str, imprint: Imprint, link: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "square": qr.drawing(link),
        "address": imprint.typed_address,
        "code": imprint.code,
        "unit_title": imprint.unit_title,
        "point_name": imprint.place,
        "languages": imprint.languages,
        "revised_on": short_date(imprint.revised_on),
        "is_simulated": imprint.is_simulated,
    }


PIECES: Mapping[str, Callable[[Imprint], dict[str, Any]]] = {
    "poster": _plain("poster"),
    "tent": _plain("tent"),
    "stickers": _plain("stickers"),
    **{f"slip-{slip.code}": _strip(slip) for slip in SLIPS},
    "device-help": _plain("device-help"),
    "kiosk-setup": _plain("kiosk-setup"),
}
"""Every piece by its name in addresses, in the order in which the whole kit holds them."""
