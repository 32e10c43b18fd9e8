"""The installation of packages: its messages, what it does not change, and why it fails. Stubs replace apt-get and systemctl,
and check that no server of the packages is started, now or at the next boot."""

import os
import re
import shutil
import signal
import subprocess

import pytest
from support.processes import free_port, wait_until

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
INSTALLER = os.path.join(ROOT, "scripts", "lib", "install-as-root")
PLACE = r"(?:/usr)?/(?:lib/systemd/system|etc/init\.d)/([^/@]+?)(@?\.(?:service|socket))?"
LISTS = os.path.join(ROOT, "scripts", "packages")
# Servers' packages, each with the package that contains its service.
COMPANIONS = {"nginx": "nginx-common", "postgresql": "postgresql-common"}
# In a mount namespace, these folders of a test are mounted over the machine's.
COVERED = {"sbin": "/usr/sbin", "postgresql-common": "/etc/postgresql-common"}
SANDBOX = "set -e; for pair; do case $pair in *:*) mount --bind ${pair%%:*} ${pair#*:}; shift ;; *) break ;; esac; done; exec \"$@\""


def packages():
    names = set()
    for name in os.listdir(LISTS):
        with open(os.path.join(LISTS, name), encoding="ascii") as file:
            names.update(re.sub(r"^postgresql-\d+$", "postgresql", word) for word in file.read().split())
    return sorted(names | {COMPANIONS[name] for name in names & set(COMPANIONS)})


def services():
    """(package, service, its unit or init script) of the installed packages in the lists, without those of systemd."""
    found = []
    for package in packages():
        files = subprocess.run(["dpkg", "-L", package], capture_output=True, text=True, check=False).stdout.split()
        for file in files:
            match = re.fullmatch(PLACE, file)
            if match and not package.startswith("systemd"):
                found.append((package, match[1], match[1] + (match[2] or "")))
    return found


def servers():
    """{package: service} from the installer's table."""
    with open(INSTALLER, encoding="utf-8") as file:
        rows = re.search(r"(?ms)^servers='(.*?)'$", file.read())[1].splitlines()
    return {package: service for package, service, *_ in map(str.split, rows)}


def root(*more):
    """A command prefix with which any user is root in a namespace. `more` can add one for mounts."""
    return ["unshare", *more] if os.geteuid() == 0 else ["unshare", "--map-root-user", *more]


PLAN = """Reading package lists...
The following additional packages will be installed:
  libsample1
The following NEW packages will be installed:
  {new}
The following packages will be upgraded:
  libold1
1 upgraded, 2 newly installed, 0 to remove and 129 not upgraded.
Need to get 690 kB/1313 kB of archives.
After this operation, 4612 kB of additional disk space will be used.
'http://deb.example.org/sample.deb' sample.deb 689556 MD5Sum:03ee
"""

APT = r"""#!/bin/bash
# apt-get: says the plan; "installs" by asking whether what is written in units may be started.
cd {folder}
echo "$*" >>calls
case $* in
  *update*) ;;
  *--print-uris*) cat plan ;;
  *)
    cp output said-before
    cp {clusters} clusters-during || true
    for unit in $(cat units); do
      code=0
      [ ! -x /usr/sbin/policy-rc.d ] || /usr/sbin/policy-rc.d $unit start || code=$?
      echo "$unit $code" >>asked
    done
    exit {code}
    ;;
esac
"""


