"""No caller can use up the pool: even if requests wait for locks, one worker stays free for guards, and each caller
runs one search at a time."""

import concurrent.futures
import contextlib
import json
import os
import signal
import time

import pytest
import requests
from support import fastcgi
from support.client import assert_error
from support.grants import document, minted
from support.pool_peers import (
    events,
    finish_request,
    half_sent_request,
    queue_of,
    status_of,
    wait_for_log,
    wait_until_held,
)
from support.processes import wait_until
from support.seed import WITH_OPERATORS
from support.transactions import transaction, waiting

# Longer than a request waits for its turn.
SETTINGS = {**WITH_OPERATORS, "USER_API_DATABASE_TIMEOUT_MS": "25000"}
SEARCHES_OF_A_CALLER = 8
MOST_WAITING = 64
CUSTOMERS = "/api/customers/"
BUSY = "The service is busy."


@pytest.fixture
def site(make_site):
    """A pool of four workers: at most three run requests that may wait, and two of these three run searches."""
    made = make_site(SETTINGS, workers=4)
    made.operators = [made.seed.operator(name) for name in ("olga", "otto", "oscar")]
    return made


@contextlib.contextmanager
def sending(lock, *requests_made):
    """Sends requests (functions without arguments) at the same time. Gives futures of their answers. At the end it
    releases the lock for which they wait."""
    with concurrent.futures.ThreadPoolExecutor(len(requests_made)) as threads:
        try:
            yield [threads.submit(each) for each in requests_made]
        finally:
            lock.commit()


@contextlib.contextmanager
def held(site, statement, params=None):
    """In this context, a transaction holds a lock. Gives the transaction."""
    with transaction(site) as locking:
        locking.sql(statement, params)
        yield locking


def held_customers(site):
    """In this context, each list of customers waits for a lock, and nothing else does."""
    return held(site, "LOCK TABLE customer IN ACCESS EXCLUSIVE MODE")


def held_user(site, user):
    """In this context, each change of the user waits for a lock."""
    return held(site, "SELECT 1 FROM _user WHERE id = %s FOR UPDATE", (user.id,))


def search(site, user, path=CUSTOMERS, **options):
    token = minted(site, user).token
    return lambda: site.client.bearer(token).get(path, **options)


def change(site, user):
    token = minted(site, site.seed.alice).token
    return lambda: site.client.bearer(token).put(f"/api/users/{user.id}", document(user))


def wait_for(site, number):
    wait_until(lambda: waiting(site) == number, 10, f"{number} request(s) wait for a lock")


def assert_guards_pass(site, number=30):
    """Checks that guards and other quick requests are answered while the others still wait for a lock."""
    client = minted(site, site.seed.alice)
    for _ in range(number):
        for path, status in (("/api/guard", 200), ("/api/users/token", 200), ("/healthz", 200), ("/readyz", 200)):
            assert client.get(path, timeout=5).status_code == status


def codes(answers):
    return sorted(answer.result().status_code for answer in answers)


def test_guards_are_answered_while_changes_wait_for_a_lock_in_all_other_workers(site):
    albert = site.seed.albert
    with held_user(site, albert) as lock, sending(lock, *[change(site, albert)] * 6) as answers:
        wait_for(site, 3)
        assert_guards_pass(site)
        assert waiting(site) == 3
        assert not any(answer.done() for answer in answers)
    assert codes(answers) == [200] * 6


def test_in_a_pool_of_two_one_worker_is_kept(make_site):
    site = make_site(SETTINGS, workers=2)
    albert = site.seed.albert
    with held_user(site, albert) as lock, sending(lock, *[change(site, albert)] * 3) as answers:
        wait_for(site, 1)
        assert_guards_pass(site)
        assert waiting(site) == 1
    assert codes(answers) == [200] * 3


def test_a_second_search_of_a_caller_waits_for_the_first_and_is_answered(site):
    olga = site.operators[0]
    with held_customers(site) as lock, sending(lock, *[search(site, olga)] * 2) as answers:
        wait_for(site, 1)
        assert_guards_pass(site)
        assert waiting(site) == 1
        assert not any(answer.done() for answer in answers)
    assert codes(answers) == [200, 200]


def test_the_ninth_search_of_a_caller_is_refused_and_its_other_requests_are_not(site):
    olga = site.operators[0]
    with held_customers(site) as lock, sending(lock, *[search(site, olga)] * (SEARCHES_OF_A_CALLER + 1)) as answers:
        refused = next(concurrent.futures.as_completed(answers)).result()
        assert_error(refused, 429, "TOO_MANY_REQUESTS", "Too many requests.")
        assert refused.headers["Retry-After"] == "1"
        for heavy in ("?name=a&count=true", "?role=admin&count=true", "?active=true&offset=1001"):
            assert search(site, olga, f"/api/users/{heavy}")().status_code == 429
        assert search(site, olga, "/api/roles/1")().status_code == 429
        for light in ("", "name=a", "count=true", "active=true&count=true", "offset=1001"):
            assert search(site, olga, f"/api/users/?{light}")().status_code == 200
        assert search(site, olga, "/api/roles/")().status_code == 200
        assert sum(answer.done() for answer in answers) == 1
    assert codes(answers) == [200] * SEARCHES_OF_A_CALLER + [429]
    assert search(site, olga)().status_code == 200


