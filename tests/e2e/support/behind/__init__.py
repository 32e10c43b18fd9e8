"""The names of web servers in front of user-api, each with a way to start the pool. USER_API_BEHIND selects one for a run.

    python3 -m support.behind          prints the names
    python3 -m support.behind --files  prints the files of the contract"""

import os

from ..pool import Pool
from .apache import ApacheFcgid, ApacheProxyFcgi
from .launchers import ActivatedPool, SpawnedDaemon, SpawnedPool, TcpPool
from .lighttpd import LighttpdBinPath, LighttpdPool
from .nginx import NginxFront

# name: (web server, class that starts the pool)
KINDS = {
    "nginx-unix": (NginxFront, Pool),
    "nginx-tcp": (NginxFront, TcpPool),
    "apache-fcgid": (ApacheFcgid, Pool),
    "apache-proxy-fcgi": (ApacheProxyFcgi, Pool),
    "lighttpd-pool": (LighttpdPool, Pool),
    "lighttpd-bin-path": (LighttpdBinPath, Pool),
    "spawn-fcgi-daemon": (NginxFront, SpawnedDaemon),
    "spawn-fcgi-foreground": (NginxFront, SpawnedPool),
    "systemd-socket": (NginxFront, ActivatedPool),
}
DEFAULT = "nginx-unix"


def chosen():
    kind = os.environ.get("USER_API_BEHIND") or DEFAULT
    assert kind in KINDS, f"USER_API_BEHIND={kind}: one of {', '.join(KINDS)}"
    return kind


def is_started_by_the_server(kind):
    """Whether the web server starts user-api. Then the pool serves only requests that do not come from the web server."""
    return KINDS[kind][0].starts_children
