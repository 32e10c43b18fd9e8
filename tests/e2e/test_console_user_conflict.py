"""Two people change the same user: no change is lost, and the page shows what happened."""

import pytest
from support.chromium import steadily, wait_until
from support.console_steps import Shop, dialog, fill, labelled, named, notice, press, value
from support.seed import role

pytest_plugins = ["support.console_fixtures"]
pytestmark = pytest.mark.unsanitized

CHANGED = "Somebody else has changed this in the meantime. Look at it again, then repeat."
ROLES = {"reader": "Reader", "writer": "Writer"}


@pytest.fixture
def shop(console):
    console.expects(412)
    return Shop(console.site)


def opened(console, shop, name="Kim", **properties):
    user = shop.user(name, **properties)
    console.open(f"#/users/{user.id}", shop.admin)
    named(console, "Save")
    return user


def changed_by_somebody_else(shop, user, **changes):
    """Changes the user through the API, as another admin would."""
    client = shop.site.login(shop.admin)
    now = client.get(f"/api/users/{user.id}").json()
    document = {name: now[name] for name in ("name", "email", "active")}
    answer = client.put(f"/api/users/{user.id}", {**document, **changes})
    assert answer.status_code == 200, answer.text


def roles(*codes):
    return [{"id": role(code)["id"]} for code in codes]


def row(shop, user):
    """(email, name, active, roles) as stored."""
    found = shop.site.seed.row(user)
    return (*found[:3], found[5])


def versions(console):
    """The dialog's contents: {field: (theirs, mine)}, and the fields that it marks."""

    def read(row):
        cells = row.find_elements("css selector", "td")
        return row.find_element("css selector", "th").text, tuple(each.text for each in cells), row.get_attribute("class")

    rows = steadily(lambda: [read(row) for row in console.all("dialog tbody tr")])
    return {field: both for field, both, _ in rows}, [field for field, _, marks in rows if marks == "differs"]


def test_both_versions_are_shown_and_what_differs_is_marked(console, shop):
    user = opened(console, shop, roles=("reader",))
    changed_by_somebody_else(shop, user, name="Kim K.", active=False)
    fill(console, "Email", f"kim{user.id}@example.org")
    press(console, "Writer", "label")
    press(console, "Save")
    text = dialog(console, "Somebody else has changed Kim K.")
    assert "Nothing is saved yet." in text
    mine = f"kim{user.id}@example.org"
    assert versions(console) == (
        {
            "Name": ("Kim K.", "Kim K."), "Email": (user.email, mine), "State": ("Inactive", "Inactive"),
            "Roles": ("Reader", "Reader, Writer"),
        },
        ["Email", "Roles"],
    )  # fmt: skip
    assert row(shop, user) == (user.email, "Kim K.", False, ["reader"])


def test_my_version_saves_only_what_i_changed(console, shop):
    user = opened(console, shop)
    changed_by_somebody_else(shop, user, email=f"k{user.id}@example.org", active=False)
    fill(console, "Name", "Kim M.")
    press(console, "Save")
    press(console, "Save my version")
    notice(console, "Kim M. was saved.")
    assert row(shop, user) == (f"k{user.id}@example.org", "Kim M.", False, [])


def test_undo_of_my_version_leaves_what_the_other_changed(console, shop):
    user = opened(console, shop)
    changed_by_somebody_else(shop, user, email=f"k{user.id}@example.org", active=False)
    fill(console, "Name", "Kim M.")
    press(console, "Save")
    press(console, "Save my version")
    notice(console, "Kim M. was saved.")
    press(console, "Undo")
    notice(console, "Undone.")
    assert row(shop, user) == (f"k{user.id}@example.org", "Kim", False, [])


@pytest.mark.parametrize(
    "before, theirs, mine, after",
    [
        ((), ("reader",), ("writer",), ["reader", "writer"]),
        (("reader",), (), ("reader", "writer"), ["writer"]),
        (("reader", "writer"), ("writer",), ("reader",), []),
        (("reader",), ("reader", "writer"), (), ["writer"]),
        ((), ("reader",), ("reader", "writer"), ["reader", "writer"]),
    ],
)
def test_roles_that_both_gave_and_took_are_given_and_taken(console, shop, before, theirs, mine, after):
    user = opened(console, shop, roles=before)
    changed_by_somebody_else(shop, user, roles=roles(*theirs))
    for code in set(before) ^ set(mine):
        press(console, ROLES[code], "label")
    press(console, "Save")
    press(console, "Save my version")
    notice(console, "Kim was saved.")
    assert row(shop, user)[3] == after


