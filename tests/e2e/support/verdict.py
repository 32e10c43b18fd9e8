"""Judges the promise from the checks and changes of a trial: no machine accepts an ended session later than the bound.
All times are of one clock. A change counts from its answer on, and a check from when it was sent. So a check that
overlaps a change is never late."""

import collections
import dataclasses

from .changes import DONE

SAME, OTHER = "same", "other"


@dataclasses.dataclass
class Delay:
    """The time from the end of a session until the last accepted check was sent, or 0 if no later check was accepted."""

    kind: str
    where: str  # SAME: at the machine that made the change; OTHER: at one that did not
    seconds: float


@dataclasses.dataclass
class Verdict:
    delays: list
    late: list  # texts about acceptances beyond the bound
    wrong: list  # texts about refusals of sessions that nothing had ended
    followed: float  # the share of ends before which every machine had accepted the session
    checks: int
    failed: int  # checks whose answer was neither yes nor no

    def assert_kept(self):
        assert not self.late, f"{len(self.late)} accepted too late: " + "; ".join(self.late[:5])
        assert not self.wrong, f"{len(self.wrong)} refused without reason: " + "; ".join(self.wrong[:5])

    def assert_kept_and_meant(self):
        """Checks that the promise was kept, and that the trial had enough data to show it."""
        self.assert_kept()
        assert len(self.of(SAME)) >= 5 and len(self.of(OTHER)) >= 20
        assert self.followed >= 0.5, "most sessions were in use on all machines before they ended"

    def of(self, where, *kinds):
        """Sorted delays in seconds, of the named kinds or of all."""
        wanted = lambda each: each.where == where and each.kind in (kinds or [each.kind])  # noqa: E731
        return sorted(each.seconds for each in self.delays if wanted(each))


def percentile(ordered, share):
    """The percentile of sorted numbers, or 0 without numbers."""
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0


def judge(changes, checks, machines, bound):
    """`changes` by session; `checks` as Checkers.stop gives them; `bound` in seconds."""
    delays, late, wrong, followed = [], [], [], 0
    by_pair = collections.defaultdict(list)
    for session, machine, sent, answered, status in checks:
        by_pair[session, machine].append((sent, answered, status))
    for (session, machine), found in sorted(by_pair.items()):
        change = changes.get(session)
        for sent, answered, status in found:
            if status == 401 and (change is None or answered < change.began):
                wrong.append(f"session {session} at machine {machine}")
            elif status not in (0, 200, 401, 503):
                wrong.append(f"session {session} at machine {machine}: {status}")
    for session, change in sorted(changes.items()):
        pairs = [by_pair[session, machine] for machine in range(machines)]
        followed += all(any(at < change.began and status == 200 for at, _, status in pair) for pair in pairs)
        if change.outcome != DONE:
            continue
        for machine, pair in enumerate(pairs):
            where = SAME if machine == change.machine else OTHER
            last = max((sent for sent, _, status in pair if status == 200), default=change.known)
            delay = max(0.0, last - change.known)
            delays.append(Delay(change.kind, where, delay))
            if delay > (0 if where == SAME else bound):
                late.append(f"{change.kind} at the {where} machine, {delay * 1000:.1f} ms")
    failed = sum(status in (0, 503) for *_, status in checks)
    return Verdict(delays, late, wrong, followed / max(len(changes), 1), len(checks), failed)
