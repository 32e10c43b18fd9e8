"""scripts/run as a stranger uses it: what it prints, keeps, stops and refuses."""

import html
import json
import os
import pwd
import re
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time

import pytest
import requests
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from support import chromium
from support.processes import free_port

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PATIENCE = 120


def wait_until(probe, what):
    deadline = time.monotonic() + PATIENCE
    while not probe():
        assert time.monotonic() < deadline, f"not in time: {what}"
        time.sleep(0.02)


def descendants(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            children = [int(word) for word in file.read().split()]
    except OSError:
        return []
    return children + [each for child in children for each in descendants(child)]


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


class Run:
    """One scripts/run, its words in a file."""

    def __init__(self, folder, *arguments, root=ROOT, state=None, port=None, **popen):
        self.state = state or os.path.join(folder, "state")
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        argv = [f"{root}/scripts/run", "--port", str(self.port), "--state", self.state, *arguments]
        descriptor, self.output = tempfile.mkstemp(dir=folder)
        with open(descriptor, "w", encoding="utf-8") as output:
            self.process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True, **popen
            )

    def words(self):
        with open(self.output, encoding="utf-8") as file:
            return file.read()

    def has_said(self, words):
        assert self.process.poll() is None, "it has ended: " + self.words()
        return words in self.words()

    def is_up(self):
        return self.has_said("Ctrl-C stops everything")

    def up(self):
        wait_until(self.is_up, "the API is up")
        return self

    def curl_lines(self):
        return re.findall(r"(?m)^  (curl .*)$", self.words())

    def password(self):
        return re.search(r"(?m)^  password  (.*)$", self.words()).group(1)

    def stop(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(PATIENCE)


def answers_of(run):
    """The JSON bodies that the printed lines get, typed into a shell."""
    return [json.loads(subprocess.check_output(["bash", "-c", line])) for line in run.curl_lines()]


@pytest.fixture(scope="module")
def folder():
    made = tempfile.mkdtemp(prefix="ua-run-", dir="/tmp")
    os.chmod(made, 0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def new_folder(folder):
    return tempfile.mkdtemp(dir=folder)


@pytest.fixture(scope="module")
def running(folder):
    os.mkdir(f"{folder}/shared", 0o755)
    run = Run(f"{folder}/shared").up()
    yield run
    run.stop()


@pytest.fixture
def start(new_folder):
    """Starts runs that are stopped when the test ends."""
    made = []

    def make(*arguments, **options):
        made.append(Run(new_folder, *arguments, **options))
        return made[-1]

    os.chmod(new_folder, 0o755)
    yield make
    for run in made:
        run.stop()


def test_the_printed_curl_lines_work(running):
    login, token, users = answers_of(running)
    assert login["email"] == "admin" and token == login
    assert [user["email"] for user in users["users"]] == ["admin"]


def test_the_lines_of_the_readme_work(start, new_folder):
    run = start().up()
    with open(f"{ROOT}/README.md", encoding="utf-8") as file:
        block = re.search(r"(?s)```sh\n(API=.*?)```", file.read()).group(1)
    environment = {**os.environ, "API": run.url, "PASSWORD": run.password()}
    before = os.listdir(new_folder)
    words = subprocess.check_output(["bash", "-eu", "-c", block], cwd=new_folder, env=environment, text=True)
    answers = [json.loads(line) for line in words.splitlines()]
    assert len(answers) == block.count("curl -s")
    assert not [answer for answer in answers if "error_code" in answer]
    assert answers[-1] == {"message": "User disconnected."}
    assert os.listdir(new_folder) == before, "no session is left where they are typed, which is the checkout"


def test_the_address_of_the_page_comes_before_password_and_curl_lines(running):
    first = running.words().partition("User API is up")[2].splitlines()[0]
    assert first.endswith(f" {running.url}/")


def login(run):
    session = requests.Session()
    answer = session.post(f"{run.url}/api/users/login", json={"email": "admin", "password": run.password()}, timeout=30)
    assert answer.status_code == 200
    return session


def test_the_first_page_leads_to_the_login_page_and_the_guarded_one(running):
    page = requests.get(f"{running.url}/", timeout=30)
    assert page.status_code == 200 and page.headers["Content-Type"] == "text/html"
    links = set(re.findall(r'(?:href|src)="(/[^"]*)"', page.text))
    assert {"/login/", "/private/"} <= links
    answers = {link: requests.get(running.url + link, allow_redirects=False, timeout=30) for link in links}
    assert {link: answer.status_code for link, answer in answers.items()} == {**dict.fromkeys(links, 200), "/private/": 302}
    assert answers["/login/"].text.count("</form>") == 1


def test_the_curl_lines_of_the_first_page_work_when_the_password_is_put_in(running):
    page = requests.get(f"{running.url}/", timeout=30).text
    lines = html.unescape(re.search(r"(?s)<code>(JAR=.*?)</code>", page).group(1))
    words = subprocess.check_output(["bash", "-eu", "-c", lines.replace("PASSWORD", running.password()) + "rm $JAR"])
    login_answer, token, users = [json.loads(line) for line in words.splitlines()]
    assert login_answer == token and users["users"][0]["email"] == "admin"


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
    for path in ("/", "/login/", "/private/", "/welcome/welcome.css"):
        policy = session.get(running.url + path, timeout=30).headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy


def test_nginx_and_the_service_log_the_same_request_id(running):
    number = requests.get(f"{running.url}/api/users/token", timeout=30).headers["X-Request-Id"]
    for log in ("nginx-access.log", "user-api.log"):
        with open(f"{running.state}/log/{log}", encoding="utf-8") as file:
            assert number in file.read(), log


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
        wait_until(lambda: browser.find_element(By.ID, "email").is_displayed(), "the login page")
        browser.find_element(By.ID, "email").send_keys("admin")
        browser.find_element(By.ID, "password").send_keys(running.password(), Keys.ENTER)
        wait_until(lambda: browser.current_url == f"{running.url}/private/", "the guarded page")
        wait_until(lambda: browser.find_element(By.ID, "session").is_displayed(), "who is signed in")
        assert browser.find_element(By.ID, "who").text == "admin"
        browser.find_element(By.ID, "logout").click()
        wait_until(lambda: browser.current_url == f"{running.url}/login/?next=/private/", "the login page again")
        assert not [entry for entry in browser.get_log("browser") if "Content Security" in entry["message"]]
    finally:
        browser.quit()


def test_settings_and_logs_are_in_the_state_folder_for_nobody_else(running):
    with open(f"{running.state}/user-api.env", encoding="utf-8") as file:
        settings = dict(line.rstrip("\n").split("=", 1) for line in file)
    assert settings["USER_API_DATABASE_URL"] and len(settings["USER_API_JWT_SECRET"]) >= 32
    assert stat.S_IMODE(os.stat(f"{running.state}/user-api.env").st_mode) == 0o600
    logs = os.listdir(f"{running.state}/log")
    assert {"build.log", "nginx.log", "nginx-access.log", "postgresql.log", "user-api.log"} <= set(logs)
    for top, folders, files in os.walk(running.state):
        for name in folders + files:
            mode = os.lstat(os.path.join(top, name)).st_mode
            assert stat.S_ISLNK(mode) or stat.S_ISSOCK(mode) or not mode & 0o066 or name == "user-api", name


def test_the_pool_and_nginx_do_not_serve_as_root(running):
    if os.geteuid() != 0:
        pytest.skip("nothing is root here")
    others = [pid for pid in descendants(running.process.pid) if os.stat(f"/proc/{pid}").st_uid == 0]
    names = {open(f"/proc/{pid}/comm", encoding="utf-8").read().strip() for pid in others}
    assert names <= {"nginx"}, "its master process at most"


def test_a_second_instance_runs_beside_the_first(running, start):
    second = start("--workers", "1").up()
    assert answers_of(second)[0]["email"] == answers_of(running)[0]["email"]


def test_a_second_run_keeps_the_data_and_term_stops_everything(start):
    first = start().up()
    answers_of(first)
    started = descendants(first.process.pid)
    assert len(started) > 5
    assert first.stop() == 128 + signal.SIGTERM
    assert not [pid for pid in started if alive(pid)]
    second = start().up()
    assert second.password() == first.password()
    token = first.curl_lines()[1].replace(str(first.port), str(second.port))
    assert json.loads(subprocess.check_output(["bash", "-c", token]))["email"] == "admin"


def test_ctrl_c_stops_everything(start):
    run = start().up()
    started = descendants(run.process.pid)
    assert run.stop(signal.SIGINT) == 128 + signal.SIGINT
    assert not [pid for pid in started if alive(pid)]


def test_ctrl_c_stops_it_while_it_starts(start):
    run = start()
    wait_until(lambda: run.has_said("Starting PostgreSQL"), "it starts its processes")
    started = descendants(run.process.pid)
    assert run.stop(signal.SIGINT) == 128 + signal.SIGINT
    assert not [pid for pid in started if alive(pid)]


def test_nothing_outlives_the_command_when_it_is_killed(start):
    run = start().up()
    started = descendants(run.process.pid)
    run.stop(signal.SIGKILL)
    wait_until(lambda: not [pid for pid in started if alive(pid)], "all of it is gone")


def test_a_process_that_ends_ends_the_command_with_a_reason(start):
    run = start().up()
    with open(f"{run.state}/postgresql/postmaster.pid", encoding="ascii") as file:
        os.kill(int(file.readline()), signal.SIGINT)
    assert run.process.wait(PATIENCE) == 1
    assert "PostgreSQL has ended" in run.words().splitlines()[-1]


def test_the_admins_password_can_be_given_and_changed(start):
    given = """it's "quoted" \\ $HOME"""
    first = start("--admin-password", given).up()
    assert answers_of(first)[0]["email"] == "admin"
    first.stop()
    second = start("--admin-password=another one").up()
    assert second.password() == "another one"
    assert answers_of(second)[0]["email"] == "admin"


def test_the_state_folder_may_be_long_and_oddly_named(start, new_folder):
    run = start(state=os.path.join(new_folder, "ä folder, with 100% of it " + "x" * 100)).up()
    assert answers_of(run)[0]["email"] == "admin"
    place = re.search(r"(?m)^Sockets go to (/tmp/\S+) until this ends", run.words()).group(1)
    assert os.path.isdir(place)
    run.stop()
    assert not os.path.exists(place)


def test_the_state_folder_may_be_one_that_only_root_enters(start, new_folder):
    if os.geteuid() != 0:
        pytest.skip("nothing is root here")
    os.mkdir(f"{new_folder}/closed", 0o700)
    run = start(state=f"{new_folder}/closed/state").up()
    assert answers_of(run)[0]["email"] == "admin"
    place = os.path.realpath(f"{run.state}/place")
    assert run.words().index(f"the database goes to {place}\n") < run.words().index("Building")
    run.stop()
    shutil.rmtree(place)


def test_an_ordinary_user_runs_it_from_a_clone_of_their_own(start, new_folder):
    if os.geteuid() != 0:
        pytest.skip("this is what all the other tests do")
    user = pwd.getpwnam("nobody")
    clone = f"{new_folder}/clone"
    os.mkdir(clone)
    for name in os.listdir(ROOT):
        if not name.startswith((".", "build-")) and name != "var":
            subprocess.run(["cp", "-a", f"{ROOT}/{name}", clone], check=True)
    subprocess.run(["chown", "-R", f"{user.pw_uid}:{user.pw_gid}", clone, new_folder], check=True)
    identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    run = start(root=clone, cwd="/", env={"PATH": "/usr/bin:/bin"}, **identity).up()
    assert json.loads(subprocess.check_output(["bash", "-c", run.curl_lines()[0]], **identity))["id"] == 1


def refusal(*arguments):
    """The exit code and the one line of a command that cannot start."""
    result = subprocess.run(
        [f"{ROOT}/scripts/run", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert len(result.stdout.splitlines()) == 1, result.stdout
    return result.returncode, result.stdout


def test_a_port_in_use_is_refused_in_one_line(running, new_folder):
    code, line = refusal("--port", str(running.port), "--state", f"{new_folder}/state")
    assert code == 1 and f"port {running.port} is in use" in line and "--port" in line


def listener(port=0, address="127.0.0.1"):
    every = address == "::"
    listening = socket.create_server((address, port), family=socket.AF_INET6 if every else socket.AF_INET, dualstack_ipv6=every)
    listening.setblocking(False)
    return listening


def hears_nothing(listening):
    try:
        listening.accept()
        return False
    except BlockingIOError:
        return True


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0", "::"])
def test_whoever_has_the_port_is_not_spoken_to(address, new_folder):
    with listener(free_port(), address) as taken:
        port = taken.getsockname()[1]
        code, line = refusal("--port", str(port), "--state", f"{new_folder}/state")
        assert code == 1 and f"port {port} is in use" in line
        assert hears_nothing(taken)


def test_a_port_that_is_taken_meanwhile_is_refused_and_not_spoken_to(start):
    run = start()
    wait_until(lambda: run.has_said("Building"), "it has looked at the port")
    with listener(run.port) as taken:
        assert run.process.wait(PATIENCE) == 1
        assert f"port {run.port} is in use" in run.words().splitlines()[-1] and "--port" in run.words()
        assert hears_nothing(taken)


def test_of_two_runs_on_one_port_at_the_same_time_one_is_refused_and_never_talks_to_the_other(start, new_folder):
    port = free_port()
    runs = [start(port=port, state=f"{new_folder}/{name}") for name in ("one", "other")]
    wait_until(lambda: any(run.process.poll() is not None for run in runs), "one of them is refused")
    refused, winner = sorted(runs, key=lambda run: run.process.poll() is None)
    winner.up()
    assert refused.process.wait(PATIENCE) == 1
    assert f"port {port} is in use" in refused.words().splitlines()[-1]
    assert "password" not in refused.words()
    with open(f"{winner.state}/log/nginx-access.log", encoding="utf-8") as log:
        assert {json.loads(line)["remote"] for line in log} == {"unix:"}, "nobody came by the port"


def test_a_state_folder_in_use_is_refused_in_one_line(running):
    code, line = refusal("--port", str(free_port()), "--state", running.state)
    assert code == 1 and str(running.process.pid) in line and "--state" in line


def test_a_state_folder_that_cannot_be_made_is_refused_in_one_line():
    code, line = refusal("--port", str(free_port()), "--state", "/proc/state")
    assert code == 1 and "/proc/state" in line and "--state" in line


def test_someone_elses_state_folder_is_refused_in_one_line(new_folder):
    if os.geteuid() != 0:
        pytest.skip("only root can give folders away")
    os.mkdir(f"{new_folder}/state")
    os.chown(f"{new_folder}/state", pwd.getpwnam("www-data").pw_uid, -1)
    code, line = refusal("--port", str(free_port()), "--state", f"{new_folder}/state")
    assert code == 1 and "www-data" in line


@pytest.mark.parametrize(
    "arguments",
    [
        ("--port", "0"),
        ("--port", "65536"),
        ("--port", "5001x"),
        ("--port",),
        ("--port=",),
        ("--workers", "-1"),
        ("--workers", "513"),
        ("--admin-password", "short"),
        ("--admin-password", "x" * 73),
        ("--admin-password", "two\nlines of it"),
        ("--unknown",),
        ("word",),
    ],
)
def test_wrong_options_are_refused_in_one_line(arguments):
    code, line = refusal(*arguments)
    assert code == 2 and "--help" in line
