"""How a person looks at a page: the screen, light or dark, the language, the time zone. A browser keeps these
settings until they change."""

import dataclasses
from typing import Tuple


@dataclasses.dataclass(frozen=True)
class Screen:
    name: str
    width: int
    height: int
    is_phone: bool = False


DESKTOP = Screen("desktop", 1280, 800)
PHONE = Screen("phone", 390, 844, is_phone=True)
SCREENS = (DESKTOP, PHONE)
SCHEMES = ("light", "dark")


@dataclasses.dataclass(frozen=True)
class Person:
    """`languages` has the form of navigator.languages. The first one also determines numbers and times."""

    screen: Screen = DESKTOP
    scheme: str = "light"
    languages: Tuple[str, ...] = ("en-GB", "en")
    zone: str = "UTC"
    wants_motion: bool = False


def look_as(browser, person):
    """From now on, the browser shows what this person would see."""
    command = browser.execute_cdp_cmd
    screen = person.screen
    size = {"width": screen.width, "height": screen.height, "deviceScaleFactor": 1, "mobile": screen.is_phone}
    command("Emulation.setDeviceMetricsOverride", size)
    command("Emulation.setTouchEmulationEnabled", {"enabled": screen.is_phone, "maxTouchPoints": 5})
    motion = "no-preference" if person.wants_motion else "reduce"
    features = {"prefers-color-scheme": person.scheme, "prefers-reduced-motion": motion}
    command("Emulation.setEmulatedMedia", {"features": [{"name": name, "value": features[name]} for name in features]})
    # Only values that were set can be reset.
    command("Emulation.setLocaleOverride", {})
    command("Emulation.setLocaleOverride", {"locale": person.languages[0]})
    agent = command("Browser.getVersion", {})["userAgent"]
    languages = ",".join(person.languages)
    command("Emulation.setUserAgentOverride", {"userAgent": agent, "acceptLanguage": languages})
    command("Emulation.setTimezoneOverride", {"timezoneId": person.zone})
