"""Ends sessions in all ways, and checks them on two machines meanwhile: two pools on one database."""

import dataclasses
import hashlib
import itertools
import os
import threading

import jwt

from . import changes, checker, verdict
from .changes import DONE, Change, Odd
from .checker import CHANGING, ENDED, NEXT, UNCLEAR, Checkers, ask, now, request_of
from .pool import Pool
from .processes import wait_until
from .seed import bcrypt
from .site import Site

WORKERS = 2
MACHINES = 2
STALENESS_MS = 2000  # the default of USER_API_SESSION_STALENESS_MS
# Changes a second, and how many of them are under way at most.
RATES = {"api": (24, 4), "sql": (24, 2), "admin": (2, 1)}
# A session is used on all machines before it is ended. If a machine does not accept it for so long, it is ended anyway.
USE_SECONDS = 3.0
SETTLE_SECONDS = 20
TOKEN_OF_ORIGINAL = {"roles": [{"code": "reader", "id": 2, "name": "Reader"}], "active": True}


@dataclasses.dataclass(frozen=True)
class Victim:
    id: int
    email: str
    name: str
    token: str

    @property
    def digest(self):
        """The digest by which revoked tokens are stored."""
        return hashlib.sha256(self.token.rpartition(".")[0].encode()).digest()


def make_users(site, count):
    """Creates this number of users with a role in one transaction, and a token for each."""
    rows = site.sql(
        "WITH made AS (INSERT INTO _user (email, name, hash, salt, active, customer_id)"
        " SELECT 'victim' || n || '@example.org', 'Victim ' || n, %s, %s, true, %s FROM generate_series(1, %s) n"
        " RETURNING id, email, name), granted AS (INSERT INTO user_has_role SELECT id, 2 FROM made)"
        " SELECT id, email, name FROM made",
        (*bcrypt("some password"), site.seed.a, count),
    )
    common = {**site.claims(site.seed.alice), **TOKEN_OF_ORIGINAL}
    return [
        Victim(*row, jwt.encode({**common, "id": row[0], "email": row[1], "name": row[2]}, site.secret, "HS256"))
        for row in rows
    ]


def mint(site, user, **changes):
    """A token like that of a login now, even if the user was changed before."""
    epoch = site.sql("SELECT epoch FROM _user WHERE id = %s", (user.id,))[0][0]
    return site.mint(user, epoch=epoch, **changes)


