"""What citizens' pages stand on: the blueprint, the release of scripts and words, and whose pages may post here."""

from functools import cache
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from flask import Blueprint, request

from config import ROOT
from survey_app.errors import ForeignOrigin

bp = Blueprint("citizen", __name__)

STATIC = Path(__file__).resolve().parents[2] / "static"
ASSETS = ("citizen.css", "citizen.js", "listen.js")


def refuse_foreign_origin() -> None:
    """Another site's page may not post here; an absent or hidden origin is an honest browser's."""
    origin = request.headers.get("Origin", "null")
    try:
        is_ours = origin == "null" or urlsplit(origin).netloc.lower() == request.host.lower()
    except ValueError as error:
        raise ForeignOrigin("origin") from error
    if not is_ours:
        raise ForeignOrigin("origin")


def kiosk_assets() -> tuple[str, ...]:
    """What a kiosk loads besides, by name below the static folder."""
    return tuple(
        sorted(
            f"kiosk/{path.name}" for path in (STATIC / "kiosk").iterdir() if path.suffix in {".js", ".css"}
        )
    )


@cache
def asset_version() -> str:
    """Changes with any style or script of a citizen's page, so that a browser never mixes two releases."""
    names = (*ASSETS, "proof.js", *kiosk_assets())
    content = b"".join((STATIC / name).read_bytes() for name in names)
    return sha256(content).hexdigest()[:8]


@cache
def page_version() -> str:
    """Changes with any template or translation of these pages: a kiosk must not keep yesterday's words."""
    files = [
        *sorted((ROOT / "templates" / "citizen").iterdir()),
        *sorted((ROOT / "translations").rglob("*.mo")),
    ]
    return sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:8]
