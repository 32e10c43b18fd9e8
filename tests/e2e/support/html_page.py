"""Parses an HTML page, and checks that it is well formed."""

import html.parser
import re

VOID = {"br", "img", "input", "link", "meta", "wbr"}


class Page(html.parser.HTMLParser):
    """`elements` are (name, attributes) in the page's order. Fails if an element is not closed in the right order."""

    def __init__(self, text):
        super().__init__()
        self.elements = []
        self.open = []
        self.texts = {}
        self.feed(text)
        self.close()
        assert self.open == [], f"not closed: {self.open}"

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        assert len(set(names)) == len(names), f"{self.get_starttag_text()} names an attribute twice"
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append((tag, len(self.elements) - 1))

    def handle_endtag(self, tag):
        assert self.open and self.open[-1][0] == tag, f"line {self.getpos()[0]}: </{tag}> closes {self.open[-1:]}"
        self.open.pop()

    def handle_data(self, data):
        for _, number in self.open:
            self.texts[number] = self.texts.get(number, "") + data

    def unknown_decl(self, data):
        raise AssertionError(f"not HTML: {data}")

    def attributes(self, name):
        """Every value of an attribute."""
        return [attributes[name] for _, attributes in self.elements if name in attributes]

    def all(self, tag, kind=None):
        """[(attributes, text)] of the elements of this name, and of this class."""
        return [
            (attributes, self.texts.get(number, ""))
            for number, (name, attributes) in enumerate(self.elements)
            if name == tag and kind in (None, *attributes.get("class", "").split())
        ]

    def text_of(self, name):
        """The text of the element with this id, with single blanks."""
        number = next(number for number, (_, attributes) in enumerate(self.elements) if attributes.get("id") == name)
        return re.sub(r"\s+", " ", self.texts[number])
