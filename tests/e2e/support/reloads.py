"""Reloads a pool repeatedly so that it uses another database, in which the same ids belong to other users."""

import os

from .checker import Checkers, ask, now, request_of
from .site import Site
from .trial import make_users
from .verdict import Verdict

USERS = 40
PATH = "/api/users/token"


class Reloads:
    """In each database, some users are inactive whose ids are active in the other one. `elsewhere` is another server for
    the second database."""

    title = "reload, other database"

    def __init__(self, postgres, folder, elsewhere=None):
        servers = {"a": postgres, "b": elsewhere or postgres}
        self.sites = [Site(server, os.path.join(folder, name)) for name, server in servers.items()]
        self.pool = self.sites[0].pool
        self.users = [make_users(site, USERS) for site in self.sites]
        assert [user.id for user in self.users[0]] == [user.id for user in self.users[1]]
        self.tokens = [user.token for user in self.users[0]]
        self.counts = [[number % 2 == place for number in range(USERS)] for place in (0, 1)]
        for place in (0, 1):
            self.put_out(place, [number for number in range(USERS) if not self.counts[place][number]])
        self.place = 0
        self.phases = []  # [from, until, whether each session is valid]
        self.late, self.wrong = [], []
        self.checkers = Checkers(os.path.join(folder, "checks"), [self.pool.address], self.tokens, 0)

    def put_out(self, place, numbers):
        ids = [self.users[place][number].id for number in numbers]
        self.sites[place].sql("UPDATE _user SET active = false WHERE id = ANY(%s)", (ids,))
        for number in numbers:
            self.counts[place][number] = False

    def start(self):
        self.pool.start()
        self.checkers.start()
        self.begin()
        return self

    def begin(self):
        """Begins a phase: the current database decides which sessions are valid. Checks each session in two ways."""
        self.phases.append([now(), None, list(self.counts[self.place])])
        for token, counts in 2 * list(zip(self.tokens, self.counts[self.place])):
            self.judge(counts, ask(self.pool.address, request_of(token, PATH))[1])

    def judge(self, counts, status):
        if status == 200 and not counts:
            self.late.append("a session of the other database")
        elif status != 200 and counts:
            self.wrong.append(f"a session of this database: {status}")

    def step(self):
        """Switches to the other database, in which a user was made inactive meanwhile."""
        left = [number for number in range(USERS) if self.counts[1 - self.place][number]]
        self.put_out(1 - self.place, left[:2])
        self.phases[-1][1] = now()
        self.place = 1 - self.place
        site = self.sites[self.place]
        self.pool.settings["USER_API_DATABASE_URL"] = site.postgres.url(site.database)
        self.pool.write_config()
        self.pool.reload_and_wait()
        self.begin()

    def run(self, steps, seconds=0):
        """Runs at least this number of steps, and as many as fit into the seconds. Returns the verdict."""
        began = now()
        while len(self.phases) <= steps or now() - began < seconds:
            self.step()
        self.phases[-1][1] = now()
        checks = self.checkers.stop()
        for session, _, sent, answered, status in checks:
            for begin, end, counts in self.phases:
                if sent > begin and answered < end:
                    self.judge(counts[session], status)
        return Verdict([], self.late, self.wrong, 1.0, len(checks), sum(check[4] in (0, 503) for check in checks))

    def stop(self):
        self.checkers.board.end()
        try:
            code = self.pool.terminate()
            assert code == 0, f"user-api ended with {code}:\n{self.pool.log_text()[-5000:]}"
        finally:
            for site in self.sites:
                site.release()
