"""GET /metrics: the pool counts every request exactly, whatever happens to its processes."""

import re
import signal
import time

import pytest
from support import fastcgi
from support.attempts import Loops
from support.client import assert_error
from support.metrics import ON, assert_histograms_agree, assert_never_fell, scrape
from support.pool_peers import finish_request, half_sent_request, send, status_of
from support.processes import REPOSITORY, wait_until

pytest_plugins = ["support.pool_fixtures"]

TOKEN, USER = "/api/users/token", "/api/users/<int:id>"
COUNTERS = {
    "http_requests", "worker_deaths", "hash_refused", "logins", "database_errors", "session_lookups", "log_lines_dropped"
}  # fmt: skip
GAUGES = {
    "build_info", "start_time_seconds", "uptime_seconds", "workers", "hash_slots", "hash_slots_in_use",
    "session_table_stale", "session_table_age_seconds", "session_watcher_up",
}  # fmt: skip


@pytest.fixture
def counted(make_site):
    return make_site(ON, workers=3)


def kill_all_workers(pool):
    for victim in pool.pids():
        send(victim, signal.SIGKILL)
        wait_until(lambda victim=victim: victim not in pool.pids() and len(pool.pids()) == pool.workers, 30, "it is replaced")


# The metrics


def test_every_metric_has_a_help_and_a_type(counted):
    families = scrape(counted.pool).families
    named = {name.removeprefix("user_api_"): family.type for name, family in families.items()}
    assert named == {
        **dict.fromkeys(COUNTERS, "counter"),
        **dict.fromkeys(GAUGES, "gauge"),
        "http_request_duration_seconds": "histogram",
    }
    for family in families.values():
        assert re.fullmatch(r"[A-Z].*\.", family.documentation), family.name


def test_it_says_which_version_runs_and_since_when(counted):
    before = scrape(counted.pool)
    with open(f"{REPOSITORY}/VERSION", encoding="ascii") as version:
        assert before.get("build_info", version=version.read().strip()) == 1
    started, uptime = before.get("start_time_seconds"), before.get("uptime_seconds")
    assert abs(time.time() - started - uptime) < 60
    counted.pool.reload_and_wait()
    after = scrape(counted.pool)
    assert after.get("start_time_seconds") == started
    assert after.get("uptime_seconds") > uptime


def test_the_page_documents_every_metric(counted):
    with open(f"{REPOSITORY}/docs/api.md", encoding="utf-8") as page:
        documented = set(re.findall(r"(?m)^\| `(user_api_\w+)", page.read()))
    kinds = {"counter": "_total"}
    assert {name + kinds.get(family.type, "") for name, family in scrape(counted.pool).families.items()} == documented


# Requests


def test_requests_are_counted_exactly_by_route_method_and_class(counted):
    alice, stranger = counted.login(counted.seed.alice), counted.client
    for _ in range(7):
        assert alice.get("/api/users/token").status_code == 200
    for _ in range(5):
        assert stranger.get("/api/users/token").status_code == 401
    for _ in range(3):
        assert alice.head("/api/users/token").status_code == 200
    for user in (counted.seed.alice, counted.seed.albert, counted.seed.bob):
        alice.get(f"/api/users/{user.id}")
    assert alice.post("/api/roles/", {"code": "c", "name": "n"}).status_code == 403
    metrics = scrape(counted.pool)
    assert metrics.all("http_requests_total", route=TOKEN) == {
        (("method", "GET"), ("status", "2xx")): 7,
        (("method", "GET"), ("status", "4xx")): 5,
        (("method", "HEAD"), ("status", "2xx")): 3,
    }
    assert metrics.all("http_requests_total", route=USER) == {
        (("method", "GET"), ("status", "2xx")): 2,
        (("method", "GET"), ("status", "4xx")): 1,
    }
    assert metrics.all("http_requests_total", route="/api/roles/") == {(("method", "POST"), ("status", "4xx")): 1}
    assert metrics.requests("/api/users/login") == metrics.logins()["succeeded"] == 1
    assert_histograms_agree(metrics)


