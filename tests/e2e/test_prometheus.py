"""deploy/prometheus: a real Prometheus scrapes a pool through the shipped nginx configuration, its rules fire when they
should, and the dashboard shows what the service exposes."""

import json
import os
import re

import pytest
from support.behind.front import DEPLOY
from support.postgres import SERVICE_ACCOUNT
from support.processes import REPOSITORY
from support.prometheus import SHIPPED, Prometheus, promtool, read
from support.site import Site

pytestmark = pytest.mark.unsanitized

FIRING = os.path.join(REPOSITORY, "tests", "e2e", "alerts_test.yml")
DASHBOARD = json.loads(read(SHIPPED, "dashboard.json"))
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
TARGETS = [(panel["title"], target) for panel in PANELS for target in panel["targets"]]
# Matches the series of a histogram.
PARTS = re.compile(r"(user_api_http_request_duration_seconds)_(?:bucket|count|sum)\b")
# ROUNDS: how often the tests use the site. RATE_INTERVAL: the seconds that each point of a graph looks back. That is
# longer than all rounds take.
ROUNDS, RATE_INTERVAL = 3, 10
# Panels that may show only zeros here.
IDLE = {"Workers that died", "Hashing slots", "Refused: no free hashing slot", "Log lines dropped"}


def use(site):
    """Does a little of everything that the dashboard shows."""
    seed = site.seed
    alice = site.login(seed.alice)
    for _ in range(5):
        assert alice.get("/api/users/token").status_code == 200
        assert site.client.login("albert@example.org", "wrong").status_code in (401, 429)
    assert alice.get(f"/api/users/{seed.bob.id}").status_code == 404
    site.sql(f'REVOKE SELECT ON role FROM "{SERVICE_ACCOUNT}"')
    assert alice.get("/api/roles/").status_code == 503
    site.sql(f'GRANT SELECT ON role TO "{SERVICE_ACCOUNT}"')


@pytest.fixture(scope="module")
def site(postgres, new_folder):
    with_site = Site(postgres, new_folder(), {"USER_API_METRICS": "on"}, kind="nginx-unix").start()
    yield with_site
    with_site.stop()


@pytest.fixture(scope="module")
def prometheus(site, new_folder):
    """A Prometheus that has scraped the site while it was used. `at` is the time of its last scrape."""
    started = Prometheus(new_folder(), site.nginx.port).start()
    for _ in range(ROUNDS):
        use(site)
        started.at = started.scrape()
    yield started
    started.stop()


def asked(expression):
    """A query as Grafana sends it if "All" is selected."""
    for variable in DASHBOARD["templating"]["list"]:
        if variable.get("includeAll"):
            expression = expression.replace(f"${variable['name']}", variable["allValue"])
    expression = expression.replace("$__rate_interval", f"{RATE_INTERVAL}s")
    assert "$" not in expression
    return expression


def found(prometheus, target):
    """What a panel shows for a target: [({label: value}, [number])]."""
    expression = asked(target["expr"])
    if target["instant"]:
        return prometheus.query(expression, prometheus.at)
    return prometheus.graph(expression, RATE_INTERVAL, prometheus.at)


# The files, without a running Prometheus


def test_promtool_accepts_the_configuration_and_the_rules_beside_it():
    checked = promtool("check", "config", os.path.join(SHIPPED, "prometheus.yml"))
    assert checked.returncode == 0, checked.stdout
    assert "1 rule files found" in checked.stdout


def test_it_asks_the_shipped_nginx():
    port = re.search(r"(?m)^ *listen (127\.0\.0\.1:\d+);", read(DEPLOY, "nginx", "user-api.conf"))[1]
    assert re.findall(r'targets: \["(.*)"\]', read(SHIPPED, "prometheus.yml"))[-1] == port


def test_alerts_fire_when_they_should_and_stay_silent_otherwise():
    tested = promtool("test", "rules", FIRING)
    assert tested.returncode == 0, tested.stdout


def groups():
    """(alert, whether it fires) of the groups of alerts_test.yml. The name of a group must match what it expects."""
    for group in re.split(r"(?m)^  - name: ", read(FIRING))[1:]:
        alert, verb, _ = group.split(" ", 2)
        firing = set(re.findall(r'alertname="(\w+)"', group))
        assert firing == ({alert} if verb == "fires" else set()), group
        yield alert, bool(firing)


