"""What these tests share with the end-to-end tests: ports, and how a run ends."""

import os
import signal
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "e2e"))


def pytest_configure():
    # As an interrupt, so that what was started is stopped.
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("terminated", returncode=143))
