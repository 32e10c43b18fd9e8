"""The service on a database that came from the Python original, with tokens as the original creates them."""

import os
import secrets
import time

import jwt

from . import seed
from .client import Client
from .nginx import Nginx
from .original import ROLES, person
from .pool import Pool


class Service:
    """The pool on such a database, with nginx in front."""

    def __init__(self, database, folder, **settings):
        self.secret = secrets.token_urlsafe(48)
        self.pool = Pool(
            folder,
            {
                "USER_API_DATABASE_URL": database.server.url(database.name),
                "USER_API_JWT_SECRET": self.secret,
                "USER_API_BCRYPT_COST": seed.CHEAP_COST,
                "USER_API_UPGRADE_HASHES": "off",
                **settings,
            },
            workers=2,
        )
        self.nginx = Nginx(os.path.join(folder, "nginx"), self.pool.address)
        self.client = Client(self.nginx.url)
        self.pool.start()
        self.nginx.start()

    def login(self, number):
        each = person(number)
        return self.client.login(each.email, each.password)

    def mint(self, number):
        """A token as the original creates it."""
        each = person(number)
        claims = {
            "active": each.active,
            "customer": {"id": each.customer_id},
            "email": each.email,
            "exp": int(time.time()) + 1296000,
            "id": each.id,
            "name": each.name,
            "roles": [{"code": code, "id": id, "name": name} for id, code, name in ROLES if code in each.roles],
        }
        return claims, jwt.encode(claims, self.secret, algorithm="HS256")
