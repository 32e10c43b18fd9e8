"""The package on a running system: before it is configured, the steps of README.Debian as printed, upgrades and
removal. scripts/test --boot makes the system, with step 1 done. Each test continues where the one before it ended."""

import glob
import os
import re
import shutil
import subprocess

import pytest
from support.load import Load
from support.machine import NEEDED, ROOT, SETTINGS, Machine
from support.nginx import Nginx
from support.processes import REPOSITORY, wait_until

pytestmark = NEEDED


@pytest.fixture(scope="module")
def machine(new_folder):
    for path in ("/etc/user-api", "/etc/systemd/system/user-api.service.d"):
        shutil.rmtree(ROOT + path, ignore_errors=True)
    os.mkdir(ROOT + "/etc/user-api")
    booted = Machine(new_folder()).boot()
    yield booted
    booted.process.stop(60)


@pytest.fixture(scope="module")
def load(machine, new_folder):
    """Returns a function that sends requests for as long as its `with` block lasts."""

    def start():
        return Load(nginx.port)

    nginx = Nginx(new_folder(), machine.address).start()
    yield start
    nginx.stop()


def step(number):
    """The commands of a step of README.Debian."""
    with open(os.path.join(REPOSITORY, "deploy", "debian", "user-api.README.Debian"), encoding="utf-8") as file:
        (text,) = re.findall(rf"(?ms)^{number}\. (.*?)^(?=\d\. |[A-Z])", file.read())
    return "".join(line[4:] + "\n" for line in text.splitlines() if line.startswith("    "))


def next_version(suffix):
    """Builds the installed package with another version; returns its path in the machine."""
    (package,) = glob.glob(ROOT + "/packages/user-api_*.deb")
    folder = f"{ROOT}/packages/{suffix}"
    subprocess.run(["dpkg-deb", "--raw-extract", package, folder], timeout=120, check=True)
    control = os.path.join(folder, "DEBIAN", "control")
    with open(control, encoding="utf-8") as file:
        text = re.sub(r"(?m)^(Version: .*)$", rf"\1+{suffix}", file.read())
    with open(control, "w", encoding="utf-8") as file:
        file.write(text)
    made = f"/packages/{suffix}.deb"
    subprocess.run(["dpkg-deb", "--build", "--root-owner-group", folder, ROOT + made], timeout=120, check=True)
    return made


def active(machine):
    return machine.ask("systemctl", "is-active", "user-api.socket", "user-api.service").split()


def in_database(machine, statement):
    return machine.shell(f"runuser -u postgres -- psql -qAt user_api -c \"{statement}\"").strip()


def test_nothing_starts_before_it_is_configured_and_that_is_no_failure(machine):
    assert machine.ask("systemctl", "is-system-running").strip() == "running"
    assert machine.ask("systemctl", "is-active", "user-api.socket", "user-api.service").split() == ["inactive"] * 2
    assert machine.ask("systemctl", "is-enabled", "user-api.socket", "user-api.service").split() == ["enabled"] * 2
    machine.systemctl("start", "user-api")
    assert machine.show("ActiveState") == "inactive"


def test_the_steps_of_the_readme_lead_to_a_protected_page(machine):
    for number in (2, 3, 4):
        said = machine.shell(step(number))
    wait_until(lambda: machine.ask("curl", "-s", "http://127.0.0.1:5001/readyz") == '{"status":"ready"}\n', 30, "it is ready")
    said = machine.shell(step(5))
    assert "HTTP/1.1 302 " in said and "ocation: /login/?next=/private/" in said
    assert '"email":"admin"' in said
    assert said.endswith("This is for signed-in users.\n")


def test_it_starts_with_the_machine(machine):
    machine.process.stop(60)
    machine.boot()
    assert machine.serves()


def test_an_upgrade_under_load_loses_nothing(machine, load):
    before = machine.show("MainPID")
    made = next_version("next")
    with load() as running:
        machine.shell(f"dpkg --install {made}")
        running.more(500)
    assert machine.show("MainPID") != before
    assert running.failed == []


def test_an_upgrade_that_needs_a_new_schema_says_so_and_lets_the_old_program_go_on(machine, load):
    in_database(machine, "UPDATE schema_spec SET version = version::integer - 1 WHERE id = (SELECT max(id) FROM schema_spec)")
    before = machine.show("MainPID")
    made = next_version("older")
    with load() as running:
        said = machine.shell(f"dpkg --install {made}")
        running.more(500)
    in_database(machine, "UPDATE schema_spec SET version = version::integer + 1 WHERE id = (SELECT max(id) FROM schema_spec)")
    assert "user-api-admin migrate postgresql://postgres@/user_api && systemctl restart user-api" in said
    assert machine.show("MainPID") == before
    assert running.failed == []
    # The command that the message names does the missing work.
    machine.shell("user-api-admin migrate postgresql://postgres@/user_api && systemctl restart user-api")
    assert machine.show("MainPID") != before


