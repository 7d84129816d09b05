"""What a page carries from a trial to the writing in hidden fields, so that nothing is kept on the server."""

import base64
import binascii
import zlib

from survey_app.errors import InvalidBody

# A file and the form around it; carried to the second step, a file is a third longer at most.
MOST_BYTES = 8 * 1024 * 1024


def packed(content: bytes) -> str:
    return base64.urlsafe_b64encode(zlib.compress(content)).decode()


def unpacked(text: str, *, most: int) -> bytes:
    """Longer than `most` it is cut by one byte more, and then refused by its reader."""
    try:
        return zlib.decompressobj().decompress(
            base64.b64decode(text, altchars=b"-_", validate=True), most + 1
        )
    except (binascii.Error, ValueError, zlib.error) as error:
        raise InvalidBody("carried content") from error
