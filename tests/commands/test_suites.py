"""scripts/lib/suites.sh: the results of suites that run at the same time."""

import os
import subprocess

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# disown makes the shell forget the process, as a later child with the same pid does.
SCRIPT = """
. scripts/lib/common.sh; . scripts/lib/processes.sh; . scripts/lib/suites.sh
results=$1 test=$2
start 1 sample build -p no:cacheprovider "$test"
wait_for 30 test -s "$results/0.code"
disown -a
finish_all
note_pytest sample ''
echo "${suites[@]}: $all_passed, $all_failed"
"""


def outcome(folder, code):
    (folder / "test_sample.py").write_text(code)
    script = ["bash", "-euc", SCRIPT, "bash", str(folder), str(folder / "test_sample.py")]
    result = subprocess.run(
        script, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False, cwd=ROOT
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return " ".join(result.stdout.splitlines()[-1].split())


def test_a_suite_that_passed_counts_although_the_shell_no_longer_knows_how_its_process_ended(tmp_path):
    assert outcome(tmp_path, "def test_it():\n    pass\n") == "sample 1 passed, 0 failed: 1, 0"


@pytest.mark.parametrize(
    ("code", "noted"),
    [
        ("def test_it():\n    assert False\n", "sample 0 passed, 1 failed: 0, 1"),
        ("# no test\n", "sample 0 passed, 1 failed (pytest ended with code 5): 0, 1"),
        ("import pytest\npytest.exit('stop')\n", "sample 0 passed, 1 failed (pytest ended with code 2): 0, 1"),
    ],
)
def test_a_suite_that_failed_or_ran_no_test_counts_as_failed_all_the_same(tmp_path, code, noted):
    assert outcome(tmp_path, code) == noted