def test_an_upgrade_to_a_program_that_is_too_old_for_the_database_says_so(machine):
    in_database(machine, "UPDATE schema_spec SET version = version::integer + 1 WHERE id = (SELECT max(id) FROM schema_spec)")
    said = machine.shell(f"dpkg --install {next_version('newer')}")
    in_database(machine, "UPDATE schema_spec SET version = version::integer - 1 WHERE id = (SELECT max(id) FROM schema_spec)")
    assert "the schema of the database is newer than this program" in said
    assert machine.serves()


def test_a_service_whose_secrets_come_from_systemd_is_asked_for_its_schema_as_well(machine):
    drop_in = "/etc/systemd/system/user-api.service.d"
    machine.shell(
        f"cp -a {SETTINGS} /root/settings; cd /etc/user-api; umask 077; mkdir -p {drop_in}\n"
        f"cp /usr/share/doc/user-api/examples/systemd/credentials.conf {drop_in}/\n"
        f"sed -n s/^USER_API_DATABASE_URL=//p {SETTINGS} >database-url; sed -n s/^USER_API_JWT_SECRET=//p {SETTINGS} >jwt-secret\n"
        f"sed -i '/^USER_API_DATABASE_URL=/d; /^USER_API_JWT_SECRET=/d' {SETTINGS}\n"
        "systemctl daemon-reload; systemctl restart user-api"
    )
    in_database(machine, "UPDATE schema_spec SET version = version::integer - 1 WHERE id = (SELECT max(id) FROM schema_spec)")
    before = machine.show("MainPID")
    said = machine.shell(f"dpkg --install {next_version('secrets')}")
    in_database(machine, "UPDATE schema_spec SET version = version::integer + 1 WHERE id = (SELECT max(id) FROM schema_spec)")
    after = machine.show("MainPID")
    machine.shell(
        f"rm -r {drop_in} /etc/user-api/database-url /etc/user-api/jwt-secret; mv /root/settings {SETTINGS}\n"
        "systemctl daemon-reload; systemctl restart user-api"
    )
    assert "the schema of the database is older than this program" in said
    assert after == before


def test_the_schema_is_asked_for_by_the_program_and_settings_of_the_service_whatever_root_has(machine):
    machine.shell("install -D -m 0755 /bin/true /usr/local/bin/user-api-admin")
    in_database(machine, "UPDATE schema_spec SET version = version::integer - 1 WHERE id = (SELECT max(id) FROM schema_spec)")
    said = machine.shell(f"USER_API_DATABASE_URL=postgresql://127.0.0.1:1/x dpkg --install {next_version('surroundings')}")
    in_database(machine, "UPDATE schema_spec SET version = version::integer + 1 WHERE id = (SELECT max(id) FROM schema_spec)")
    machine.shell("rm /usr/local/bin/user-api-admin")
    assert "the schema of the database is older than this program" in said


def test_settings_that_the_new_program_refuses_leave_the_old_one_running(machine):
    before = machine.show("MainPID")
    machine.shell(f"cp -a {SETTINGS} /root/settings; echo USER_API_NONSENSE=1 >>{SETTINGS}")
    said = machine.shell(f"dpkg --install {next_version('refused')}")
    machine.shell(f"mv /root/settings {SETTINGS}")
    assert "the new program refuses the settings; the old one keeps running" in said
    assert machine.show("MainPID") == before
    machine.shell("systemctl restart user-api")


def test_an_upgrade_does_not_start_what_is_stopped_and_an_installation_after_a_removal_does(machine):
    machine.systemctl("stop", "user-api.service", "user-api.socket")
    made = next_version("stopped")
    machine.shell(f"dpkg --install {made}")
    assert active(machine) == ["inactive"] * 2
    machine.shell("systemctl start user-api; dpkg --remove user-api")
    assert active(machine) == ["inactive"] * 2
    machine.shell(f"dpkg --install {made}")
    assert active(machine) == ["active"] * 2
    assert machine.serves()


def test_without_a_database_an_upgrade_is_an_upgrade(machine):
    machine.systemctl("stop", "postgresql")
    before = machine.show("MainPID")
    machine.shell(f"dpkg --install {next_version('without')}")
    machine.systemctl("start", "postgresql")
    assert machine.show("MainPID") != before
    assert machine.serves()


def test_a_purge_leaves_settings_database_and_web_server(machine):
    said = machine.shell("rm /etc/nginx/sites-enabled/protected-site; DEBIAN_FRONTEND=noninteractive apt-get -y purge user-api user-api-www 2>&1")
    assert "the settings stay in /etc/user-api" in said
    assert os.path.exists(ROOT + SETTINGS)
    assert machine.ask("systemctl", "is-active", "user-api.socket").strip() == "inactive"
    assert in_database(machine, "SELECT count(*) FROM _user") == "1"
    assert machine.ask("systemctl", "is-active", "nginx").strip() == "active"
    machine.shell("nginx -t")
    assert machine.ask("systemctl", "is-system-running").strip() == "running"
