"""Fixtures of the tests behind each web server."""

import pytest

from .site import Site


@pytest.fixture
def serve(postgres, new_folder):
    """Makes a site of a kind, for one test."""
    made = []

    def make(kind, settings=None, **options):
        made.append(Site(postgres, new_folder(), settings, kind=kind, **options))
        return made[-1].start()

    yield make
    for each in made:
        each.stop()
