"""A signed value is good for its own purpose, of this instance, unchanged, and for nothing else."""

from dataclasses import asdict
from itertools import combinations
from uuid import UUID, uuid4

import pytest

from survey_app.errors import BadToken
from survey_app.signing import Continuation, PointToken, Signer

SIGNER, OTHER = Signer("a secret of the tests"), Signer("another secret of the tests")
POINT = PointToken("DHAAAAA2", 2, 3, 4)
CONTINUATION = Continuation(str(uuid4()), "good")


def test_what_was_signed_is_read_again():
    assert SIGNER.read_point_token(SIGNER.point_token(POINT)) == POINT
    assert SIGNER.read_continuation(SIGNER.continuation(CONTINUATION)) == CONTINUATION


def test_every_change_of_one_character_is_refused():
    token = SIGNER.point_token(POINT)
    for place in range(len(token)):
        for letter in "Aa0-.":
            changed = token[:place] + letter + token[place + 1 :]
            if changed == token:
                continue
            try:
                # The last character of a base64 text has spare bits, which change nothing that is read.
                assert SIGNER.read_point_token(changed) == POINT
                assert place == len(token) - 1
            except BadToken:
                pass


@pytest.mark.parametrize("value", ["", ".", "a.b", "a" * 5_000, "\0", "ổ", "..", " "])
def test_junk_is_refused(value):
    with pytest.raises(BadToken):
        SIGNER.read_point_token(value)


def test_a_token_of_another_instance_is_refused():
    with pytest.raises(BadToken):
        SIGNER.read_point_token(OTHER.point_token(POINT))


def test_a_token_of_one_purpose_is_refused_for_the_other():
    with pytest.raises(BadToken):
        SIGNER.read_point_token(SIGNER.continuation(CONTINUATION))
    with pytest.raises(BadToken):
        SIGNER.read_continuation(SIGNER.point_token(POINT))


def test_a_token_holds_no_time():
    """A page stays good for days; two made of the same are the same, whenever they were made."""
    assert SIGNER.point_token(POINT) == SIGNER.point_token(PointToken(**asdict(POINT)))


def test_digests_differ_by_purpose_and_by_secret():
    digests = [
        signer.digest(purpose, b"x") for signer in (SIGNER, OTHER) for purpose in ("response", "ticket")
    ]
    assert {len(digest) for digest in digests} == {16}
    assert all(one != other for one, other in combinations(digests, 2))


def test_a_receipt_is_stable_short_and_does_not_show_the_id():
    key = UUID("7f1d6c1e-3f0a-4d5f-9b57-5a8f6f1a2b3c")
    receipt = SIGNER.receipt(key)
    assert receipt == SIGNER.receipt(key) != OTHER.receipt(key)
    assert [len(part) for part in receipt.split("-")] == [4, 4, 4]
    assert not [part for part in receipt.lower().split("-") if part in key.hex]
