"""The service repeats messages of servers and libraries only without the secrets in them."""

import os
import socket
import struct
import threading

import pytest
from support import admin
from support.pool_peers import SETTINGS, wait_for_log
from support.rows import user
from support.rows_fixtures import target  # noqa: F401

pytest_plugins = ["support.pool_fixtures"]

PASSWORD = "geheim-7"


class Babbler:
    """A PostgreSQL that asks for the password, and repeats it in its error message."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                peer, _ = self.socket.accept()
            except OSError:
                return
            with peer:
                self.answer(peer)

    def answer(self, peer):
        def message():
            return peer.recv(struct.unpack("!i", peer.recv(4, socket.MSG_WAITALL))[0] - 4, socket.MSG_WAITALL)

        while message()[:4] != struct.pack("!i", 196608):
            peer.sendall(b"N")  # neither TLS nor GSSAPI
        peer.sendall(b"R" + struct.pack("!ii", 8, 3))
        peer.recv(1)
        password = message().rstrip(b"\0")
        fields = b"SFATAL\0C28P01\0Mno user with the password " + password + b" here\0\0"
        peer.sendall(b"E" + struct.pack("!i", 4 + len(fields)) + fields)

    def stop(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join(10)


@pytest.fixture
def babbler():
    server = Babbler()
    yield server
    server.stop()


@pytest.mark.parametrize(
    "variable,command",
    [
        ("USER_API_DATABASE_URL", ["migrate", "status"]),
        ("USER_API_ADMIN_PASSWORD", ["init", "--database-url", "postgresql://nowhere/d"]),
    ],
)
def test_a_secret_in_place_of_its_file_is_not_repeated(variable, command):
    said = admin.run(*command, check=False, **{f"{variable}_FILE": f"postgresql://u:{PASSWORD}@h/d"}).stderr
    assert f"{variable}_FILE: there is no such file; the secret itself goes into {variable}" in said
    assert PASSWORD not in said


@pytest.mark.parametrize("source", ["url", "environment", "file"])
def test_a_password_that_the_server_repeats_is_hidden(babbler, folder, source):
    path = os.path.join(folder, "pgpass")
    with open(path, "w", encoding="ascii") as file:
        file.write(f"*:*:*:*:{PASSWORD}\n")
    os.chmod(path, 0o600)
    variables = {"url": {}, "environment": {"PGPASSWORD": PASSWORD}, "file": {"PGPASSFILE": path}}[source]
    login = f"someone:{PASSWORD}" if source == "url" else "someone"
    url = f"postgresql://{login}@127.0.0.1:{babbler.port}/d"
    said = admin.run("migrate", "status", url, check=False, **variables).stderr
    assert "no user with the password *** here" in said and PASSWORD not in said


def test_a_password_that_is_the_accounts_name_is_not_given_away_by_hiding_it(babbler):
    url = f"postgresql://someone:someone@127.0.0.1:{babbler.port}/d"
    said = admin.run("migrate", "status", url, check=False).stderr
    assert "no user with the password someone here" in said


def test_a_password_that_the_server_repeats_is_not_logged(babbler, make_pool):
    url = f"postgresql://someone:{PASSWORD}@127.0.0.1:{babbler.port}/d"
    pool = make_pool({**SETTINGS, "USER_API_DATABASE_URL": url}, workers=1).start()
    assert pool.request("GET", "/readyz")[0] == 503
    wait_for_log(pool, "database unavailable")
    assert "no user with the password *** here" in pool.log_text() and PASSWORD not in pool.log_text()


def test_what_a_function_in_the_database_quotes_of_a_row_is_not_repeated(target):
    target.sql(
        "CREATE FUNCTION babble() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE EXCEPTION 'row with hash %', NEW.hash; END $$"
    )
    target.sql("CREATE TRIGGER babble BEFORE INSERT ON _user FOR EACH ROW EXECUTE FUNCTION babble()")
    said = target.load([user(1)], code=1).stderr
    assert "(SQLSTATE P0001)" in said and "hash" not in said


def test_what_is_wrong_with_a_value_is_told_without_it(target):
    target.sql("CREATE INDEX numbers ON _user ((name::integer))")
    said = target.load([user(1, name="geheim")], code=1).stderr
    assert "(SQLSTATE 22P02)" in said and "geheim" not in said