def test_what_reaches_no_route_is_other(counted):
    pool = counted.pool
    assert pool.request("GET", "/nobody@example.org/17")[0] == 404
    assert pool.request("DELETE", "/api/users/token")[0] == 405
    assert pool.request("OPTIONS", "/api/users/token")[0] == 200
    assert pool.request("BREW", "/api/users/17")[0] == 405
    assert pool.request("GET", "/api/users")[0] == 308
    assert pool.request("GET", "/api//users/17")[0] == 400
    assert scrape(pool).all("http_requests_total", route="other") == {
        (("method", "GET"), ("status", "4xx")): 2,
        (("method", "DELETE"), ("status", "4xx")): 1,
        (("method", "OPTIONS"), ("status", "2xx")): 1,
        (("method", "other"), ("status", "4xx")): 1,
        (("method", "GET"), ("status", "3xx")): 1,
    }


def test_decisions_of_the_authorizer_are_a_route_of_their_own(counted):
    params = fastcgi.environ("GET", "/private/17")
    with fastcgi.connect(counted.pool.address) as peer:
        peer.sendall(fastcgi.begin(role=fastcgi.AUTHORIZER) + fastcgi.params(params))
        assert fastcgi.parse_response(fastcgi.read_all(peer))[0] == 401
    metrics = scrape(counted.pool)
    assert metrics.requests("authorizer", "GET", "4xx") == 1 == metrics.total("http_requests_total", route="authorizer")


def test_no_label_says_who_or_which(counted):
    alice = counted.login(counted.seed.alice)
    name = "/api/users/4711?email=zoe@example.org"
    for path in (f"/api/users/{counted.seed.bob.id}", name, "/zoe@example.org", "/4711", "/api/customers/4711"):
        alice.get(path)
        alice.put(path, {"email": "zoe@example.org"})
    counted.client.login("zoe@example.org", "zoe's password")
    metrics = scrape(counted.pool)
    version = {value for labels in metrics.all("build_info") for _, value in labels}
    values = {value for _, pairs in metrics.samples for key, value in pairs if key != "le"} - version
    routes = {value for value in values if value.startswith("/")}
    assert USER in routes and all(re.fullmatch(r"/(api/)?[a-z/<>:-]+", route) for route in routes), routes
    assert not [value for value in values - routes if not re.fullmatch(r"[a-z]+|[A-Z]+|[1-5]xx", value)]


def test_the_page_does_not_count_its_own_request_and_the_next_one_does(counted):
    first, second = scrape(counted.pool), scrape(counted.pool)
    assert (first.requests("/metrics"), second.requests("/metrics")) == (0, 1)


