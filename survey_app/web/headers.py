"""The headers of every answer, written out literally: what a browser may load, send, frame and keep."""

from collections.abc import Callable, Collection
from typing import Any, TypeVar

from flask import Flask, Response, current_app, request

from survey_app.i18n import current_language
from survey_app.web.security import is_api_request, is_shared_request

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; "
    "script-src 'self'; "
    "style-src 'self'; "
    "img-src 'self' data:; "
    "font-src 'self'; "
    "media-src 'self'; "
    "connect-src 'self'; "
    "manifest-src 'self'; "
    "worker-src 'self'; "
    "object-src 'none'; "
    "base-uri 'none'; "
    "form-action 'self'; "
    "frame-ancestors 'none'"
)
PERMISSIONS_POLICY = (
    "accelerometer=(), autoplay=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
    "magnetometer=(), microphone=(), midi=(), payment=(), usb=(), "
    "fullscreen=(self), screen-wake-lock=(self)"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # The CSRF check of https forms reads the referrer of our own pages; nobody else gets one.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# A preview shows a page of ours inside a page of ours; nothing else is ever framed.
FRAMING_POLICY = f"{CONTENT_SECURITY_POLICY}; frame-src 'self'"
FRAMED_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY.replace(
        "frame-ancestors 'none'", "frame-ancestors 'self'"
    ),
    "X-Frame-Options": "SAMEORIGIN",
}
STRICT_TRANSPORT = "max-age=31536000; includeSubDomains"


View = TypeVar("View", bound=Callable[..., Any])


def frames_own_pages(view: View) -> View:
    """Let the page of this view show pages of ours that are declared to be framed."""
    view.own_headers = {"Content-Security-Policy": FRAMING_POLICY}  # type: ignore[attr-defined]
    return view


def framed_by_own_pages(view: View) -> View:
    """Let pages of ours show this one in a frame."""
    view.own_headers = FRAMED_HEADERS  # type: ignore[attr-defined]
    return view


def init_app(app: Flask) -> None:
    is_secure = app.extensions["settings"].COOKIES_SECURE

    @app.after_request
    def add_headers(response: Response) -> Response:
        view = current_app.view_functions.get(request.endpoint or "")
        for name, value in {**HEADERS, **getattr(view, "own_headers", {})}.items():
            response.headers[name] = value
        if is_secure:
            response.headers["Strict-Transport-Security"] = STRICT_TRANSPORT
        if is_api_request():
            _let_origin_read(response, app.extensions["settings"].API_ALLOWED_ORIGINS)
        if request.endpoint != "static":
            _describe_page(response)
        return response


def _let_origin_read(response: Response, allowed: Collection[str]) -> None:
    """Let scripts of the named origins read the API with a key of their own; cookies are never part of it."""
    if not allowed:
        return
    response.vary.add("Origin")
    if request.headers.get("Origin") not in allowed:
        return
    response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
    response.headers["Access-Control-Expose-Headers"] = "ETag, Retry-After"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = "GET, HEAD"
        response.headers["Access-Control-Allow-Headers"] = "Authorization, If-None-Match, Accept-Language"
        response.headers["Access-Control-Max-Age"] = "600"


def _describe_page(response: Response) -> None:
    """Say in which language the page is, and that nobody keeps a copy unless its view says otherwise."""
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.setdefault("Content-Language", current_language())
    if not is_shared_request():
        response.vary.add("Accept-Language" if is_api_request() else "Cookie")
