"""No machine accepts an ended session later than the bound, whatever happens to the processes of a pool. Two machines
are checked without a pause, while the API, SQL and the command line make changes."""

import pytest
from support.disturbances import Quiet, Silenced, WatcherKilled, WatcherStopped, WorkersKilled

pytest_plugins = ["support.trial_fixtures"]
pytestmark = pytest.mark.patient


def test_where_nothing_goes_wrong_every_change_succeeds_and_no_check_fails(run_trial):
    trial, verdict = run_trial(Quiet, 4)
    verdict.assert_kept_and_meant()
    assert trial.ended() == len(trial.changes) and verdict.failed == 0


def test_beside_watchers_that_are_killed_no_session_counts_beyond_the_bound(run_trial):
    run_trial(WatcherKilled, 3)[1].assert_kept_and_meant()


def test_beside_watchers_that_are_stopped_no_session_counts_beyond_the_bound(run_trial):
    run_trial(WatcherStopped, 2)[1].assert_kept_and_meant()


def test_behind_a_connection_that_falls_silent_no_session_counts_beyond_the_bound(run_trial):
    run_trial(Silenced, 1)[1].assert_kept_and_meant()


def test_beside_workers_that_are_killed_no_session_counts_beyond_the_bound(run_trial):
    run_trial(WorkersKilled, 20)[1].assert_kept_and_meant()
