"""The client's address: REMOTE_ADDR, which only the web server sets. Tested behind each server of deploy/, as shipped
and with the lines of docs/deployment.md for a proxy in front. A program that shows what it receives replaces the
pool."""

import copy
import json
import os
import re
from types import SimpleNamespace

import pytest
from support import guarded
from support.apache import ApacheAuthnzFcgi, ApacheFcgid as GuardApacheFcgid
from support.backend import FastcgiBackend, write_program
from support.behind.apache import MODULES, ApacheFcgid, ApacheProxyFcgi
from support.behind.lighttpd import LighttpdBinPath, LighttpdPool
from support.behind.nginx import NginxFront
from support.client import Client
from support.lighttpd import Lighttpd as GuardLighttpd
from support.processes import REPOSITORY
from support.proxies import Caddy, HAProxy

pytestmark = pytest.mark.unsanitized

PATH = "/api/users/token"
CLIENT, PROXY = "127.0.0.5", "127.0.0.6"
FORGED, REAL = "198.51.100.66", "203.0.113.9"

# name: (server, the file that gets the lines for a proxy in front)
SERVERS = {
    "nginx": (NginxFront, "site.conf"),
    "apache-fcgid": (ApacheFcgid, "site.conf"),
    "apache-proxy-fcgi": (ApacheProxyFcgi, "site.conf"),
    "lighttpd-pool": (LighttpdPool, "common.conf"),
    "lighttpd-bin-path": (LighttpdBinPath, "common.conf"),
    "guard-nginx": (guarded.Nginx, "site.conf"),
    "guard-apache-authnz-fcgi": (ApacheAuthnzFcgi, "site.conf"),
    "guard-apache-fcgid": (GuardApacheFcgid, "site.conf"),
    "guard-lighttpd": (GuardLighttpd, "site.conf"),
}
# These proxies send their requests to nginx.
PROXIES = {"caddy": Caddy, "haproxy": HAProxy}

# How a client may claim an address: in each of these headers, in one line or in several.
CLAIMS = [
    *([(name, FORGED)] for name in "X-Forwarded-For X-Real-IP X-Client-IP True-Client-IP CF-Connecting-IP Client-IP".split()),
    *([(name, FORGED)] for name in "Remote-Addr REMOTE_ADDR X_Forwarded_For X_Real_IP Forwarded-For X-Remote-Addr".split()),
    [("Forwarded", f"for={FORGED}")],
    [("Forwarded", f'for="[2001:db8::66]", for={FORGED}')],
    [("X-Forwarded-For", f"{FORGED}, 127.0.0.1")],
    [("X-Forwarded-For", "127.0.0.1")],
    [("X-Forwarded-For", FORGED), ("X-Forwarded-For", FORGED)],
    [("x-forwarded-for", f"{FORGED},"), ("X-Real-IP", FORGED), ("Forwarded", f"for={FORGED}")],
    [("X-Forwarded-For", FORGED), ("Connection", "close, X-Forwarded-For")],
    [("Connection", "close, X-Forwarded-For, X-Real-IP")],
]


def lines_for(language):
    """The page's block for a server, with the address of the tests' own proxy."""
    with open(os.path.join(REPOSITORY, "docs", "deployment.md"), encoding="utf-8") as file:
        section = file.read().partition("\n## The client's address\n")[2].partition("\n## ")[0]
    (block,) = re.findall(rf"(?s)```{language}\n(.*?)```", section)
    assert "192.0.2.10" in block
    return block.replace("192.0.2.10", PROXY)


def edit(path, pattern, replacement):
    """Replaces the only match of the pattern in a file."""
    with open(path, encoding="utf-8") as file:
        text, count = re.subn(pattern, lambda found: found.expand(replacement), file.read())
    assert count == 1, (path, pattern, count)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


# language of the page's block: (pattern of its place, replacement)
PLACES = {
    "nginx": (r"(?m)^server \{$", r"\g<0>\n{lines}"),
    "apache": (r"(?ms)\A(.*^<VirtualHost [^\n]*\n)", rf"LoadModule remoteip_module {MODULES}/mod_remoteip.so\n\1{{lines}}"),
    "lighttpd": (r"\Z", "{lines}"),
}


def believe(server, name):
    """Writes the page's lines into the server's configuration."""
    language = re.search("nginx|apache|lighttpd", name)[0]
    lines = lines_for(language)
    if name == "nginx":  # its file already has this line
        lines = lines.replace("real_ip_header X-Forwarded-For;", "")
    place, replacement = PLACES[language]
    edit(os.path.join(server.folder, SERVERS[name][1]), place, replacement.replace("{lines}", lines))


def address_seen(server, claims=(), client=CLIENT):
    """The REMOTE_ADDR that the program gets."""
    status, _, body = Client(server.url, address=client, moved=None).raw("GET", PATH, list(claims))
    assert status == 200, (status, body)
    (address,) = [value for name, value in json.loads(body)["parameters"] if name == "REMOTE_ADDR"]
    return address


