"""`flask accounts`: the first administrator, and an invitation from the server."""

import pytest

PASSWORD = "con đò nhỏ qua sông lúc rạng sáng"


@pytest.fixture
def run(app):
    runner = app.test_cli_runner()

    def invoked(*arguments, **more):
        return runner.invoke(args=["accounts", *arguments], **more)

    return invoked


def test_the_first_administrator_is_made_on_the_server_and_signs_in(run, app, world):
    made = run(
        "create", "quantri", "--role", "admin", "--unit", "QT", "--password-stdin", input=f"{PASSWORD}\n"
    )
    assert made.exit_code == 0, made.output
    again = run(
        "create", "QuanTri", "--role", "admin", "--unit", "QT", "--password-stdin", input=f"{PASSWORD}\n"
    )
    assert again.exit_code == 1 and "Đã có tài khoản" in again.output


def test_an_invitation_prints_a_link_that_opens(run, client, world):
    made = run("invite", "hoa.tt", "--full-name", "Trần Thị Hoa", "--role", "manager", "--unit", "QT")
    assert made.exit_code == 0, made.output
    path = made.output.split("http://localhost")[1].strip()
    assert "Trần Thị Hoa" in client.get(path).text


def test_an_inspection_needs_its_decision(run, world):
    arguments = ("doan", "--full-name", "Đoàn", "--role", "inspection_team", "--unit", "QT")
    refused = run("invite", *arguments)
    assert refused.exit_code == 1 and "ngày cuối cùng" in refused.output
    decision = ("--decision-number", "1/QĐ", "--decision-on", "2026-09-01", "--valid-until", "2099-09-30")
    assert run("invite", *arguments, *decision).exit_code == 0
    unknown = run("invite", "doan2", "--full-name", "Đoàn", "--role", "manager", "--unit", "no-such")
    assert unknown.exit_code == 1 and "Không có đơn vị" in unknown.output
