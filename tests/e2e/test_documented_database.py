"""docs/database.md: its commands, run as printed, on Debian's own PostgreSQL."""

import json
import os
import re

import pytest
from support import fastcgi
from support.debian import Machine, needs_machine
from support.processes import REPOSITORY, wait_until

pytestmark = [needs_machine, pytest.mark.long, pytest.mark.unsanitized, pytest.mark.timeout(600)]

OWNER_PASSWORD = "the-owners-own"
WORKERS = "--workers 2 --bcrypt-cost 4 --listen unix:/run/pool/socket"


def fences(path, begin, end, language="sh"):
    """The code blocks in this language between two texts of a page."""
    with open(os.path.join(REPOSITORY, path), encoding="utf-8") as file:
        text = file.read().split(begin, 1)[1].split(end, 1)[0]
    return [block for kind, block in re.findall(r"(?ms)^```(\w*)\n(.*?)^```$", text) if kind == language]


def section(title, language="sh"):
    return fences("docs/database.md", f"\n## {title}\n", "\n## ", language)


PREPARE, LOCAL, THERE, REMOTE = section("Make it")
(PGPASS,) = section("Make it", "")
# What the package's installation does to the machine.
INSTALLED = "useradd --system --home-dir /nonexistent --shell /usr/sbin/nologin user-api; install -d /etc/user-api\n"


class Local:
    """The page's steps for a PostgreSQL on the same machine."""

    account = "user-api"
    is_remote = False

    def __init__(self, machine):
        self.machine = machine

    def adapt(self, commands):
        """Changes nothing: docs/database.md is written for this case."""
        return commands

    def prepare_server(self):
        self.machine.install_postgresql()

    def recipe(self):
        return LOCAL


class Remote(Local):
    """The page's steps for a PostgreSQL on another host, which the database's owner reaches by its address."""

    account = "user_api_sa"
    is_remote = True

    def adapt(self, commands):
        there = "--host db.example.org --username user_api_owner"
        commands = re.sub(r"runuser -u postgres -- (pg_dump|createdb|pg_restore)", rf"\1 {there}", commands)
        commands = commands.replace("postgresql://postgres@/user_api", "postgresql://user_api_owner@db.example.org/user_api")
        return re.sub(r"user-api-admin init .*", REMOTE.splitlines()[0], commands)

    def prepare_server(self):
        super().prepare_server()
        self.machine.name_itself("db.example.org", "192.0.2.5")
        self.machine.run(THERE, typed=f"{OWNER_PASSWORD}\n{OWNER_PASSWORD}\n")
        self.machine.write("/root/.pgpass", PGPASS.replace("PASSWORD", OWNER_PASSWORD))

    def recipe(self):
        return REMOTE


class Service:
    """The service that the steps set up, run with its settings as its unit runs it."""

    def __init__(self, way):
        self.way = way
        self.machine = way.machine

    def run(self, commands, **options):
        return self.machine.run(self.way.adapt(commands), **options)

    def start(self):
        self.machine.run("install -d -o user-api /run/pool")
        serve = f"runuser -u user-api -- user-api --config /etc/user-api/user-api.conf {WORKERS}"
        self.machine.run(f"{serve} >/run/pool.log 2>&1 & echo $! >/run/pool.pid")
        wait_until(lambda: self.ask("/healthz")[0] == 200, 30, "the service answers")

    def stop(self):
        self.machine.run("kill $(cat /run/pool.pid)")
        wait_until(lambda: not self.is_listening(), 30, "the service has ended")

    def is_listening(self):
        try:
            fastcgi.connect(self.address).close()
            return True
        except OSError:
            return False

    @property
    def address(self):
        return "unix:" + self.machine.path("/run/pool/socket")

    def ask(self, uri, body=b"", **parameters):
        """Returns (status, document, headers)."""
        status, headers, text = fastcgi.request(self.address, fastcgi.environ(uri=uri, body=body, **parameters), body)
        return status, json.loads(text), headers

    def log_in(self):
        """Logs the administrator in; returns the value for the Cookie header."""
        password = self.machine.run("cat /root/user-api-admin-password").stdout.strip()
        body = json.dumps({"email": "admin", "password": password}).encode()
        status, _, headers = self.ask("/api/users/login", body, method="POST", CONTENT_TYPE="application/json")
        assert status == 200
        return headers["set-cookie"].split(";")[0]

    def accepts(self, cookie):
        return self.ask("/api/users/token", HTTP_COOKIE=cookie)[0] == 200


@pytest.fixture(scope="module", params=[Local, Remote], ids=["local", "remote"])
def service(request, new_folder):
    """Follows the page, from Debian's PostgreSQL to a service that is ready."""
    folder = new_folder()
    os.chmod(folder, 0o755)
    way = request.param(Machine(folder).boot())
    way.prepare_server()
    said = way.machine.run(INSTALLED + PREPARE + way.recipe()).stdout
    assert said.endswith("\nready\n"), said
    made = Service(way)
    made.start()
    yield made
    made.machine.stop()