class Around(guarded.Surroundings):
    """Surroundings in which a program of the tests replaces the pool."""

    def __init__(self, folder):
        settings = os.path.join(folder, "empty.conf")
        with open(settings, "w", encoding="ascii"):
            pass
        self.pool = FastcgiBackend(os.path.join(folder, "pool.sock"))
        self.pool.config_path = settings
        self.tcp_pool = FastcgiBackend()
        self.nginx = NginxFront(os.path.join(folder, "nginx"), self.pool)
        super().__init__(folder, SimpleNamespace(pool=self.pool, nginx=self.nginx), self.tcp_pool.address)

    def make(self, kind, folder, nginx=None):
        """Makes a server without starting it. A proxy sends its requests to `nginx`, if one is given."""
        around = copy.copy(self)
        around.site = SimpleNamespace(pool=self.pool, nginx=nginx or self.nginx)
        server = kind(os.path.join(folder, "s"), around if issubclass(kind, guarded.Guarded) else self.pool)
        program = os.path.join(server.folder, "user-api")
        if os.path.exists(program):  # for servers that start it themselves
            os.remove(program)
            write_program(program)
        return server

    def stop(self):
        self.nginx.stop()
        self.pool.stop()
        self.tcp_pool.stop()
        super().stop()


@pytest.fixture(scope="module")
def around(new_folder):
    surroundings = Around(new_folder())
    surroundings.nginx.start()
    yield surroundings
    surroundings.stop()


@pytest.fixture(scope="module", params=[*SERVERS, *PROXIES])
def shipped(request, around, new_folder):
    kind = PROXIES.get(request.param) or SERVERS[request.param][0]
    server = around.make(kind, new_folder()).start()
    yield server
    server.stop()


@pytest.fixture(scope="module", params=SERVERS)
def believing(request, around, new_folder):
    server = around.make(SERVERS[request.param][0], new_folder())
    believe(server, request.param)
    yield server.start()
    server.stop()


def test_nothing_that_a_client_says_decides_its_address(shipped):
    """So all clients behind a proxy that the server does not know have one address."""
    assert address_seen(shipped) == CLIENT
    seen = {str(claims): address_seen(shipped, claims) for claims in CLAIMS}
    assert {claims: address for claims, address in seen.items() if address != CLIENT} == {}


def test_with_the_lines_of_the_page_the_proxys_clients_have_their_own_addresses(believing):
    assert address_seen(believing, client=PROXY) == PROXY
    for said in (REAL, "2001:db8::9", f"{FORGED}, {REAL}", f"{FORGED},2001:db8::9", f"unknown, {REAL}"):
        expected = re.split(", *", said)[-1]
        assert address_seen(believing, [("X-Forwarded-For", said)], PROXY) == expected, said
    said = [("X-Forwarded-For", FORGED), ("X-Forwarded-For", REAL)]
    assert address_seen(believing, said, PROXY) == REAL


def test_with_the_lines_of_the_page_only_the_proxys_own_word_counts(believing):
    """A client that bypasses the proxy cannot set the address, nor can another header that the proxy passes on."""
    seen = {str(claims): address_seen(believing, claims) for claims in CLAIMS}
    assert {claims: address for claims, address in seen.items() if address != CLIENT} == {}
    for claims in CLAIMS:
        others = [(name, value) for name, value in claims if name.lower() != "x-forwarded-for"]
        for said in ([*others, ("X-Forwarded-For", REAL)], [("X-Forwarded-For", REAL), *others]):
            assert address_seen(believing, said, PROXY) == REAL, said


@pytest.fixture(scope="module", params=PROXIES)
def chained(request, around, new_folder):
    """A proxy between another proxy and an nginx that knows it."""
    nginx = around.make(NginxFront, new_folder())
    believe(nginx, "nginx")
    proxy = around.make(PROXIES[request.param], new_folder(), nginx)
    if request.param == "caddy":
        lines = lines_for("caddy").replace("127.0.0.1:5001", f"127.0.0.1:{nginx.port}")
        edit(os.path.join(proxy.folder, "Caddyfile"), rf"(?m)(?<=handle /api/\* \{{\n)\s*reverse_proxy 127\.0\.0\.1:{nginx.port}\n", lines)
    nginx.start()
    yield proxy.start()
    proxy.stop()
    nginx.stop()


def test_two_proxies_one_behind_the_other_name_the_client(chained):
    assert address_seen(chained, client=PROXY) == PROXY
    for said in (REAL, "2001:db8::9", f"{FORGED}, {REAL}"):
        assert address_seen(chained, [("X-Forwarded-For", said)], PROXY) == said.split(", ")[-1], said
    seen = {str(claims): address_seen(chained, claims) for claims in CLAIMS}
    assert {claims: address for claims, address in seen.items() if address != CLIENT} == {}


def test_nginx_as_shipped_takes_the_last_word_of_a_proxy_on_this_machine(around):
    for said in (REAL, f"{FORGED}, {REAL}", f"127.0.0.1, {FORGED}, {REAL}"):
        assert address_seen(around.nginx, [("X-Forwarded-For", said)], "127.0.0.1") == REAL, said
    for name in ("X-Real-IP", "Forwarded", "X_Forwarded_For"):
        assert address_seen(around.nginx, [(name, FORGED)], "127.0.0.1") == "127.0.0.1", name
