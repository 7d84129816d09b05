"""Where to go afterwards: a path of this site, or nowhere."""

import re
from urllib.parse import urlsplit

# One slash and no second: "//host", "/\\host" and control characters lead browsers to another site.
_LOCAL_PATH = re.compile(r"/(?![/\\])[^\x00-\x20\\\x7f]*")
_MAX_LENGTH = 500


def safe_path(path: str | None) -> str | None:
    """The path if it stays on this site, else None."""
    if path is None or len(path) > _MAX_LENGTH or not _LOCAL_PATH.fullmatch(path):
        return None
    parts = urlsplit(path)
    return None if parts.scheme or parts.netloc else path
