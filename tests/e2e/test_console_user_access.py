"""The actions of a user's card Access, and what happens to a form with unsaved changes."""

import pytest
from support.chromium import wait_until
from support.console_steps import Shop, dialog, error_of, fill, labelled, lists, named, notice, press, value

pytest_plugins = ["support.console_fixtures"]
pytestmark = pytest.mark.unsanitized


@pytest.fixture
def shop(console):
    return Shop(console.site)


def opened(console, user, by):
    console.open(f"#/users/{user.id}", by)
    named(console, "Save")


def is_active(shop, user):
    return shop.site.seed.row(user)[2]


def is_answered(shop, token):
    """Whether the service accepts this token."""
    return shop.site.client.bearer(token).get("/api/users/token").status_code == 200


def logs_in(shop, user, password=None):
    return shop.site.client.login(user.email, password or user.password).status_code == 200


def page_says_state(console, state):
    wait_until(lambda: console.sees("h1 .pill").text == state, 20, f"the user is {state}")


def test_a_user_is_deactivated_and_that_is_undone(console, shop):
    user = shop.user("Dora")
    token = shop.site.token(user)
    opened(console, user, shop.admin)
    press(console, "Deactivate")
    assert "ends all of this user’s sessions" in dialog(console, "Deactivate Dora?")
    press(console, "Cancel")
    assert is_active(shop, user)
    press(console, "Deactivate")
    press(console, "Deactivate")
    notice(console, "Dora can no longer sign in.")
    page_says_state(console, "Inactive")
    assert (is_active(shop, user), is_answered(shop, token), logs_in(shop, user)) == (False, False, False)
    press(console, "Undo")
    notice(console, "Undone.")
    page_says_state(console, "Active")
    assert logs_in(shop, user)


def test_a_user_is_activated_and_that_is_undone(console, shop):
    user = shop.user("Dora", active=False)
    opened(console, user, shop.admin)
    press(console, "Activate")
    notice(console, "Dora can sign in again.")
    page_says_state(console, "Active")
    assert logs_in(shop, user)
    press(console, "Undo")
    notice(console, "Undone.")
    page_says_state(console, "Inactive")
    assert not is_active(shop, user)


def test_the_sessions_of_a_user_end(console, shop):
    user = shop.user("Dora")
    token = shop.site.token(user)
    opened(console, user, shop.admin)
    press(console, "End sessions")
    dialog(console, "End the sessions of Dora?")
    assert is_answered(shop, token)
    press(console, "End sessions")
    notice(console, "Dora is signed out everywhere.")
    assert not is_answered(shop, token)
    assert logs_in(shop, user)


def test_a_user_whose_sessions_ended_is_saved_and_deleted_without_further_questions(console, shop):
    user = shop.user("Dora")
    opened(console, user, shop.admin)
    press(console, "End sessions")
    press(console, "End sessions")
    notice(console, "Dora is signed out everywhere.")
    fill(console, "Name", "Dorothea")
    press(console, "Save")
    notice(console, "Dorothea was saved.")
    wait_until(lambda: console.sees("h1").text.startswith("Dorothea"), 20, "it is drawn anew")
    press(console, "End sessions")
    press(console, "End sessions")
    notice(console, "Dorothea is signed out everywhere.")
    press(console, "Delete")
    press(console, "Delete")
    notice(console, "Dorothea was deleted.")


def test_one_sets_ones_own_password_and_stays_signed_in_here(console, shop):
    elsewhere = shop.site.token(shop.admin)
    opened(console, shop.admin, shop.admin)
    press(console, "Set a password")
    fill(console, "New password", "a much better one")
    press(console, "Set a password")
    notice(console, "The password of Boss was set.")
    press(console, "Users")
    lists(console, "Boss")
    assert (is_answered(shop, elsewhere), logs_in(shop, shop.admin, "a much better one")) == (False, True)


def test_a_password_is_set(console, shop):
    user = shop.user("Dora")
    token = shop.site.token(user)
    console.expects(422)
    opened(console, user, shop.admin)
    press(console, "Set a password")
    assert "all sessions of Dora end" in dialog(console, "Set a password for Dora")
    fill(console, "New password", "é" * 40)
    press(console, "Set a password")
    wait_until(lambda: error_of(console, "New password"), 20, "it is refused")
    assert "At most 72 characters." in error_of(console, "New password")
    fill(console, "New password", "a much better one")
    press(console, "Set a password")
    notice(console, "The password of Dora was set.")
    assert (is_answered(shop, token), logs_in(shop, user), logs_in(shop, user, "a much better one")) == (False, False, True)


def test_a_user_is_deleted_and_what_happened_stays(console, shop):
    user = shop.user("Dora")
    shop.site.token(user)
    console.expects(404)
    opened(console, user, shop.admin)
    press(console, "Delete")
    text = dialog(console, "Delete Dora?")
    for each in ("removes the account with its roles", "deactivate the account instead", "This cannot be undone."):
        assert each in text
    press(console, "Cancel")
    assert shop.site.seed.row(user)
    press(console, "Delete")
    press(console, "Delete")
    notice(console, "Dora was deleted.")
    console.is_at("#/users")
    lists(console, "Boss")
    assert shop.site.seed.row(user) is None
    console.go(f"#/events?user={user.id}")
    console.reads("Boss deleted Dora")
    console.reads("Dora signed in")


def test_the_last_admin_is_neither_deleted_nor_deactivated_and_the_dialog_says_why(console, shop):
    console.expects(409)
    opened(console, shop.admin, console.site.olga)
    for action in ("Delete", "Deactivate"):
        press(console, action)
        press(console, action)
        console.reads("This is the last active administrator of the customer. Give somebody else the role first.")
        press(console, "Cancel")
    assert is_active(shop, shop.admin)


