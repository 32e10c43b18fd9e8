"""No machine accepts an ended session later than the bound, however many sessions there are."""

import pytest
from support.disturbances import ManyAtOnce, SmallTable

pytest_plugins = ["support.trial_fixtures"]
pytestmark = pytest.mark.patient


def test_where_one_statement_changes_10_000_users_no_session_counts_beyond_the_bound(run_trial):
    run_trial(ManyAtOnce, 1)[1].assert_kept_and_meant()


def test_in_a_table_that_is_too_small_no_session_counts_beyond_the_bound(run_trial):
    run_trial(SmallTable, 1, others=10000, checks=10000)[1].assert_kept_and_meant()