on_this_machine = pytest.mark.parametrize("service", [Local], indirect=True, ids=["local"])


def test_the_ways_are_tried_on_the_rules_that_debian_ships(service):
    rules = service.machine.run("grep -hv '^#' /etc/postgresql/*/main/pg_hba.conf").stdout
    rules = [" ".join(rule.split()) for rule in rules.splitlines() if rule.strip()]
    shipped = ["local all postgres peer", "local all all peer", "host all all 127.0.0.1/32 scram-sha-256"]
    assert [rule for rule in rules if "replication" not in rule and "::1" not in rule][:3] == shipped


def test_the_service_works_as_its_own_account_and_encrypted_where_it_goes_far(service):
    assert service.ask("/readyz")[:2] == (200, {"status": "ready"})
    assert service.accepts(service.log_in())
    connected = "SELECT DISTINCT usename, ssl FROM pg_stat_activity JOIN pg_stat_ssl USING (pid) WHERE application_name = 'user-api'"
    assert service.machine.sql(connected) == [f"{service.way.account}|{'t' if service.way.is_remote else 'f'}"]


def test_the_account_has_a_password_only_where_it_needs_one(service):
    password = f"SELECT rolpassword LIKE 'SCRAM-SHA-256$%' FROM pg_authid WHERE rolname = '{service.way.account}'"
    assert service.machine.sql(password) == (["t"] if service.way.is_remote else [""])


def test_the_settings_are_the_services_alone(service):
    assert service.run("stat -c '%U %a' /etc/user-api/user-api.conf").stdout == "user-api 600\n"
    service.run("runuser -u user-api -- user-api --check-config --config /etc/user-api/user-api.conf")


def test_the_commands_of_this_machine_work_for_root(service):
    (commands,) = section("On this machine")
    roles, customers = commands.splitlines()
    assert "admin  Admin" in service.run(roles).stdout
    assert "\n1   -     none" in service.run(customers).stdout


def test_the_page_shows_what_is_printed_when_all_is_well(service):
    (block,) = section("Is all well?", "console")
    for command, shown in re.findall(r"(?m)^# (.*)\n((?:[^#].*\n)*)", block):
        assert service.run(command).stdout == shown


def test_the_server_is_asked_as_the_page_says(service):
    for command in section("When the server does not let the service in"):
        assert f"/etc/postgresql/{service.machine.version}/main/pg_hba.conf" in service.run(command).stdout


def test_updating_changes_nothing_where_nothing_is_new(service):
    (commands,) = section("Updating")
    assert service.run(commands).stdout == "up to date\n"


def test_a_backup_is_restored_on_a_new_server(service):
    cookie, ended = service.log_in(), service.log_in()
    assert service.ask("/api/users/logout", HTTP_COOKIE=ended)[0] == 200
    (backup,) = section("Backup")
    service.run(backup)
    later = service.log_in()
    before = service.machine.sql("SELECT id, email, hash FROM _user ORDER BY id")
    service.stop()
    service.machine.remove_postgresql()
    service.machine.run("rm -r /etc/user-api")
    service.way.prepare_server()
    (restore,) = section("Restore")
    made, said = service.run(restore).stdout.split("\nready\n")
    assert f"role {service.way.account} created" in made and re.fullmatch(r"revoked  yes\nusers    1\nnext_id  \d{6,8}\n", said)
    service.start()
    assert service.machine.sql("SELECT id, email, hash FROM _user ORDER BY id") == before
    assert not any(map(service.accepts, [cookie, ended, later]))
    assert service.accepts(service.log_in())
    found = service.run("user-api-admin doctor postgresql://postgres@/user_api", check=False).stdout
    assert "errors: 0, warnings: 0" in found
    assert service.run("stat -c '%U %a' /etc/user-api/user-api.conf").stdout == "user-api 600\n"


@on_this_machine
def test_a_service_account_that_pg_hba_does_not_let_in_is_told_as_the_page_shows(service):
    arguments = "init postgresql://postgres@/postgres --database other"
    result = service.run(f"USER_API_ADMIN_PASSWORD=long-enough user-api-admin {arguments}", check=False)
    shown = " ".join(fences("docs/database.md", "## When the server", "\n## ", "")[0].split())
    shown = shown.replace('"user_api"', '"other"').replace("/15/", f"/{service.machine.version}/")
    assert (result.returncode, result.stderr) == (1, shown + "\n")


@on_this_machine
def test_only_root_can_try_as_the_service(service):
    arguments = "init postgresql:///postgres --peer user-api"
    said = service.run(f"runuser -u postgres -- user-api-admin {arguments}").stdout
    assert "\nnot tried: only the system user user-api can log in as user-api; try it as root: " in said
    command = said.split("as root: ", 1)[1]
    assert "admin  Admin" in service.run(command).stdout