def test_every_panel_says_what_it_shows():
    for panel in PANELS:
        assert panel["title"] and panel["description"].endswith("."), panel
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
    for title, target in TARGETS:
        assert target["legendFormat"] not in ("", "__auto"), title


def test_every_panel_asks_the_prometheus_that_is_chosen():
    (variable,) = [each for each in DASHBOARD["templating"]["list"] if each["type"] == "datasource"]
    assert variable["query"] == "prometheus"
    used = [panel["datasource"] for panel in PANELS] + [target["datasource"] for _, target in TARGETS]
    assert used and all(each == {"type": "prometheus", "uid": f"${{{variable['name']}}}"} for each in used)


def test_no_panel_covers_another():
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    taken = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert not cells & taken and at["x"] + at["w"] <= 24, panel["title"]
        taken |= cells


# The files, in a running Prometheus


def test_the_target_is_up(prometheus, site):
    (target,) = prometheus.ask("targets")["activeTargets"]
    assert (target["health"], target["lastError"]) == ("up", "")
    assert target["scrapeUrl"] == f"http://127.0.0.1:{site.nginx.port}/metrics"


def test_every_alert_is_evaluated_without_an_error(prometheus):
    alerts = prometheus.alerts()
    assert len(alerts) >= 10
    assert {name: alert["lastError"] for name, alert in alerts.items() if alert["health"] != "ok"} == {}


def test_every_alert_has_a_test_in_which_it_fires_and_one_in_which_it_does_not(prometheus):
    pairs = {(alert, fires) for alert in prometheus.alerts() for fires in (True, False)}
    assert pairs - set(groups()) == set()


def headings(page):
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in re.findall(r"(?m)^#+ (.*)$", page)}


def test_every_alert_says_what_to_do_and_where_to_read_on(prometheus):
    for name, alert in prometheus.alerts().items():
        assert alert["duration"] >= 60 and alert["labels"]["severity"] in ("critical", "warning"), name
        told = alert["annotations"]
        assert set(told) == {"summary", "description", "manual"} and told["description"].endswith("."), name
        path, _, heading = told["manual"].partition("#")
        assert heading in headings(read(REPOSITORY, path)), name


def test_the_manual_explains_every_alert(prometheus):
    page = read(REPOSITORY, "docs", "operating.md").partition("\n## Prometheus\n")[2].partition("\n## ")[0]
    explained = re.findall(r"(?m)^\| `(UserApi\w+)` \| (\w+) \|", page)
    alerts = prometheus.alerts()
    assert explained == [(name, alert["labels"]["severity"]) for name, alert in alerts.items()]


def test_every_name_is_one_that_the_service_exposes(prometheus, site):
    status, _, page = site.pool.request("GET", "/metrics")
    assert status == 200
    exposed = set(re.findall(r"(?m)^# TYPE (\w+) ", page.decode()))
    expressions = [alert["query"] for alert in prometheus.alerts().values()] + [target["expr"] for _, target in TARGETS]
    used = set(re.findall(r"\buser_api_\w+", PARTS.sub(r"\1", " ".join(expressions))))
    assert len(used) > 10 and used <= exposed


def test_what_an_alert_looks_at_is_there(prometheus):
    """Checks each label and value that the alert's expression names."""
    for name, alert in prometheus.alerts().items():
        selectors = re.findall(r"\b(?:up|user_api_\w+)(?:\{[^}]*\})?", alert["query"])
        assert selectors, name
        for selector in selectors:
            assert prometheus.query(selector), f"{name}: {selector}"


@pytest.mark.parametrize("title, target", TARGETS, ids=[f"{title}, {target['refId']}" for title, target in TARGETS])
def test_a_query_of_the_dashboard_returns_data(prometheus, title, target):
    shown = found(prometheus, target)
    wanted = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
    assert shown and all(wanted <= set(labels) for labels, _ in shown), f"{title}: {shown}"
    assert title in IDLE or max(number for _, numbers in shown for number in numbers if number == number) > 0, shown
