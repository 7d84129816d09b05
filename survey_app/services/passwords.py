"""Passwords: hashed with argon2id, a few at a time, and refused when anybody would try them first."""

import re
import threading
import unicodedata
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from survey_app.errors import SignInBusy, WeakPassword

MIN_LENGTH = 12
MAX_LENGTH = 128
# OWASP Password Storage Cheat Sheet: argon2id, 19 MiB, two passes, one lane.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_MAX_PARALLEL_HASHES = 4
_MAX_WAIT_SECONDS = 3.0
_hash_slots = threading.BoundedSemaphore(_MAX_PARALLEL_HASHES)
# The hash of a random password nobody has kept: checked for unknown names, so that they take as long.
NOBODYS_HASH = (
    "$argon2id$v=19$m=19456,t=2,p=1$pKa4Ycr/3438gFiLWpY0fg$JRnSHL7fF0H6j75ta9sWB2+/NYGyZkg85i54wPK08ek"
)
_WORDS_FILE = Path(__file__).with_name("blocked_passwords.txt")
_COMMON_FILE = Path(__file__).with_name("common_passwords.txt")
# A 1 stands for either letter.
_LOOKALIKES = tuple(str.maketrans("0134578@$!", f"o{letter}eastbasi") for letter in "li")
_MIN_DISTINCT = 5


def hash_password(password: str) -> str:
    with _HashSlot():
        return _HASHER.hash(_normal(password))


def password_matches(stored_hash: str | None, password: str) -> bool:
    """Whether the password belongs to the hash; without one, or with an empty one, no, after the same work."""
    with _HashSlot():
        try:
            is_right = _HASHER.verify(stored_hash or NOBODYS_HASH, _normal(password))
        except (VerificationError, InvalidHashError):
            return False
    return is_right and bool(stored_hash)


def needs_rehash(stored_hash: str) -> bool:
    return _HASHER.check_needs_rehash(stored_hash)


def check_new_password(password: str, *, account_name: str) -> None:
    """Refuse what is too short, or what anybody would try first; which characters it has does not matter."""
    password = _normal(password)
    if len(password) < MIN_LENGTH:
        raise WeakPassword("short")
    if len(password) > MAX_LENGTH:
        raise WeakPassword("long")
    if _is_common(password):
        raise WeakPassword("common")
    if _is_made_of_words(_bare_letters(password), frozenset({_bare_letters(account_name)})):
        raise WeakPassword("like_name")


class _HashSlot:
    """One of the few places for hashing: each takes 19 MiB, and many at once would take the machine."""

    def __enter__(self) -> None:
        if not _hash_slots.acquire(timeout=_MAX_WAIT_SECONDS):
            raise SignInBusy

    def __exit__(self, *_: object) -> None:
        _hash_slots.release()


def _normal(password: str) -> str:
    """The same password from every keyboard: Vietnamese letters arrive composed or decomposed."""
    return unicodedata.normalize("NFC", password)


def _is_common(password: str) -> bool:
    if len(set(password)) < _MIN_DISTINCT:
        return True
    words, common = _blocked_words(), _common_passwords()
    if _plain(password) in words | common:
        return True
    cores = {_bare_letters(password), *_read_letters(password)}
    # A common password with digits and signs around it is still that one; several in a row may be a sentence.
    return any(core in common or _is_made_of_words(core, words) for core in cores)


def _is_made_of_words(core: str, words: frozenset[str]) -> bool:
    """Whether the letters, if there are any, are nothing but these words one after the other."""
    reached = {0}
    for end in range(1, len(core) + 1):
        if any(core[start:end] in words for start in reached):
            reached.add(end)
    return core != "" and len(core) in reached


def _plain(text: str) -> str:
    """Lower case without Vietnamese marks."""
    bare = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(char for char in bare if not unicodedata.combining(char))


def _bare_letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", _plain(text))


def _read_letters(text: str) -> list[str]:
    """The letters, with digits and signs inside read as the letters they stand for ("m0tcu4")."""
    trimmed = re.sub(r"^[^a-z]+|[^a-z@$]+$", "", _plain(text))
    return [re.sub(r"[^a-z]", "", trimmed.translate(table)) for table in _LOOKALIKES]


@cache
def _blocked_words() -> frozenset[str]:
    return _lines(_WORDS_FILE)


@cache
def _common_passwords() -> frozenset[str]:
    return _lines(_COMMON_FILE)


def _lines(path: Path) -> frozenset[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))
