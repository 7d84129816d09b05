"""What every call of a program has in common."""

from typing import Any

from flask import Request
from werkzeug.exceptions import UnsupportedMediaType

from survey_app.web.bodies import Limits, read_json_body


def read_json(call: Request, limits: Limits) -> dict[str, Any]:
    """The JSON object of a call's body; any other kind of body is refused."""
    if not call.is_json:
        raise UnsupportedMediaType
    return read_json_body(call, limits)
