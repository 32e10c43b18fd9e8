"""The pages that scripts/run serves, with and without a browser."""

import os
import re
import urllib.parse

import requests
from running import ROOT
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from support import chromium
from support.chromium import wait_until


def login(run):
    session = requests.Session()
    answer = session.post(f"{run.url}/api/users/login", json={"email": "admin", "password": run.password()}, timeout=30)
    assert answer.status_code == 200
    return session


def test_the_address_of_the_console_comes_before_password_curl_lines_and_other_pages(running):
    words = running.words()
    first = words.partition("User API is up")[2].splitlines()[0]
    assert first.endswith(f" {running.url}/console/")
    rest = ["\n  email     admin\n", "\n  password  ", "\n  curl ", f" {running.url}/private/\n", f" {running.url}/api/docs/\n"]
    places = [words.index(first), *map(words.index, rest)]
    assert places == sorted(places)


def test_the_address_of_the_service_leads_to_the_console_under_any_name(running):
    for host in (f"127.0.0.1:{running.port}", "users.example.org"):
        answer = requests.get(f"{running.url}/", headers={"Host": host}, allow_redirects=False, timeout=30)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/console/")
    assert requests.get(running.url, timeout=30).url == f"{running.url}/console/"


def test_the_console_is_served_as_shipped_but_says_where_the_password_is_and_asks_how_the_service_is(running):
    folder = f"{ROOT}/deploy/www/console"
    for name in os.listdir(folder):
        with open(f"{folder}/{name}", encoding="utf-8") as file:
            shipped = file.read()
        if name == "index.html":
            for attribute, value in (("data-hint", "terminal"), ("data-health", "/readyz")):
                assert shipped.count(f'{attribute}=""') == 1
                shipped = shipped.replace(f'{attribute}=""', f'{attribute}="{value}"')
        answer = requests.get(f"{running.url}/console/{name}", timeout=30)
        assert (answer.status_code, answer.content.decode()) == (200, shipped), name
    assert requests.get(f"{running.url}/console/nothing", timeout=30).status_code == 404


def test_what_the_pages_link_to_is_there(running):
    session = login(running)
    for page in ("/console/", "/private/", "/login/", "/api/docs/"):
        text = session.get(running.url + page, timeout=30).text
        links = re.findall(r'<(?:a|link|script)\b[^>]* (?:href|src)="([^"#]+)"', text)
        targets = {urllib.parse.urljoin(running.url + page, link) for link in links}
        ours = [target for target in targets if target.startswith(running.url)]
        assert ours, page
        assert {session.get(target, timeout=30).status_code for target in ours} == {200}, page


def test_the_reference_is_where_the_terminal_says_and_names_this_address(running):
    address = re.search(r"(?m)^Every request of the API: +(.*)$", running.words()).group(1)
    page = requests.get(address, timeout=30)
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html")
    assert f">{running.url}<" in page.text and "127.0.0.1:5001" not in page.text
    for name, media in (("reference.css", "text/css"), ("reference.js", "text/javascript")):
        answer = requests.get(address + name, timeout=30)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, media)


def test_the_guarded_page_is_for_people_who_are_signed_in(running):
    page = f"{running.url}/private/"
    refused = requests.get(page, allow_redirects=False, timeout=30)
    assert (refused.status_code, refused.headers["Location"]) == (302, "/login/?next=/private/")
    assert requests.get(page, headers={"Accept": "application/json"}, timeout=30).status_code == 401
    assert requests.get(page, headers={"Cookie": "user-api-credentials=forged"}, timeout=30).url.startswith(f"{running.url}/login/")
    session = login(running)
    seen = session.get(page, timeout=30)
    assert (seen.status_code, seen.url) == (200, page) and "Only people who are signed in" in seen.text
    assert "private" in seen.headers["Cache-Control"]
    session.get(f"{running.url}/api/users/logout", timeout=30)
    assert session.get(page, allow_redirects=False, timeout=30).status_code == 302


def test_the_pages_run_their_own_scripts_and_styles_only(running):
    session = login(running)
    for path in ("/console/", "/login/", "/private/", "/private/private.css", "/api/docs/", "/api/docs/reference.js"):
        policy = session.get(running.url + path, timeout=30).headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
        assert "trusted-types 'none'" in policy and ("form-action 'none'" in policy) == (path == "/console/")


def test_a_browser_goes_to_the_guarded_page_to_the_console_and_back(running, new_folder):
    browser = chromium.start(new_folder)
    browser.implicitly_wait(20)
    try:
        browser.get(f"{running.url}/private/")
        wait_until(lambda: browser.find_element(By.ID, "email").is_displayed(), 120, "the login page")
        browser.find_element(By.ID, "email").send_keys("admin")
        browser.find_element(By.ID, "password").send_keys(running.password(), Keys.ENTER)
        wait_until(lambda: browser.current_url == f"{running.url}/private/", 120, "the guarded page")
        wait_until(lambda: browser.find_element(By.ID, "session").is_displayed(), 120, "who is signed in")
        assert browser.find_element(By.ID, "who").text == "admin"
        for scheme in ("light", "dark"):
            media = [{"name": "prefers-color-scheme", "value": scheme}]
            browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": media})
            style = "const s = getComputedStyle(document.querySelector('main')); return [s.maxWidth, s.backgroundColor]"
            width, paper = browser.execute_script(style)
            assert width == "768px" and (int(re.search(r"\d+", paper)[0]) > 127) == (scheme == "light")
        browser.find_element(By.LINK_TEXT, "To the console").click()
        wait_until(lambda: urllib.parse.urlsplit(browser.current_url).path == "/console/", 120, "the console")
        browser.get(f"{running.url}/private/")
        browser.find_element(By.ID, "logout").click()
        wait_until(lambda: browser.current_url == f"{running.url}/login/?next=/private/", 120, "the login page again")
        assert not [entry for entry in browser.get_log("browser") if "Content Security" in entry["message"]]
    finally:
        browser.quit()
