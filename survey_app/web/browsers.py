"""A coarse word for the browser of a session, so that its owner knows it again; the rest is not kept."""

from collections.abc import Mapping

from flask import request
from flask_babel import gettext as _

# In this order: Cốc Cốc and Edge also call themselves Chrome, and Chrome calls itself Safari.
_FAMILIES = (
    ("coc_coc", "coccoc"), ("edg", "edge"), ("opr/", "opera"), ("firefox", "firefox"), ("fxios", "firefox"),
    ("crios", "chrome"), ("chrome", "chrome"), ("safari", "safari"),
)  # fmt: skip
_SYSTEMS = (
    ("android", "android"), ("iphone", "ios"), ("ipad", "ios"), ("windows", "windows"), ("mac os", "mac"),
    ("linux", "linux"),
)  # fmt: skip
_FAMILY_NAMES: Mapping[str, str] = {
    "coccoc": "Cốc Cốc", "edge": "Edge", "opera": "Opera", "firefox": "Firefox", "chrome": "Chrome",
    "safari": "Safari",
}  # fmt: skip
_SYSTEM_NAMES: Mapping[str, str] = {
    "android": "Android", "ios": "iPhone/iPad", "windows": "Windows", "mac": "macOS", "linux": "Linux",
}  # fmt: skip


def browser_word() -> str:
    """One word for the browser that sent this request, such as "chrome-android"."""
    agent = request.headers.get("User-Agent", "").casefold()
    family = next((name for mark, name in _FAMILIES if mark in agent), "other")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "other")
    return f"{family}-{system}"


def browser_title(word: str) -> str:
    """The word as it is read: "Chrome, Android"."""
    family, _dash, system = word.partition("-")
    name = _FAMILY_NAMES.get(family, _("Trình duyệt khác"))
    return f"{name}, {_SYSTEM_NAMES[system]}" if system in _SYSTEM_NAMES else name
