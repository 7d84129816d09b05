"""Every public function, called as its own example calls it, with one argument after another made wrong."""

import pytest

from tests.analysis.bad_input.calls import documented_calls, public_functions
from tests.analysis.bad_input.contract import breach
from tests.analysis.bad_input.mutations import is_inner, mutations

FUNCTIONS = {
    name: function for name, function in sorted(public_functions().items()) if not is_inner(function)
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_wrong_argument_is_a_named_error_or_a_result_that_says_why(name: str) -> None:
    found = [
        f"{argument} = {what}: {said}"
        for call in documented_calls(FUNCTIONS[name])[:1]
        for argument, what, wrong in mutations(call)
        if (said := breach(wrong, argument=argument, what=what))
    ]
    assert not found, found
