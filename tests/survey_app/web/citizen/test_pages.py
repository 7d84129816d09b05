"""Screens of a form: order, routing by stage, and wording by channel."""

from werkzeug.datastructures import MultiDict

from survey_app.vocabulary import Channel
from survey_app.web.citizen.carried import Carried
from survey_app.web.citizen.pages import Address, Page, stage_name
from survey_app.web.screens import FormPage, Screen, Step, numbered_step

RESULT_ONLY = Screen(
    code="F4.1", kind="satisfaction", look="faces", text="x", options=(), stages=("collect_result",)
)
FOR_ALL = Screen(code="F1.1", kind="satisfaction", look="faces", text="x", options=())
FORM = FormPage(
    FOR_ALL, {}, (Step("F1", "", (FOR_ALL,)), Step("F4", "", (RESULT_ONLY,)), Step("p", "", (FOR_ALL,))), 2
)


def test_step_skips_a_factor_that_is_not_for_this_stage():
    step = numbered_step(FORM, code="F1", stage="submit")
    assert (step.next, step.total) == ("p", 2)


def test_step_shows_the_result_factor_to_someone_who_collected_one():
    step = numbered_step(FORM, code="F1", stage="collect_result")
    assert (step.next, step.total) == ("F4", 3)


def test_unknown_step_is_the_first():
    assert numbered_step(FORM, code="nonsense", stage="").code == "F1"


def test_kiosk_counts_as_link_but_speaks_as_kiosk():
    address = Address("k", "ABCDEFGH")
    assert (address.channel, address.wording) == (Channel.LINK, Channel.KIOSK)
    assert Address("q", "ABCDEFGH").channel == Channel.QR


def test_next_person_at_a_kiosk_starts_without_the_last_ones_choices():
    page = Page(address=Address("k", "ABCDEFGH", lang="en", size=3, contrast=True))
    assert page.start == "/k/ABCDEFGH"
    phone = Page(address=Address("q", "ABCDEFGH", lang="en", stage="submit", ticket="secret"))
    assert phone.start == "/q/ABCDEFGH?lang=en&s=submit"


def test_stage_name_of_an_unknown_slip_is_not_known():
    assert (stage_name("refused"), stage_name("unknown"), stage_name("x")) == ("refused", "", "")


def test_carried_fields_keep_repeats_once_and_leave_out_what_the_page_asks():
    fields = MultiDict(
        [("reasons[]", "a"), ("reasons[]", "b"), ("reasons[]", "a"), ("F1.1", "x"), ("s", "y")]
    )
    kept = Carried(fields).without(["F1.1"])
    assert list(kept.pairs()) == [("reasons[]", "a"), ("reasons[]", "b")]
