"""Attacks on the hashing queue: a client that fills it, leaves it early or stalls it keeps nobody else out."""

import contextlib
import json
import os
import signal
import subprocess
import time

import pytest
from support import fastcgi
from support.pool import binary, is_sanitized
from support.processes import REPOSITORY, Process, wait_until
from support.seed import PASSWORD, bcrypt
from support.site import Site

SLEEPERS = 5
MANY = 16  # UA_MAX_HASHES_OF_SOURCE
CROWD = 4  # CROWD * MANY is more than UA_MAX_HASHES_OF_WORKER
LONG_COST = 13
COST = 10  # a hash takes longer than a worker needs to request them all
# A program that logs users in itself, in the handler of a route.
HANDLER = """
#include <stdlib.h>
#include <user_api.h>

static user_api_status try_login(void *context, const user_api_request *request, user_api_response *response)
{
  (void)context;
  user_api_memory *memory = user_api_request_memory(request);
  user_api_session session;
  user_api_status status =
      user_api_authenticate(user_api_request_instance(request), memory, user_api_request_header(request, "X-Email"),
                            user_api_request_header(request, "X-Password"), &session);
  return user_api_respond_json(response, 200, user_api_format(memory, "%d\\n", (int)status));
}

int main(void)
{
  const char *const listen[] = {getenv("LISTEN"), NULL};
  const char *const secrets[] = {getenv("SECRET"), NULL};
  const user_api_settings settings = {.size = sizeof settings, .database_url = getenv("DATABASE"),
                                      .jwt_secrets = secrets, .listen = listen, .bcrypt_cost = 4,
                                      .login_attempts = 5, .workers = atoi(getenv("WORKERS"))};
  user_api *api = NULL;
  if (user_api_create(&settings, &api, NULL, 0) != USER_API_OK ||
      user_api_route(api, "GET", "/login", user_api_anybody(), try_login, NULL) != USER_API_OK) {
    return EXIT_FAILURE;
  }
  int code = user_api_serve(api);
  user_api_destroy(&api);
  return code;
}
"""
# The statuses of the program's function.
OK, WRONG_LOGIN, TOO_MANY = 1, 6, 20


def ask(pool, user, address, password=None, cookie=None):
    """Sends a login, and returns the connection without waiting for the answer."""
    body = json.dumps({"email": user.email, "password": password or user.password}).encode()
    more = {"CONTENT_TYPE": "application/json", "REMOTE_ADDR": address, "HTTP_COOKIE": cookie}
    parameters = fastcgi.environ("POST", "/api/users/login", body, **more)
    peer = fastcgi.connect(pool.address, timeout=60)
    peer.sendall(fastcgi.begin() + fastcgi.params(parameters) + fastcgi.stdin(body))
    return peer


def answer_of(peer):
    with peer:
        return fastcgi.parse_response(fastcgi.read_all(peer))


def status_of(peer):
    answer = answer_of(peer)
    return answer and answer[0]


@contextlib.contextmanager
def stopped(pid):
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def make_crowded(make_site, **settings):
    """A site with one worker, which serves requests in their order."""
    return make_site({"USER_API_HASH_SLOTS": 1, **settings}, workers=1, cost=COST)


def fill(site, users):
    """Sends sixteen logins of each user, and waits until the worker has read them. The hasher must be stopped."""
    peers = [ask(site.pool, user, f"198.51.100.{1 + i}") for i, user in enumerate(users) for _ in range(MANY)]
    assert site.pool.healthy()
    return peers


def test_people_who_log_in_side_by_side_keep_nobody_out(make_site):
    site = make_crowded(make_site)
    users = [site.seed.user() for _ in range(CROWD)]
    with stopped(site.pool.hasher()):
        crowd = fill(site, users)
        person = ask(site.pool, site.seed.alice, "203.0.113.1")
        assert site.pool.healthy()
    assert status_of(person) == 200
    assert {status_of(peer) for peer in crowd} == {200, 503}


def test_who_has_mistyped_once_finds_a_place_beside_those_who_guess(make_site):
    site = make_crowded(make_site, USER_API_LOGIN_ATTEMPTS=0)
    guessed = [site.seed.user() for _ in range(CROWD)]
    for i, user in enumerate(guessed):
        assert status_of(ask(site.pool, user, f"198.51.100.{1 + i}", password="a guess")) == 401
    assert status_of(ask(site.pool, site.seed.alice, "203.0.113.1", password="mistyped")) == 401
    with stopped(site.pool.hasher()):
        crowd = fill(site, guessed)
        person = ask(site.pool, site.seed.alice, "203.0.113.1")
        assert site.pool.healthy()
    assert status_of(person) == 200
    for peer in crowd:
        peer.close()


def test_a_worker_that_stands_still_keeps_nobody_of_its_addresses_out(make_site):
    site = make_site({"USER_API_HASH_SLOTS": 8}, workers=2)
    first, second = site.pool.pids()
    with contextlib.ExitStack() as standstill:
        with stopped(site.pool.hasher()), stopped(second):
            crowd = [ask(site.pool, site.seed.alice, "203.0.113.1") for _ in range(MANY)]
            assert site.pool.healthy()
            standstill.enter_context(stopped(first))
        # The second worker serves these. The hasher gives the first worker's turns to others when they lapse.
        statuses = []
        wait_until(
            lambda: statuses.append(status_of(ask(site.pool, site.seed.bob, "203.0.113.1"))) or statuses[-1] == 200,
            20,
            "somebody from the same address logs in",
        )
        assert [status_of(ask(site.pool, site.seed.bob, "203.0.113.1")) for _ in range(5)] == [200] * 5
    assert {status_of(peer) for peer in crowd} <= {200, 429, 503}


