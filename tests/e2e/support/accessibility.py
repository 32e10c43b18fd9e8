"""What axe-core finds wrong with a page for people with disabilities: WCAG 2.2, levels A and AA."""

import functools
import json

from . import npm

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")


@functools.lru_cache(maxsize=None)
def source():
    with open(f"{npm.folder()}/node_modules/axe-core/axe.min.js", encoding="utf-8") as file:
        return file.read()


class World:
    """A place for scripts of ours beside those of the page: they share its elements, not its variables."""

    def __init__(self, browser):
        self.browser = browser
        frame = browser.execute_cdp_cmd("Page.getFrameTree", {})["frameTree"]["frame"]["id"]
        made = browser.execute_cdp_cmd("Page.createIsolatedWorld", {"frameId": frame, "worldName": "accessibility"})
        self.context = made["executionContextId"]

    def run(self, expression):
        """Its value, that of its promise if it is one."""
        asked = {"expression": expression, "contextId": self.context, "awaitPromise": True, "returnByValue": True}
        answer = self.browser.execute_cdp_cmd("Runtime.evaluate", asked)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")


def results(browser):
    """What axe-core says of the page as it is now. It loads nothing: the style sheets are there."""
    world = World(browser)
    world.run(source() + "; true")
    options = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations", "incomplete"], "preload": False}
    return world.run(f"axe.run(document, {json.dumps(options)})")


def axe_violations(browser):
    """A line for each element that breaks a rule; [] when all is well."""
    return [
        f"{each['id']}: {each['help']}: {node['html']} ({' '.join(node['failureSummary'].split())})"
        for each in results(browser)["violations"]
        for node in each["nodes"]
    ]