def test_ones_own_account_has_no_delete_and_deactivating_it_warns(console, shop):
    shop.user("Second", roles=("admin",))
    console.expects(401)
    opened(console, shop.admin, shop.admin)
    assert console.texts(".actions button") == ["Deactivate", "End sessions", "Set a password"]
    press(console, "Deactivate")
    assert "This is your own account: only somebody else can let you in again." in dialog(console, "Deactivate Boss?")
    press(console, "Deactivate")
    wait_until(lambda: not is_active(shop, shop.admin), 20, "it is done")
    console.sees(".signin", "the sign-in form of somebody who is no longer signed in")


def test_ones_own_name_is_changed_everywhere(console, shop):
    opened(console, shop.admin, shop.admin)
    fill(console, "Name", "Bossa Nova")
    press(console, "Save")
    notice(console, "Bossa Nova was saved.")
    wait_until(lambda: console.sees(".me bdi").text == "Bossa Nova", 20, "the header shows it")


def unsaved(console, shop):
    """Opens a user's form from the list, and types a name without saving it."""
    user = shop.user("Dora")
    console.open("#/users", shop.admin)
    press(console, "Dora")
    named(console, "Save")
    fill(console, "Name", "Dorothea")
    return user


def back(console):
    console.browser.back()


def follow(console):
    press(console, "Roles")


@pytest.mark.parametrize("leave", [back, follow])
def test_whoever_leaves_unsaved_changes_is_asked_and_stays(console, shop, leave):
    user = unsaved(console, shop)
    for _ in range(2):
        leave(console)
        assert "What you typed on this page is not saved." in dialog(console, "Leave without saving?")
        press(console, "Cancel")
        console.is_at(f"#/users/{user.id}")
        assert value(labelled(console, "Name")) == "Dorothea"
    press(console, "Save")
    notice(console, "Dorothea was saved.")
    back(console)
    lists(console, "Boss", "Dorothea")
    console.is_at("#/users")


def test_one_is_asked_once_however_often_one_goes_back_and_forth(console, shop):
    user = unsaved(console, shop)
    follow(console)
    dialog(console, "Leave without saving?")
    back(console)
    console.is_at(f"#/users/{user.id}")
    console.browser.forward()
    console.is_at("#/roles")
    assert len(console.all("dialog")) == 1
    press(console, "Cancel")
    console.is_at(f"#/users/{user.id}")
    assert console.all("dialog") == []
    assert value(labelled(console, "Name")) == "Dorothea"


@pytest.mark.parametrize("leave, title", [(back, "Users"), (follow, "Roles")])
def test_whoever_wants_to_leave_unsaved_changes_does(console, shop, leave, title):
    user = unsaved(console, shop)
    leave(console)
    press(console, "Leave")
    wait_until(lambda: console.sees("h1").text == title, 20, "the other page is shown")
    assert shop.site.seed.row(user)[1] == "Dora"


def test_nobody_is_asked_after_saving_or_taking_back_what_was_typed(console, shop):
    unsaved(console, shop)
    fill(console, "Name", "Dora")
    press(console, "Roles")
    wait_until(lambda: console.sees("h1").text == "Roles", 20, "the other page is shown")


def test_a_new_user_that_was_begun_is_not_lost_unasked(console, shop):
    console.open("#/users", shop.admin)
    press(console, "Add a user")
    fill(console, "Name", "Begun")
    press(console, "Cancel")
    dialog(console, "Leave without saving?")
    press(console, "Cancel")
    console.is_at("#/users/new")
    assert value(labelled(console, "Name")) == "Begun"
    press(console, "Cancel")
    press(console, "Leave")
    lists(console, "Boss")


def form_shows(console, name):
    wait_until(lambda: value(labelled(console, "Name")) == name, 20, f"the form shows {name}")


def test_what_is_done_to_the_access_leaves_what_was_typed(console, shop):
    user = unsaved(console, shop)
    press(console, "Writer", "label")
    press(console, "Deactivate")
    press(console, "Deactivate")
    notice(console, "Dora can no longer sign in.")
    page_says_state(console, "Inactive")
    form_shows(console, "Dorothea")
    assert labelled(console, "Writer").is_selected()
    press(console, "Undo")
    notice(console, "Undone.")
    page_says_state(console, "Active")
    form_shows(console, "Dorothea")
    press(console, "Set a password")
    fill(console, "New password", "a much better one")
    press(console, "Set a password")
    notice(console, "The password of Dora was set.")
    press(console, "Save")
    notice(console, "Dorothea was saved.")
    assert shop.site.seed.row(user)[1::4] == ("Dorothea", ["writer"])


def test_undo_leaves_what_was_typed_since(console, shop):
    user = unsaved(console, shop)
    press(console, "Save")
    notice(console, "Dorothea was saved.")
    page_says_state(console, "Active")
    wait_until(lambda: console.sees("h1").text.startswith("Dorothea"), 20, "it is drawn anew")
    fill(console, "Email", f"dora{user.id}@example.org")
    press(console, "Undo")
    notice(console, "Undone.")
    form_shows(console, "Dora")
    assert value(labelled(console, "Email")) == f"dora{user.id}@example.org"
    press(console, "Deactivate")
    press(console, "Deactivate")
    page_says_state(console, "Inactive")
    fill(console, "Name", "Doris")
    press(console, "Undo")
    page_says_state(console, "Active")
    form_shows(console, "Doris")
