"""Helpers of the tests of rights, on a site with operators."""

import time

import jwt

from .site import LIFETIME


def with_locked_roles(site):
    """Adds two roles to the site that only operators may grant: `auditor`, because its column says so, and `operator`,
    whose column must have no effect."""
    site.sql("UPDATE role SET assignable = true WHERE code = 'operator'")
    site.seed.role("auditor", "Auditor", assignable=False)
    site.operator, site.auditor = roles(site, "operator")[0], roles(site, "auditor")[0]
    return site


def roles(site, *codes):
    """Roles as the API writes them, including roles that are not in the seed."""
    rows = site.sql("SELECT code, id, name FROM role WHERE code = ANY (%s) ORDER BY id", (list(codes),))
    return [dict(zip(("code", "id", "name"), row)) for row in rows]


def ids(*roles_given):
    return [{"id": role["id"]} for role in roles_given]


def document(user, **changes):
    """The body of a PUT. Without `changes`, the PUT changes nothing."""
    return {"active": user.active, "email": user.email, "name": user.name, **changes}


def state(site, user):
    """The user's row and roles in the database, or None."""
    found = site.sql(
        "SELECT to_jsonb(u), ARRAY(SELECT role_id FROM user_has_role h WHERE h.user_id = u.id ORDER BY 1)"
        " FROM _user u WHERE id = %s",
        (user.id,),
    )
    return found[0] if found else None


def minted(site, user):
    """A client with a token as the original creates it. This needs no login."""
    claims = user.plain(roles=roles(site, *user.roles), exp=int(time.time()) + LIFETIME)
    return site.client.bearer(jwt.encode(claims, site.secret, algorithm="HS256"))
