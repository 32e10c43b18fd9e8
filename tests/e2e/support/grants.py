"""What the tests of who may do what share, on a site with operators."""

import time

import jwt

from .site import LIFETIME


def with_locked_roles(site):
    """The site, with two roles that only operators may grant: `auditor`, whose column says so, and `operator`, whose
    column must not count."""
    site.sql("UPDATE role SET assignable = true WHERE code = 'operator'")
    site.seed.role("auditor", "Auditor", assignable=False)
    site.operator, site.auditor = roles(site, "operator")[0], roles(site, "auditor")[0]
    return site


def roles(site, *codes):
    """Roles as the API writes them, those that the seed does not know included."""
    rows = site.sql("SELECT code, id, name FROM role WHERE code = ANY (%s) ORDER BY id", (list(codes),))
    return [dict(zip(("code", "id", "name"), row)) for row in rows]


def ids(*roles_given):
    return [{"id": role["id"]} for role in roles_given]


def document(user, **changes):
    """What a PUT sends; without changes one that changes nothing."""
    return {"active": user.active, "email": user.email, "name": user.name, **changes}


def state(site, user):
    """All that the database holds of a user; None when there is none."""
    found = site.sql(
        "SELECT to_jsonb(u), ARRAY(SELECT role_id FROM user_has_role h WHERE h.user_id = u.id ORDER BY 1)"
        " FROM _user u WHERE id = %s",
        (user.id,),
    )
    return found[0] if found else None


def minted(site, user):
    """A client with a token as the original mints it: that costs no login."""
    claims = user.plain(roles=roles(site, *user.roles), exp=int(time.time()) + LIFETIME)
    return site.client.bearer(jwt.encode(claims, site.secret, algorithm="HS256"))
