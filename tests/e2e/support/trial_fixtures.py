"""Runs trials for tests. It is a plugin: tests name it in `pytest_plugins`."""

import pytest

from .postgres import Postgres
from .verdict import OTHER, SAME, percentile

# More sessions than any test can end in its time.
COUNT = 1500


@pytest.fixture
def run_trial(postgres, new_folder, report):
    """run_trial(kind, steps): the trial and its verdict. Reports the measurements."""

    def run(kind, steps, **options):
        if postgres.execute("SHOW server_version_num") < [(str(kind.server_version),)]:
            pytest.skip(f"PostgreSQL of {kind.server_version // 10000} or later is wanted")
        own = None if kind.server_settings is None else Postgres(new_folder(), kind.server_settings).start()
        trial = kind(own or postgres, new_folder(), COUNT, **options)
        try:
            verdict = trial.start().run(steps)
        finally:
            trial.stop()
            if own:
                own.stop()
        for where in (SAME, OTHER):
            found = verdict.of(where)
            measured = ", ".join(f"{1000 * percentile(found, share):.1f}" for share in (0.5, 0.99, 1))
            report(f"{kind.title}, {where} machine: {len(found)} ends, accepted for {measured} ms more (p50, p99, max)")
        return trial, verdict

    return run
