"""The judge of trials: which acceptances are late, and which are not."""

import pytest
from support.changes import DONE, UNCLEAR, Change
from support.verdict import OTHER, SAME, judge

BOUND = 2.0


def change(machine, known=10.0, outcome=DONE):
    made = Change(None, "a kind", machine)
    made.began, made.known, made.outcome = known - 0.1, known, outcome
    return made


def check(sent, status, machine=0, session=0):
    return session, machine, sent, sent + 0.01, status


def verdict(changes, *checks):
    return judge(dict(enumerate(changes)), checks, 2, BOUND)


@pytest.mark.parametrize("machine, sent, late", [(0, 10.001, 1), (0, 9.999, 0), (1, 11.999, 0), (1, 12.001, 1)])
def test_at_once_on_the_same_machine_and_within_the_bound_on_another_one(machine, sent, late):
    assert len(verdict([change(0)], check(sent, 200, machine)).late) == late


def test_what_no_machine_has_made_counts_everywhere_within_the_bound():
    assert not verdict([change(None)], check(11.9, 200, 0), check(11.9, 200, 1)).late
    assert len(verdict([change(None)], check(12.1, 200, 0), check(12.1, 200, 1)).late) == 2


def test_a_session_that_is_accepted_again_after_a_refusal_is_late():
    assert verdict([change(0)], check(10.5, 401, 1), check(12.5, 200, 1)).late


def test_a_change_of_unclear_outcome_proves_nothing():
    assert not verdict([change(0, outcome=UNCLEAR)], check(15, 200)).late


def test_the_delay_goes_to_the_last_acceptance():
    found = verdict([change(0)], check(9, 200), check(10.4, 200, 1), check(10.7, 200, 1), check(10.9, 401, 1))
    assert found.of(SAME) == [0] and found.of(OTHER) == [pytest.approx(0.7)]


def test_a_refusal_before_the_end_or_of_a_session_without_one_is_wrong():
    assert verdict([change(0)], check(5, 401)).wrong and verdict([], check(5, 401)).wrong
    assert not verdict([change(0)], check(9.95, 401), check(5, 503), check(6, 0)).wrong


def test_what_was_in_use_on_one_machine_only_was_not_followed():
    both = [check(5, 200, 0), check(5, 200, 1)]
    assert verdict([change(0)], *both).followed == 1 and verdict([change(0)], both[0]).followed == 0
