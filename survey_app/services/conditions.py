"""Which conditions a question may have on earlier answers.

A condition names an earlier question and some of its answers; it holds once one of them was given. All conditions
of a question must hold.
"""

from collections.abc import Mapping
from typing import Any

from survey_app.errors import DefinitionError


def check_answers(
    answers: Any, path: str, *, earlier: Mapping[str, Mapping[str, Any]], scales: Mapping[str, Any]
) -> None:
    """Raise `DefinitionError` unless every condition names an earlier question and answers that it offers."""
    if not isinstance(answers, dict) or not answers:
        raise DefinitionError(path, "not an object with a question in it")
    for code, wanted in answers.items():
        here = f"{path}.{code}"
        if code not in earlier:
            raise DefinitionError(here, "no earlier question has this code")
        if not isinstance(wanted, list) or not wanted:
            raise DefinitionError(here, "an empty list")
        offered = answer_codes(earlier[code], scales)
        for place, answer in enumerate(wanted):
            if not isinstance(answer, str) or answer not in offered:
                raise DefinitionError(f"{here}[{place}]", f"{code!r} has no answer {answer!r}")
        if len(set(wanted)) < len(wanted):
            raise DefinitionError(here, "an answer named twice")


def answer_codes(item: Mapping[str, Any], scales: Mapping[str, Any]) -> list[str]:
    """The codes of the answers that a question offers, missing ones left out; none of one that is faulty itself."""
    scale = scales.get(item.get("scale", ""), {})
    offered = item.get("options") or scale.get("points") or ()
    return [choice["code"] for choice in offered if "code" in choice]
