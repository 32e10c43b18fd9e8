"""scripts/lib/processes.sh: a signal at any moment stops everything that was started."""

import os
import signal
import subprocess

from running import ROOT, alive

# Starts a process. bash sends itself a signal before the command that begins with the script's argument. The first command
# after the start of the process begins with "process_names".
SCRIPT = f"""
set -eu
. {ROOT}/scripts/lib/common.sh
. {ROOT}/scripts/lib/processes.sh
trap stop_all EXIT
exit_on_signals
set -T
trap '[[ $BASH_COMMAND != "$0"* ]] || {{ echo $!; kill -TERM $$; }}' DEBUG
launch nap - TERM sleep 60
trap - DEBUG
echo "not reached"
"""


def signalled_before(command):
    run = subprocess.run(["bash", "-c", SCRIPT, command], stdout=subprocess.PIPE, text=True, timeout=60, check=False)
    assert run.returncode == 128 + signal.SIGTERM
    return int(run.stdout)


def test_a_signal_right_after_the_start_of_a_process_stops_this_process():
    for command in ("process_names", "process_pids", "process_signals"):
        assert not alive(signalled_before(command)), command


def test_a_process_that_ignores_the_first_signal_is_asked_again(new_folder):
    script = f"""
. {ROOT}/scripts/lib/common.sh
. {ROOT}/scripts/lib/processes.sh
wait_for() {{ shift; for _ in {{1..100}}; do ! "$@" || return 0; sleep 0.02; done; return 1; }}
launch nap {new_folder}/log INT bash -c 'trap "echo asked; trap \\"echo again; exit\\" INT" INT; echo up; while :; do sleep 0.02; done'
until grep -qs up {new_folder}/log; do sleep 0.02; done
stop_all
"""
    run = subprocess.run(["bash", "-c", script], stderr=subprocess.PIPE, text=True, timeout=60, check=True)
    assert run.stderr == ""
    with open(os.path.join(new_folder, "log"), encoding="utf-8") as file:
        assert file.read().split() == ["up", "asked", "again"]