def test_a_search_is_heavy_only_where_it_looks_at_all_users_of_a_large_customer(site):
    olga = site.operators[0]
    site.sql(
        "INSERT INTO _user (email, name, hash, salt, active, customer_id)"
        " SELECT 'many' || n || '@example.org', CASE n %% 500 WHEN 0 THEN 'Rarely' ELSE 'Often' END, 'h', 's', true, %s"
        " FROM generate_series(1, 1700) n",
        (olga.customer_id,),
    )
    light = ("?name=rarely", "?email=many17&name=rarely", "?name=of", "?role=admin", "?role=nobody", "?active=false")
    heavy = ("?name=ra", "?name=r_r_l_", "?name=zq", "?email=many17&name=zq")
    with held_customers(site) as lock, sending(lock, *[search(site, olga)] * (SEARCHES_OF_A_CALLER + 1)) as answers:
        next(concurrent.futures.as_completed(answers))
        for path in light:
            assert search(site, olga, f"/api/users/{path}")().status_code == 200, path
        for path in heavy:
            assert search(site, olga, f"/api/users/{path}")().status_code == 429, path
        assert sum(answer.done() for answer in answers) == 1
    assert codes(answers) == [200] * SEARCHES_OF_A_CALLER + [429]
    found = [len(search(site, olga, f"/api/users/{path}")().json()["users"]) for path in (*light[:3], *heavy)]
    assert found == [3, 15, 20, 3, 3, 0, 12]


def test_a_search_that_may_not_be_made_is_refused_before_it_waits(site):
    olga, plain = site.operators[0], site.seed.albert
    with held_customers(site) as lock, sending(lock, search(site, olga)) as answers:
        wait_for(site, 1)
        assert search(site, olga, f"{CUSTOMERS}?limit=x")().status_code == 422
        assert search(site, plain)().status_code == 403
        assert site.client.get(CUSTOMERS).status_code == 401
    assert codes(answers) == [200]


def test_other_callers_search_at_the_same_time_in_half_of_the_workers(site):
    olga, otto, oscar = site.operators
    with held_customers(site) as lock, sending(lock, search(site, olga), search(site, otto)) as answers:
        wait_for(site, 2)
        with sending(lock, search(site, oscar)) as third:
            assert_guards_pass(site)
            assert waiting(site) == 2
            assert not third[0].done()
    assert codes(answers + third) == [200] * 3


def test_searches_of_users_go_on_beside_one_that_waits_for_a_lock(site):
    with held_customers(site) as lock, sending(lock, search(site, site.operators[0])) as answers:
        wait_for(site, 1)
        for path in ("?email=a", "?name=a", "?role=admin", "?active=true", "?count=true&email=a", "?offset=1001&active=true"):
            assert search(site, site.seed.alice, f"/api/users/{path}")().status_code == 200
    assert codes(answers) == [200]


def test_searches_whose_clients_have_gone_leave_the_queue(site):
    olga = site.operators[0]
    impatient = search(site, olga, timeout=2)

    def is_queued():
        try:
            return impatient().status_code != 429
        except requests.exceptions.ReadTimeout:
            return True

    with held_customers(site) as lock, sending(lock, search(site, olga)) as answers:
        wait_for(site, 1)
        with concurrent.futures.ThreadPoolExecutor(SEARCHES_OF_A_CALLER) as threads:
            queued = [threads.submit(is_queued) for _ in range(SEARCHES_OF_A_CALLER)]
        assert sorted(each.result() for each in queued) == [False] + [True] * (SEARCHES_OF_A_CALLER - 1)
        wait_until(is_queued, 10, "there is room in the queue")
    assert codes(answers) == [200]


