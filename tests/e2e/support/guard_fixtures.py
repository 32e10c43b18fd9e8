"""Fixtures of the tests of guards: `guarded` is each web server in turn, with its shipped configuration."""

import os

import pytest

from .apache import ApacheAuthnzFcgi, ApacheFcgid
from .guarded import Nginx, Surroundings
from .lighttpd import Lighttpd
from .pool import Pool
from .processes import free_port
from .site import Site

SERVERS = [Nginx, ApacheAuthnzFcgi, ApacheFcgid, Lighttpd]
LOGIN = "/login/"


def make_guarded_site(postgres, folder, settings=None, **options):
    """A site whose pool also listens on TCP, which mod_authnz_fcgi needs."""
    site = Site(postgres, folder, {"USER_API_LOGIN_URL": LOGIN, **(settings or {})}, **options)
    site.tcp = f"127.0.0.1:{free_port()}"
    site.pool = Pool(folder, site.pool.settings, [site.pool.listen[0], site.tcp], workers=site.pool.workers)
    return site.start()


@pytest.fixture(scope="module")
def guarded_site(postgres, new_folder):
    site = make_guarded_site(postgres, new_folder())
    yield site
    site.stop()


@pytest.fixture(scope="module")
def around(guarded_site, new_folder):
    surroundings = Surroundings(new_folder(), guarded_site, guarded_site.tcp)
    yield surroundings
    surroundings.stop()


@pytest.fixture(scope="module", params=SERVERS, ids=lambda server: server.kind)
def guarded(request, around, new_folder):
    server = request.param(os.path.join(new_folder(), "s"), around).start()
    yield server
    server.stop()
