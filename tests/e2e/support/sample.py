"""Sample data for the pictures of the documentation: two clubs, a dozen users and their events."""

from .seed import PASSWORD

HERE, THERE = "Rowing club", "Chess club"
ROLES = [("member", "Member"), ("editor", "Editor"), ("treasurer", "Treasurer")]
# In addition to Ann, who is the first one, and both admin and operator.
PEOPLE = [
    (HERE, "Bob", ("member",)),
    (HERE, "Chloé", ("member", "editor")),
    (HERE, "Dimitri", ("member",)),
    (HERE, "Emma", ("member", "treasurer")),
    (HERE, "Farid", ("member",)),
    (HERE, "Grace", ("admin", "member")),
    (HERE, "Hugo", ("member",)),
    (HERE, "Inès", ("editor",)),
    (HERE, "Jürgen", ("member",)),
    (THERE, "Kim", ("admin", "member")),
    (THERE, "Luca", ("member", "treasurer")),
    (THERE, "Mei", ("member",)),
]
MINUTES = 37  # between two events


def email_of(name):
    letters = name.lower().translate(str.maketrans("éèü", "eeu"))
    return f"{letters}@clubs.example"


class Sample:
    """Replaces the seed of a site with operators. `users` are the ids by name; `ann` has created all other users."""

    def __init__(self, site):
        self.site = site
        self.empty()
        self.customers = {HERE: site.sql("INSERT INTO customer (name) VALUES (%s) RETURNING id", (HERE,))[0][0]}
        for code, name, is_assignable in (("admin", "Administrator", True), ("operator", "Operator", False)):
            site.seed.role(code, name, is_assignable)
        self.ann = site.seed.user("Ann", self.customers[HERE], email_of("Ann"), roles=("admin", "operator"))
        self.api = site.login(self.ann)
        self.roles = {each["code"]: each["id"] for each in self.api.get("/api/roles/").json()["roles"]}
        self.users = {"Ann": self.ann.id}
        self.add()
        self.change()
        self.spread()

    def empty(self):
        tables = "user_has_role, _user, role, customer, failed_login, revoked_token, deleted_user, user_count"
        self.site.sql(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")
        self.site.sql("TRUNCATE event RESTART IDENTITY")

    def sent(self, status, method, path, document=None, **more):
        answer = self.api.request(method, path, document, **more)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    def add(self):
        quota = {"name": THERE, "max_user_quota": 25}
        self.customers[THERE] = self.sent(201, "POST", "/api/customers/", quota)["id"]
        for code, name in ROLES:
            self.roles[code] = self.sent(201, "POST", "/api/roles/", {"code": code, "name": name})["id"]
        for club, name, codes in PEOPLE:
            user = {"name": name, "email": email_of(name), "password": PASSWORD, "active": True}
            user["roles"] = [{"id": self.roles[code]} for code in codes]
            user["customer"] = {"id": self.customers[club]}
            self.users[name] = self.sent(201, "POST", "/api/users/", user)["id"]

    def update(self, name, **changes):
        path = f"/api/users/{self.users[name]}"
        user = self.sent(200, "GET", path)
        user["roles"] = [{"id": role["id"]} for role in user["roles"]]
        del user["id"], user["customer"]
        self.sent(200, "PUT", path, {**user, **changes})

    def change(self):
        login = self.site.client.login
        for name in ("Grace", "Bob", "Emma"):
            assert login(email_of(name), PASSWORD).status_code == 200
        self.update("Jürgen", roles=[{"id": self.roles[code]} for code in ("member", "editor")])
        self.update("Hugo", active=False)
        while login(email_of("Dimitri"), "not the password").status_code != 429:
            pass
        self.update("Emma", email="emma@rowing.example")
        assert login(email_of("Chloé"), PASSWORD).status_code == 200
        self.sent(204, "POST", f"/api/users/{self.users['Farid']}/logout")

    def spread(self):
        """Spreads the events over the last days, and gives each person an address (of RFC 5737)."""
        self.site.sql(
            "UPDATE event SET at = now() - ((SELECT max(id) FROM event) - id) * make_interval(mins => %s),"
            " address = CASE WHEN address IS NULL THEN NULL ELSE '192.0.2.' || coalesce(actor_id, user_id, 99) END",
            (MINUTES,),
        )
