"""docs/guard.md: the lines that an operator copies from it protect a folder."""

import os
import re

import pytest
from support.apache import ApacheAuthnzFcgi
from support.client import Client, cookie_of
from support.guard_fixtures import around, guarded_site  # noqa: F401
from support.guarded import PAGES, Nginx
from support.processes import REPOSITORY


def fence(language, number=0):
    with open(os.path.join(REPOSITORY, "docs", "guard.md"), encoding="utf-8") as page:
        return re.findall(rf"```{language}\n(.*?)```", page.read(), re.DOTALL)[number]


class NginxByThePage(Nginx):
    def snippet(self):
        return fence("nginx")

    def write_shipped(self):
        super().write_shipped()
        upstream = "upstream user_api_pool { server unix:/run/user-api/user-api.sock max_fails=0; }\n"
        text = f"{upstream}server {{ listen 127.0.0.1:8080; root /srv/site;\n{self.snippet()}}}\n"
        for pattern, ours in self.exchanges():
            text = re.sub(pattern, ours, text)
        self.write("site.conf", text.replace("include user-api/", f"include {self.folder}/"))


class ApacheByThePage(ApacheAuthnzFcgi):
    def snippet(self):
        return fence("apache")

    def write_shipped(self):
        super().write_shipped()
        define = "AuthnzFcgiDefineProvider authn UserApi fcgi://127.0.0.1:9001/\n"
        open_by_default = "<Directory /srv/site>\nRequire all granted\n</Directory>\n"
        text = f"{define}<VirtualHost 127.0.0.1:8080>\nDocumentRoot /srv/site\n{open_by_default}{self.snippet()}</VirtualHost>\n"
        for pattern, ours in self.exchanges() + [("/var/www/html/private", self.around.root + "/private")]:
            text = re.sub(pattern, ours, text)
        self.write("site.conf", text)


class NginxForAdmins(NginxByThePage):
    def snippet(self):
        return super().snippet().replace("/user-api-guard/customer=1/;", "/user-api-guard/customer=1/admin;")


class ApacheForAdmins(ApacheByThePage):
    def snippet(self):
        asked, required = fence("apache", 1).splitlines(keepends=True)[:2]
        text, count = re.subn(r"(?m)^ *SetEnvIf .*\n", lambda _: asked, super().snippet())
        text, more = re.subn(r"(?m)^ *Require expr .*\n", lambda _: required, text)
        assert (count, more) == (1, 1)
        return text


@pytest.mark.parametrize("server", [NginxByThePage, ApacheByThePage])
def test_the_page_protects_a_folder(server, around, guarded_site, new_folder):  # noqa: F811
    started = server(os.path.join(new_folder(), "s"), around).start()
    client = Client(started.url)
    answer = client.get("/private/")
    assert (answer.status_code, answer.headers["Location"].replace(started.url, "")) == (302, "/login/?next=/private/")
    assert client.get("/private/", headers={"Accept": "application/json"}).status_code == 401
    assert client.get("/login/").status_code == 200
    login = client.login(guarded_site.seed.albert.email, guarded_site.seed.albert.password)
    cookie = {"Cookie": login.headers["Set-Cookie"].split(";")[0]}
    assert client.get("/private/", headers=cookie).text == PAGES["private"]
    assert client.get("/open/").text == PAGES["open"]


@pytest.mark.parametrize("server", [NginxForAdmins, ApacheForAdmins])
def test_the_page_protects_a_folder_for_administrators(server, around, guarded_site, new_folder):  # noqa: F811
    started = server(os.path.join(new_folder(), "s"), around).start()
    client, seed = Client(started.url), guarded_site.seed
    for user, status in ((seed.alice, 200), (seed.albert, 403)):
        answer = client.bearer(guarded_site.token(user)).get("/private/")
        assert (answer.status_code, answer.text == PAGES["private"]) == (status, status == 200)
    foreign = client.bearer(guarded_site.token(seed.bella)).get("/private/")
    assert (foreign.status_code, PAGES["private"] in foreign.text) == (403, False)
    assert client.get("/private/", headers={"Accept": "application/json"}).status_code == 401
    person = {"Accept": "text/html,*/*;q=0.8", **cookie_of(guarded_site.token(seed.albert))}
    refusal = client.get("/private/", headers=person)
    assert (refusal.status_code, refusal.headers["Cache-Control"]) == (403, "no-store")
    assert refusal.text == client.get("/login/").text
