"""Trials with repeated failures. The promise must hold in spite of them."""

import contextlib
import os
import random
import signal

import psycopg2

from . import changes
from .changes import DONE, Change
from .checker import CHANGING, ENDED
from .pgbouncer import PgBouncer
from .processes import wait_until
from .silent_proxy import SilentProxy
from .standby import Pair
from .trial import Trial


@contextlib.contextmanager
def full_queue(connect):
    """Fills the server's queue of notifications: a session listens and does not read them."""
    with contextlib.closing(connect()) as reader, contextlib.closing(connect()) as writer:
        with reader.cursor() as cursor:
            cursor.execute("LISTEN filler")
            reader.autocommit = False
            cursor.execute("SELECT 1")
        with writer.cursor() as cursor, contextlib.suppress(psycopg2.OperationalError):
            while True:
                cursor.execute("SELECT pg_notify('filler', repeat('x', 7900) || n) FROM generate_series(1, 10) n")
        yield


class Quiet(Trial):
    title = "quiet"


class WatcherKilled(Trial):
    """The watchers of all machines are killed. Then a session ends before new watchers run, so no watcher is notified.
    No check uses the session meanwhile: a check that queried the database would learn of its end without them."""

    title = "watcher killed"
    killed = 0

    def step(self):
        self.more(8)
        pids = [wait_until(pool.watcher, 30, "there is a watcher") for pool in self.pools]
        number = self.next()
        if number is None:
            return
        self.use(number)
        change = Change(self.victims[number], "SQL active", None)
        sql = changes.Sql(self)
        sql.open()
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        change.end(sql.change(change.kind, change.victim))
        sql.close()
        for pool, pid in zip(self.pools, pids):
            wait_until(lambda: pool.watcher() not in (None, pid), 30, "there is another watcher")  # noqa: B023
        self.changes[number] = change
        self.board.states[number] = ENDED
        self.killed += len(pids)

    def assert_disturbed(self):
        assert self.killed


class WatcherStopped(Trial):
    """The watcher is stopped for longer than the bound, on one machine, then on the other."""

    title = "watcher stopped"
    stopped = 0

    def step(self):
        pool = self.pools[self.stopped % len(self.pools)]
        pid = wait_until(lambda: pool.watcher(), 30, "there is a watcher")
        os.kill(pid, signal.SIGSTOP)
        self.last(self.bound + 0.5)
        assert pool.watcher() == pid
        os.kill(pid, signal.SIGCONT)
        self.stopped += 1
        self.more(15)

    def assert_disturbed(self):
        assert self.stopped


class Silenced(Trial):
    """The second machine's watcher listens through a proxy. The proxy stops forwarding, and continues only after the
    watcher has closed the connection."""

    title = "connection silent"
    proxy = None

    def prepare(self):
        self.proxy = SilentProxy(self.folder, self.postgres).start()

    def settings_of_b(self):
        return {"USER_API_SESSION_LISTEN_URL": self.proxy.url(self.site.database)}

    def step(self):
        self.more(15)
        self.proxy.fall_silent()
        self.last(self.bound + 1.5)
        self.proxy.speak()
        self.more(15)

    def release(self):
        self.proxy.stop()


class WorkersKilled(Trial):
    title = "workers killed"
    killed = 0

    def step(self):
        self.more(3)
        pids = random.choice(self.pools).pids()
        if pids:
            self.killed += 1
            os.kill(random.choice(pids), signal.SIGKILL)

    def assert_disturbed(self):
        assert self.killed


class Restarted(Trial):
    """The database is restarted."""

    title = "database restarted"
    server_settings = {}

    def step(self):
        self.more(15)
        self.postgres.restart()
        self.more(15)