def test_killed_workers_leave_no_search_and_no_turn_behind(site):
    olga, otto, _ = site.operators
    albert = site.seed.albert
    with held_customers(site) as lock, held_user(site, albert) as other, contextlib.ExitStack() as sent:
        answers = []
        requests_made = [(lock, search(site, olga)), (other, change(site, albert)), (other, change(site, albert))]
        for number, (awaited, request) in enumerate(requests_made, 1):
            answers += sent.enter_context(sending(awaited, request))
            wait_for(site, number)
        before = set(site.pool.pids())
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not before & set(site.pool.pids()), 15, "they are replaced")
    assert codes(answers) == [503] * 3  # nginx answers for a worker that has ended
    wait_until(site.pool.healthy, 15, "the new workers serve")
    wait_for(site, 0)
    with held_customers(site) as lock, sending(lock, search(site, olga), search(site, otto)) as answers:
        wait_for(site, 2)
    with held_user(site, albert) as lock, sending(lock, *[change(site, albert)] * 3) as changes:
        wait_for(site, 3)
    assert codes(answers + changes) == [200] * 5


def test_a_reload_with_fewer_workers_lets_fewer_search(make_site):
    site = make_site({**SETTINGS, "USER_API_WORKERS": "4"}, workers=None)
    olga, otto = site.seed.operator("olga"), site.seed.operator("otto")
    for workers, at_a_time in ((4, 2), (2, 1), (4, 2)):
        site.pool.settings["USER_API_WORKERS"] = str(workers)
        site.pool.write_config()
        site.pool.reload_and_wait()
        wait_until(lambda: len(site.pool.pids()) == workers, 15, f"{workers} workers are there")  # noqa: B023
        with held_customers(site) as lock, sending(lock, search(site, olga), search(site, otto)) as answers:
            wait_for(site, at_a_time)
            assert_guards_pass(site, 10)
            assert waiting(site) == at_a_time
        assert codes(answers) == [200, 200]


def sent_change(site, user):
    """A connection to the pool on which a change of the user has been sent."""
    body = json.dumps(document(user)).encode()
    headers = {"CONTENT_TYPE": "application/json", "HTTP_AUTHORIZATION": f"Bearer {site.mint(site.seed.alice)}"}
    peer = fastcgi.connect(site.pool.address, timeout=30)
    peer.sendall(fastcgi.begin() + fastcgi.params(fastcgi.environ("PUT", f"/api/users/{user.id}", body, **headers)))
    peer.sendall(fastcgi.stdin(body))
    return peer


def test_a_worker_looks_after_its_peers_between_requests_that_have_waited(make_site):
    site = make_site(SETTINGS, workers=2)
    albert = site.seed.albert
    site.sql(
        "CREATE FUNCTION sleep() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN PERFORM pg_sleep(0.2); RETURN NEW; END'"
    )
    site.sql("CREATE TRIGGER sleep BEFORE UPDATE ON _user FOR EACH ROW EXECUTE FUNCTION sleep()")
    with held_user(site, albert) as lock:
        peers = [sent_change(site, albert)]
        wait_for(site, 1)
        peers += [sent_change(site, albert) for _ in range(20)]
        half_sent = half_sent_request(site.pool.address)
        wait_until_held(site.pool, len(peers) + 1)
        lock.commit()
    assert [status_of(peer) for peer in peers[:2]] == [200, 200]
    assert finish_request(half_sent) == 405
    assert sum(line["method"] == "PUT" for line in events(site.pool, "request")) < 10
    assert [status_of(peer) for peer in peers[2:]] == [200] * 19


def test_a_stop_answers_more_requests_than_may_wait_in_a_worker(make_site):
    site = make_site(SETTINGS, workers=2)
    pool, albert = site.pool, site.seed.albert
    with held_user(site, albert) as lock:
        peers = [sent_change(site, albert)]
        wait_for(site, 1)
        workers = pool.pids()
        for pid in workers:
            os.kill(pid, signal.SIGSTOP)
        peers += [sent_change(site, albert) for _ in range(MOST_WAITING + 40)]
        pool.process.signal(signal.SIGTERM)
        wait_for_log(pool, "stopping")
        for pid in workers:
            os.kill(pid, signal.SIGCONT)
        wait_until(lambda: queue_of(pool) <= 48, 20, "a worker has as many as it accepts")
        lock.commit()
    assert [status_of(peer) for peer in peers] == [200] * len(peers)
    assert pool.process.wait() == 0
    answered = len(events(pool, "request"))
    assert sum(line["requests"] for line in events(pool, "worker ended")) == answered


@pytest.mark.patient
def test_what_has_waited_for_ten_seconds_is_told_to_come_back(site):
    olga = site.operators[0]
    with held_customers(site) as lock, sending(lock, search(site, olga)) as answers:
        wait_for(site, 1)
        began = time.monotonic()
        late = search(site, olga)()
        waited = time.monotonic() - began
        assert_error(late, 503, "SERVICE_UNAVAILABLE", BUSY)
        assert late.headers["Retry-After"] == "1"
        assert 9 < waited < 15
    assert codes(answers) == [200]
    logged = [line for line in site.pool.log_lines() if line.get("status") == 503]
    assert len(logged) == 1 and logged[0]["duration_ms"] > 9000
