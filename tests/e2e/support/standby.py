"""Two clusters; the second one follows the first by streaming replication. A commit waits until both have it, so a failover
loses nothing."""

import os
import subprocess

from .postgres import SERVICE_ACCOUNT, Postgres, program, server_user
from .processes import wait_until

# After the standby exists, a commit of the first waits for this.
WAITING = {"synchronous_commit": "on"}


class Standby(Postgres):
    """A copy of `primary`, which follows it from its start on."""

    def __init__(self, primary, folder):
        self.primary = primary
        super().__init__(folder, WAITING)

    def make(self):
        command = [program("pg_basebackup"), "-D", self.data, "-h", self.primary.folder, "-p", str(self.primary.port)]
        command += ["-U", "postgres", "-R", "-c", "fast", "--no-sync"]
        subprocess.run(command, check=True, cwd="/", **server_user())

    def promote(self):
        self.execute("SELECT pg_promote()")
        wait_until(lambda: self.execute("SELECT pg_is_in_recovery()") == [(False,)], 30, "the standby has taken over")


class Pair:
    def __init__(self, folder):
        os.makedirs(folder, exist_ok=True)
        self.folder = folder
        self.primary = Postgres(os.path.join(folder, "one"), WAITING).start()
        self.standby = None

    def follow(self):
        """Creates the standby. From then on, commits wait for it."""
        self.standby = Standby(self.primary, os.path.join(self.folder, "two")).start()
        self.primary.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
        self.primary.execute("SELECT pg_reload_conf()")
        state = "SELECT sync_state FROM pg_stat_replication"
        wait_until(lambda: self.primary.execute(state) == [("sync",)], 30, "commits wait for the standby")

    def url(self, database, user=SERVICE_ACCOUNT):
        """A URL with both clusters, which selects the one that accepts writes."""
        hosts = ",".join(f"127.0.0.1:{each.port}" for each in (self.primary, self.standby))
        return f"postgresql://{user}@{hosts}/{database}?target_session_attrs=read-write"

    def fail_over(self):
        """Ends the first cluster, and promotes the second."""
        self.primary.stop()
        self.standby.promote()
