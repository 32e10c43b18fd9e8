"""make deb: the packages that it writes to build/deb/, and its messages when it cannot build. scripts/test --package and
--boot install them, and test that they work."""

import glob
import hashlib
import os
import re
import shutil
import subprocess
import tempfile

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NAMES = ["libuserapi-dev", "libuserapi0", "user-api", "user-api-www"]
AN_AUTHOR = {"DEBFULLNAME": "Somebody Else", "DEBEMAIL": "somebody@example.org"}

pytestmark = pytest.mark.timeout(1200)


def run(*argv, check=True, **options):
    done = subprocess.run(
        argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=900, check=False, **options
    )
    assert done.returncode == 0 or not check, done.stdout
    return done


def release():
    with open("/etc/os-release", encoding="utf-8") as file:
        return re.search(r'(?m)^VERSION_ID="(\d+)"$', file.read())[1]


def deb(root=ROOT, check=True, **variables):
    """Runs without the unit tests, which run elsewhere, and with low priority, because other tests measure time meanwhile."""
    environment = {**os.environ, "DEB_BUILD_OPTIONS": "nocheck", **AN_AUTHOR, "SOURCE_DATE_EPOCH": "1767225600", **variables}
    environment = {name: value for name, value in environment.items() if value is not None}
    return run("nice", f"{root}/scripts/deb", env=environment, check=check)


@pytest.fixture(scope="module")
def built():
    """The folder of the packages."""
    deb()
    return f"{ROOT}/build/deb"


@pytest.fixture(scope="module")
def unpacked(built, tmp_path_factory):
    """A folder for each package: the files that dpkg would unpack, and the control files in DEBIAN."""
    folder = tmp_path_factory.mktemp("unpacked")
    for name in NAMES:
        (package,) = glob.glob(f"{built}/{name}_*.deb")
        run("dpkg-deb", "--raw-extract", package, str(folder / name))
    return folder


def files_of(folder):
    """The files of a package, without those in DEBIAN."""
    names = [os.path.relpath(os.path.join(at, name), folder) for at, _, found in os.walk(folder) for name in found]
    return sorted(name for name in names if not name.startswith("DEBIAN/"))


def field(unpacked, package, name):
    return run("dpkg-deb", "--field", glob.glob(f"{ROOT}/build/deb/{package}_*.deb")[0], name).stdout.strip()


def copy_of_checkout(folder):
    """A copy without build folders and without git."""
    def left_out(at, names):
        return [name for name in names if at == ROOT and (name in (".git", "var") or re.match(r"build(-|$)", name))]

    shutil.copytree(ROOT, folder, ignore=left_out)
    return folder


# --- the packages ---


def test_the_packages_and_their_source_are_there_with_a_version_of_this_release(built):
    with open(f"{ROOT}/VERSION", encoding="ascii") as file:
        version = f"{file.read().strip()}~deb{release()}u1"
    made = {os.path.basename(path).split("_")[0] for path in glob.glob(f"{built}/*_{version}_*.deb")}
    assert made == {*NAMES, "user-api-dbgsym", "libuserapi0-dbgsym"}
    for end in (".dsc", ".tar.xz"):
        assert os.path.exists(f"{built}/user-api_{version}{end}")
    assert len(glob.glob(f"{built}/user-api_{version}_*.changes")) == 1


def test_the_next_releases_package_replaces_this_ones():
    order = ["0.1.0~deb12u1", "0.1.0~deb13u1", "0.1.0", "0.1.1~deb12u1"]
    for older, newer in zip(order, order[1:]):
        run("dpkg", "--compare-versions", older, "lt", newer)


def test_lintian_has_no_errors_and_no_warnings(built):
    (changes,) = glob.glob(f"{built}/*.changes")
    assert run("lintian", "--allow-root", "--profile", "debian", "--tag-display-limit", "0", changes).stdout == ""


def test_nothing_is_hidden_from_lintian(unpacked):
    assert not glob.glob(f"{ROOT}/deploy/debian/**/*lintian-overrides*", recursive=True)
    assert [name for package in NAMES for name in files_of(unpacked / package) if "lintian" in name] == []


