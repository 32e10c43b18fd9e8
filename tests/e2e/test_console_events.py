"""Events in the console: as sentences, filtered and page by page; and the overview."""

import json
import os

import pytest
from selenium.webdriver.common.keys import Keys
from support.chromium import wait_until
from support.console import Console
from support.console_person import choose, chosen, control, fill, focused, press, title_is
from support.guarded import Nginx
from support.operator import Operator
from support.page_files import shipped

pytest_plugins = ["support.console_fixtures"]
pytestmark = pytest.mark.unsanitized


def opened(console, address="#/events", person=None, title="Events"):
    console.open(address, person or console.site.olga)
    title_is(console, title)


def said(console):
    """The list's sentences, newest first, without the addresses of the requests."""

    def look():
        return [each.text.split(", from ")[0] for each in console.all(".events li p")]

    return wait_until(lambda: console.all(".events, .empty") and [look()], 20, "events are shown")[0]


def happens(console, *sentences):
    """Waits until the page shows exactly these events, given oldest first."""
    wait_until(lambda: said(console)[::-1] == list(sentences), 20, f"not {sentences} but {said(console)[::-1]}")


def write(site, kind, data, user=None):
    """Writes an event as another program does, see docs/embedding.md."""
    site.sql("SELECT user_api_event_write(%s, %s, %s, %s)", (kind, site.seed.a, user, json.dumps(data)))


def raw(site, kind, data, user=None, name=None):
    """Inserts any row, even one that no version of the service writes."""
    site.sql(
        "INSERT INTO event (id, at, kind, customer_id, user_id, user_name, data) VALUES"
        " (nextval('event_id_seq'), now(), %s, %s, %s, %s, %s)",
        (kind, site.seed.a, user, name, json.dumps(data)),
    )


def test_what_an_operator_does_with_a_user_is_said_in_words(console):
    site = console.site
    olga = site.login(site.olga)
    email = f"new{next(site.seed.numbers)}@example.org"
    new = {"active": True, "email": email, "name": "Ned", "password": "correct horse battery", "roles": []}
    ned = olga.post("/api/users/", new).json()
    path, document = f"/api/users/{ned['id']}", {"active": True, "email": email, "name": "Ned"}
    assert olga.put(path, {**document, "name": "Neddy", "email": "x" + email}).status_code == 200
    document = {**document, "name": "Neddy", "email": "x" + email}
    assert olga.put(path, {**document, "active": False}).status_code == 200
    assert olga.put(path, document).status_code == 200
    assert olga.put(path, {**document, "roles": [{"id": 2}]}).status_code == 200
    assert olga.put(path, {**document, "roles": []}).status_code == 200
    assert olga.put(path, {**document, "password": "another horse battery"}).status_code == 200
    assert olga.post(f"{path}/logout").status_code == 204
    opened(console, f"#/events?user={ned['id']}")
    happens(
        console, "olga added Ned", "olga changed Neddy: email, name", "olga deactivated Neddy", "olga activated Neddy",
        "olga gave Neddy the role reader", "olga took the role reader from Neddy", "olga set the password of Neddy",
        "olga ended all sessions of Neddy",
    )  # fmt: skip
    assert olga.delete(path).status_code == 204
    console.expects(404)
    opened(console, f"#/events?user={ned['id']}&kind=user.deleted")
    happens(console, "olga deleted Neddy")
    assert console.sees(".chip").text == "Neddy ×", "somebody who was deleted has a name in the events"


def test_what_somebody_does_with_their_own_account_is_said_in_words(console):
    site = console.site
    user = site.seed.user()
    client = site.login(user)
    assert client.post("/api/users/reset-password", {"email": user.email, "password": "another horse"}).status_code == 200
    client = site.client.bearer(site.mint(user))
    again = site.client.login(user.email, "another horse")
    assert again.status_code == 200
    cookie = {"Cookie": again.headers["Set-Cookie"].split(";")[0]}
    assert site.client.get("/api/users/logout", headers=cookie).status_code == 200
    opened(console, f"#/events?user={user.id}")
    name = user.name
    happens(
        console, f"User added: {name}", f"{name} signed in", f"{name} changed their password", f"{name} signed in",
        f"{name} signed out",
    )  # fmt: skip
    assert "from 127." in console.sees(".events li p").text, "and where from"


