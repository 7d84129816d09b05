"""Where a citizen's page stands: its address, the display choices it carries, and its links."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from survey_app.languages import AUTHORITATIVE, NAMES, SPOKEN_ONLY, USUAL
from survey_app.services.device_profile import KioskProfile
from survey_app.vocabulary import Channel, Stage

SIZES = (1, 2, 3)
LINK_VIA = "link"


@dataclass(frozen=True, slots=True)
class Address:
    """Where the page stands and everything its address carries; no cookie and no storage carries anything."""

    door: str
    code: str
    lang: str = "vi"
    # A language without a written page: the words stay Vietnamese, the voice is its own.
    spoken: str = ""
    languages: tuple[str, ...] = USUAL
    size: int = 1
    contrast: bool = False
    seat: bool = False
    pictures: bool = False
    stage: str = ""
    field: str = ""
    wave: str = ""
    ticket: str = ""
    via: str = ""
    # Which of the two forms of a bridge wave this page asks; 0 where there is one form, or it is still to be drawn.
    form: int = 0
    # A later day whose page a kiosk fetches beforehand; None is today.
    on: date | None = None

    @property
    def base(self) -> str:
        return f"/{self.door}/{self.code}"

    @property
    def choice(self) -> str:
        """The language the person chose, which is the one stored with the answer."""
        return self.spoken or self.lang

    @property
    def channel(self) -> Channel:
        """A kiosk page without an enrolled device behind it counts as a link."""
        return Channel.LINK if self.door == "k" or self.via == LINK_VIA else Channel.QR

    @property
    def wording(self) -> Channel:
        """Whose words the questions use: at the kiosk those of the kiosk, whatever the channel counts as."""
        return Channel.KIOSK if self.door == "k" else self.channel

    @property
    def takes_comment(self) -> bool:
        """Nobody is asked to write on a device that others use after them."""
        return self.door != "k"

    def display(self) -> dict[str, str]:
        """The display choices as parameters; defaults are left out, the language never is."""
        shown = {"size": str(self.size) if self.size != 1 else "", "contrast": "1" if self.contrast else "",
                 "seat": "1" if self.seat else "", "pictures": "1" if self.pictures else "",
                 "b": str(self.form) if self.form else ""}  # fmt: skip
        return {"lang": self.choice} | {name: value for name, value in shown.items() if value}

    def visit(self) -> dict[str, str]:
        """What the slip or the link said about the visit."""
        said = {"s": self.stage, "f": self.field, "w": self.wave, "t": self.ticket, "c": self.via}
        return {name: value for name, value in said.items() if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page as its templates see it."""

    address: Address
    unit_name: str = ""
    is_simulated: bool = False
    ticket_state: str = ""
    has_comment: bool = True
    token: str = ""
    submission_id: str = ""
    continuation: str = ""
    is_step: bool = False
    has_recordings: bool = False
    assets: str = ""
    # The languages in which the wave is asked; None is every one that is offered here.
    wave_languages: tuple[str, ...] | None = None
    bridge_share: float | None = None
    # Of an enrolled kiosk: what its office decided. None elsewhere.
    kiosk: KioskProfile | None = None

    @property
    def lang(self) -> str:
        return self.address.lang

    @property
    def choice(self) -> str:
        return self.address.choice

    @property
    def is_spoken_only(self) -> bool:
        return bool(self.address.spoken)

    @property
    def language_name(self) -> str:
        return NAMES[self.choice]

    @property
    def pictures(self) -> bool:
        return self.address.pictures

    @property
    def size(self) -> int:
        return self.address.size

    @property
    def contrast(self) -> bool:
        return self.address.contrast

    @property
    def seat(self) -> bool:
        return self.address.seat

    @property
    def stage(self) -> str:
        return self.address.stage

    @property
    def field(self) -> str:
        return self.address.field

    @property
    def ticket(self) -> str:
        return self.address.ticket

    @property
    def is_ticketed(self) -> bool:
        return bool(self.address.ticket)

    @property
    def is_kiosk(self) -> bool:
        return self.address.door == "k"

    @property
    def languages(self) -> tuple[tuple[str, str], ...]:
        """Codes and names of the languages that are offered here."""
        offered = self.address.languages if self.kiosk is None else self.kiosk.languages
        asked = self.wave_languages
        return tuple(
            (code, NAMES[code]) for code in offered if asked is None or code in asked or code == AUTHORITATIVE
        )

    @property
    def offers_full_form(self) -> bool:
        return self.kiosk is None or self.kiosk.offers_full_form

    @property
    def classes(self) -> str:
        said = {
            "kiosk": self.is_kiosk,
            "contrast": self.contrast,
            "seat": self.seat,
            "simulated": self.is_simulated,
            "pictures-only": self.pictures,
        }
        return " ".join([f"size-{self.size}", *(name for name, is_on in said.items() if is_on)])

    @property
    def start(self) -> str:
        """The first screen for the next person; at a kiosk not even the language of this one is kept."""
        fresh = replace(self.address, ticket="", form=0)
        carried = {} if self.is_kiosk else fresh.display()
        return _url(self.address.base, carried | fresh.visit())

    def link(self, **changes: str | int | bool) -> str:
        """This same page with other display choices."""
        if "lang" in changes:
            spoken = str(changes["lang"]) if changes["lang"] in SPOKEN_ONLY else ""
            changes = changes | {"spoken": spoken}
        there = replace(self.address, **changes)  # type: ignore[arg-type]
        if self.is_step:
            return _url(f"{there.base}/step", there.display())
        if self.continuation:
            return _url(
                f"{there.base}/more",
                {"s": self.continuation, "p": self.token} | there.display() | self._said(),
            )
        return _url(there.base, there.display() | there.visit())

    def action(self, part: str = "") -> str:
        """Where a form of this page is sent."""
        return _url(f"{self.address.base}/{part}".rstrip("/"), self.address.display())

    def _said(self) -> dict[str, str]:
        return {"stage": self.stage, "field": self.field}


def stage_name(text: str) -> str:
    """The stage a slip's parameter names; anything else is not known, never an error."""
    return text if text in {stage.name.lower() for stage in Stage} - {"unknown"} else ""


def _url(path: str, query: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(query)}" if query else path