def test_the_maintainer_is_who_is_named_else_the_author_of_the_last_commit(built, unpacked):
    assert field(unpacked, "user-api", "Maintainer") == "Somebody Else <somebody@example.org>"
    with open(f"{ROOT}/scripts/deb", encoding="utf-8") as file:
        functions = file.read().split("main() {")[0].replace('"$(dirname "${BASH_SOURCE[0]}")', f'"{ROOT}/scripts')
    unnamed = {name: value for name, value in os.environ.items() if name not in AN_AUTHOR}
    author = run("git", "-C", ROOT, "log", "-1", "--format=%an <%ae>", check=False)
    said = run("bash", "-c", f"{functions}\nmaintainer", env=unnamed, check=False)
    if author.returncode == 0:
        assert said.stdout == author.stdout.strip()
    else:
        assert "set DEBFULLNAME and DEBEMAIL" in said.stdout


@pytest.fixture
def elsewhere():
    """A folder that every user may enter, unlike pytest's."""
    with tempfile.TemporaryDirectory(prefix="user-api-deb-") as folder:
        os.chmod(folder, 0o755)
        yield folder


def test_two_builds_in_two_places_by_two_people_are_identical(built, elsewhere):
    other = copy_of_checkout(os.path.join(elsewhere, "another-name"))
    command = []
    if os.geteuid() == 0:
        run("chown", "-R", "nobody:", other)
        command = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    environment = {**os.environ, **AN_AUTHOR, "DEB_BUILD_OPTIONS": "nocheck", "SOURCE_DATE_EPOCH": "1767225600", "HOME": "/nonexistent"}
    environment |= {"CFLAGS": "-O0", "SANITIZE": "1", "MAKEFLAGS": " -- PREFIX=/opt BUILD=elsewhere"}
    run("nice", *command, "bash", "-c", f"umask 077; TZ=Asia/Tokyo exec '{other}/scripts/deb'", env=environment)

    def digests(of):
        found = {}
        for path in glob.glob(f"{of}/*.deb") + glob.glob(f"{of}/*.dsc") + glob.glob(f"{of}/*.tar.xz"):
            with open(path, "rb") as file:
                found[os.path.basename(path)] = hashlib.sha256(file.read()).hexdigest()
        return found

    assert len(digests(built)) == len(NAMES) + 4
    assert digests(f"{other}/build/deb") == digests(built)


# --- their files ---


def test_every_file_that_make_install_installs_is_in_a_package(unpacked):
    """Names are compared without .gz, and without the release's folders of units and libraries."""
    packaged = {
        re.sub(r"\.gz$", "", re.sub(r"^(usr/)?lib/systemd", "usr/lib/systemd", re.sub(r"^usr/lib/[^/]*-linux-gnu[^/]*/", "usr/lib/", name)))
        for package in NAMES
        for name in files_of(unpacked / package)
    }
    folder = unpacked / "by make"
    run("flock", "Makefile", "make", "-s", "install", f"DESTDIR={folder}", "PREFIX=/usr", cwd=ROOT)
    assert [name for name in files_of(folder) if name not in packaged] == []


def test_nothing_of_a_web_server_is_switched_on_and_what_may_be_edited_is_a_conffile(unpacked):
    files = [f"/{name}" for name in files_of(unpacked / "user-api-www") if name.startswith("etc/")]
    assert "/etc/nginx/sites-available/user-api" in files and "/etc/apache2/conf-available/user-api-www.conf" in files
    assert [name for name in files if "-enabled" in name or "/conf.d/" in name] == []
    with open(unpacked / "user-api-www" / "DEBIAN" / "conffiles", encoding="utf-8") as file:
        assert file.read().split() == files
    assert [name for package in NAMES[:3] for name in files_of(unpacked / package) if name.startswith("etc/")] == []