def test_what_nobody_known_did_is_said_in_words(console):
    """Changes by plain SQL have no actor."""
    site = console.site
    user = site.seed.user(roles=("reader",))
    site.sql("UPDATE _user SET name = 'Moved' WHERE id = %s", (user.id,))
    site.sql("UPDATE _user SET active = false WHERE id = %s", (user.id,))
    site.sql("UPDATE _user SET active = true WHERE id = %s", (user.id,))
    site.sql("UPDATE _user SET hash = hash || 'x', epoch = epoch + 1 WHERE id = %s", (user.id,))
    site.sql("UPDATE _user SET epoch = epoch + 1 WHERE id = %s", (user.id,))
    site.sql("DELETE FROM user_has_role WHERE user_id = %s", (user.id,))
    site.sql("DELETE FROM _user WHERE id = %s", (user.id,))
    console.expects(404)
    opened(console, f"#/events?user={user.id}")
    wait_until(lambda: said(console)[0] == "User deleted: Moved", 20, "the last is first")
    found = said(console)[::-1]
    for words in (
        f"User added: {user.name}", f"{user.name} was given the role reader", "User changed: Moved (name)",
        "User deactivated: Moved", "User activated: Moved", "Moved lost the role reader",
    ):  # fmt: skip
        assert words in found, (words, found)


def test_what_the_command_line_did_names_who_ran_it(console):
    site = console.site
    user = site.seed.user()
    Operator(site).run("user", "deactivate", user.email)
    opened(console, f"#/events?user={user.id}&kind=user.deactivated")
    (found,) = said(console)
    assert found.startswith(f"User deactivated: {user.name} (by ") and found.endswith(", at the command line)"), found


def test_roles_and_customers_are_said_in_words(console):
    site = console.site
    olga = site.login(site.olga)
    code = f"code{next(site.seed.numbers)}"
    role = olga.post("/api/roles/", {"code": code, "name": "One"}).json()
    assert olga.put(f"/api/roles/{role['id']}", {"name": "Two", "assignable": False}).status_code == 200
    assert olga.delete(f"/api/roles/{role['id']}").status_code == 204
    customer = olga.post("/api/customers/", {"name": "Club"}).json()
    number = customer["id"]
    assert olga.put(f"/api/customers/{number}", {"name": "Team", "max_user_quota": 5}).status_code == 200
    assert olga.delete(f"/api/customers/{number}").status_code == 204
    opened(console)
    expected = [
        f"Role added: {code}, by olga", f"Role changed: {code} (who may grant it, name), by olga", f"Role deleted: {code}, by olga",
        "Customer added: Club, by olga", f"Customer changed: Customer {number} (limit of users, name), by olga",
        "Customer deleted: Team, by olga",
    ]  # fmt: skip
    wait_until(lambda: [each for each in said(console)[::-1] if each in expected] == expected, 20, "all are said in their order")


def test_blocked_sign_ins_are_said_in_words(console):
    site = console.site
    user = site.seed.user()
    for _ in range(11):
        site.client.login(user.email, "not this one")
        site.client.login(f"nobody{user.id}@example.org", "not this one")
    raw(site, "login.blocked", {"counter": "address"})
    opened(console, "#/events?kind=login.blocked")
    found = said(console)
    why = "are blocked for a while: too many have failed"
    assert found[0] == f"Sign-ins from this address {why}"
    assert set(found[1:3]) == {f"Sign-ins of somebody unknown {why}", f"Sign-ins of {user.name} {why}"}


ODD = [
    {}, {"changed": "name"}, {"changed": [1, None, {"a": []}]}, {"role": {"a": 1}}, {"role": None}, {"name": ["a", 1]}, {"name": {}},
    {"by": 7}, {"by": None}, {"users": "many"}, {"users": {}}, {"all": "yes"}, {"constructor": 1}, {"__proto__": {"x": 1}},
    {"changed": []}, {"counter": ["address"]},
]  # fmt: skip
KINDS = [
    "user.created", "user.updated", "user.role_granted", "session.ended", "login.blocked", "role.updated", "customer.updated",
    "constructor.name", "toString", "x", "mail.failed", "user.frozen", "role.frozen", "customer.frozen", "__proto__.y",
]  # fmt: skip


