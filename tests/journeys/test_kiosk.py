"""An enrolled kiosk against a real server: cut off, killed, restarted, lied to, and never a lost or doubled answer."""

import os
import re
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, BrowserContext, BrowserType, Page
from playwright.sync_api import Error as PlaywrightError
from sqlalchemy import func, select, update

from bench.serving import Server, free_port, start
from survey_app.db import db, own_transaction
from survey_app.models import Account, Device, PointCode, Response, Unit, Wave, WaveUnit
from survey_app.serve import web_command
from survey_app.services import device_ledger, devices
from survey_app.services.accounts import Role, Viewer
from survey_app.services.device_profile import KioskProfile, hashed_pin
from survey_app.signing import Signer
from survey_app.vocabulary import Channel
from tests.journeys.lines import Line
from tests.sites import CODE, ONE_TAP_CODE, UNIT_NAME, Site, apart, build_site

KIOSK = (800, 1280)
SHOWN = "[data-screen]:not([hidden])"
PIN = "2468"
SECRET = "a key for tests only"
WAITING = "() => import('/static/kiosk/store.js').then(store => store.records()).then(all => all.length)"
ORDERS = "() => import('/static/kiosk/store.js').then(store => store.read('orders'))"
# Held fast: the answer to a heartbeat sets the office's own seconds again, at any moment.
SHORT_IDLE = """() => Object.entries({idle: 300, warning: 1}).forEach(([name, short]) =>
    Object.defineProperty(survey.timing, name, {get: () => short, set: () => {}}))"""
NUDGE = "() => dispatchEvent(new Event('online'))"


