"""scripts/on-release when it cannot make a root, and the apt settings that it copies. .ci/run tests that it works."""

import os
import pwd
import shutil
import subprocess
import tempfile

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NO_ROOT = 77


def run(argv, **options):
    return subprocess.run(
        argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False, **options
    )


def on_release(*arguments, root=ROOT, **options):
    return run([f"{root}/scripts/on-release", *arguments], **options)


def in_library(script, **variables):
    """Runs a line of bash that may use the functions of roots.sh."""
    lines = [". scripts/lib/common.sh", ". scripts/lib/processes.sh", ". scripts/lib/roots.sh", script]
    return run(["bash", "-euc", "\n".join(lines)], cwd=ROOT, env={**os.environ, **variables})


def apt_settings(folder, *lines):
    (folder / "apt.conf").write_text("".join(f"{line};\n" for line in lines))
    return {"APT_CONFIG": str(folder / "apt.conf")}


@pytest.mark.parametrize(
    "arguments",
    [(), ("sid", "build", "--", "true"), ("trixie", "build", "true"), ("trixie", "--"), ("trixie", "nosuch", "--", "true")],
)
def test_a_wrong_command_line_is_refused_in_one_line(arguments):
    result = on_release(*arguments)
    assert result.returncode == 2 and len(result.stderr.splitlines()) == 1, result.stderr


@pytest.mark.parametrize("arguments", [("--release",), ("--release", "sid"), ("--release", "--fast")])
def test_a_release_that_is_not_supported_is_refused_with_those_that_are(arguments):
    result = run([f"{ROOT}/scripts/test", *arguments])
    assert result.returncode == 2 and "bookworm trixie" in result.stderr


def test_who_is_not_root_is_told_so_and_the_code_says_that_nothing_ran():
    nobody = pwd.getpwnam("nobody")
    identity = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    with tempfile.TemporaryDirectory(prefix="ua-on-release-", dir="/tmp") as clone:
        os.chmod(clone, 0o755)
        shutil.copytree(f"{ROOT}/scripts", f"{clone}/scripts")
        result = on_release("trixie", "build", "--", "true", root=clone, **identity)
    assert result.returncode == NO_ROOT and "takes root" in result.stderr


def test_a_machine_whose_apt_knows_no_mirror_is_told_what_to_do(tmp_path):
    nothing = [f"{name} \"{tmp_path}/none\"" for name in ("Dir::State::Lists", "Dir::Etc::SourceList", "Dir::Etc::SourceParts")]
    result = in_library(f"bootstrap trixie {tmp_path}/root {tmp_path}/log", **apt_settings(tmp_path, *nothing))
    assert result.returncode == NO_ROOT and "apt-get update" in result.stderr
    assert not os.path.exists(f"{tmp_path}/root")


def test_the_sources_of_a_release_are_this_machines_parts_of_debian():
    ours = in_library('sources_of "$(host_release)"').stdout
    others = in_library('echo "$(host_release) $(other_release)"; sources_of "$(other_release)"').stdout
    names, _, others = others.partition("\n")
    host, other = names.split()
    assert {host, other} == {"bookworm", "trixie"}
    assert f" {host} main\n" in ours and ours.replace(f" {host}", f" {other}") == others


def test_nobody_else_may_read_the_archive_of_a_root(tmp_path):
    """Its copy of apt's settings can contain a proxy's password and the key of a certificate."""
    (tmp_path / "root").mkdir()
    stubs = "require_roots() { :; }; bootstrap() { echo secret >$2/settings; }; umask 022;"
    made = in_library(f"{stubs} make_root trixie {tmp_path}/root", USER_API_ROOTS=str(tmp_path / "roots"))
    assert made.returncode == 0, made.stderr
    (archive,) = (tmp_path / "roots").glob("*.tar.zst")
    assert archive.stat().st_mode & 0o777 == 0o600 and archive.stat().st_size > 0


def test_of_apts_settings_only_the_way_to_the_mirror_is_taken_over(tmp_path):
    certificate = tmp_path / "authority.pem"
    certificate.write_text("certificate")
    settings = apt_settings(
        tmp_path,
        'Acquire::http::Proxy "http://127.0.0.1:3128"',
        'Acquire::http::Proxy::mirror.example.org "DIRECT"',
        f'Acquire::https::CaInfo "{certificate}"',
        'DPkg::Post-Invoke:: "touch /tmp/somewhere"',
        'APT::Default-Release "sid"',
    )
    root = tmp_path / "root"
    (root / "etc/apt/apt.conf.d").mkdir(parents=True)
    assert in_library(f"copy_apt_settings {root}", **settings).returncode == 0
    kept = (root / "etc/apt/apt.conf.d/90mirror").read_text()
    assert "127.0.0.1:3128" in kept and "DIRECT" in kept and str(certificate) in kept
    assert "Post-Invoke" not in kept and "Default-Release" not in kept
    assert (tmp_path / f"root{certificate}").read_text() == "certificate"
