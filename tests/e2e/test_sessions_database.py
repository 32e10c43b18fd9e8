"""No machine accepts an ended session later than the bound, whatever happens to the database or to a pooler in front of
it."""

import pytest
from support.disturbances import FailedOver, Pooled, PooledWithListenUrl, Restarted

pytest_plugins = ["support.trial_fixtures"]
pytestmark = pytest.mark.patient


def test_where_the_database_restarts_no_session_counts_beyond_the_bound(run_trial):
    run_trial(Restarted, 2)[1].assert_kept_and_meant()


def test_where_a_standby_takes_over_no_session_counts_beyond_the_bound(run_trial):
    run_trial(FailedOver, 1)[1].assert_kept_and_meant()


@pytest.mark.parametrize("kind", [Pooled, PooledWithListenUrl], ids=["by itself", "with LISTEN_URL"])
def test_behind_a_pooler_no_session_counts_beyond_the_bound(run_trial, kind):
    run_trial(kind, 3)[1].assert_kept_and_meant()
