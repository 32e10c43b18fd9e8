"""scripts/run as a new user runs it: what it prints, keeps, stops and refuses."""

import json
import os
import pwd
import re
import shutil
import signal
import socket
import stat
import subprocess

import pytest
import requests
from running import PATIENCE, ROOT, Run, alive, answers_of, descendants, wait_until
from support.processes import free_port


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


def test_it_prints_what_the_readme_shows(running):
    shown = re.search(r"(?s)```\n(User API is up.*?)\n```", read_text(f"{ROOT}/README.md")).group(1)
    pattern = re.escape(shown.replace("http://127.0.0.1:5001", running.url)).replace("…", ".+")
    assert re.search(pattern, running.words())


def read_text(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def test_nginx_and_the_service_log_the_same_request_id(running):
    number = requests.get(f"{running.url}/api/users/token", timeout=30).headers["X-Request-Id"]
    for log in ("nginx-access.log", "user-api.log"):
        path = f"{running.state}/log/{log}"
        wait_until(lambda path=path: number in read_text(path), f"{number} in {log}")


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


def roles_of_admin(run):
    return sorted(role["code"] for role in answers_of(run)[0]["roles"])


def administer(run, *arguments):
    database = f"postgresql://postgres@/user_api?host={run.state}/run/postgresql&port=5432"
    command = [f"{ROOT}/build/user-api-admin", *arguments, "--database-url", database]
    return subprocess.check_output(command, stdin=subprocess.DEVNULL, text=True)


def set_operator_role(run, code):
    path = f"{run.state}/user-api.env"
    text, count = re.subn(r"(?m)^USER_API_OPERATOR_ROLE=.*$", f"USER_API_OPERATOR_ROLE={code}", read_text(path))
    assert count == 1
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


SAYS_OPERATOR = 'admin is also an operator (role "operator")'


def test_the_admin_is_an_operator_and_the_terminal_says_so(running):
    assert "USER_API_OPERATOR_ROLE=operator\n" in read_text(f"{running.state}/user-api.env")
    assert roles_of_admin(running) == ["admin", "operator"]
    roles = json.loads(administer(running, "role", "list", "--json"))["roles"]
    assert [(role["name"], role["assignable"]) for role in roles if role["code"] == "operator"] == [("Operator", False)]
    words = running.words()
    assert words.index("\n  password  ") < words.index(SAYS_OPERATOR) < words.index("\n  curl ")


def test_the_admin_who_is_no_operator_any_more_stays_so(start):
    first = start().up()
    administer(first, "user", "revoke", "admin", "operator")
    first.stop()
    second = start().up()
    assert roles_of_admin(second) == ["admin"]
    assert SAYS_OPERATOR not in second.words()


def test_a_state_folder_without_the_role_gets_it_unless_its_settings_name_another(start):
    first = start().up()
    administer(first, "role", "delete", "operator", "--force")
    first.stop()
    set_operator_role(first, "platform")
    second = start().up()
    assert roles_of_admin(second) == ["admin"] and '"operator"' not in administer(second, "role", "list", "--json")
    assert SAYS_OPERATOR not in second.words()
    second.stop()
    set_operator_role(second, "operator")
    third = start().up()
    assert roles_of_admin(third) == ["admin", "operator"] and SAYS_OPERATOR in third.words()


def rights_of_admin(run):
    session = requests.Session()
    session.post(f"{run.url}/api/users/login", json={"email": "admin", "password": run.password()}, timeout=60)
    return session.get(f"{run.url}/api/account/", timeout=30).json()["rights"]


def test_whoever_empties_the_setting_has_no_operators(start):
    first = start().up()
    first.stop()
    set_operator_role(first, "")
    second = start().up()
    assert "USER_API_OPERATOR_ROLE=\n" in read_text(f"{second.state}/user-api.env")
    assert rights_of_admin(second) == ["admin"] and SAYS_OPERATOR not in second.words()


def test_a_role_operator_that_is_older_than_the_setting_makes_nobody_an_operator(start):
    first = start().up()
    first.stop()
    path = f"{first.state}/user-api.env"
    text = read_text(path)
    assert text.count("USER_API_OPERATOR_ROLE=operator\n") == 1
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace("USER_API_OPERATOR_ROLE=operator\n", ""))
    second = start().up()
    assert roles_of_admin(second) == ["admin", "operator"] and rights_of_admin(second) == ["admin"]
    assert "makes nobody an operator" in second.words()


def test_the_metrics_are_for_this_machine_alone(running):
    page = subprocess.run(["curl", "-s", f"{running.url}/metrics"], stdout=subprocess.PIPE, text=True, check=True).stdout
    assert "\nuser_api_workers{" in page
    stranger = ["curl", "-s", "--interface", "127.0.0.2", "-o", "/dev/null", "-w", "%{http_code}", f"{running.url}/metrics"]
    assert subprocess.run(stranger, stdout=subprocess.PIPE, text=True, check=True).stdout == "404"


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


def test_someone_elses_folder_for_sockets_is_refused_and_left_alone(new_folder):
    if os.geteuid() != 0:
        pytest.skip("only root can make one")
    os.chmod(new_folder, 0o755)
    os.makedirs(f"{new_folder}/state/run/theirs")
    os.chown(f"{new_folder}/state/run", pwd.getpwnam("www-data").pw_uid, -1)
    code, line = refusal("--port", str(free_port()), "--state", f"{new_folder}/state")
    assert code == 1 and f"{new_folder}/state/run is someone else's" in line
    assert os.path.isdir(f"{new_folder}/state/run/theirs")


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
