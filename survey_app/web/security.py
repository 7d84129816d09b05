"""Who may open which page. Every endpoint is declared; a request to one that is not is refused."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString
from flask_wtf.csrf import CSRFProtect

from config import Settings
from survey_app.clock import local_today, utc_now
from survey_app.db import db, own_transaction
from survey_app.errors import BadApiKey, MissingScope, NotAllowed, NotSignedIn, SecondFactorMissing
from survey_app.services import accounts, api_clients
from survey_app.services.accounts import Role, SecondFactorAsked, SignedIn, StaffSession, Viewer
from survey_app.services.api_clients import Client, Scope
from survey_app.services.second_factors import REQUIRED_FOR

__all__ = [
    "PUBLIC",
    "ROLE_TITLES",
    "Access",
    "Role",
    "Scope",
    "access_table",
    "ask_second_factor",
    "begin_session",
    "cookie_flags",
    "current_account",
    "current_client",
    "current_staff",
    "drop_session",
    "has_forms",
    "init_app",
    "is_api_request",
    "is_citizen_request",
    "is_shared_request",
    "may_open",
    "needs_second_factor",
    "opens_before_second_factor",
    "pending_token",
    "public",
    "requires",
    "requires_scope",
    "session_token",
    "shared",
    "takes_body",
]  # fmt: skip

logger = logging.getLogger(__name__)
View = TypeVar("View", bound=Callable[..., Any])

# A citizen's page reads and sets no cookie; its posts are authenticated by the point's signed token.
CITIZEN_BLUEPRINT = "citizen"
# A program's call carries its key in a header; no cookie is read or set, so no other site can make it.
API_PREFIX = "/api/"
MAX_KEY_LENGTH = 200
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

# What people call the roles, from narrow to wide.
ROLE_TITLES: Mapping[Role, LazyString] = {
    Role.INTERVIEWER: _("Phỏng vấn viên"),
    Role.DESK_STAFF: _("Cán bộ nhập phiếu"),
    Role.VIEWER: _("Người xem (lãnh đạo cấp trên)"),
    Role.INSPECTION_TEAM: _("Đoàn kiểm tra"),
    Role.STATE_INSPECTOR: _("Thanh tra tỉnh"),
    Role.MANAGER: _("Lãnh đạo đơn vị"),
    Role.PAR_OFFICE: _("Cơ quan cải cách hành chính"),
    Role.ADMIN: _("Quản trị hệ thống"),
}

csrf = CSRFProtect()


@dataclass(frozen=True, slots=True)
class Access:
    """Who may open an endpoint: everyone, the accounts of these roles, or programs whose key has this scope."""

    is_public: bool = False
    roles: frozenset[Role] = frozenset()
    scope: Scope | None = None


PUBLIC = Access(is_public=True)
# Endpoints whose view is not ours to decorate.
DECLARED_HERE = {"static": PUBLIC}


def public(view: View) -> View:
    """Declare a view that everyone may open."""
    view.access = PUBLIC  # type: ignore[attr-defined]
    return view


def shared(view: View) -> View:
    """Declare a public view that is the same for everyone: no cookie is read or set, so that it may be kept."""
    view.is_shared = True  # type: ignore[attr-defined]
    return public(view)


def requires(*roles: Role) -> Callable[[View], View]:
    """Declare a view that only these roles may open. No role includes another."""
    if not roles:
        raise ValueError("name at least one role, or declare the view public")

    def declare(view: View) -> View:
        view.access = Access(roles=frozenset(roles))  # type: ignore[attr-defined]
        return view

    return declare


def requires_scope(scope: Scope) -> Callable[[View], View]:
    """Declare a view that only programs whose key has this scope may call; no person, signed in or not."""

    def declare(view: View) -> View:
        view.access = Access(scope=scope)  # type: ignore[attr-defined]
        return view

    return declare


def opens_before_second_factor(view: View) -> View:
    """Let a view open to somebody who has yet to set up the second factor that the role asks for."""
    view.is_before_second_factor = True  # type: ignore[attr-defined]
    return view


def takes_body(most_bytes: int) -> Callable[[View], View]:
    """Let a view take a larger body than a citizen's page may; checked before a byte of it is read."""

    def declare(view: View) -> View:
        view.most_bytes = most_bytes  # type: ignore[attr-defined]
        return view

    return declare


def access_of(app: Flask, endpoint: str) -> Access | None:
    declared: Access | None = getattr(app.view_functions[endpoint], "access", None)
    return DECLARED_HERE.get(endpoint, declared)


def access_table(app: Flask) -> Mapping[str, Access | None]:
    """Every endpoint with its declaration; None where it is missing, and then nobody gets in.

    Made once for as many views as there are: an application gets no more once it serves.
    """
    kept: Mapping[str, Access | None] | None = app.extensions.get("access_table")
    if kept is None or len(kept) != len(app.view_functions):
        kept = {endpoint: access_of(app, endpoint) for endpoint in app.view_functions}
        app.extensions["access_table"] = kept
    return kept


def may_open(endpoint: str) -> bool:
    """Whether there is such a page and the reader's role may open it: a link that leads to a refusal is none."""
    access = access_table(current_app).get(endpoint)
    return access is not None and current_account().role in access.roles


def current_account() -> Viewer:
    """The account that is signed in; the `viewer=` of every service."""
    staff = current_staff()
    if staff is None:
        raise NotSignedIn
    return staff.viewer


def current_staff() -> StaffSession | None:
    """The valid session of this request, looked up once. Never on a citizen's page, a shared one, or for a program."""
    if is_citizen_request() or is_api_request() or is_shared_request():
        return None
    if "staff_session" not in g:
        g.staff_session = _find_session()
    staff: StaffSession | None = g.staff_session
    return staff