def test_no_kind_and_no_data_breaks_the_page(console):
    console.expects(404)
    site = console.site
    before = site.sql("SELECT coalesce(max(id), 0) FROM event")[0][0]
    for kind in KINDS:
        for data in ODD:
            raw(site, kind, data, user=2147483646, name="Odd")
            raw(site, kind, data)
    for data in (None, 1, "text", [], [1], True):
        raw(site, "user.updated", data)
    count = site.sql("SELECT count(*) FROM event WHERE id > %s", (before,))[0][0]
    try:
        opened(console)
        seen = 0
        while seen < count:
            found = said(console)
            assert all(found), found
            seen += len(found)
            if seen < count:
                address = console.address
                press(console, "Older")
                wait_until(lambda address=address: console.address != address, 20, "the next page")
                wait_until(lambda found=found: said(console) != found, 20, "other events")
        opened(console, "#/overview", title="Overview")
        assert all(said(console))
    finally:
        site.sql("DELETE FROM event WHERE id > %s", (before,))


def test_an_event_of_another_program_is_shown_by_its_kind_and_can_be_chosen(console):
    user = console.site.seed.user()
    write(console.site, "app.book_lent", {"title": "Emma"}, user.id)
    opened(console, f"#/events?user={user.id}")
    happens(console, f"User added: {user.name}", f"app.book_lent: {user.name}")
    opened(console, f"#/events?user={user.id}&kind=app.book_lent")
    happens(console, f"app.book_lent: {user.name}")
    assert chosen(console, "What") == "app.book_lent"


def test_names_with_markup_are_text(console):
    site = console.site
    name = "<img src=x onerror=alert(1)><b>&amp;</b>"
    user = site.seed.user(name=name, email=f"m{next(site.seed.numbers)}@example.org")
    opened(console, f"#/events?user={user.id}")
    happens(console, f"User added: {name}")
    assert console.sees(".chip").text == f"{name} ×"
    assert console.all("main img, main b") == []


def test_events_are_filtered_by_kind_in_the_list_and_the_address_keeps_it(console):
    user = console.site.seed.user(roles=("reader",))
    opened(console, f"#/events?user={user.id}")
    choose(console, "What", "Role given")
    console.is_at(f"#/events?kind=user.role_granted&user={user.id}")
    happens(console, f"{user.name} was given the role reader")
    console.browser.refresh()
    happens(console, f"{user.name} was given the role reader")
    console.browser.back()
    console.is_at(f"#/events?user={user.id}")
    happens(console, f"User added: {user.name}", f"{user.name} was given the role reader")
    assert chosen(console, "What") == "All kinds"
    choose(console, "What", "Password changed")
    console.reads("Nothing to show.")


def test_the_keyboard_goes_through_the_kinds_one_after_the_other(console):
    opened(console)
    select = control(console, "What").element
    console.browser.execute_script("arguments[0].focus()", select)
    for kind in ("Customer added", "Customer deleted"):
        focused(console).send_keys(Keys.ARROW_DOWN)
        chosen = f"#/events?kind={'customer.created' if kind == 'Customer added' else 'customer.deleted'}"
        console.is_at(chosen)
        assert focused(console) == select, "the focus stays where the reader is"


def test_events_are_filtered_by_the_person_they_happened_to(console):
    site = console.site
    user = site.seed.user(name=f"Zora {next(site.seed.numbers)}", email=f"zora{next(site.seed.numbers)}@example.org")
    opened(console)
    fill(console, "Who it happened to", user.name)
    press(console, user.name, ".found button")
    console.is_at(f"#/events?user={user.id}")
    happens(console, f"User added: {user.name}")
    press(console, f"Show everybody again: {user.name}")
    console.is_at("#/events")
    wait_until(lambda: len(said(console)) > 1, 20, "everybody's")
    fill(console, "Who it happened to", "nobody has this name")
    console.reads("Nobody matches.")


def test_older_ones_have_an_address_and_newest_leads_back(console):
    site = console.site
    user = site.seed.user()
    for number in range(40):
        write(site, f"app.n{number}", {}, user.id)
    opened(console, f"#/events?user={user.id}")
    newest = [f"app.n{number}: {user.name}" for number in range(39, 9, -1)]
    older = [f"app.n{number}: {user.name}" for number in range(9, -1, -1)] + [f"User added: {user.name}"]
    assert said(console) == newest
    press(console, "Older")
    wait_until(lambda: said(console) == older, 20, "the older ones")
    title_is(console, "Events")
    assert console.texts(".pages a") == ["Newest"]
    console.browser.refresh()
    wait_until(lambda: said(console) == older, 20, "the address alone shows them")
    press(console, "Newest")
    wait_until(lambda: said(console) == newest, 20, "the newest again")
    console.is_at(f"#/events?user={user.id}")