def test_the_same_change_by_both_is_saved(console, shop):
    user = opened(console, shop)
    changed_by_somebody_else(shop, user, name="Kim K.")
    fill(console, "Name", "Kim K.")
    press(console, "Save")
    assert dialog(console, "Somebody else has changed Kim K.") and versions(console)[1] == []
    press(console, "Save my version")
    notice(console, "Kim K. was saved.")
    assert row(shop, user)[1] == "Kim K."


def test_a_third_change_meanwhile_asks_again(console, shop):
    user = opened(console, shop)
    changed_by_somebody_else(shop, user, active=False)
    fill(console, "Name", "Kim M.")
    press(console, "Save")
    dialog(console, "Somebody else has changed Kim")
    changed_by_somebody_else(shop, user, email=f"k{user.id}@example.org")
    press(console, "Save my version")
    wait_until(lambda: versions(console)[0].get("Email", [None])[0] == f"k{user.id}@example.org", 20, "the newest is shown")
    press(console, "Save my version")
    notice(console, "Kim M. was saved.")
    assert row(shop, user) == (f"k{user.id}@example.org", "Kim M.", False, [])


def test_discarding_my_changes_shows_the_other_version(console, shop):
    user = opened(console, shop)
    changed_by_somebody_else(shop, user, name="Kim K.")
    fill(console, "Name", "Kim M.")
    press(console, "Save")
    press(console, "Discard my changes")
    wait_until(lambda: value(labelled(console, "Name")) == "Kim K.", 20, "the form shows it")
    assert row(shop, user)[1] == "Kim K."
    press(console, "Roles")
    wait_until(lambda: console.sees("h1").text == "Roles", 20, "nobody is asked about changes that are discarded")


def test_going_on_keeps_what_was_typed_and_asks_again_later(console, shop):
    user = opened(console, shop)
    changed_by_somebody_else(shop, user, email=f"k{user.id}@example.org")
    fill(console, "Name", "Kim M.")
    press(console, "Save")
    press(console, "Go on editing")
    wait_until(lambda: not console.all("dialog"), 20, "the dialog is closed")
    assert value(labelled(console, "Name")) == "Kim M."
    fill(console, "Name", "Kim N.")
    press(console, "Save")
    dialog(console, "Somebody else has changed Kim")
    assert versions(console)[0]["Name"] == ("Kim", "Kim N.")
    press(console, "Save my version")
    notice(console, "Kim N. was saved.")


def test_undo_after_a_change_by_somebody_else_refuses_in_words(console, shop):
    user = opened(console, shop)
    fill(console, "Name", "Kim M.")
    press(console, "Save")
    notice(console, "Kim M. was saved.")
    changed_by_somebody_else(shop, user, name="Kim K.")
    press(console, "Undo")
    notice(console, CHANGED)
    assert row(shop, user)[1] == "Kim K."


def test_deleting_after_a_change_by_somebody_else_shows_it_and_deletes_nothing(console, shop):
    user = opened(console, shop)
    changed_by_somebody_else(shop, user, name="Kim K.", active=False)
    press(console, "Delete")
    press(console, "Delete")
    notice(console, CHANGED)
    console.sees("h1 .bad", "the new state is shown")
    assert value(labelled(console, "Name")) == "Kim K."
    assert row(shop, user)[1] == "Kim K."
    press(console, "Delete")
    dialog(console, "Delete Kim K.?")
    press(console, "Delete")
    notice(console, "Kim K. was deleted.")


def test_activity_is_changed_on_the_newest_version(console, shop):
    user = opened(console, shop)
    changed_by_somebody_else(shop, user, name="Kim K.", roles=roles("reader"))
    press(console, "Deactivate")
    press(console, "Deactivate")
    notice(console, "Kim can no longer sign in.")
    assert row(shop, user) == (user.email, "Kim K.", False, ["reader"])


def test_saving_a_user_who_was_deleted_meanwhile_says_so_and_keeps_what_was_typed(console, shop):
    user = opened(console, shop)
    console.expects(404, 412)
    assert shop.site.login(shop.admin).delete(f"/api/users/{user.id}").status_code == 204
    fill(console, "Name", "Kim M.")
    press(console, "Save")
    console.reads("It does not exist (any more).")
    assert value(labelled(console, "Name")) == "Kim M."
