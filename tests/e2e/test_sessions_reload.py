"""A pool that was reloaded with another database uses nothing that it knew from the previous one."""

import pytest
from support.postgres import Postgres
from support.reloads import Reloads

pytestmark = pytest.mark.patient


@pytest.mark.parametrize("elsewhere", [False, True], ids=["of the same server", "of another server"])
def test_after_a_reload_the_other_database_decides(postgres, new_folder, elsewhere):
    other = Postgres(new_folder()).start() if elsewhere else None
    reloads = Reloads(postgres, new_folder(), other)
    try:
        verdict = reloads.start().run(4)
    finally:
        reloads.stop()
    verdict.assert_kept()
    assert verdict.checks > 100
