"""The errors that a browser logs while it shows a page: a violated policy, a failed script, a missing file."""

import re

# The browser's message about an answer with an error status, even if the page expected it.
STATUS = re.compile(r"Failed to load resource: the server responded with a status of (\d+)")


def status_in(entry):
    found = STATUS.search(entry["message"])
    return int(found.group(1)) if found else None


def complaints(browser, expected=()):
    """All errors since the last call, except those about answers with an expected status."""
    entries = [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
    return [entry["message"] for entry in entries if status_in(entry) not in expected]