def current_client() -> Client:
    """The program whose key this request carries."""
    client: Client = g.api_client
    return client


def is_citizen_request() -> bool:
    return request.blueprint == CITIZEN_BLUEPRINT


def is_api_request() -> bool:
    return request.path.startswith(API_PREFIX)


def is_shared_request() -> bool:
    return getattr(current_app.view_functions.get(request.endpoint or ""), "is_shared", False)


def has_forms() -> bool:
    """Whether this page may carry a form of the staff side, which needs a cookie for its CSRF token."""
    is_plain = is_citizen_request() or is_api_request() or is_shared_request()
    return request.endpoint is not None and not is_plain


def session_token() -> str | None:
    return request.cookies.get(current_app.config["STAFF_COOKIE_NAME"])


def begin_session(response: Response, signed_in: SignedIn) -> None:
    """Hand the token to the browser: for this browser session, out of reach of scripts."""
    response.delete_cookie(current_app.config["PENDING_COOKIE_NAME"], **cookie_flags())
    response.set_cookie(current_app.config["STAFF_COOKIE_NAME"], signed_in.token, **cookie_flags())


def ask_second_factor(response: Response, asked: SecondFactorAsked) -> None:
    """Let this browser open the page that asks for the second factor, for a few minutes, and nothing else."""
    response.set_cookie(
        current_app.config["PENDING_COOKIE_NAME"],
        asked.token,
        max_age=int(accounts.PENDING_LIMIT.total_seconds()),
        **cookie_flags(),
    )


def pending_token() -> str:
    """The token of the sign-in that this browser is halfway through; empty when there is none."""
    return request.cookies.get(current_app.config["PENDING_COOKIE_NAME"], "")


def needs_second_factor(staff: StaffSession) -> bool:
    """Whether the account has yet to set up what its role asks for."""
    settings: Settings = current_app.extensions["settings"]
    is_asked = settings.REQUIRES_SECOND_FACTOR and staff.viewer.role in REQUIRED_FOR
    return is_asked and not staff.has_second_factor


def drop_session(response: Response) -> None:
    response.delete_cookie(current_app.config["STAFF_COOKIE_NAME"], **cookie_flags())


class StaffSessionInterface(SecureCookieSessionInterface):
    """Flask's signed cookie, which only carries the CSRF secret, and never on the citizens' side."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if has_forms():
            super().save_session(app, session, response)


def init_app(app: Flask) -> None:
    settings: Settings = app.extensions["settings"]
    # The prefix makes browsers refuse the cookie without Secure, with a Domain or from a subdomain.
    prefix = "__Host-" if settings.COOKIES_SECURE else ""
    app.config.update(
        STAFF_COOKIE_NAME=f"{prefix}staff",
        PENDING_COOKIE_NAME=f"{prefix}pending",
        SESSION_COOKIE_NAME=f"{prefix}form",
        SESSION_COOKIE_SECURE=settings.COOKIES_SECURE,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.session_interface = StaffSessionInterface()
    csrf.init_app(app)
    app.before_request(_guard)
    app.context_processor(lambda: {"staff": current_staff(), "has_forms": has_forms()})


def _guard() -> None:
    """Let the request through to its view, or refuse it."""
    if request.endpoint is None:
        return
    access = access_of(current_app, request.endpoint)
    if access is None:
        logger.error("endpoint %s is in no access declaration; refused", request.endpoint)
        raise NotAllowed
    most_bytes = getattr(current_app.view_functions[request.endpoint], "most_bytes", None)
    if most_bytes is not None:
        request.max_content_length = request.max_form_memory_size = most_bytes
    if _needs_csrf_token():
        csrf.protect()
    if access.scope is not None:
        g.api_client = _client_with(access.scope)
    elif not access.is_public:
        _require_role(access)


def _require_role(access: Access) -> None:
    if current_account().role not in access.roles:
        raise NotAllowed
    staff = current_staff()
    view = current_app.view_functions[request.endpoint or ""]
    if staff and needs_second_factor(staff) and not getattr(view, "is_before_second_factor", False):
        raise SecondFactorMissing


def _needs_csrf_token() -> bool:
    is_changing = request.method not in SAFE_METHODS and not is_citizen_request() and not is_api_request()
    return is_changing and bool(current_app.config["WTF_CSRF_ENABLED"])


def _client_with(scope: Scope) -> Client:
    """The program of the key in the header `Authorization: Bearer …`, if it may do this."""
    given = request.authorization
    if given is None or given.type != "bearer" or not given.token or len(given.token) > MAX_KEY_LENGTH:
        raise BadApiKey
    settings: Settings = current_app.extensions["settings"]
    with db.sessionmaker() as session:
        client = api_clients.find_client(session, key=given.token, today=local_today(settings))
    if client is None:
        raise BadApiKey
    if scope not in client.scopes:
        raise MissingScope(scope)
    return client


def _find_session() -> StaffSession | None:
    token = session_token()
    if token is None:
        return None
    now = utc_now()
    with db.sessionmaker() as session:
        staff = accounts.find_session(session, token=token, now=now)
    if staff is not None and accounts.is_touch_due(staff, now=now):
        with own_transaction() as session:
            accounts.touch(session, token=token, now=now)
    return staff


def cookie_flags() -> dict[str, Any]:
    """Attributes of every cookie of the staff side."""
    is_secure = current_app.config["SESSION_COOKIE_SECURE"]
    return {"path": "/", "secure": is_secure, "httponly": True, "samesite": "Lax"}
