"""The pages that scripts/run serves, with and without a browser."""

import html
import json
import re
import subprocess

import requests
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from support import chromium
from support.chromium import wait_until


def login(run):
    session = requests.Session()
    answer = session.post(f"{run.url}/api/users/login", json={"email": "admin", "password": run.password()}, timeout=30)
    assert answer.status_code == 200
    return session


def test_the_address_of_the_page_comes_before_password_and_curl_lines(running):
    first = running.words().partition("User API is up")[2].splitlines()[0]
    assert first.endswith(f" {running.url}/")


def test_the_first_page_leads_to_the_login_page_and_the_guarded_one(running):
    page = requests.get(f"{running.url}/", timeout=30)
    assert page.status_code == 200 and page.headers["Content-Type"] == "text/html"
    links = set(re.findall(r'(?:href|src)="(/[^"]*)"', page.text))
    assert {"/login/", "/private/", "/api/docs/"} <= links
    answers = {link: requests.get(running.url + link, allow_redirects=False, timeout=30) for link in links}
    assert {link: answer.status_code for link, answer in answers.items()} == {**dict.fromkeys(links, 200), "/private/": 302}
    assert answers["/login/"].text.count("</form>") == 1


def test_the_curl_lines_of_the_first_page_work_when_the_password_is_put_in(running):
    page = requests.get(f"{running.url}/", timeout=30).text
    lines = html.unescape(re.search(r"(?s)<code>(JAR=.*?)</code>", page).group(1))
    words = subprocess.check_output(["bash", "-eu", "-c", lines.replace("PASSWORD", running.password()) + "rm $JAR"])
    login_answer, token, users = [json.loads(line) for line in words.splitlines()]
    assert login_answer == token and users["users"][0]["email"] == "admin"


def test_the_reference_is_where_the_terminal_says_and_names_this_address(running):
    address = re.search(r"(?m)^Every request of the API:  (.*)$", running.words()).group(1)
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
    for path in ("/", "/login/", "/private/", "/welcome/welcome.css", "/api/docs/", "/api/docs/reference.js"):
        policy = session.get(running.url + path, timeout=30).headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy


def test_a_browser_goes_from_the_first_page_to_the_guarded_one_and_back(running, new_folder):
    browser = chromium.start(new_folder)
    browser.implicitly_wait(20)
    try:
        for scheme in ("light", "dark"):
            media = [{"name": "prefers-color-scheme", "value": scheme}]
            browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": media})
            browser.get(running.url)
            style = "const s = getComputedStyle(document.querySelector('main')); return [s.maxWidth, s.backgroundColor]"
            width, paper = browser.execute_script(style)
            assert width == "768px" and (int(re.search(r"\d+", paper)[0]) > 127) == (scheme == "light")
        browser.find_element(By.LINK_TEXT, "Guarded page").click()
        wait_until(lambda: browser.find_element(By.ID, "email").is_displayed(), 120, "the login page")
        browser.find_element(By.ID, "email").send_keys("admin")
        browser.find_element(By.ID, "password").send_keys(running.password(), Keys.ENTER)
        wait_until(lambda: browser.current_url == f"{running.url}/private/", 120, "the guarded page")
        wait_until(lambda: browser.find_element(By.ID, "session").is_displayed(), 120, "who is signed in")
        assert browser.find_element(By.ID, "who").text == "admin"
        browser.find_element(By.ID, "logout").click()
        wait_until(lambda: browser.current_url == f"{running.url}/login/?next=/private/", 120, "the login page again")
        assert not [entry for entry in browser.get_log("browser") if "Content Security" in entry["message"]]
    finally:
        browser.quit()
