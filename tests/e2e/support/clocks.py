"""Programs whose clock is wrong, by libfaketime. Deadlines and durations stay right. Not for sanitized programs."""

import glob


def shifted(days=0, seconds=0):
    """The environment of a program whose clock is ahead by this time or, below zero, behind."""
    (library,) = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
    return {
        "LD_PRELOAD": library,
        "FAKETIME": f"{days * 86400 + seconds:+d}",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
    }
