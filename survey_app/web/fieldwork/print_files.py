"""The print kit as files: pieces, strips and squares of a code, for all fields of service or for one."""

from collections.abc import Iterable

from babel import Locale
from flask import Response, request

from survey_app.db import db
from survey_app.documents import print_kit, qr
from survey_app.documents.print_kit import PIECES, Imprint
from survey_app.errors import NotFound
from survey_app.i18n import LANGUAGES
from survey_app.queries.units import ServiceFieldRow, service_fields
from survey_app.services import print_codes
from survey_app.services.accounts import Role
from survey_app.services.print_codes import PrintedCode
from survey_app.slips import SLIPS, Slip
from survey_app.web.current import settings, today
from survey_app.web.display import is_demo
from survey_app.web.downloads import download
from survey_app.web.fieldwork.blueprint import bp
from survey_app.web.security import current_account, requires

MAY_PRINT = (Role.ADMIN, Role.PAR_OFFICE, Role.MANAGER)
PDF, SVG = "application/pdf", "image/svg+xml"


@bp.get("/print/posters.pdf")
@requires(*MAY_PRINT)
def print_posters() -> Response:
    """The poster of every point the account may print, in the order of the list."""
    codes = print_codes.newest_codes(db.session, viewer=current_account(), today=today())
    if not codes:
        raise NotFound("no point with a code")
    return download(print_kit.posters(map(imprint, codes)), PDF, "posters.pdf")


@bp.get("/print/codes/<code>/kit.pdf")
@requires(*MAY_PRINT)
def print_whole_kit(code: str) -> Response:
    return download(print_kit.pdf(PIECES, imprint_of(code)), PDF, f"kit-{code}.pdf")


@bp.get("/print/codes/<code>/<piece>.pdf")
@requires(*MAY_PRINT)
def print_piece(code: str, piece: str) -> Response:
    if piece not in PIECES:
        raise NotFound(f"piece {piece!r}")
    return download(print_kit.pdf([piece], imprint_of(code)), PDF, f"{piece}-{code}.pdf")


@bp.get("/print/codes/<code>/code.svg")
@requires(*MAY_PRINT)
def print_code_svg(code: str) -> Response:
    """The square alone; with a slip named, the square of that slip."""
    found, slip_code = imprint_of(code), request.args.get("slip", "")
    if not slip_code:
        return download(qr.svg(found.link()), SVG, f"code-{code}.svg")
    slip = _slip(slip_code)
    return download(qr.svg(found.slip_link(slip)), SVG, f"code-{slip.code}-{code}.svg")


@bp.get("/print/codes/<code>/slip-<slip_code>.svg")
@requires(*MAY_PRINT)
def print_slip_svg(code: str, slip_code: str) -> Response:
    """The strip of a slip as a drawing."""
    slip = _slip(slip_code)
    return download(print_kit.slip_svg(slip, imprint_of(code)), SVG, f"slip-{slip.code}-{code}.svg")


def imprint(printed: PrintedCode, field: ServiceFieldRow | None = None) -> Imprint:
    """What is printed of a code and its point today."""
    return Imprint(
        base_url=settings().PUBLIC_BASE_URL,
        code=printed.code,
        unit_title=printed.point.unit_title,
        point_name=printed.point.name,
        languages=tuple(_own_names(LANGUAGES)),
        revised_on=today(),
        is_simulated=printed.is_simulated or is_demo(),
        field_code=field.code if field else "",
        field_name=field.name_vi if field else "",
    )


def chosen_field() -> ServiceFieldRow | None:
    """The field of service that the paper is for; None for all."""
    code = request.args.get("field", "")
    if not code:
        return None
    found = next((field for field in service_fields(db.session) if field.code == code), None)
    if found is None:
        raise NotFound(f"service field {code!r}")
    return found


def imprint_of(code: str) -> Imprint:
    printed = print_codes.printable_code(db.session, code=code, viewer=current_account(), today=today())
    return imprint(printed, chosen_field())


def _own_names(languages: Iterable[str]) -> list[str]:
    """Each language as its speakers write it."""
    return [str(Locale(code).display_name) for code in languages]


def _slip(slip_code: str) -> Slip:
    found = next((slip for slip in SLIPS if slip.code == slip_code), None)
    if found is None:
        raise NotFound(f"slip {slip_code!r}")
    return found
