"""Checks how every page of deploy/www/ is served."""

import os

from .processes import REPOSITORY

HEADERS = {"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin", "Cache-Control": "no-cache"}
MEDIA = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
CONSOLE_POLICY = PAGE_POLICY.replace("form-action 'self'", "form-action 'none'")


def files_of(folder):
    path = os.path.join(REPOSITORY, "deploy", "www", folder)
    return sorted(name for name in os.listdir(path) if os.path.isfile(os.path.join(path, name)))


def shipped(*names):
    with open(os.path.join(REPOSITORY, "deploy", "www", *names), "rb") as file:
        return file.read()


def assert_served(client, path, names, policy):
    """Checks that the file of deploy/www/ arrives unchanged, with its media type, `policy` (the header's text) and the other
    headers."""
    answer = client.get(path)
    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (200, MEDIA[os.path.splitext(names[-1])[1]])
    assert answer.content == shipped(*names)
    assert answer.headers["Content-Security-Policy"] == policy
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    head = client.head(path)
    assert (head.status_code, head.content) == (200, b"")
