"""PostgreSQL's disk is full: the service confirms nothing that was not stored. Requests that need no space work."""

import os

import psycopg2
import pytest
from support.postgres import Postgres, server_user
from support.processes import wait_until
from support.seed import pbkdf2
from support.site import Site
from support.small_disk import SmallDisk, needs_mount

pytestmark = [pytest.mark.patient, needs_mount]

# The cluster of the other tests runs without these settings, because those tests do not crash it.
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "max_wal_size": "32MB"}
MOST = 2000


class Disk:
    """A cluster with one of its folders on a small disk."""

    def __init__(self, folder, name, mib):
        self.small = None

        def mount(data):
            path = os.path.join(data, name)
            os.makedirs(path, exist_ok=True)
            os.chown(path, server_user()["user"], server_user()["group"])
            self.small = SmallDisk(path, mib).start()
            return self.small.inside()

        self.server = Postgres(folder, DURABLE, wrap=mount)
        self.server.start()


@pytest.fixture
def make_site_on(new_folder):
    made = []

    def make(name, mib):
        disk = Disk(new_folder(), name, mib)
        made.append((disk, Site(disk.server, new_folder(), workers=2).start()))
        return made[-1]

    yield make
    for disk, site in made:
        site.stop()
        disk.server.stop()
        disk.small.stop()


class Registrations:
    """Registers new users, and records the answers."""

    def __init__(self, site, admin):
        self.site = site
        self.admin = admin
        self.stored, self.refused, self.unknown = set(), set(), set()

    def add(self):
        email = f"{len(self.stored) + len(self.refused) + len(self.unknown)}@example.org"
        document = {"email": email, "name": "n" * 200, "password": "12345678", "active": True, "roles": [{"id": 2}]}
        answer = self.admin.post("/api/users/", document)
        if answer.status_code == 201:
            self.stored.add(email)
        else:
            assert answer.status_code == 503, answer.text
            assert answer.json()["error_code"] == "SERVICE_UNAVAILABLE"
            (self.unknown if "not known" in answer.json()["message"] else self.refused).add(email)
        return answer.status_code

    def assert_told_the_truth(self):
        found = {row[0] for row in self.site.sql("SELECT email FROM _user WHERE name LIKE 'nnn%%'", ())}
        assert self.stored <= found, "an answer said that a user was stored who is not"
        assert found <= self.stored | self.unknown, "an answer said that nothing was stored"


def move(site, disk):
    """Moves the site's database to the small disk."""
    site.sql(f"CREATE TABLESPACE small LOCATION '{disk.small.path}'")
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
    # The watcher reconnects automatically, so forbid connections during the move.
    disk.server.execute(f'ALTER DATABASE "{site.database}" ALLOW_CONNECTIONS off')
    disk.server.execute(end, (site.database,))
    disk.server.execute(f'ALTER DATABASE "{site.database}" SET TABLESPACE small')
    disk.server.execute(f'ALTER DATABASE "{site.database}" ALLOW_CONNECTIONS on')
    site.seed.connection = disk.server.connect(site.database)


def test_where_tables_cannot_grow_writes_are_503_and_all_else_goes_on(make_site_on):
    disk, site = make_site_on("small", 64)
    seed = site.seed
    outdated = seed.user("outdated", password="old but right", stored=pbkdf2("old but right"))
    move(site, disk)
    admin = site.login(seed.alice)
    disk.small.fill()
    users = Registrations(site, admin)
    while users.add() == 201:
        assert len(users.stored) < MOST
    failed = [line for line in site.pool.log_lines() if line.get("sqlstate") == "53100"]
    assert failed and all("disk" in line["hint"] and line["level"] == "error" for line in failed)
    assert site.client.login(seed.albert.email, seed.albert.password).status_code == 200
    assert site.client.login(outdated.email, outdated.password).status_code == 200
    assert admin.get("/api/users/token").status_code == 200
    assert admin.get("/api/users/").status_code == 200
    assert site.client.get("/readyz").status_code == 200
    session = site.login(seed.albert)
    assert session.get("/api/users/logout").status_code == 503
    assert session.get("/api/users/token").status_code == 200
    disk.small.free()
    assert users.add() == 201
    assert session.get("/api/users/logout").status_code == 200
    users.assert_told_the_truth()


def test_where_the_log_cannot_be_written_the_server_crashes_and_comes_back_with_all_that_was_stored(make_site_on):
    disk, site = make_site_on("pg_wal", 64)
    users = Registrations(site, site.login(site.seed.alice))
    assert users.add() == 201
    disk.small.fill()
    with pytest.raises(psycopg2.Error):
        for _ in range(MOST):
            site.seed.execute("SELECT pg_logical_emit_message(false, 'fill', repeat('x', 500000))", None)
            users.add()
    for _ in range(4):
        users.add()
    assert "PANIC" in disk.server.process.log_text()
    disk.small.free()

    def stores():
        # PostgreSQL stops if it finds the disk still full during recovery.
        if not disk.server.process.running():
            disk.server.start()
        return users.add() == 201

    wait_until(stores, 60, "users are stored again")
    assert users.refused or users.unknown
    users.assert_told_the_truth()
