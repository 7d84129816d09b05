"""A proof lets in the one answer it was asked for, while it is fresh; anything else does not."""

import base64
import json
from datetime import timedelta

import altcha
import pytest

from survey_app.clock import utc_now
from survey_app.services import proof_of_work
from survey_app.services.proof_of_work import challenge_for, is_proven
from survey_app.signing import Signer

SUBJECT = "4f0c7f6e-6a3b-4c39-9f0a-3a3f7f1f0a11"


@pytest.fixture
def signer():
    return Signer("a secret of the tests only")


@pytest.fixture
def challenge(signer, monkeypatch):
    """A challenge of few hashes; finding more is for browsers."""
    monkeypatch.setattr(proof_of_work, "EASIEST", 20)
    monkeypatch.setattr(proof_of_work, "HARDEST", 40)
    return challenge_for(signer, SUBJECT, now=utc_now())


def proof_of(challenge):
    made = altcha.Challenge.from_dict(challenge)
    return altcha.Payload(made, altcha.solve_challenge(made)).to_base64()


def changed(proof, change):
    content = json.loads(base64.b64decode(proof))
    change(content)
    return base64.b64encode(json.dumps(content).encode()).decode()


def test_a_solution_lets_in_the_answer_it_was_made_for(signer, challenge):
    assert is_proven(signer, SUBJECT, proof_of(challenge))


def test_a_solution_lets_in_no_other_answer(signer, challenge):
    assert not is_proven(signer, SUBJECT.replace("4f0c", "4f0d"), proof_of(challenge))


def test_a_solution_of_another_instance_is_none(challenge):
    assert not is_proven(Signer("another secret"), SUBJECT, proof_of(challenge))


def test_a_solution_found_too_late_is_none(signer, challenge, monkeypatch):
    late = challenge_for(signer, SUBJECT, now=utc_now() - proof_of_work.LIFETIME - timedelta(seconds=2))
    assert not is_proven(signer, SUBJECT, proof_of(late))


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content["solution"].update(counter=0),
        lambda content: content["challenge"]["parameters"].update(keyPrefix=""),
        lambda content: content["challenge"]["parameters"].update(expiresAt=4_000_000_000),
        lambda content: content["challenge"]["parameters"].update(data=None),
        lambda content: content["challenge"].update(signature=None),
    ],
)
def test_a_changed_challenge_or_solution_is_none(signer, challenge, change):
    assert not is_proven(signer, SUBJECT, changed(proof_of(challenge), change))


@pytest.mark.parametrize(
    "proof", ["", "x", "é", "bnVsbA==", "e30=", "W10=", "A" * 5_000, base64.b64encode(b"[" * 900).decode()]
)
def test_what_is_no_proof_is_refused_without_an_error(signer, proof):
    assert not is_proven(signer, SUBJECT, proof)


def test_the_work_is_bounded_and_never_nothing(signer):
    """The number lies between the bounds, so that the longest wait is twice the shortest."""
    assert 0 < proof_of_work.EASIEST < proof_of_work.HARDEST == 2 * proof_of_work.EASIEST
    parameters = challenge_for(signer, SUBJECT, now=utc_now())["parameters"]
    assert len(parameters["keyPrefix"]) == 32
    assert (parameters["algorithm"], parameters["cost"]) == ("SHA-256", 1)
