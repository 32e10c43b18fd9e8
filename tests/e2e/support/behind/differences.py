"""Allowed differences between web servers: tests of the contract that do not apply, and why. test_behind_servers.py tests
the web server's own answers in these cases."""

FILES = (
    "contract_conventions login token logout register update get_user list_users roles reset_password validation"
    " credentials customers_apart bodies paths etags"
).split()

LOG_IS_THE_SERVERS = "the server starts user-api, whose log goes into the server's"
KNOWN_METHODS_ONLY = "lighttpd refuses a method that it does not know by itself, with 501"

STARTED_BY_THE_SERVER = {
    "test_an_internal_error_says_nothing_but_the_log_does_under_the_request_id": LOG_IS_THE_SERVERS,
}
OF_LIGHTTPD = {
    "test_a_method_nobody_knows_is_405": KNOWN_METHODS_ONLY,
    "test_get_needs_no_document": "lighttpd refuses a GET that has a body by itself, with 400",
}

# name in KINDS: {test without its parameters: why it does not apply}
DIFFERENCES = {
    "apache-fcgid": STARTED_BY_THE_SERVER,
    "lighttpd-pool": OF_LIGHTTPD,
    "lighttpd-bin-path": {**STARTED_BY_THE_SERVER, **OF_LIGHTTPD},
}


def reason_to_skip(kind, test):
    return DIFFERENCES.get(kind, {}).get(test)
