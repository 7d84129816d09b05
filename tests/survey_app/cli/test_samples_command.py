"""`flask samples`: a draw is drawn again and compared; a list that was tampered with is found."""

from sqlalchemy import delete

from survey_app.models import SampleCase
from survey_app.services import sample_frames
from survey_app.services.frame_reader import Entry, FrameRead
from survey_app.services.sample_draws import DrawAsked, draw_sample
from tests.survey_app.interviewing import NOW, TODAY, build_office


def test_redraw_compares_every_draw_and_fails_when_a_list_was_changed(app, session, world):
    office = build_office(session, world).office
    entries = tuple(Entry(world.units["Đông Hà"], "U-Đông Hà", f"H{n:03d}") for n in range(30))
    frame_id = sample_frames.keep_frame(
        session,
        FrameRead(entries, False, (), ()),
        wave_id=world.waves["sample"],
        kind="transactions",
        title="Khung",
        viewer=office,
        now=NOW,
        today=TODAY,
    )
    sample_frames.accept_frame(session, frame_id=frame_id, viewer=office, now=NOW)
    asked = DrawAsked(frame_id=frame_id, method="systematic", n=10)
    draw_id = draw_sample(session, asked, viewer=office, now=NOW, today=TODAY)
    session.commit()
    runner = app.test_cli_runner()
    same = runner.invoke(args=["samples", "redraw", "--check"])
    assert (same.exit_code, "identical" in same.output) == (0, True)
    session.execute(delete(SampleCase).where(SampleCase.place == 1))
    session.commit()
    different = runner.invoke(args=["samples", "redraw", str(draw_id), "--check"])
    assert (different.exit_code, "DIFFERENT" in different.output) == (1, True)
    assert runner.invoke(args=["samples", "redraw", "999", "--check"]).exit_code == 1
