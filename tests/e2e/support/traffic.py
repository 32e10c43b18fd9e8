"""Records which requests a browser sends, and when. chromium.start must have started it with `watched`."""

import dataclasses
import json
import urllib.parse
from typing import Optional


@dataclasses.dataclass
class Request:
    """Times are in seconds of the browser's clock; None: not yet. `kind` is "Document", "Script", "Fetch" and so on."""

    method: str
    url: str
    kind: str
    sent: float
    answered: Optional[float] = None
    ended: Optional[float] = None
    status: Optional[int] = None

    @property
    def target(self):
        """Path and query."""
        parts = urllib.parse.urlsplit(self.url)
        return parts.path + ("?" + parts.query if parts.query else "")

    @property
    def is_api(self):
        return self.kind in ("Fetch", "XHR")

    def __str__(self):
        return f"{self.method} {self.target}"


class Traffic:
    def __init__(self, browser):
        self.browser = browser
        self.requests = []
        self.under_way = {}

    def forget(self):
        """Forgets all requests until now."""
        self.browser.get_log("performance")
        self.requests, self.under_way = [], {}

    def read(self):
        """All requests since then, in the order in which they were sent."""
        for entry in self.browser.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            note = getattr(self, "on_" + message["method"].replace(".", "_"), None)
            if note:
                note(message["params"])
        return sorted(self.requests, key=lambda request: request.sent)

    def on_Network_requestWillBeSent(self, said):  # noqa: N802
        request = said["request"]
        if "redirectResponse" in said:  # a new request with the id of the previous one
            self.answer(said["requestId"], said["redirectResponse"]["status"], said["timestamp"])
            self.end(said)
        if urllib.parse.urlsplit(request["url"]).scheme not in ("data", "about"):
            self.add(said, request["method"], request["url"], said.get("type", "Other"), said["timestamp"])

    def on_Network_webSocketCreated(self, said):  # noqa: N802
        """The event has no time, so it counts as sent after all known requests."""
        self.add(said, "GET", said["url"], "WebSocket", max((each.sent for each in self.requests), default=0))

    def on_Network_responseReceived(self, said):  # noqa: N802
        self.answer(said["requestId"], said["response"]["status"], said["timestamp"])

    def on_Network_loadingFinished(self, said):  # noqa: N802
        self.end(said)

    def on_Network_loadingFailed(self, said):  # noqa: N802
        self.end(said)

    def add(self, said, method, url, kind, sent):
        self.under_way[said["requestId"]] = Request(method, url, kind, sent)
        self.requests.append(self.under_way[said["requestId"]])

    def answer(self, number, status, time):
        if number in self.under_way:
            self.under_way[number].status = status
            self.under_way[number].answered = time

    def end(self, said):
        if said["requestId"] in self.under_way:
            self.under_way[said["requestId"]].ended = said["timestamp"]


def requests_of(browser):
    """All requests since the last call, in the order in which they were sent."""
    return Traffic(browser).read()


def of_api(requests):
    return [each for each in requests if each.is_api]


def elsewhere(requests, url):
    """The requests that did not go to the site with this address."""
    here = urllib.parse.urlsplit(url)[:2]
    return [each.url for each in requests if urllib.parse.urlsplit(each.url)[:2] != here]


def round_trips(requests):
    """The requests in groups: a request that waits for an answer to one of a group is in the next group. So a page that
    sends all its requests at once has one group."""
    groups = []
    first_answer = None
    for each in sorted(requests, key=lambda request: request.sent):
        if not groups or (first_answer is not None and each.sent > first_answer):
            groups.append([])
            first_answer = None
        groups[-1].append(each)
        times = [other.answered for other in groups[-1] if other.answered is not None]
        first_answer = min(times, default=None)
    return groups