def test_news_have_the_version_that_brings_them_so_that_they_are_shown_once():
    with open(f"{ROOT}/deploy/debian/user-api.NEWS", encoding="utf-8") as file:
        versions = re.findall(r"(?m)^user-api \((.*?)\) ", file.read())
    assert versions and all(re.fullmatch(r"[0-9.]+@SUFFIX@", version) for version in versions)


def test_units_wait_for_the_settings(unpacked):
    units = [name for name in files_of(unpacked / "user-api") if "systemd/system/" in name]
    assert [os.path.basename(name) for name in units] == ["user-api.service", "user-api.socket"]
    for name in units:
        assert "\nConditionPathExists=/etc/user-api/user-api.conf\n" in (unpacked / "user-api" / name).read_text()


def test_libraries_of_two_architectures_fit_beside_each_other(unpacked):
    for package in ("libuserapi0", "libuserapi-dev"):
        assert field(unpacked, package, "Multi-Arch") == "same"
        libraries = [name for name in files_of(unpacked / package) if name.startswith("usr/lib/")]
        assert libraries and all(re.match(r"usr/lib/[^/]+-linux-gnu[^/]*/", name) for name in libraries)


def test_a_build_needs_what_the_list_names():
    def list_of(name):
        with open(f"{ROOT}/scripts/packages/{name}.txt", encoding="ascii") as file:
            return set(file.read().split())

    with open(f"{ROOT}/deploy/debian/control", encoding="utf-8") as file:
        (depends,) = re.findall(r"(?ms)^Build-Depends: (.*?)\n\n", file.read())
    needed = {word for word in re.findall(r"([a-z0-9.+-]+)(?: [(<][^,]*)?(?:,|$)", depends)}
    # Every Debian that builds packages has these. Build-Depends names the parts of debhelper.
    built_in = {"gcc", "libc6-dev", "make", "dpkg-dev"}
    assert needed - {"debhelper-compat", "libdebhelper-perl"} == (list_of("build") | list_of("deb")) - built_in - {"build-essential", "debhelper"}


# --- errors ---


@pytest.mark.parametrize("argument", ["--frobnicate", "now"])
def test_an_argument_that_is_not_known_is_refused_in_one_line(argument):
    result = run(f"{ROOT}/scripts/deb", argument, check=False)
    assert result.returncode == 2 and len(result.stdout.splitlines()) == 1


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"DEBFULLNAME": None}, "set DEBFULLNAME and DEBEMAIL"),
        ({"DEBEMAIL": "a>\nUploaders: b"}, "no control characters"),
        ({"SOURCE_DATE_EPOCH": "yesterday"}, "takes seconds since 1970, not 'yesterday'"),
    ],
)
def test_who_and_when_have_to_be_known(tmp_path, variables, words):
    result = deb(copy_of_checkout(str(tmp_path / "copy")), check=False, **variables)
    assert (result.returncode, len(result.stdout.splitlines())) == (1, 1), result.stdout
    assert words in result.stdout


def test_a_folder_of_somebody_else_is_told_in_one_line(elsewhere):
    folder = os.path.join(copy_of_checkout(os.path.join(elsewhere, "copy")), "build", "deb")
    os.makedirs(folder)
    os.chmod(folder, 0o555)
    command = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.geteuid() == 0 else []
    result = run(*command, f"{elsewhere}/copy/scripts/deb", env={**os.environ, **AN_AUTHOR}, check=False)
    assert (result.returncode, len(result.stdout.splitlines())) == (1, 1), result.stdout
    assert f"{folder} is not writable for nobody" in result.stdout or command == []


def test_a_build_that_fails_says_where_and_leaves_no_packages(tmp_path):
    copy = copy_of_checkout(str(tmp_path / "copy"))
    with open(f"{copy}/src/base/text.c", "a", encoding="utf-8") as file:
        file.write("broken\n")
    result = deb(copy, check=False)
    assert result.returncode == 1
    assert "src/base/text.c" in result.stdout and f"{copy}/build/deb/build.log" in result.stdout.splitlines()[-1]
    assert glob.glob(f"{copy}/build/deb/*.deb") == []
