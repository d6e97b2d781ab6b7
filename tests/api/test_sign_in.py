"""Who gets in, how long, and what may they do? Links that work once, sessions, passwords, the steward's button."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from api.app import create_app
from api.attempts import ALLOWED, Attempts
from api.auth import Action, can, require
from api.routes import sign_in
from api.session import PLAIN, STRICT
from geo.errors import NotAllowed
from geo.store import account as accounts
from geo.store.account import Account
from geo.store.engine import Database

# over https: the client used here does not send Secure cookies to http://localhost, as browsers do (tests/e2e)
HOME = "https://localhost"
OURS = {"Origin": HOME}


@pytest.fixture(autouse=True)
def fresh_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in, "attempts", Attempts())


@pytest.fixture
def browser(own_town: Database) -> TestClient:
    """A browser in front of a town of this test's own."""
    return TestClient(create_app(own_town), base_url=HOME, raise_server_exceptions=False)


def link(database: Database, login: str = "admin") -> str:
    """The token of a new link for an account, which is made when it is not there."""
    with database.writing("test") as connection:
        if login == "admin":
            return accounts.make_link(connection, accounts.first_administrator(connection))
        if login not in {each.login for each in accounts.accounts(connection)}:
            accounts.add_account(connection, login, login)
        return accounts.make_link(connection, accounts.account_of(connection, login))