class Installation:
    """An installation with stubs of apt-get and systemctl, and with folders mounted over the machine's."""

    def __init__(self, folder):
        self.folder = folder
        for name in (*COVERED, "bin"):
            (folder / name).mkdir()
        self.write("bin/systemctl", '#!/bin/sh\necho "$*" >>%s/systemctl' % folder)

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")
        (self.folder / name).chmod(0o755)

    def read(self, name):
        path = self.folder / name
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def run(self, new, units=(), code=0, environment=(), apt=APT):
        self.write("plan", PLAN.format(new="  ".join(new)))
        self.write("units", " ".join(units))
        clusters = "/etc/postgresql-common/createcluster.d/*"
        self.write("bin/apt-get", apt.format(folder=self.folder, clusters=clusters, code=code))
        mounts = [f"{self.folder / name}:{place}" for name, place in COVERED.items()]
        with open(self.folder / "output", "w", encoding="utf-8") as output:
            self.code = subprocess.run(
                [*root("--mount"), "bash", "-c", SANDBOX, "sandbox", *mounts, "bash", INSTALLER, *new],
                env={**os.environ, "PATH": f"{self.folder}/bin:{os.environ['PATH']}", **dict(environment)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.PIPE,
                check=False,
            ).returncode
        return self

    def asked(self):
        """{unit: the policy's answer}"""
        return {unit: int(code) for unit, code in map(str.split, self.read("asked").splitlines())}


@pytest.fixture
def installation(tmp_path):
    if subprocess.run([*root("--mount"), "true"], check=False).returncode != 0:
        pytest.skip("no mount namespace may be made here")
    return Installation(tmp_path)


def test_the_table_of_servers_is_what_the_packages_bring():
    wanted = {package: name for package, name, _ in services() if name in set(servers().values())}
    assert {"nginx", "apache2", "haproxy", "caddy", "mariadb", "lighttpd", "postgresql"} <= set(wanted.values())
    # Only the image's test needs netavark, so it is not installed on every machine.
    found = {package: name for package, name in servers().items() if package != "netavark" or package in wanted}
    assert found == wanted


def test_no_new_server_is_started_now_or_at_boot(installation):
    # Only timers start the services named pg_*.
    units = [unit for _, name, unit in services() if not name.startswith("pg_")]
    asked = installation.run([*servers(), "postgresql-15"], [*units, "cron"]).asked()
    assert installation.code == 0 and len(asked) > 10
    assert {unit for unit, code in asked.items() if code != 101} == {"cron"}
    disabled = {line.split()[-1].split(".")[0] for line in installation.read("systemctl").splitlines()}
    # PostgreSQL gets no cluster, so its service starts nothing.
    played = {name for _, name, _ in services()}
    assert len(disabled) > 5 and disabled == set(servers().values()) & played - {"postgresql"}


def test_a_server_that_was_there_before_is_left_alone(installation):
    installation.run(["curl", "apache2"], ["nginx", "postgresql", "apache2"])
    assert installation.asked() == {"nginx": 0, "postgresql": 0, "apache2": 101}
    assert "apache2" in installation.read("systemctl") and "nginx" not in installation.read("systemctl")
    assert "nginx" not in installation.read("output") and "PostgreSQL" not in installation.read("output")


def test_nothing_is_held_back_where_no_server_is_new(installation):
    installation.run(["curl"], ["nginx"])
    assert installation.asked() == {"nginx": 0} and installation.read("systemctl") == ""
    assert "Left off" not in installation.read("output")


@pytest.mark.parametrize("code", [0, 100])
def test_the_policy_of_the_machine_goes_on_for_others_and_is_put_back(installation, code):
    mine = '#!/bin/sh\n[ "$1" != cron ] || exit 101\n'
    installation.write("sbin/policy-rc.d", mine)
    installation.run(["nginx-common"], ["cron", "ssh", "nginx"], code)
    assert installation.asked() == {"cron": 101, "ssh": 0, "nginx": 101}
    assert os.listdir(installation.folder / "sbin") == ["policy-rc.d"] and installation.read("sbin/policy-rc.d") == mine
    assert installation.code == code


def test_postgresql_gets_no_cluster_and_its_configuration_is_as_it_was(installation):
    installation.write("postgresql-common/createcluster.conf", "ssl = on\n")
    installation.run(["postgresql-common", "postgresql-15"])
    assert installation.read("clusters-during").startswith("create_main_cluster = false")
    assert os.listdir(installation.folder / "postgresql-common") == ["createcluster.conf"]
    assert os.listdir(installation.folder / "sbin") == []


def test_what_a_killed_installation_left_is_put_back_by_the_next(installation):
    mine = "#!/bin/sh\nexit 101\n"
    installation.write("sbin/policy-rc.d.before-user-api", mine)
    installation.write("sbin/policy-rc.d", "#!/bin/sh\n# set for one installation by user-api\n")
    (installation.folder / "postgresql-common/createcluster.d").mkdir()
    installation.write("postgresql-common/createcluster.d/user-api.conf", "create_main_cluster = false\n")
    installation.run(["curl"])
    assert os.listdir(installation.folder / "sbin") == ["policy-rc.d"] and installation.read("sbin/policy-rc.d") == mine
    assert os.listdir(installation.folder / "postgresql-common") == []


def test_sizes_are_said_before_and_what_is_left_off_after_in_one_line(installation):
    installation.run(["curl", "nginx", "nginx-common", "postgresql-15", "postgresql-common"])
    before, after = installation.read("said-before"), installation.read("output")
    assert ": 5; 690 kB to download, 4612 kB on the disk" in before and "libold1" in before
    assert after.startswith(before)
    (line,) = after[len(before) :].splitlines()
    assert "nginx" in line and "systemctl enable" in line and "pg_createcluster 15 main --start" in line


def test_what_a_failed_installation_began_is_left_off_as_well(installation):
    installation.run(["nginx-common"], code=100)
    assert installation.code == 100
    assert "disable nginx.service" in installation.read("systemctl") and "Left off" in installation.read("output")


def test_nothing_that_is_installed_is_removed(installation):
    installation.run(["curl"])
    installs = [call for call in installation.read("calls").splitlines() if " install " in call]
    assert len(installs) == 2 and all("--no-remove" in call for call in installs)


def configure_apt(folder, source):
    """Configures the real apt-get with its own lists and this source. Returns the variables for its environment."""
    for name in ("lists/partial", "cache/archives/partial", "sources.d", "preferences.d"):
        (folder / name).mkdir(parents=True)
    (folder / "sources.list").write_text(f"deb [trusted=yes] {source} ./\n", encoding="ascii")
    settings = {
        "Dir::State::lists": "lists",
        "Dir::Cache": "cache",
        "Dir::Etc::sourcelist": "sources.list",
        "Dir::Etc::sourceparts": "sources.d",
    }
    lines = [f'{key} "{folder / name}";\n' for key, name in settings.items()]
    (folder / "apt.conf").write_text("".join([*lines, 'APT::Sandbox::User "root";\n']), encoding="ascii")
    return {"APT_CONFIG": f"{folder / 'apt.conf'}"}


def test_the_sizes_are_what_the_real_apt_says(installation, tmp_path):
    packages_file = "Package: user-api-sample\nVersion: 1\nArchitecture: all\nMaintainer: a <a@example.org>\nSize: 2500000\n"
    packages_file += f"Installed-Size: 7000\nFilename: ./sample.deb\nSHA256: {'0' * 64}\nDescription: sample\n"
    (tmp_path / "Packages").write_text(packages_file, encoding="ascii")
    environment = configure_apt(tmp_path / "apt", f"copy:{tmp_path}")
    real = 'exec /usr/bin/apt-get "$@"'
    apt = APT.replace("*update*) ;;", f"*update*) {real} ;;").replace("cat plan", real)
    installation.run(["user-api-sample"], environment=environment, apt=apt)
    assert installation.code == 0
    assert ": 1; 2500 kB to download, 7168 kB on the disk" in installation.read("said-before")


@pytest.fixture
def checkout(tmp_path):
    """A folder with only the scripts, which need a package that does not exist."""
    copy = tmp_path / "checkout"
    shutil.copytree(os.path.join(ROOT, "scripts"), copy / "scripts")
    for name in os.listdir(copy / "scripts" / "packages"):
        (copy / "scripts" / "packages" / name).write_text("user-api-no-such\n" if name == "run.txt" else "", encoding="ascii")
    return copy


COMMANDS = [("run", "--state", "state", "--port", str(free_port())), ("test", "--unit")]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_failing_apt_is_quoted_after_what_was_to_be_installed(checkout, tmp_path, command):
    port = free_port()
    environment = {**os.environ, **configure_apt(tmp_path / "apt", f"http://127.0.0.1:{port}"), "LANGUAGE": "de", "LANG": "de_DE.UTF-8"}
    script = [f"{checkout}/scripts/{command[0]}", *command[1:]]
    result = subprocess.run(
        [*root(), *script], cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert result.stdout.splitlines()[0].startswith("Installing missing Debian packages")
    assert result.stdout.splitlines()[1:] == ["  user-api-no-such"]
    assert "E: Unable to locate package user-api-no-such" in result.stderr.splitlines()
    assert f"127.0.0.1:{port}" in result.stderr and "Connection refused" in result.stderr
    assert result.stderr.splitlines()[-1].startswith(f"{command[0]}: apt-get could not install the packages")


@pytest.mark.parametrize("command", COMMANDS)
def test_ctrl_c_while_apt_works_ends_with_130_and_no_advice(checkout, tmp_path, command):
    (tmp_path / "bin").mkdir()
    apt = tmp_path / "bin" / "apt-get"
    apt.write_text(f"#!/bin/sh\ntouch {tmp_path}/begun\nexec sleep 300\n", encoding="ascii")
    apt.chmod(0o755)
    process = subprocess.Popen(
        [*root(), f"{checkout}/scripts/{command[0]}", *command[1:]],
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{tmp_path}/bin:{os.environ['PATH']}"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    wait_until((tmp_path / "begun").exists, 60, "apt works")
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (128 + signal.SIGINT, "")


DPKG_QUERY = """#!/bin/sh
cat <<END
installed curl,
installed nodejs, nodejs-doc (= 1), npm
config-files gone, left
END
"""


def test_what_an_installed_package_provides_is_not_missing(tmp_path):
    """A nodejs from elsewhere can contain npm, and conflict with Debian's npm."""
    (tmp_path / "scripts/packages").mkdir(parents=True)
    (tmp_path / "scripts/packages/first.txt").write_text("curl\ngone\nnodejs\n")
    (tmp_path / "scripts/packages/second.txt").write_text("absent\nleft\nnodejs\nnpm\n")
    (tmp_path / "dpkg-query").write_text(DPKG_QUERY)
    (tmp_path / "dpkg-query").chmod(0o755)
    lines = [". scripts/lib/common.sh", ". scripts/lib/packages.sh", f"ROOT={tmp_path}", "missing_packages first second"]
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    found = subprocess.run(["bash", "-euc", "\n".join(lines)], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    assert found.stdout.split() == ["absent", "gone", "left"]
