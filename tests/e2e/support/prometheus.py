"""Debian's Prometheus with the configuration that the project ships, on ports of its own, and promtool."""

import os
import re
import subprocess
import time

import requests

from .processes import REPOSITORY, Process, free_port, wait_until

SHIPPED = os.path.join(REPOSITORY, "deploy", "prometheus")
ALERTS = os.path.join(SHIPPED, "alerts.yml")
# Seconds between two scrapes.
INTERVAL = 0.5


def read(*names):
    with open(os.path.join(*names), encoding="utf-8") as file:
        return file.read()


def promtool(*arguments):
    """Runs promtool. Returns the finished process; its output is in stdout."""
    return subprocess.run(
        ["promtool", *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, check=False
    )


def configuration(target, alertmanager):
    """The shipped configuration with another target, frequent scrapes, and an Alertmanager that does not exist."""
    text = read(SHIPPED, "prometheus.yml")
    replacements = {
        r"127\.0\.0\.1:5001": (1, f"127.0.0.1:{target}"),
        r"127\.0\.0\.1:9093": (1, f"127.0.0.1:{alertmanager}"),
        r"(?m)^( *(?:scrape|evaluation)_(?:interval|timeout)): \d+s$": (4, rf"\1: {int(INTERVAL * 1000)}ms"),
        r"(?m)^( *- )alerts\.yml$": (1, rf"\1{ALERTS}"),
    }
    for pattern, (count, replacement) in replacements.items():
        text, found = re.subn(pattern, replacement, text)
        assert found == count, pattern
    return text


class Prometheus:
    def __init__(self, folder, target):
        self.port = free_port()
        self.session = requests.Session()
        self.session.trust_env = False
        path = os.path.join(folder, "prometheus.yml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(configuration(target, free_port()))
        self.process = Process(
            ["prometheus", f"--config.file={path}", f"--storage.tsdb.path={folder}/data"]
            + [f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=warn"],
            log_path=os.path.join(folder, "prometheus.log"),
        )

    def start(self):
        self.process.start()
        wait_until(self.is_ready, 30, "Prometheus is ready")
        return self

    def is_ready(self):
        assert self.process.running(), "Prometheus has ended:\n" + self.process.log_text()
        return self.session.get(f"http://127.0.0.1:{self.port}/-/ready", timeout=5).ok

    def stop(self):
        self.session.close()
        return self.process.stop()

    def ask(self, path, **arguments):
        """The data of an answer. A query with a syntax error is an error."""
        answer = self.session.get(f"http://127.0.0.1:{self.port}/api/v1/{path}", params=arguments, timeout=30)
        document = answer.json()
        assert document["status"] == "success", f"{arguments}: {document}"
        return document["data"]

    def query(self, expression, at=None):
        """The result of a query now, or at a time: [({label: value}, [number])]."""
        found = self.ask("query", query=expression, time=at or time.time())["result"]
        return [(each["metric"], [float(each["value"][1])]) for each in found]

    def graph(self, expression, seconds, at):
        """The same, with all numbers of a graph over the last seconds before a time."""
        found = self.ask("query_range", query=expression, start=at - seconds, end=at, step=INTERVAL)["result"]
        return [(each["metric"], [float(value) for _, value in each["values"]]) for each in found]

    def scrapes(self):
        return sum(count for _, (count,) in self.query('count_over_time(up{job="user-api"}[10m])'))

    def scrape(self):
        """Waits for a scrape that begins after this call. Returns the time then."""
        before = self.scrapes()
        wait_until(lambda: self.scrapes() >= before + 2, 30, "Prometheus has asked")
        return time.time()

    def alerts(self):
        """Waits until each rule was evaluated. Returns {name: rule}."""

        def evaluated():
            rules = [rule for group in self.ask("rules")["groups"] for rule in group["rules"]]
            return rules if all(rule["health"] != "unknown" for rule in rules) else None

        return {rule["name"]: rule for rule in wait_until(evaluated, 30, "all rules are evaluated")}
