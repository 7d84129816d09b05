"""A signed value is good for its own purpose, of this instance, unchanged, and for nothing else."""

from dataclasses import asdict
from itertools import combinations
from uuid import UUID, uuid4

import pytest

from survey_app.errors import BadToken
from survey_app.signing import TICKET_ALPHABET, TICKET_BYTES, TICKET_LENGTH, Continuation, PointToken, Signer

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


BATCH = UUID("7f1d6c1e-3f0a-4d5f-9b57-5a8f6f1a2b3c")
TICKET = SIGNER.ticket(batch=BATCH, wave_id=3, serial=0)


def altered_tickets() -> list[str]:
    """Every text that differs in one letter, and what scanners, chats and guessers make of a good one."""
    letters = [
        TICKET[:place] + letter + TICKET[place + 1 :]
        for place in range(len(TICKET))
        for letter in TICKET_ALPHABET
        if letter != TICKET[place]
    ]
    swapped = [
        TICKET[:place] + TICKET[place + 1] + TICKET[place] + TICKET[place + 2 :]
        for place in range(len(TICKET) - 1)
        if TICKET[place] != TICKET[place + 1]
    ]
    junk = [TICKET + end for end in (".", "=", " ", "\n", "\0", "A", "&t=", "%00", TICKET)]
    junk += [start + TICKET for start in (" ", "2", "t=", "\ufeff")]
    junk += [
        TICKET[:-1],
        TICKET[1:],
        TICKET.lower(),
        TICKET[::-1],
        "",
        "0" * TICKET_LENGTH,
        "Z" * TICKET_LENGTH,
    ]
    junk += [
        "".join(chr(ord(letter) + 0xFEE0) for letter in TICKET),
        TICKET + "." + TICKET,
        "ổ" * TICKET_LENGTH,
    ]
    return [*letters, *swapped, *junk]


def test_no_altered_ticket_has_the_hash_of_the_ticket():
    texts = altered_tickets()
    assert len(texts) > 500
    genuine = SIGNER.ticket_hash(TICKET)
    n_refused = 0
    for text in texts:
        try:
            assert SIGNER.ticket_hash(text) != genuine, text
        except BadToken:
            n_refused += 1
    assert n_refused >= 20, "junk around a good ticket is refused, not cut off"


def test_no_altered_ticket_is_one_that_a_large_batch_holds():
    batch = {SIGNER.ticket(batch=BATCH, wave_id=3, serial=serial) for serial in range(5_000)}
    assert len(batch) == 5_000
    assert not batch & {text for text in altered_tickets() if text != TICKET}


def test_each_ticket_has_one_spelling_only():
    """Two texts never stand for one ticket, so a second spelling cannot spend it again."""
    beyond = (1 << (8 * TICKET_BYTES)) + 5
    letters = ""
    for _ in range(TICKET_LENGTH):
        beyond, place = divmod(beyond, len(TICKET_ALPHABET))
        letters = TICKET_ALPHABET[place] + letters
    with pytest.raises(BadToken):
        SIGNER.ticket_hash(letters)


def test_a_ticket_follows_from_batch_wave_number_and_secret_alone():
    def made(signer: Signer = SIGNER, batch: UUID = BATCH, wave_id: int = 3, serial: int = 0) -> str:
        return signer.ticket(batch=batch, wave_id=wave_id, serial=serial)

    assert made() == TICKET
    others = [made(OTHER), made(batch=uuid4()), made(wave_id=4), made(serial=1)]
    assert TICKET not in others
    assert len(set(others)) == 4


def test_a_ticket_is_short_and_easy_to_copy():
    assert len(TICKET) == TICKET_LENGTH <= 17
    assert set(TICKET) <= set(TICKET_ALPHABET)
    assert not set(TICKET_ALPHABET) & set("01ILOU")