def test_other_methods(counted):
    status, headers, body = counted.pool.request("HEAD", "/metrics")
    assert (status, body) == (200, b"") and int(headers["content-length"]) > 1000
    status, headers, _ = counted.pool.request("POST", "/metrics")
    assert (status, headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert scrape(counted.pool).requests("/metrics", "HEAD", "2xx") == 1


# Without metrics: switched off, or without a pool


def test_it_is_an_unknown_path_unless_it_is_switched_on(site):
    status, headers, body = site.pool.request("GET", "/metrics")
    nowhere = site.pool.request("GET", "/nowhere")
    assert (status, body) == (nowhere[0], nowhere[2]) and set(headers) == set(nowhere[1])
    assert_error(site.client.get("/metrics"), 404, "NOT_FOUND", "Not found.")


def test_a_single_process_has_no_metrics(make_pool):
    pool = make_pool(ON, workers=0).start()
    assert pool.request("GET", "/metrics")[0] == 404


def test_a_reload_switches_it_on_and_off_and_the_counters_go_on(counted):
    pool = counted.pool
    for _ in range(4):
        pool.request("GET", TOKEN)
    before = scrape(pool)
    pool.settings["USER_API_METRICS"] = "off"
    pool.write_config()
    pool.reload_and_wait()
    assert pool.request("GET", "/metrics")[0] == 404
    pool.request("GET", TOKEN)
    pool.settings["USER_API_METRICS"] = "on"
    pool.write_config()
    pool.reload_and_wait()
    pool.request("GET", TOKEN)
    after = scrape(pool)
    assert after.requests(TOKEN) == 5, "what was answered meanwhile is not counted"
    assert_never_fell(before, after)


# Reloads and killed processes


def test_counts_go_on_after_every_worker_was_killed(counted):
    pool = counted.pool
    for turn in range(1, 3):
        for _ in range(20):
            pool.request("GET", TOKEN)
        before = scrape(pool)
        assert before.requests(TOKEN, "GET", "4xx") == 20 * turn
        kill_all_workers(pool)
        after = scrape(pool)
        assert after.requests(TOKEN) == 20 * turn
        assert after.get("worker_deaths_total") == turn * pool.workers
        assert_never_fell(before, after)
        assert_histograms_agree(after)


def test_counts_go_on_after_reloads_and_a_death_of_the_hasher(counted):
    pool = counted.pool
    assert counted.client.login(counted.seed.alice.email, counted.seed.alice.password).status_code == 200
    for turn in range(1, 4):
        for _ in range(10):
            pool.request("GET", TOKEN)
        before = scrape(pool)
        hasher = pool.hasher()
        send(hasher, signal.SIGKILL)
        wait_until(lambda hasher=hasher: pool.hasher() not in (None, hasher), 30, "there is another hasher")
        pool.reload_and_wait()
        after = scrape(pool)
        assert after.requests(TOKEN) == 10 * turn and after.logins()["succeeded"] == 1
        assert after.get("worker_deaths_total") == 0, "who is asked to end has not died"
        assert after.get("hash_slots_in_use") == 0
        assert_never_fell(before, after)


def test_a_route_keeps_its_numbers_when_a_reload_names_it_otherwise(counted):
    pool = counted.pool
    for _ in range(3):
        pool.request("GET", TOKEN)
    pool.settings["USER_API_USERS_PREFIX"] = "/people"
    pool.settings["USER_API_CUSTOMERS_PREFIX"] = "/api/users"
    pool.write_config()
    pool.reload_and_wait()
    pool.request("GET", "/people/token")
    pool.request("GET", "/api/users/17")
    metrics = scrape(pool)
    assert metrics.requests("/people/token") == 4
    assert (metrics.requests(TOKEN), metrics.requests(USER)) == (0, 1)


def test_under_load_and_kills_no_answer_is_missing_and_no_count_falls(counted):
    pool = counted.pool
    ask = lambda: fastcgi.get(pool.address, TOKEN, timeout=30)  # noqa: E731
    loops = Loops([ask] * 4)
    pages = [scrape(pool)]
    with loops:
        for turn in range(9):
            loops.more(10)
            if turn % 3 == 2:
                send(pool.pids()[0], signal.SIGKILL)
            page = wait_until(lambda: pool.request("GET", "/metrics"), 30, "a worker answers")
            assert page[0] == 200
            pages.append(scrape(pool))
    pages.append(scrape(pool))
    for before, after in zip(pages, pages[1:]):
        assert_never_fell(before, after)
    answered = sum(outcome.answer is not None for outcome in loops.all())
    assert answered <= pages[-1].requests(TOKEN) <= len(loops.all())


# The states of workers


def test_workers_are_shown_by_what_they_do(make_pool, database):
    pool = make_pool({**database.settings, **ON}, workers=4).start()
    wait_until(lambda: scrape(pool).all("workers") == states(idle=3, busy=1), 20, "all have started")
    busy = database.occupy(pool.address, 2)
    assert scrape(pool).all("workers") == states(idle=1, busy=3), "the page needs neither a turn nor the database"
    database.let_go()
    assert [status_of(peer) for peer in busy] == [503, 503]
    wait_until(lambda: scrape(pool).all("workers") == states(idle=3, busy=1), 20, "they are idle again")


def test_a_worker_that_finishes_what_it_holds_is_draining(make_pool):
    pool = make_pool(ON, workers=1).start()
    peer = half_sent_request(pool.address)
    (before,) = pool.pids()
    wait_until(lambda: pool.request("GET", "/healthz")[0] == 200, 20, "it has accepted the half of a request")
    pool.reload()
    wait_until(lambda: pool.pids()[-1:] != [before] and scrape(pool).all("workers") == states(busy=1, draining=1), 30, "it drains")
    assert finish_request(peer) == 405
    wait_until(lambda: scrape(pool).all("workers") == states(busy=1), 30, "it has ended")


def states(**workers):
    return {(("state", state),): workers.get(state, 0) for state in ("starting", "idle", "busy", "draining")}
