"""Parses GET /metrics like Prometheus."""

from prometheus_client.parser import text_string_to_metric_families

ON = {"USER_API_METRICS": "on"}
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """One page."""

    def __init__(self, text):
        self.families = {family.name: family for family in text_string_to_metric_families(text)}
        self.samples = {}
        for family in self.families.values():
            for name, labels, value, *_ in family.samples:
                key = (name, tuple(sorted(labels.items())))
                assert key not in self.samples, f"{key} is there twice"
                self.samples[key] = value

    def get(self, name, **labels):
        """The value of a sample, or None."""
        return self.samples.get((f"user_api_{name}", tuple(sorted(labels.items()))))

    def all(self, name, **labels):
        """{the other labels: number} of the samples with these labels."""
        found = {}
        for (each, pairs), value in self.samples.items():
            if each == f"user_api_{name}" and labels.items() <= dict(pairs).items():
                found[tuple(pair for pair in pairs if pair[0] not in labels)] = value
        return found

    def total(self, name, **labels):
        return sum(self.all(name, **labels).values())

    def requests(self, route, method=None, status=None):
        """The number of answers to a route."""
        given = {"method": method, "status": status}
        return self.total("http_requests_total", route=route, **{key: value for key, value in given.items() if value})

    def logins(self):
        return {dict(labels)["outcome"]: value for labels, value in self.all("logins_total").items()}

    def counters(self):
        """All values that must never decrease."""
        names = tuple(family.name for family in self.families.values() if family.type in ("counter", "histogram"))
        return {key: value for key, value in self.samples.items() if key[0].startswith(names)}


def scrape(pool):
    """Reads the metrics directly from the pool."""
    status, headers, body = pool.request("GET", "/metrics")
    assert (status, headers["content-type"]) == (200, CONTENT_TYPE), body
    return Metrics(body.decode())


def assert_never_fell(before, after):
    """Checks that every counter of a page is in the later one, and has not decreased."""
    later = after.counters()
    fallen = {key: (value, later.get(key)) for key, value in before.counters().items() if later.get(key, -1) < value}
    assert fallen == {}


def assert_histograms_agree(metrics):
    """Checks that each route has as many durations as answers, and that its buckets are cumulative."""
    for labels, count in metrics.all("http_request_duration_seconds_count").items():
        (route,) = [value for _, value in labels]
        assert count == metrics.requests(route), route
        buckets = metrics.all("http_request_duration_seconds_bucket", route=route)
        bounds = {float(dict(labels)["le"]): value for labels, value in buckets.items()}
        ordered = [bounds[bound] for bound in sorted(bounds)]
        assert ordered == sorted(ordered) and len(ordered) == 15 and ordered[-1] == count, route
        assert metrics.get("http_request_duration_seconds_sum", route=route) >= 0
