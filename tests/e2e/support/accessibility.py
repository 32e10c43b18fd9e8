"""Checks the accessibility of a page with axe-core: WCAG 2.2, levels A and AA."""

import functools
import json

from . import npm

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")


@functools.lru_cache(maxsize=None)
def source():
    with open(f"{npm.folder()}/node_modules/axe-core/axe.min.js", encoding="utf-8") as file:
        return file.read()


class World:
    """An isolated world for our scripts: they share the page's elements, but not its variables."""

    def __init__(self, browser):
        self.browser = browser
        frame = browser.execute_cdp_cmd("Page.getFrameTree", {})["frameTree"]["frame"]["id"]
        made = browser.execute_cdp_cmd("Page.createIsolatedWorld", {"frameId": frame, "worldName": "accessibility"})
        self.context = made["executionContextId"]

    def run(self, expression):
        """The value of the script. If that is a promise, the value to which it resolves."""
        asked = {"expression": expression, "contextId": self.context, "awaitPromise": True, "returnByValue": True}
        answer = self.browser.execute_cdp_cmd("Runtime.evaluate", asked)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")


def results(browser):
    """The results of axe-core for the current page. It loads nothing, because the page has its style sheets."""
    world = World(browser)
    world.run(source() + "; true")
    options = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations", "incomplete"], "preload": False}
    return world.run(f"axe.run(document, {json.dumps(options)})")


def axe_violations(browser):
    """A line for each element that breaks a rule."""
    return [
        f"{each['id']}: {each['help']}: {node['html']} ({' '.join(node['failureSummary'].split())})"
        for each in results(browser)["violations"]
        for node in each["nodes"]
    ]
