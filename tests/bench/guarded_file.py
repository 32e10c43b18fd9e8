"""A static file behind nginx's auth_request: guarded by the pool, by a program with a constant answer, and unguarded."""

import os

from support.nginx import Nginx
from support.processes import REPOSITORY, free_port

SITE = """
upstream user_api_pool {{ server {upstream} max_fails=0; }}
server {{
    listen 127.0.0.1:{port};
    root {root};
    include {guard};
    location /private/ {{
        auth_request /user-api-guard/customer=1/;
        error_page 401 = @user_api_login;
    }}
}}
"""


class GuardedFile(Nginx):
    """nginx with the shipped guard, which protects /private/ and not /open/."""

    def __init__(self, folder, upstream):
        super().__init__(folder, upstream)
        root = os.path.join(self.folder, "site")
        for name in ("private", "open"):
            os.makedirs(os.path.join(root, name))
            with open(os.path.join(root, name, "index.html"), "w", encoding="ascii") as page:
                page.write("a page\n" * 100)
        self.port = free_port()
        guard = os.path.join(REPOSITORY, "deploy", "guard", "nginx", "guard.conf")
        self.write("site.conf", SITE.format(upstream=upstream, port=self.port, root=root, guard=guard))