def let_sleep(site):
    """Sends logins, and waits until the worker has read them. The hasher must be stopped."""
    peers = [ask(site.pool, site.seed.alice, f"203.0.113.{i}") for i in range(SLEEPERS)]
    assert site.pool.healthy()
    return peers


def told(peer):
    answer = answer_of(peer)
    return answer and (answer[0], "retry-after" in answer[1])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_who_waits_when_a_worker_ends_is_told_so(make_site, number):
    site = make_crowded(make_site, USER_API_DRAIN_SECONDS=5)
    worker = site.pool.pids()[0]
    with stopped(site.pool.hasher()):
        sleepers = let_sleep(site)
        site.pool.process.signal(number)
        answers = [told(peer) for peer in sleepers]
    assert answers == [(503, True)] * SLEEPERS
    assert not [line for line in site.pool.log_lines() if line["event"] == "worker killed"]
    if number == signal.SIGHUP:
        wait_until(lambda: site.pool.pids() and worker not in site.pool.pids(), 20, "the worker is replaced")


def has_pending_signals(pid):
    with open(f"/proc/{pid}/status") as status:
        return any(int(line.split()[1], 16) for line in status if line.startswith("ShdPnd:"))


def test_who_waits_is_told_so_even_if_the_worker_is_held_up_beyond_its_deadline(make_site):
    site = make_crowded(make_site, USER_API_DRAIN_SECONDS=2)
    worker = site.pool.pids()[0]
    with stopped(site.pool.hasher()), stopped(site.pool.process.pid):
        sleepers = let_sleep(site)
        os.kill(worker, signal.SIGTERM)
        wait_until(lambda: not has_pending_signals(worker), 20, "the worker reads the order")
        with stopped(worker):
            time.sleep(2)
        answers = [told(peer) for peer in sleepers]
    assert answers == [(503, True)] * SLEEPERS


def counted(site, kind):
    return [row[0] for row in site.sql("SELECT failures FROM failed_login WHERE kind = %s", (kind,))]


def test_a_success_takes_nothing_back_from_a_window_that_began_meanwhile(make_site):
    site = make_crowded(make_site, USER_API_UPGRADE_HASHES="off")
    person = site.seed.user(stored=bcrypt(PASSWORD, LONG_COST))
    peer = ask(site.pool, person, "203.0.113.1")
    wait_until(lambda: counted(site, "address") == [1], 20, "the attempt is counted")
    with stopped(site.pool.hasher()):
        # Looks as if the window had ended, and another login had failed since.
        site.sql("UPDATE failed_login SET ends_at = ends_at + interval '1 hour'")
    assert status_of(peer) == 200
    assert counted(site, "address") == [1]


def test_who_goes_while_a_browser_logs_in_makes_no_room_for_guesses(make_site):
    site = make_crowded(make_site, USER_API_UPGRADE_HASHES="off")
    person = site.seed.user(stored=bcrypt(PASSWORD, LONG_COST))
    cookies = answer_of(ask(site.pool, person, "203.0.113.1"))[1]["*set-cookie"]
    device = cookies[-1].split(";")[0]
    assert status_of(ask(site.pool, site.seed.alice, "203.0.113.2", password="a guess")) == 401
    peer = ask(site.pool, person, "203.0.113.2", password="another", cookie=device)
    wait_until(lambda: counted(site, "device") == [1], 20, "the attempt is counted")
    with stopped(site.pool.hasher()):
        site.sql("DELETE FROM _user WHERE id = %s", (person.id,))
    assert status_of(peer) == 401
    assert counted(site, "address") == [2] and counted(site, "device") == []


@pytest.mark.skipif(is_sanitized(), reason="the program is compiled without sanitizers")
@pytest.mark.parametrize("workers", [2, -1])
def test_a_handler_that_logs_in_has_each_answer_and_each_failure_counted(postgres, folder, workers):
    site = Site(postgres, folder)
    archive = os.path.join(os.path.dirname(binary()), "libuserapi.a")
    packages = ["libpq", "json-c", "libjwt", "libcrypt", "libcrypto"]
    libraries = subprocess.check_output(["pkg-config", "--libs", *packages], text=True).split()
    libraries += ["-lfcgi", "-lpasswdqc", "-lunistring"]
    program = os.path.join(folder, "handler")
    include = os.path.join(REPOSITORY, "include")
    compile_it = ["gcc", "-x", "c", "-", "-x", "none", "-o", program, f"-I{include}", archive, *libraries]
    subprocess.run([*compile_it, "-pthread"], input=HANDLER, text=True, check=True)
    listen = f"unix:{folder}/handler.sock"
    environment = {"LISTEN": listen, "SECRET": site.secret, "DATABASE": postgres.url(site.database)}
    handler = Process([program], env={**os.environ, **environment, "WORKERS": str(workers)}).start()

    def attempt(password):
        headers = {"HTTP_X_EMAIL": site.seed.alice.email, "HTTP_X_PASSWORD": password}
        return int(fastcgi.get(listen, "/login", **headers)[2])

    try:
        wait_until(lambda: fastcgi.get(listen, "/nothing"), 20, "the program answers")
        right = site.seed.alice.password
        assert [attempt(password) for password in (right, "wrong", right, right)] == [OK, WRONG_LOGIN, OK, OK]
        assert [attempt("the same") for _ in range(7)] == [WRONG_LOGIN] * 5 + [TOO_MANY] * 2
    finally:
        handler.stop()
        site.release()
