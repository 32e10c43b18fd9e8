"""The harness of the console's tests, on pages of its own: it reports what is wrong, and nothing else."""

import itertools

import pytest
from support.accessibility import results
from support.chromium import steadily
from support.console import add_many_users
from support.traffic import elsewhere, round_trips
from support.viewing import DESKTOP, PHONE

pytest_plugins = ["support.console_fixtures"]
pytestmark = pytest.mark.unsanitized

HEAD = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>T</title>
<meta name="viewport" content="width=device-width"><link rel="icon" type="image/svg+xml" href="/login/icon.svg">
<link rel="stylesheet" href="page.css"><script src="page.js" type="module"></script></head>"""


NUMBERS = itertools.count(1)


def opened(console, body, script="", style=""):
    """Opens a page with this content, and waits until its script has finished."""
    folder = f"planted/{next(NUMBERS)}"  # one for each page, because the browser caches files
    console.plant(f"{folder}/page.css", style)
    console.plant(f"{folder}/page.js", script + "\ndocument.documentElement.id = 'done';")
    console.plant(f"{folder}/index.html", f"{HEAD}<body><main><h1>T</h1>{body}</main></body></html>")
    console.open(f"{folder}/index.html")
    console.sees("#done")
    return folder


BROKEN = {
    "image-alt": "<img src='/login/icon.svg'>",
    "label": "<input type='text'>",
    "button-name": "<button></button>",
    "color-contrast": "<p class='pale'>This can hardly be read.</p>",
    "aria-valid-attr-value": "<p aria-hidden='perhaps'>One</p>",
    "target-size": "<button class='tiny'>1</button><button class='tiny'>2</button>",
}
STYLE = """
.pale { color: #bbb; background: #fff; }
.tiny { width: 10px; height: 10px; padding: 0; border: 0; margin: 0; font-size: 8px; }
@media (prefers-color-scheme: dark) { html { background: #000; color: #fff; } .grey { color: #333; } }
"""


@pytest.mark.parametrize("rule", BROKEN)
def test_a_page_that_breaks_a_rule_of_accessibility_is_found(console, rule):
    opened(console, BROKEN[rule], style=STYLE)
    found = console.axe_violations()
    assert {each.partition(":")[0] for each in found} == {rule}, found


def test_a_page_that_breaks_no_rule_is_none(console):
    opened(console, "<label for='a'>A</label><input id='a' type='text'><p class='grey'>Read me.</p>", style=STYLE)
    assert console.axe_violations() == []
    assert results(console.browser)["incomplete"] == []


def test_colours_of_the_dark_page_are_looked_at_as_well(console):
    body = "<p class='grey'>Read me.</p>"
    console.look(scheme="dark")
    opened(console, body, style=STYLE)
    assert [each.partition(":")[0] for each in console.axe_violations()] == ["color-contrast"]


def test_requests_are_known_in_their_order(console):
    console.expects(401)
    folder = opened(console, "", "await fetch('/api/users/token'); await fetch('/api/users/?limit=1', {method: 'HEAD'});")
    asked = [str(each) for each in console.requests() if not each.target.endswith("icon.svg")]
    files = [f"GET /console/{folder}/{name}" for name in ("index.html", "page.css", "page.js")]
    assert (asked[0], sorted(asked[1:3]), asked[3:]) == (
        files[0], files[1:], ["GET /api/users/token", "HEAD /api/users/?limit=1"],
    )  # fmt: skip
    assert [each.status for each in console.api_requests()] == [401, 401]
    times = [time for each in console.api_requests() for time in (each.sent, each.answered)]
    assert times == sorted(times)


def test_what_is_asked_at_once_is_one_round_trip(console):
    console.expects(401)
    opened(console, "", "await Promise.all(['/api/account/', '/api/roles/', '/api/users/'].map((path) => fetch(path)));")
    assert [len(group) for group in round_trips(console.api_requests())] == [3]


def test_what_waits_for_an_answer_is_another_round_trip(console):
    console.expects(401)
    opened(console, "", "await Promise.all([fetch('/api/account/'), fetch('/api/roles/')]); await fetch('/api/users/');")
    assert [len(group) for group in round_trips(console.api_requests())] == [2, 1]


def test_a_request_to_another_site_is_found(console):
    console.expects(401)
    other = console.server.url.replace("127.0.0.1", "localhost") + "/login/"
    console.browser.get(other)
    console.sees("#login")
    assert other in elsewhere(console.requests(), console.server.url)
    with pytest.raises(AssertionError, match="asked other sites: .*/login/"):
        console.end()


COMPLAINTS = {
    "Content Security Policy": ("<p onclick='alert(1)'>x</p>", ""),
    "TrustedHTML": ("", "try { document.body.innerHTML = '<p>x</p>'; } catch { }"),
    "not an answer": ("", "setTimeout(() => { throw new Error('not an answer'); }); await new Promise((r) => setTimeout(r));"),
    "status of 404": ("", "await fetch('/console/planted/missing');"),
    "evil.example": ("", "await fetch('https://evil.example/').catch(() => null);"),
}


@pytest.mark.parametrize("words", COMPLAINTS)
def test_what_the_browser_complains_of_fails_the_test(console, words):
    opened(console, *COMPLAINTS[words])
    with pytest.raises(AssertionError, match=words):
        console.end()


def test_an_answer_that_was_expected_does_not(console):
    console.expects(404)
    opened(console, *COMPLAINTS["status of 404"])
    console.end()


ASK = """return {
  languages: navigator.languages, zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  number: (1234.5).toLocaleString(), dark: matchMedia('(prefers-color-scheme: dark)').matches,
  still: matchMedia('(prefers-reduced-motion: reduce)').matches, touch: matchMedia('(pointer: coarse)').matches,
  size: [innerWidth, innerHeight],
}"""


def test_a_person_has_a_screen_a_scheme_a_language_and_a_time_zone(console):
    opened(console, "")
    assert console.browser.execute_script(ASK) == {
        "languages": ["en-GB", "en"], "zone": "UTC", "number": "1,234.5", "dark": False, "still": True, "touch": False,
        "size": [DESKTOP.width, DESKTOP.height],
    }  # fmt: skip
    console.look(screen=PHONE, scheme="dark", languages=("fr-FR", "fr"), zone="Europe/Paris", wants_motion=True)
    opened(console, "")
    assert console.browser.execute_script(ASK) == {
        "languages": ["fr-FR", "fr"], "zone": "Europe/Paris", "number": "1\u202f234,5", "dark": True, "still": False,
        "touch": True, "size": [PHONE.width, PHONE.height],
    }  # fmt: skip


REDRAW = "const shown = document.querySelector('main p'); shown.replaceWith(shown.cloneNode(true));"


def test_an_element_that_the_page_has_replaced_is_found_again(console):
    opened(console, "<p title='about'>Text</p>")
    shown = console.sees("main p")
    console.browser.execute_script(REDRAW)
    assert shown.text == "Text"
    console.browser.execute_script(REDRAW)
    assert shown.get_attribute("title") == "about"


def test_elements_are_read_again_if_the_page_replaces_one_of_them_meanwhile(console):
    opened(console, "<p>Text</p>")
    redraws = iter([REDRAW])

    def read():
        elements = console.all("main p")
        console.browser.execute_script(next(redraws, ""))
        return [each.text for each in elements]

    assert steadily(read) == ["Text"]


def test_what_is_too_wide_for_a_telephone_is_found(console):
    console.look(screen=PHONE)
    for width, is_too_wide in ((390, False), (600, True)):
        opened(console, "<p class='wide'></p>", style=f"body {{ margin: 0 }} .wide {{ width: {width}px; height: 9px }}")
        assert console.is_wider_than_the_screen() is is_too_wide


def test_whoever_is_signed_in_stays_so_until_the_test_ends(console):
    script = "document.querySelector('h1').textContent = (await (await fetch('/api/account/')).json()).email;"
    for user in (console.site.olga, console.site.paul):
        console.sign_in(user)
        opened(console, "", script)
        console.reads(user.email)


def test_nobody_is_signed_in_at_first(console):
    console.expects(401)
    opened(console, "", "await fetch('/api/account/');")
    assert [each.status for each in console.api_requests()] == [401]


def test_the_people_have_their_rights(console_site):
    rights = {}
    for name in ("olga", "anna", "paul", "rita"):
        user = getattr(console_site, name)
        rights[name] = console_site.login(user).get("/api/account/").json()["rights"]
    assert rights == {"olga": ["admin", "operator"], "anna": ["admin"], "paul": [], "rita": []}
    assert console_site.client.login(console_site.ines.email, console_site.ines.password).status_code == 401


def test_ten_thousand_users_are_there_at_once(console_site):
    customer = console_site.seed.customer()
    add_many_users(console_site, customer=customer)
    found = console_site.login(console_site.olga).get(f"/api/users/?customer={customer}&count=true&limit=1").json()
    assert found["count"] == 10_000 and found["users"][0]["name"] == "Many 00001"
