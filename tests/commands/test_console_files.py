"""The files of the console: what they may not use, and whether every text exists in every language."""

import json
import os
import re

import pytest
from running import ROOT

FOLDER = os.path.join(ROOT, "deploy", "www", "console")
MODULES = sorted(name for name in os.listdir(FOLDER) if name.endswith(".js"))
# The code makes keys from one of these and a word of the service's answer.
STEMS = ("change.", "event.", "field.", "kind.", "refused.", "right.")
# Code that turns text into markup or code, stores data, names another site, or opens a dialog of the browser.
BANNED = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|srcdoc|setHTML"
    r"|\beval\(|new Function|import\(|javascript:|localStorage|sessionStorage|document\.cookie|https?://|\balert\(|\bconfirm\("
)


def read(name):
    with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
        return file.read()


def languages():
    return json.loads(re.search(r"^const LANGUAGES = (\[.*\]);$", read("texts.js"), re.M).group(1))


def texts():
    table = re.search(r"^const TEXTS = \{\n(.*?)^\};$", read("texts.js"), re.M | re.S).group(1)
    lines = [re.fullmatch(r'  (?:"(.+?)"|([a-z]+)): (\[.+\]),', line) for line in table.splitlines()]
    assert all(lines), "a line of the texts is not `key: [text, text],`"
    return {line.group(1) or line.group(2): json.loads(line.group(3)) for line in lines}


def placeholders(text):
    return [sorted(set(re.findall(r"\{[a-z]+\}", each))) for each in (text if isinstance(text, list) else [text])]


def test_every_text_is_there_in_every_language():
    assert {key for key, forms in texts().items() if len(forms) != len(languages()) or not all(forms)} == set()


def test_the_languages_of_a_text_name_the_same_things_and_count_alike():
    differ = {key for key, forms in texts().items() if any(placeholders(each) != placeholders(forms[0]) for each in forms)}
    assert differ == set()


def test_no_key_is_there_twice():
    table = re.findall(r'^  (?:"(.+?)"|([a-z]+)): \[', read("texts.js"), re.M)
    keys = [quoted or bare for quoted, bare in table]
    assert sorted(keys) == sorted(set(keys))


def keys_in_use():
    """The keys in the modules. `${kind}.add` stands for a key of roles and a key of customers."""
    code = "\n".join(read(name) for name in MODULES if name != "texts.js")
    used = set(re.findall(r'"([a-z][^"\n]*)"', code))
    for rest in re.findall(r"`\$\{kind\}\.([a-z.]+)`", code):
        used |= {f"{kind}.{rest}" for kind in ("role", "customer")}
    for one, other in re.findall(r'`\$\{kind\}\.\$\{isNew \? "([a-z]+)" : "([a-z]+)"\}`', code):
        used |= {f"{kind}.{each}" for kind in ("role", "customer") for each in (one, other)}
    return used


def test_every_text_is_in_use():
    unused = {key for key in texts() if not key.startswith(STEMS)} - keys_in_use()
    assert unused == set()


@pytest.mark.parametrize("name", [name for name in MODULES if name != "texts.js"])
def test_every_text_that_a_module_names_is_there(name):
    named = re.findall(r'\bt\("([^"]+)"', read(name))
    named += re.findall(r'\bt\([^"`()]*(?:\(\))?[^"`()]* \? "([^"]+)" : "[^"]+"', read(name))
    named += re.findall(r'\bt\([^"`()]*(?:\(\))?[^"`()]* \? "[^"]+" : "([^"]+)"', read(name))
    assert set(named) - set(texts()) == set()


@pytest.mark.parametrize("name", [*MODULES, "index.html"])
def test_nothing_becomes_markup_or_code_and_nothing_is_kept_in_the_browser(name):
    code = "\n".join(line for line in read(name).splitlines() if not line.lstrip().startswith("//"))
    assert BANNED.findall(code) == []


def test_the_page_names_every_module_and_no_other_file():
    named = re.findall(r'(?:href|src)="([^"/]+)"', read("index.html"))
    assert sorted(named) == sorted([*MODULES, "console.css"])


def test_the_page_holds_no_script_no_style_and_no_handler():
    page = read("index.html")
    assert re.findall(r"<style|\son[a-z]+=|\sstyle=|<script(?![^>]* src=)", page) == []