class FailedOver(Trial):
    """One failover to a standby. The trial has its own two servers, and does not use `postgres`."""

    title = "failed over"
    pair = None

    def __init__(self, postgres, folder, *arguments, **options):
        self.pair = Pair(os.path.join(folder, "pair"))
        super().__init__(self.pair.primary, folder, *arguments, **options)

    def prepare(self):
        self.pair.follow()
        self.site.pool.settings["USER_API_DATABASE_URL"] = self.pair.url(self.site.database)
        self.site.seed.reconnect = self.connect

    def connect(self):
        connection = psycopg2.connect(self.operator_url(), connect_timeout=5)
        connection.autocommit = True
        return connection

    def operator_url(self):
        return self.pair.url(self.site.database, "postgres")

    def step(self):
        self.more(20)
        if self.pair.primary.process.running():
            self.pair.fail_over()
            self.site.postgres = self.pair.standby
        self.more(20)

    def release(self):
        self.pair.standby.stop()
        self.pair.primary.stop()


class Pooled(Trial):
    """The pools connect through PgBouncer, which forwards no notifications."""

    title = "PgBouncer"
    pooler = None

    def prepare(self):
        os.makedirs(os.path.join(self.folder, "pooler"))
        self.pooler = PgBouncer(self.postgres, os.path.join(self.folder, "pooler")).start()
        url = self.pooler.url(self.site.database)
        self.site.pool.settings.update(USER_API_DATABASE_URL=url, USER_API_DATABASE_PREPARED="off")

    def release(self):
        self.pooler.stop()


class PooledWithListenUrl(Pooled):
    title = "PgBouncer, LISTEN_URL"

    def prepare(self):
        super().prepare()
        self.site.pool.settings["USER_API_SESSION_LISTEN_URL"] = self.postgres.url(self.site.database)


class ManyAtOnce(Trial):
    """Sometimes one statement changes 10 000 users. The sessions of some of them are checked."""

    title = "10 000 at once"
    kind = "SQL 10 000"
    crowd = 10000
    followed = 40

    def prepare(self):
        make = (
            "INSERT INTO _user (email, name, hash, salt, customer_id)"
            " SELECT 'crowd' || n || '@example.org', 'One of many', '*', '*', %s FROM generate_series(1, %s) n"
            " RETURNING id"
        )
        self.ids = [row[0] for row in self.site.sql(make, (self.site.seed.b, self.crowd - self.followed))]

    def step(self):
        self.more(15)
        numbers = [number for number in (self.next() for _ in range(self.followed)) if number is not None]
        for number in numbers:
            self.use(number)
        ended = [Change(self.victims[number], self.kind, None) for number in numbers]
        for number, change in zip(numbers, ended):
            self.changes[number] = change
            self.board.states[number] = CHANGING
        ids = self.ids + [change.victim.id for change in ended]
        self.site.sql("UPDATE _user SET active = NOT active WHERE id = ANY(%s)", (ids,))
        for number, change in zip(numbers, ended):
            change.end(DONE)
            self.board.states[number] = ENDED
        self.more(15)


class SmallTable(Trial):
    """The table has the smallest size, and more sessions are in use than it can hold."""

    title = "table of 1 MiB"
    settings = {"USER_API_SESSION_TABLE_MIB": "1"}
    others = 100000
    share = 0.8

    def __init__(self, *arguments, checks=30000, **options):
        """`checks` is the number of checks of other sessions in a step. Of 5000 a machine, the table forgets some."""
        self.checks = checks
        super().__init__(*arguments, **options)

    def step(self):
        self.more(25)
        wanted = self.board.others + self.checks
        wait_until(lambda: self.board.others >= wanted, 240, f"{self.checks} checks of other sessions")


class QueueFull(Trial):
    """The server's queue of notifications is full for a while. Only changes that end sessions fail then."""

    title = "notification queue full"
    server_settings = {"max_notify_queue_pages": "64"}
    server_version = 170000  # the first version with this setting
    filled = 0

    def step(self):
        self.more(15)
        with full_queue(self.connect):
            self.last(0.5)
        self.filled += 1
        self.more(15)

    def assert_disturbed(self):
        assert self.filled and self.ended() < len(self.changes), "some changes failed"


# Trials with server_settings need their own server with these settings.
ALL = (
    Quiet,
    WatcherKilled,
    WatcherStopped,
    Silenced,
    Restarted,
    FailedOver,
    Pooled,
    PooledWithListenUrl,
    ManyAtOnce,
    SmallTable,
    WorkersKilled,
    QueueFull,
)