@pytest.mark.parametrize("query", ["kind=no.such", "user=x", "before=0", "user=99999999999999999999", "before=-1", "user=0"])
def test_an_address_that_asks_for_nothing_sensible_is_answered(console, query):
    console.expects(404, 422)
    opened(console, f"#/events?{query}")
    assert console.all(".events li, .empty")


# --- the overview ---


class NginxWithHealth(Nginx):
    """An nginx that also serves /readyz."""

    def write_shipped(self):
        super().write_shipped()
        with open(os.path.join(self.folder, "guard.conf"), encoding="utf-8") as file:
            text = file.read()
        place = text[text.index("location /api/ {") :]
        place = place[: place.index("\n}") + 3].replace("location /api/", "location = /readyz")
        self.write("guard.conf", text + place)


@pytest.fixture
def with_health(console_browser, console_server, console_site, new_folder):
    server = NginxWithHealth(os.path.join(new_folder(), "s"), console_server.around).start()
    made = Console(console_browser, server, console_site)
    made.begin()
    made.plant("health.html", shipped("console", "index.html").decode().replace('data-health=""', 'data-health="/readyz"'))
    yield made
    made.end()


def card(console, title):
    return wait_until(
        lambda: next((each.text.splitlines()[1:] for each in console.all(".card") if each.text.startswith(title)), None),
        20, f"{title} is shown",
    )  # fmt: skip


def test_the_overview_says_that_the_service_is_well(with_health):
    opened(with_health, "health.html#/overview", title="Overview")
    assert card(with_health, "Service") == ["Healthy", "The service and its database answer."]


def test_the_overview_says_that_the_service_is_not_ready(with_health):
    site = with_health.site
    with_health.expects(503)
    with_health.sign_in(site.anna)
    site.sql("REVOKE EXECUTE ON FUNCTION failed_login_reserve FROM user_api_sa")
    try:
        wait_until(lambda: site.client.get("/readyz").status_code == 503, 20, "the service is not ready")
        with_health.open("health.html#/overview")
        title_is(with_health, "Overview")
        assert card(with_health, "Service") == ["Not ready", "The service answers, but is not ready. Its log says why."]
    finally:
        site.sql("GRANT EXECUTE ON FUNCTION failed_login_reserve TO user_api_sa")
        wait_until(lambda: site.client.get("/readyz").status_code == 200, 20, "the service is ready")


def test_where_nobody_says_whether_the_service_is_ready_nothing_is_said(console):
    console.expects(404)
    opened(console, "#/overview", title="Overview")
    assert console.sees(".cards").text.startswith("Users")


def test_the_overview_counts_users_and_the_blocks_of_a_day(console):
    console.expects(404)
    site = console.site
    site.sql("DELETE FROM event WHERE kind = 'login.blocked'")
    for hours in (1, 23, 25, 400):
        raw(site, "login.blocked", {"counter": "account"})
        site.sql(
            "UPDATE event SET at = now() - %s * interval '1 hour' WHERE id = (SELECT max(id) FROM event)", (hours,)
        )
    opened(console, "#/overview", title="Overview")
    assert card(console, "Blocked sign-ins")[0] == "2"
    active, inactive = site.sql(
        "SELECT count(*) FILTER (WHERE active), count(*) FILTER (WHERE NOT active) FROM _user WHERE customer_id = %s", (site.seed.a,)
    )[0]
    verb = "is" if inactive == 1 else "are"
    assert card(console, "Users")[:2] == [str(active + inactive), f"{inactive} of them {verb} inactive."]
    press(console, "Events", ".card a")
    title_is(console, "Events")
    assert console.address == "#/events?kind=login.blocked" and len(said(console)) == 4


def test_the_overview_ends_with_what_happened_last(console):
    console.expects(404)
    user = console.site.seed.user()
    write(console.site, "app.last", {}, user.id)
    opened(console, "#/overview", console.site.anna, title="Overview")
    console.reads(f"app.last: {user.name}")
    assert len(said(console)) == 8
    press(console, user.name)
    title_is(console, f"{user.name} Active")
