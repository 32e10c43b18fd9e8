"""make: its messages when it cannot build, and the flags of a packager."""

import os
import subprocess

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def make(folder, *arguments, **variables):
    """Builds into a separate folder, so that no other build changes."""
    return subprocess.run(
        ["make", "-s", "-C", ROOT, f"BUILD={folder}/build", *arguments],
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )


def with_libjwt(folder, version):
    """Returns a folder in which pkg-config finds a libjwt of this version."""
    (folder / "libjwt.pc").write_text(f"Name: libjwt\nDescription: of a test\nVersion: {version}\n")
    return str(folder)


@pytest.mark.parametrize("version", ["1.9.0", "2.1.0", "3.2.1"])
def test_a_libjwt_with_other_functions_is_refused_with_the_versions_that_fit(tmp_path, version):
    result = make(tmp_path, f"{tmp_path}/build/src/base/text.o", PKG_CONFIG_PATH=with_libjwt(tmp_path, version))
    assert result.returncode == 2
    assert f"libjwt {version} does not fit: install libjwt 1.10 to 1.17" in result.stdout
    assert not os.path.exists(f"{tmp_path}/build/src/base/text.o")


@pytest.mark.parametrize("version", ["1.10.2", "1.17.2"])
def test_the_libjwt_of_a_supported_debian_fits(tmp_path, version):
    result = make(tmp_path, "libraries", PKG_CONFIG_PATH=with_libjwt(tmp_path, version))
    assert (result.returncode, result.stdout) == (0, "")


def test_a_library_that_is_missing_is_named_with_what_to_do(tmp_path):
    result = make(tmp_path, "libraries", PKG_CONFIG_LIBDIR=with_libjwt(tmp_path, "1.17.2"), PKG_CONFIG_PATH="")
    assert result.returncode == 2
    assert "libpq" in result.stdout and "install the packages that scripts/packages/build.txt lists" in result.stdout


@pytest.mark.parametrize("variable", ["CFLAGS", "CPPFLAGS"])
def test_a_fortification_of_the_callers_replaces_ours_without_a_warning(tmp_path, variable):
    result = make(tmp_path, f"{variable}=-O2 -D_FORTIFY_SOURCE=3", f"{tmp_path}/build/src/base/text.o")
    assert (result.returncode, result.stdout) == (0, "")
