"""Every setting of the application: one environment variable, one typed field, read once."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parent
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


class SettingsError(Exception):
    """A setting is missing or cannot be read."""


@dataclass(frozen=True, kw_only=True)
class SignOnProvider:
    """An OpenID provider whose people may sign in, once an administrator has linked them to an account."""

    ISSUER: str
    CLIENT_ID: str
    CLIENT_SECRET: str
    TITLE: str


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the process was started with. Nothing here has a secret default."""

    SECRET_KEY: str
    DATABASE_URL: str
    INSTANCE_DIR: Path
    PUBLIC_BASE_URL: str
    HOST: str = "127.0.0.1"
    PORT: int = 8000
    TIME_ZONE: ZoneInfo = HANOI
    IS_DEMO: bool = False
    # Whether roles that change what others see need a second factor. Only the demo and tests may go without.
    REQUIRES_SECOND_FACTOR: bool = True
    COOKIES_SECURE: bool = True
    TRUSTED_PROXIES: int = 0
    # How many new answers may come at once, and how many a minute for good, before senders are asked for work.
    FLOOD_PER_DEVICE: tuple[int, int] = (10_000, 600)
    FLOOD_PER_CODE: tuple[int, int] = (6_000, 3_600)
    FLOOD_OVERALL: tuple[int, int] = (12_000, 9_000)
    LANGUAGES: tuple[str, ...] = ("vi", "en")
    OIDC: SignOnProvider | None = None
    RETENTION_FILE: Path = ROOT / "seeds" / "retention.json"
    # What the audit log is sealed with; stays as it is when SECRET_KEY is changed.
    AUDIT_KEY: str = ""
    # Addresses of pages elsewhere whose scripts may read the API; none, so CORS is off.
    API_ALLOWED_ORIGINS: tuple[str, ...] = ()
    TESTING: bool = False

    @property
    def is_sqlite(self) -> bool:
        return self.DATABASE_URL.startswith("sqlite")

    @property
    def audit_secret(self) -> str:
        """The secret that the key of the audit log is derived from."""
        return self.AUDIT_KEY or self.SECRET_KEY

    @property
    def anchors_path(self) -> Path:
        """Heads of the audit log as they were each night, outside the database; the demo has its own."""
        return self.INSTANCE_DIR / ("demo-anchors.txt" if self.IS_DEMO else "audit-anchors.txt")

    @property
    def queue_path(self) -> Path:
        """The work queue's own file; it never holds an answer."""
        return self.INSTANCE_DIR / "queue.sqlite3"


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from the environment; the demo instance differs from a real one only in its database file."""
    instance = Path(environ.get("INSTANCE_DIR", ROOT / "instance")).resolve()
    instance.mkdir(parents=True, exist_ok=True)
    is_demo = _flag(environ, "DEMO")
    database = "demo.sqlite3" if is_demo else "survey.sqlite3"
    port = _port(environ)
    base_url = environ.get("PUBLIC_BASE_URL", f"http://localhost:{port}").rstrip("/")
    return Settings(
        SECRET_KEY=environ.get("SECRET_KEY") or _instance_secret(instance / "secret_key"),
        DATABASE_URL=environ.get("DATABASE_URL", f"sqlite:///{instance / database}"),
        INSTANCE_DIR=instance,
        PUBLIC_BASE_URL=base_url,
        HOST=environ.get("HOST", "127.0.0.1"),
        PORT=port,
        IS_DEMO=is_demo,
        REQUIRES_SECOND_FACTOR=_requires_second_factor(environ, is_demo=is_demo),
        COOKIES_SECURE=base_url.startswith("https://"),
        TRUSTED_PROXIES=int(environ.get("TRUSTED_PROXIES", "0")),
        FLOOD_PER_DEVICE=_limit(environ, "FLOOD_PER_DEVICE", Settings.FLOOD_PER_DEVICE),
        FLOOD_PER_CODE=_limit(environ, "FLOOD_PER_CODE", Settings.FLOOD_PER_CODE),
        FLOOD_OVERALL=_limit(environ, "FLOOD_OVERALL", Settings.FLOOD_OVERALL),
        LANGUAGES=_languages(environ),
        OIDC=_sign_on_provider(environ),
        RETENTION_FILE=Path(environ.get("RETENTION_FILE", Settings.RETENTION_FILE)),
        AUDIT_KEY=environ.get("AUDIT_KEY", ""),
        API_ALLOWED_ORIGINS=_origins(environ),
    )


def _sign_on_provider(environ: Mapping[str, str]) -> SignOnProvider | None:
    """Off unless an issuer is named; then the client must be, and the issuer must be reached over TLS."""
    issuer = environ.get("OIDC_ISSUER", "").rstrip("/")
    if not issuer:
        return None
    client_id, secret = environ.get("OIDC_CLIENT_ID", ""), environ.get("OIDC_CLIENT_SECRET", "")
    if not client_id or not secret:
        raise SettingsError("OIDC_ISSUER needs OIDC_CLIENT_ID and OIDC_CLIENT_SECRET")
    if not issuer.startswith(("https://", "http://localhost:")):
        raise SettingsError(f"OIDC_ISSUER must begin with https://, got {issuer!r}")
    title = environ.get("OIDC_TITLE", "tài khoản của tỉnh")
    return SignOnProvider(ISSUER=issuer, CLIENT_ID=client_id, CLIENT_SECRET=secret, TITLE=title)


def _requires_second_factor(environ: Mapping[str, str], *, is_demo: bool) -> bool:
    """On, but in the demo; a real instance refuses to start without."""
    is_required = _flag(environ, "REQUIRES_SECOND_FACTOR", default="0" if is_demo else "1")
    if not is_required and not is_demo:
        raise SettingsError("REQUIRES_SECOND_FACTOR=0 is for the demo only (DEMO=1)")
    return is_required


def _port(environ: Mapping[str, str]) -> int:
    value = environ.get("PORT", "8000")
    if not value.isascii() or not value.isdigit() or not 0 < int(value) < 65_536:
        raise SettingsError(f"PORT must be a whole number from 1 to 65535, got {value!r}")
    return int(value)


def _limit(environ: Mapping[str, str], name: str, default: tuple[int, int]) -> tuple[int, int]:
    """A limit is written as burst/per minute."""
    value = environ.get(name)
    if value is None:
        return default
    burst, slash, per_minute = value.partition("/")
    if not (slash and burst.isdecimal() and per_minute.isdecimal() and int(burst) and int(per_minute)):
        raise SettingsError(f"{name} must be two whole numbers above 0 such as 6000/3600, got {value!r}")
    return int(burst), int(per_minute)


def _languages(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Codes a citizen may choose from, in the order of the menu; which codes exist is checked by the application."""
    codes = tuple(code.strip() for code in environ.get("LANGUAGES", "vi,en").split(",") if code.strip())
    if "vi" not in codes or len(set(codes)) < len(codes):
        raise SettingsError(f"LANGUAGES must list codes once each, vi among them, got {','.join(codes)!r}")
    return codes


def _origins(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Each a scheme and a host with nothing after them, as browsers send it; never every origin at once."""
    found = tuple(each for each in environ.get("API_ALLOWED_ORIGINS", "").replace(",", " ").split() if each)
    for each in found:
        if not re.fullmatch(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?", each):
            raise SettingsError(
                f"API_ALLOWED_ORIGINS must list origins such as https://data.example, got {each!r}"
            )
    return found


def _flag(environ: Mapping[str, str], name: str, *, default: str = "0") -> bool:
    value = environ.get(name, default)
    if value not in {"0", "1"}:
        raise SettingsError(f"{name} must be 0 or 1, got {value!r}")
    return value == "1"


def _instance_secret(path: Path) -> str:
    """The secret made on the first run and kept, readable by its owner only, outside version control."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        secret = secrets.token_urlsafe(48)
        file.write(secret + "\n")
    return secret