def enter(client: TestClient, database: Database, login: str = "admin") -> str:
    """Sign the client in; gives the token of its forms."""
    answer = client.post(f"/sign-in?token={link(database, login)}", headers=OURS, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    found = re.search(r'name="form" value="([0-9a-f]+)"', client.get("/steward").text)
    assert found
    return found[1]


def test_opening_a_link_does_not_spend_it(browser: TestClient, own_town: Database) -> None:
    token = link(own_town)
    for _ in range(3):
        page = browser.get(f"/sign-in?token={token}")
        assert page.status_code == 200
        assert "password" not in page.text
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert browser.post(f"/sign-in?token={token}", headers=OURS, follow_redirects=False).status_code == 303


def test_a_link_works_once(browser: TestClient, own_town: Database) -> None:
    token = link(own_town)
    browser.post(f"/sign-in?token={token}", headers=OURS)
    again = TestClient(browser.app, base_url=HOME)
    refused = again.post(f"/sign-in?token={token}", headers=OURS)
    assert refused.status_code == 403
    assert "использована" in refused.text or "устарела" in refused.text or "already" in refused.text
    assert not again.cookies


def test_the_cookie(browser: TestClient, own_town: Database) -> None:
    answer = browser.post(f"/sign-in?token={link(own_town)}", headers=OURS, follow_redirects=False)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{STRICT}=")
    for part in ("HttpOnly", "Secure", "SameSite=lax", "Path=/", "Max-Age="):
        assert part in cookie, cookie
    assert "Domain" not in cookie


def test_the_cookie_in_a_local_network_without_https(own_town: Database) -> None:
    """Browsers refuse Secure cookies there: the name says that this one is not."""
    client = TestClient(create_app(own_town), base_url="http://192.0.2.5:8000")
    cookie = client.post(
        f"/sign-in?token={link(own_town)}", headers={"Origin": "http://192.0.2.5:8000"}, follow_redirects=False
    ).headers["set-cookie"]
    assert cookie.startswith(f"{PLAIN}=")
    assert "Secure" not in cookie
    assert client.get("/steward").status_code == 200


def test_the_database_keeps_no_token(browser: TestClient, own_town: Database) -> None:
    enter(browser, own_town)
    token = browser.cookies[STRICT]
    with own_town.app.connect() as connection:
        rows = connection.execute(text("SELECT token_sha256 FROM personal.browser_session")).scalars().all()
    assert rows
    assert token.encode() not in b"".join(rows)


def test_signing_in_again_ends_the_session_before(browser: TestClient, own_town: Database) -> None:
    enter(browser, own_town)
    first = browser.cookies[STRICT]
    enter(browser, own_town)
    assert browser.cookies[STRICT] != first
    old = TestClient(browser.app, base_url=HOME, cookies={STRICT: first})
    assert old.get("/steward", follow_redirects=False).status_code == 303


def test_signing_out_ends_it_on_the_server(browser: TestClient, own_town: Database) -> None:
    form = enter(browser, own_town)
    token = browser.cookies[STRICT]
    assert browser.post("/sign-out", data={"form": "0" * 32}, headers=OURS).status_code == 403
    assert browser.post("/sign-out", data={"form": form}, headers=OURS, follow_redirects=False).status_code == 303
    old = TestClient(browser.app, base_url=HOME, cookies={STRICT: token})
    assert old.get("/steward", follow_redirects=False).headers["location"].startswith("/sign-in?")


def test_a_password_opens_too_and_a_wrong_one_does_not(browser: TestClient, own_town: Database) -> None:
    form = enter(browser, own_town)
    short = browser.post("/steward/password", data={"form": form, "password": "short"}, headers=OURS)
    assert short.status_code == 422
    phrase = "верная лошадь батарея скрепка"
    assert browser.post("/steward/password", data={"form": form, "password": phrase}, headers=OURS).status_code == 200
    other = TestClient(browser.app, base_url=HOME)
    wrong = other.post("/sign-in", data={"login": "admin", "password": phrase + "!"}, headers=OURS)
    nobody = other.post("/sign-in", data={"login": "nobody", "password": phrase}, headers=OURS)
    assert (wrong.status_code, nobody.status_code) == (403, 403)
    right = other.post("/sign-in", data={"login": "admin", "password": phrase}, headers=OURS, follow_redirects=False)
    assert (right.status_code, right.headers["location"]) == (303, "/steward")


def test_trying_too_often_has_to_wait(browser: TestClient, own_town: Database) -> None:
    for _ in range(ALLOWED):
        assert browser.post("/sign-in?token=wrong", headers=OURS).status_code == 403
    late = browser.post(f"/sign-in?token={link(own_town)}", headers=OURS, follow_redirects=False)
    assert late.status_code == 403
    assert not browser.cookies


@pytest.mark.parametrize(
    "evil", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nb", ""]
)
def test_signing_in_leads_nowhere_else(browser: TestClient, own_town: Database, evil: str) -> None:
    answer = browser.post(
        "/sign-in", params={"token": link(own_town), "next": evil}, headers=OURS, follow_redirects=False
    )
    assert answer.headers["location"] == "/steward"


def test_pages_of_the_signed_in_are_private(browser: TestClient, own_town: Database) -> None:
    public = browser.get("/districts").headers
    enter(browser, own_town)
    mine = browser.get("/districts")
    assert mine.headers["cache-control"] == "private, no-cache"
    assert mine.headers["etag"] != public["etag"]
    assert "admin" in mine.text
    stranger = TestClient(browser.app, base_url=HOME).get("/districts")
    assert "admin" not in stranger.text
    assert stranger.headers["cache-control"] == "public, no-cache"


def test_strangers_are_asked_to_sign_in(town: Database) -> None:
    client = TestClient(create_app(town), base_url=HOME)
    asked = client.get("/steward", follow_redirects=False)
    assert (asked.status_code, asked.headers["location"]) == (303, "/sign-in?next=%2Fsteward")
    assert client.get("/en/steward", follow_redirects=False).headers["location"].startswith("/en/sign-in?")
    assert client.post("/steward/imports/1/undo", headers=OURS, data={"form": "x"}).status_code == 403
    assert client.post("/steward/password", headers=OURS, data={"form": "x", "password": "y" * 20}).status_code == 403


def last_run(database: Database) -> int:
    with database.app.connect() as connection:
        return int(connection.scalar(text("SELECT max(id) FROM okruga.import_run")) or 0)


def test_the_administrator_takes_a_load_back(browser: TestClient, own_town: Database) -> None:
    form, run = enter(browser, own_town), last_run(own_town)
    register = browser.get("/steward").text
    assert f"/steward/imports/{run}/undo" in register
    before = browser.get("/version").json()["data_version"]
    assert browser.post(f"/steward/imports/{run}/undo", data={"form": "x"}, headers=OURS).status_code == 403
    done = browser.post(f"/steward/imports/{run}/undo", data={"form": form}, headers=OURS)
    assert done.status_code == 200
    assert str(run) in re.search(r'role="status">([^<]+)', done.text)[1]  # type: ignore[index]
    assert f"/steward/imports/{run}/undo" not in done.text
    assert browser.get("/version").json()["data_version"] >= before
    with own_town.app.connect() as connection:
        assert connection.scalar(text("SELECT state FROM okruga.import_run WHERE id = :id"), {"id": run}) == "undone"
    again = browser.post(f"/steward/imports/{run}/undo", data={"form": form}, headers=OURS)
    assert again.status_code == 409
    assert browser.post("/steward/imports/999999/undo", data={"form": form}, headers=OURS).status_code == 404


def test_what_something_newer_builds_on_stays(browser: TestClient, own_town: Database) -> None:
    form = enter(browser, own_town)
    refused = browser.post("/steward/imports/1/undo", data={"form": form}, headers={**OURS, "Accept": "text/html"})
    assert refused.status_code == 409
    assert browser.get("/api/territories").json()["number_matched"] > 0


@pytest.mark.parametrize("login", ["steward", "editor"])
def test_others_take_back_only_what_is_theirs(browser: TestClient, own_town: Database, login: str) -> None:
    form, run = enter(browser, own_town, login), last_run(own_town)
    assert "/undo" not in browser.get("/steward").text
    refused = browser.post(f"/steward/imports/{run}/undo", data={"form": form}, headers=OURS)
    assert refused.status_code == 403


class Somebody:
    """An account as far as permissions are concerned."""

    def __init__(self, role: str) -> None:
        self.id, self.login, self.role = 1, role, role


RIGHTS = {
    # action, subject -> who may
    (Action.ENTER, ""): {"admin", "steward", "editor"},
    (Action.LOAD, ""): {"admin", "steward"},
    (Action.EDIT, ""): {"admin", "steward", "editor"},
    (Action.FREEZE, ""): {"admin", "steward"},
    (Action.PEOPLE, ""): {"admin"},
    (Action.UPLOAD, "somebody else"): {"admin"},
    (Action.UPLOAD, "steward"): {"admin", "steward"},
    (Action.UPLOAD, "editor"): {"admin"},
    (Action.UNDO, "somebody else"): {"admin"},
    (Action.UNDO, "steward"): {"admin", "steward"},
    (Action.UNDO, "editor"): {"admin"},
    (Action.PASSWORD, "somebody else"): set(),
    (Action.PASSWORD, "admin"): {"admin"},
    (Action.PASSWORD, "steward"): {"steward"},
    (Action.PASSWORD, "editor"): {"editor"},
}


@pytest.mark.parametrize(("action", "subject"), RIGHTS, ids=str)
def test_who_may_do_what(action: Action, subject: str) -> None:
    for role in accounts.ROLES:
        assert can(Somebody(role), action, subject) is (role in RIGHTS[action, subject]), role
    assert can(None, action, subject) is False
    assert can(Somebody("unknown"), action, "x") is False
    with pytest.raises(NotAllowed):
        require(None, action, subject)


def test_every_action_is_in_the_table() -> None:
    assert {action for action, _ in RIGHTS} == set(Action)
    assert set(accounts.ROLES) == {"admin", "steward", "editor"}
    assert Account(1, "a", "admin").login == "a"
