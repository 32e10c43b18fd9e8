"""What a browser complains of while it shows a page: a policy that is broken, a script that fails, a file that is missing."""

import re

# What the console says of an answer that is an error, also where the page had expected it.
STATUS = re.compile(r"Failed to load resource: the server responded with a status of (\d+)")


def status_in(entry):
    found = STATUS.search(entry["message"])
    return int(found.group(1)) if found else None


def complaints(browser, expected=()):
    """All since this was last asked, but those about answers with an expected status."""
    entries = [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
    return [entry["message"] for entry in entries if status_in(entry) not in expected]