class Office:
    """The small office behind a server process of its own, which can be killed, and a line that can be cut."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.site: Site = apart(lambda: build_site(folder))
        self.port = free_port()
        self.line = Line(self.port)
        self.server: Server | None = None
        self.device_ids: list[int] = []

    def start(self) -> None:
        environ = {
            **os.environ, "INSTANCE_DIR": str(self.folder), "SECRET_KEY": SECRET, "PUBLIC_BASE_URL": self.line.url,
        }  # fmt: skip
        self.server = start(web_command(self.port), self.port, environ, is_quiet=True)

    def kill(self) -> None:
        assert self.server is not None
        self.server.kill()
        self.server = None

    def close(self) -> None:
        self.line.close()
        if self.server is not None:
            self.kill()

    def inside(self, work: Callable[[], object]) -> object:
        """Run in the application, on the database that the server uses."""

        def run() -> object:
            with self.site.app.app_context():
                return work()

        return apart(run)

    def expect(self, *, commissioned: bool = True, **profile: object) -> str:
        """A one-time code for a new kiosk; one that is commissioned becomes so as soon as it is in."""

        def make() -> str:
            with own_transaction() as session:
                code = session.get(PointCode, CODE)
                root = session.scalars(select(Unit.id).order_by(Unit.id)).first()
                if session.get(Account, 1) is None:
                    session.add(Account(id=1, name="keeper", password_hash="-", role="admin", unit_id=root))
                    session.flush()
                settings = KioskProfile(**({"is_full_screen": False} | hashed_pin(PIN) | profile))
                enrolment = devices.expect_device(
                    session, signer=Signer(SECRET), point_id=code.point_id, name="Máy 1", profile=settings,
                    viewer=self.keeper(root), now=datetime.now(UTC), on=self.today(),
                )  # fmt: skip
                self.device_ids.append(enrolment.device_id)
                return enrolment.code

        return str(self.inside(make))

    @staticmethod
    def keeper(root: int) -> Viewer:
        return Viewer(account_id=1, role=Role.ADMIN, unit_id=root)

    def today(self) -> date:
        """The day of the server, whose clock is the real one."""
        return datetime.now(self.site.app.extensions["settings"].TIME_ZONE).date()

    def change_device(self, **values: object) -> None:
        def change() -> None:
            with own_transaction() as session:
                session.execute(update(Device).where(Device.id == self.device_ids[-1]).values(**values))

        self.inside(change)

    def rows(self, *columns: object) -> list[tuple[object, ...]]:
        return list(self.inside(lambda: [tuple(row) for row in db.session.execute(select(*columns))]))

    def stored(self) -> int:
        return int(self.inside(lambda: db.session.scalar(select(func.count()).select_from(Response))))

    def standing(self) -> devices.DeviceStanding:
        def look() -> devices.DeviceStanding:
            root = db.session.scalars(select(Unit.id).order_by(Unit.id)).first()
            details = devices.device_details(
                db.session, self.device_ids[-1], viewer=self.keeper(root), on=self.today()
            )
            return details.standing

        return self.inside(look)  # type: ignore[return-value]


class Tablet:
    """A Chromium with a disk of its own, which can lose its power."""

    def __init__(self, chromium: BrowserType, folder: Path) -> None:
        self.chromium = chromium
        self.folder = folder
        self.context: BrowserContext
        self.page: Page
        self.switch_on()

    def switch_on(self) -> None:
        self.context = self.chromium.launch_persistent_context(
            str(self.folder), executable_path=shutil.which("chromium"), args=["--no-sandbox"],
            viewport={"width": KIOSK[0], "height": KIOSK[1]}, accept_downloads=True,
            # A tablet on the wall keeps the hour of its office.
            timezone_id="Asia/Ho_Chi_Minh",
        )  # fmt: skip
        self.page = self.context.pages[0]

    def lose_power(self) -> None:
        """Every process of the browser at once, with no warning."""
        for process in psutil.process_iter(["cmdline"]):
            if any(str(self.folder) in part for part in process.info["cmdline"] or ()):
                os.kill(process.pid, signal.SIGKILL)
        with pytest.raises(PlaywrightError):
            self.page.evaluate("1")

    def switch_off(self) -> None:
        self.context.close()


@pytest.fixture(scope="module")
def chromium(browser: Browser) -> BrowserType:
    """What starts browsers with a disk of their own."""
    return browser.browser_type


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path / "office")
    office.start()
    yield office
    office.close()


@pytest.fixture
def tablet(chromium: BrowserType, tmp_path: Path) -> Iterator[Tablet]:
    tablet = Tablet(chromium, tmp_path / "tablet")
    yield tablet
    tablet.switch_off()


def enrol(office: Office, tablet: Tablet, *, commissioned: bool = True, **profile: object) -> Page:
    """Bring the tablet in, and wait until it could live without a network."""
    page = tablet.page
    page.goto(f"{office.line.url}/k/#{office.expect(**profile)}")
    page.click("#enrol .main")
    at_its_page(page)
    if commissioned:
        office.change_device(state="active")
    wait_for_content(page)
    page.evaluate(NUDGE)
    state = "active" if commissioned else "trial"
    wait(lambda: page.evaluate(ORDERS), lambda orders: bool(orders) and orders["state"] == state)
    return page


def at_its_page(page: Page) -> None:
    wait(lambda: page.evaluate("location.pathname"), lambda path: re.fullmatch(r"/k/[0-9A-Z]{8}", path))
    page.wait_for_selector(SHOWN)


def wait_for_content(page: Page) -> None:
    wait(lambda: page.evaluate("caches.keys()"), lambda names: any(n.startswith("content-") for n in names))
    wait(
        lambda: page.evaluate(
            "caches.open('state').then(c => c.match('/k/state')).then(r => r ? r.json() : {})"
        ),
        lambda state: bool(state.get("active")),
    )


def wait(ask: Callable[[], object], holds: Callable[[object], bool], seconds: float = 30) -> object:
    """Ask until it holds. A page that is just leaving cannot be asked; the next one can."""
    deadline = time.monotonic() + seconds
    found: object = None
    while True:
        try:
            found = ask()
        except PlaywrightError as error:
            if "context was destroyed" not in error.message:
                raise
        else:
            if holds(found):
                return found
        assert time.monotonic() < deadline, f"still {found!r}"
        time.sleep(0.1)


def answer(page: Page, choice: str = "satisfied") -> None:
    page.click(f".question button[value={choice}]")
    page.click("[data-screen=reasons] [data-do=done]")
    page.wait_for_selector("[data-screen=thanks]:not([hidden])")
    page.click("[data-screen=thanks] [data-do=next]")


def until_sent(page: Page) -> None:
    page.evaluate(NUDGE)
    wait(lambda: page.evaluate(WAITING), lambda n: n == 0)


def test_fifty_answers_without_a_network_a_reload_and_a_power_cut_are_stored_once(office, tablet):
    page = enrol(office, tablet)
    office.kill()
    office.line.is_cut = True
    for n in range(50):
        if n == 25:
            page.reload()
            page.wait_for_selector(SHOWN)
        answer(page, ("satisfied", "dissatisfied")[n % 2])
    assert page.evaluate(WAITING) == 50
    page.wait_for_selector(".question .offline", state="visible")
    tablet.lose_power()
    tablet.switch_on()
    page = tablet.page
    page.goto(f"{office.line.url}/k/")
    at_its_page(page)
    assert page.evaluate(WAITING) == 50
    assert office.stored() == 0
    office.start()
    office.line.is_cut = False
    until_sent(page)
    assert office.stored() == 50
    assert office.standing().received == device_ledger.Received(50, 50)
    kinds = {tuple(row) for row in office.rows(Response.channel, Response.is_test, Response.is_late)}
    assert kinds == {(Channel.KIOSK, False, False)}


def test_nobody_waits_for_what_is_still_unsent_when_the_line_only_keeps_silent(office, tablet):
    page = enrol(office, tablet)
    office.line.is_cut = True
    answer(page)
    office.line.is_mute, office.line.is_cut = True, False
    page.reload()
    page.wait_for_selector(SHOWN)
    page.click(".question button[value=satisfied]")
    page.click("[data-screen=reasons] [data-do=done]")
    page.wait_for_selector("[data-screen=thanks]:not([hidden])", timeout=8_000)
    assert page.evaluate(WAITING) == 2
    office.line.is_mute = False
    page.click("[data-screen=thanks] [data-do=next]")
    wait(lambda: (page.evaluate(NUDGE), page.evaluate(WAITING))[1], lambda n: n == 0, 60)
    assert office.stored() == 2


def test_a_server_killed_after_the_commit_and_before_its_answer_stores_once(office, tablet):
    page = enrol(office, tablet)
    killed = []

    def kill_once(reply: bytes) -> bytes | None:
        if killed:
            return reply
        killed.append(reply.split(b"\r\n")[0])
        office.kill()
        return None

    office.line.after_answer = kill_once
    answer(page)
    wait(lambda: bool(killed), bool)
    assert b"201" in killed[0]
    assert (office.stored(), page.evaluate(WAITING)) == (1, 1)
    office.start()
    until_sent(page)
    assert office.stored() == 1


def test_the_same_queue_played_three_times_adds_nothing(office, tablet, chromium, tmp_path):
    page = enrol(office, tablet)
    office.line.is_cut = True
    for _ in range(4):
        answer(page)
    tablet.switch_off()
    copies = [tmp_path / f"copy{n}" for n in range(2)]
    for copy in copies:
        shutil.copytree(tablet.folder, copy, ignore=shutil.ignore_patterns("Singleton*"))
    office.line.is_cut = False
    tablet.switch_on()
    for each in (tablet, *(Tablet(chromium, copy) for copy in copies)):
        each.page.goto(f"{office.line.url}/k/")
        at_its_page(each.page)
        until_sent(each.page)
        if each is not tablet:
            each.switch_off()
        assert office.stored() == 4
    assert office.standing().received == device_ledger.Received(4, 4)


def test_a_server_killed_again_and_again_while_the_queue_is_sent_loses_and_doubles_nothing(office, tablet):
    page = enrol(office, tablet)
    office.line.is_cut = True
    for _ in range(20):
        answer(page)
    office.line.is_cut = False
    seen = Counter[bytes]()

    def kill_each_fifth(reply: bytes) -> bytes | None:
        seen[reply.split(b" ")[1]] += 1
        if seen.total() % 5 == 3 and seen.total() < 20:
            office.kill()
            return None if seen.total() % 2 else reply
        return reply

    office.line.after_answer = kill_each_fifth
    deadline = time.monotonic() + 60
    while page.evaluate(WAITING) and time.monotonic() < deadline:
        page.evaluate(NUDGE)
        time.sleep(0.2)
        if office.server is None:
            office.start()
    assert page.evaluate(WAITING) == 0
    assert office.stored() == 20
    assert office.standing().n_owed == 0


def test_ten_answers_that_a_proxy_throws_away_are_seen_to_be_missing(office, tablet):
    page = enrol(office, tablet)
    answer(page)
    until_sent(page)
    office.line.n_to_swallow = 10
    for _ in range(12):
        answer(page, "very_dissatisfied")
    until_sent(page)
    assert office.line.n_swallowed == 10
    assert office.stored() == 3
    page.evaluate(NUDGE)
    # A heartbeat may have gone out while the last answer was on its way; the next one says that nothing is held.
    found = wait(
        office.standing, lambda it: it.state is not None and it.state.n_finished == 13 and not it.n_held
    )
    assert (found.n_owed, found.n_held, found.n_missing) == (10, 0, 10)


def test_two_tabs_of_one_kiosk_send_each_answer_once(office, tablet):
    page = enrol(office, tablet)
    other = tablet.context.new_page()
    other.goto(page.url)
    office.line.is_cut = True
    for each in (page, other, page, other):
        each.bring_to_front()
        answer(each)
    assert page.evaluate(WAITING) == 4
    office.line.is_cut = False
    for each in (page, other):
        each.evaluate(NUDGE)
    until_sent(page)
    assert office.stored() == 4
    assert office.standing().received == device_ledger.Received(4, 4)


def test_a_new_release_and_new_content_wait_until_nobody_answers(office, tablet):
    page = enrol(office, tablet)
    page.click(".question button[value=dissatisfied]")
    page.evaluate("window.isSamePage = true")

    def rename() -> None:
        with own_transaction() as session:
            session.execute(update(Unit).values(name="Đông Hà Mới"))

    office.inside(rename)
    office.line.rewrite = lambda request, reply: _plain(request, reply, b"GET /k/sw.js")
    before = page.evaluate("caches.keys()")
    page.evaluate(NUDGE)
    wait(
        lambda: page.evaluate("caches.keys()"),
        lambda now: any(n not in before for n in now if n.startswith("content-")),
    )
    wait(lambda: page.evaluate("caches.keys()"), lambda now: "shell-of-the-next-release" in now)
    assert page.locator(SHOWN).get_attribute("data-screen") == "reasons"
    assert page.evaluate("window.isSamePage") is True
    page.click("[data-screen=reasons] .panel-bad label.chip >> nth=0")
    page.click("[data-screen=reasons] [data-do=done]")
    page.wait_for_selector("[data-screen=thanks]:not([hidden])")
    page.click("[data-screen=thanks] [data-do=next]")
    wait(lambda: page.evaluate("window.isSamePage === undefined"), bool)
    page.wait_for_selector(SHOWN)
    assert "Đông Hà Mới" in page.inner_text(".office")
    until_sent(page)
    assert office.stored() == 1


def _plain(request: bytes, reply: bytes, path: bytes) -> bytes:
    """The service worker as the next release would send it."""
    if not request.startswith(path):
        return reply
    script = (Path(__file__).parents[2] / "survey_app" / "static" / "kiosk" / "sw.js").read_bytes()
    body = b'self.RELEASE = "of-the-next-release";\nself.SHELL = ["/k/"];\n' + script
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/javascript\r\nCache-Control: no-cache\r\nConnection: close\r\n"
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def test_the_form_of_a_later_day_is_there_when_the_day_comes_without_a_network(office, tablet):
    tomorrow = office.today() + timedelta(days=1)

    def plan() -> None:
        with own_transaction() as session:
            one_tap = session.scalar(select(Wave.version_id).where(Wave.code == f"W.{ONE_TAP_CODE}"))
            unit_id = session.scalar(select(Unit.id).where(Unit.code == f"U.{CODE}"))
            session.add(
                Wave(code="next", title_vi="Đợt sau", title_en="Next", basis="continuous", root_unit_id=unit_id,
                     version_id=one_tap, opens_on=tomorrow)
            )  # fmt: skip
            session.flush()
            wave_id = session.scalar(select(Wave.id).where(Wave.code == "next"))
            session.add(WaveUnit(wave_id=wave_id, unit_id=unit_id))

    office.inside(plan)
    page = enrol(office, tablet)
    page.evaluate(NUDGE)
    state = "caches.open('state').then(c => c.match('/k/state')).then(r => r.json())"
    wait(lambda: page.evaluate(state), lambda it: it["staged"] and it["staged"]["begins_on"] == str(tomorrow))
    assert page.locator("[data-do=full]").count() == 1
    office.line.is_cut = True
    tablet.context.add_init_script(
        "const shift = 86400000, Plain = Date;"
        "Date = class extends Plain { constructor(...a) { a.length ? super(...a) : super(Plain.now() + shift); }"
        " static now() { return Plain.now() + shift; } };"
    )
    page.reload()
    wait(lambda: page.locator("[data-do=full]").count(), lambda n: n == 0)
    answer(page)
    office.line.is_cut = False
    until_sent(page)
    waves = office.inside(
        lambda: db.session.scalars(select(Wave.code).join(Response, Response.wave_id == Wave.id)).all()
    )
    assert waves == ["next"]


def test_a_clock_ten_years_wrong_changes_nothing(office, tablet):
    tablet.context.add_init_script(
        "const shift = -3650 * 86400000, Plain = Date;"
        "Date = class extends Plain { constructor(...a) { a.length ? super(...a) : super(Plain.now() + shift); }"
        " static now() { return Plain.now() + shift; } };"
    )
    page = enrol(office, tablet)
    answer(page)
    until_sent(page)
    assert office.rows(Response.collected_on) == [(office.today(),)]


def test_revoking_stops_the_kiosk_keeps_what_it_holds_and_says_so(office, tablet):
    page = enrol(office, tablet)
    office.line.is_cut = True
    answer(page)
    office.change_device(state="revoked")
    office.line.is_cut = False
    page.evaluate(NUDGE)
    page.wait_for_selector("[data-screen=paused]:not([hidden])")
    assert "Máy tạm ngừng nhận ý kiến" in page.inner_text("[data-screen=paused]")
    assert (office.stored(), page.evaluate(WAITING)) == (0, 1)
    office.change_device(state="active")
    page.evaluate(NUDGE)
    wait(lambda: page.evaluate(WAITING), lambda n: n == 0)
    assert office.stored() == 1


def test_trial_is_written_on_the_screen_and_on_the_answer(office, tablet):
    page = enrol(office, tablet, commissioned=False)
    page.evaluate(NUDGE)
    page.wait_for_selector(".trial", state="visible")
    answer(page)
    until_sent(page)
    assert office.rows(Response.is_test) == [(True,)]


def test_panel_opens_by_five_taps_and_the_pin_and_writes_a_file_that_is_taken_in(office, tablet, tmp_path):
    page = enrol(office, tablet)
    office.line.is_cut = True
    answer(page)
    for _ in range(5):
        page.mouse.click(20, 20)
    for digit in "1111":
        page.click(f'#pin button[value="{digit}"]')
    page.click("#pin button[value=ok]")
    assert page.locator("#panel").is_hidden()
    for digit in PIN:
        page.click(f'#pin button[value="{digit}"]')
    page.click("#pin button[value=ok]")
    page.wait_for_selector("#panel", state="visible")
    assert page.inner_text('[data-fact="unsent"]').startswith("1")
    with page.expect_download() as download:
        page.click("#panel button[value=export]")
    path = tmp_path / "queue.json"
    download.value.save_as(path)
    assert b"satisfied" not in path.read_bytes()

    def open_file() -> int:
        from survey_app.services import device_import

        queue = device_import.open_queue(db.session, path.read_bytes(), signer=Signer(SECRET))
        return len(queue.records)

    assert office.inside(open_file) == 1


def test_a_full_disk_is_told_before_the_person_leaves(office, tablet):
    page = enrol(office, tablet)
    page.evaluate(
        "() => { IDBObjectStore.prototype.add = () => { throw new DOMException('full', 'QuotaExceededError'); }; }"
    )
    page.click(".question button[value=satisfied]")
    page.click("[data-screen=reasons] [data-do=done]")
    page.wait_for_selector("[data-screen=paused]:not([hidden])")
    assert page.evaluate(WAITING) == 0


def test_a_closed_database_is_opened_again(office, tablet):
    page = enrol(office, tablet)
    page.evaluate(
        "(() => { const plain = IDBDatabase.prototype.transaction; let n = 0;"
        "IDBDatabase.prototype.transaction = function (...a) {"
        " if (!n++) { this.close(); } return plain.apply(this, a); }; })()"
    )
    answer(page)
    answer(page)
    until_sent(page)
    assert office.stored() == 2


def test_nothing_leads_out_of_the_kiosk_and_the_next_person_finds_nothing(office, tablet):
    page = enrol(office, tablet)
    addresses = page.eval_on_selector_all("a[href]", "all => all.map(link => new URL(link.href).pathname)")
    assert addresses and all(address.startswith("/k/") for address in addresses)
    assert page.evaluate("getComputedStyle(document.body).userSelect") == "none"
    prevented = "kind => !document.body.dispatchEvent(new Event(kind, {bubbles: true, cancelable: true}))"
    for kind in ("contextmenu", "selectstart", "dragstart"):
        assert page.evaluate(prevented, kind), kind
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).display") == "none"
    page.emulate_media(media="screen")
    before = page.evaluate("history.length")
    page.click("[data-size='3']")
    page.click(".question button[value=dissatisfied]")
    page.click("[data-screen=reasons] .panel-bad label.chip >> nth=0")
    page.click("[data-screen=reasons] [data-do=done]")
    page.click("[data-screen=thanks] [data-do=next]")
    assert page.evaluate("history.length") == before
    assert page.locator("[aria-pressed=true][name], input:checked:not([type=radio])").count() == 0
    assert "size-3" not in (page.get_attribute("html", "class") or "")
    page.go_back()
    assert page.locator("[aria-pressed=true][name]").count() == 0


def test_profile_of_the_kiosk_is_kept(office, tablet):
    page = enrol(
        office, tablet, languages=("vi",), offers_full_form=False, keeps_partial=False, idle_seconds=15
    )
    assert page.locator(".menu [data-lang]").count() == 1
    assert page.locator("[data-do=full]").count() == 0
    assert page.get_by_text(UNIT_NAME).first.is_visible()
    wait(lambda: page.evaluate("survey.timing.idle"), lambda ms: ms == 15_000)
    page.evaluate(SHORT_IDLE)
    page.click(".question button[value=satisfied]")
    page.wait_for_selector("dialog.idle[open]")
    page.wait_for_selector("[data-screen=question]:not([hidden])", timeout=10_000)
    assert page.evaluate(WAITING) == 0
    page.evaluate(NUDGE)
    found = wait(office.standing, lambda it: it.state is not None and it.state.n_opened == 1)
    assert (found.state.n_finished, office.stored()) == (0, 0)