class Trial:
    """`count` sessions can be ended; `others` never are. Subclasses disturb it (support/disturbances)."""

    title = None
    server_settings = None  # if it needs its own server, the settings of that server
    server_version = 0  # the smallest number that it needs
    workers = WORKERS
    others = 50
    share = 0.2
    settings = {}

    def __init__(self, postgres, folder, count, settings=None, others=None):
        self.postgres = postgres
        self.others = self.others if others is None else others
        self.folder = folder
        self.site = Site(postgres, os.path.join(folder, "a"), workers=self.workers)
        self.site.pool.settings.update({**self.settings, **(settings or {})})
        self.prepare()
        self.site.pool.write_config()
        second = {**self.site.pool.settings, **self.settings_of_b()}
        self.pools = [self.site.pool, Pool(os.path.join(folder, "b"), second, workers=self.workers)]
        self.bound = int(self.site.pool.settings.get("USER_API_SESSION_STALENESS_MS", STALENESS_MS)) / 1000
        self.users = make_users(self.site, count + self.others)
        self.victims = self.users[:count]
        self.admin = mint(self.site, self.site.seed.alice)
        self.checkers = Checkers(
            os.path.join(folder, "checks"),
            [pool.address for pool in self.pools],
            [user.token for user in self.users],
            count,
            self.share,
        )
        self.board = self.checkers.board
        self.changes = {}
        self.odd = []
        self.over = threading.Event()
        self.lock = threading.Lock()
        self.threads = [
            threading.Thread(target=self.change, args=(way, rate / parallel, kinds))
            for way, (rate, parallel) in RATES.items()
            for kinds in [itertools.cycle(list(self.kinds(way)))]
            for _ in range(parallel)
        ]

    # Methods that subclasses may override

    def prepare(self):
        """Called before the pools are created."""

    def settings_of_b(self):
        """Settings of the second machine only."""
        return {}

    def kinds(self, way):
        return {"api": changes.API, "sql": changes.SQL, "admin": changes.COMMANDS}[way]

    def connect(self):
        """A new connection for changes by SQL."""
        return self.postgres.connect(self.site.database)

    def operator_url(self):
        return self.postgres.url(self.site.database, "postgres")

    def step(self):
        """One disturbance, with changes during it."""
        self.more(25)

    def assert_disturbed(self):
        """Checks that the disturbances happened."""

    def release(self):
        """Releases what `prepare` has created."""

    # The trial

    def start(self):
        for pool in self.pools:
            pool.start()
        self.checkers.start()
        for thread in self.threads:
            thread.start()
        self.began = now()
        return self

    def next(self):
        """The number of the next session to end, or None if none is left."""
        with self.lock:
            number = self.board.head
            if number == len(self.victims):
                return None
            self.board.head = number + 1
            return number

    def use(self, number):
        """Uses the session until every machine has accepted it."""
        self.board.states[number] = NEXT
        end = now() + USE_SECONDS
        while not self.board.lowest(self.board.accepted, number) and now() < end and not self.over.wait(0.01):
            pass

    def change(self, way, rate, kinds):
        sql, due = changes.Sql(self), now()
        machines = itertools.cycle(range(MACHINES))
        while not self.over.wait(max(0, due - now())):
            # Changes that were missed meanwhile are not made later, because they would be a burst.
            due = max(due + 1 / rate, now() - 1 / rate)
            number = self.next()
            if number is None:
                break
            self.use(number)
            with self.lock:
                kind = next(kinds)
            machine = next(machines) if way == "api" else None
            self.end(number, Change(self.victims[number], kind, machine), sql)
        sql.close()

    def end(self, number, change, sql):
        """Makes a change, and records it on the board."""
        self.board.states[number] = CHANGING
        self.changes[number] = change
        change.began = now()
        try:
            if change.machine is not None:
                outcome = changes.API[change.kind](self, self.pools[change.machine].address, change.victim)
            elif change.kind in changes.SQL:
                outcome = sql.change(change.kind, change.victim)
            else:
                outcome = changes.command(self, change.kind, change.victim)
        except Odd as odd:
            self.odd.append(str(odd))
            outcome = changes.UNCLEAR
        change.end(outcome)
        self.board.states[number] = ENDED if outcome == DONE else UNCLEAR

    def ended(self):
        """The number of sessions that are known to have ended."""
        return sum(change.outcome == DONE for change in list(self.changes.values()))

    def more(self, count):
        """Waits until this number of further sessions have ended, or none is left."""
        self.checkers.assert_all_run()
        wanted = self.ended() + count
        wait_until(lambda: self.ended() >= wanted or self.is_used_up(), 60, f"{count} more sessions have been ended")

    def is_used_up(self):
        return self.board.head == len(self.victims)

    def last(self, seconds):
        """Lets changes and checks run for this time."""
        end = now() + seconds
        wait_until(lambda: now() >= end, seconds + 30, f"{seconds} s have passed")

    def run(self, steps=3, seconds=0):
        """Runs at least this number of steps, and as many as fit into the seconds. Returns the verdict."""
        done = 0
        while done < steps or (now() - self.began < seconds and not self.is_used_up()):
            self.step()
            done += 1
        self.seconds = now() - self.began
        self.over.set()
        for thread in self.threads:
            thread.join()
        try:
            wait_until(lambda: not self.unsettled(), SETTLE_SECONDS, "all machines refuse all sessions that have ended")
        except AssertionError as error:
            raise AssertionError(f"{error}: {self.unsettled()[:5]}") from None
        checks = self.checkers.stop()
        self.assert_disturbed()
        self.resolve()
        assert not self.odd, self.odd[:5]
        return verdict.judge(self.changes, checks, MACHINES, self.bound)

    def unsettled(self):
        """The kinds of changes after which a machine has not refused the session often enough yet."""
        refused = lambda number: self.board.lowest(self.board.refused, number)  # noqa: E731
        return [
            change.kind
            for number, change in self.changes.items()
            if change.outcome == DONE and refused(number) < checker.ENOUGH
        ]

    def resolve(self):
        """Checks changes whose outcome is unclear. If the change happened, it counts on every machine."""
        counting = "SELECT id FROM _user WHERE active AND epoch = 0 AND customer_id = %s"
        alive = {row[0] for row in self.site.sql(counting, (self.site.seed.a,))}
        revoked = {bytes(row[0]) for row in self.site.sql("SELECT digest FROM revoked_token")}
        for change in self.changes.values():
            if change.outcome != DONE:
                counts = change.victim.id in alive and change.victim.digest not in revoked
                self.wait_for(change, 200 if counts else 401)

    def wait_for(self, change, status):
        data = request_of(change.victim.token, checker.PATHS[0])
        for pool in self.pools:
            said = f"{change.kind}, whose outcome was open: {status} at {pool.address}"
            wait_until(lambda: ask(pool.address, data)[1] == status, 10, said)  # noqa: B023

    def stop(self):
        """Fails if a pool does not end correctly."""
        self.over.set()
        self.board.end()
        for thread in self.threads:
            if thread.is_alive():
                thread.join()
        try:
            for pool in self.pools:
                if pool.process.running():
                    code = pool.terminate()
                    assert code == 0, f"user-api ended with {code}:\n{pool.log_text()[-5000:]}"
                pool.log_lines()
        finally:
            self.pools[1].stop()
            self.site.release()
            self.release()
