"""The library inside other programs: its public functions on a real database, and the README's program. That is
compiled against an installation in a folder of its own, and served behind nginx."""

import glob
import os
import re
import secrets
import signal
import subprocess

import pytest

from support import admin
from support.client import Client, assert_error, assert_json, token_of
from support.nginx import Nginx
from support.pool import binary, is_sanitized
from support.processes import REPOSITORY, Process, wait_until, workers_of
from support.seed import CHEAP_COST, PASSWORD, Seed

HEADER = os.path.join(REPOSITORY, "include", "user_api.h")
HELLO = os.path.join(REPOSITORY, "tests", "examples", "hello.c")
MANUAL = os.path.join(REPOSITORY, "docs", "man", "libuserapi.3")
BUILD = os.path.dirname(binary())
# malloc's smallest block is 32 bytes: a leak of one block a request would be 640 KiB.
REQUESTS = int(os.environ.get("USER_API_TEST_EMBEDDED_REQUESTS", "20000"))
SCENARIOS = {
    "embed_service": {
        "registers": "a user is registered by the endpoint's rules",
        "updates": "a user is updated whole or not at all, by their own customer only",
        "lists": "users and roles are listed page by page",
        "authenticates": "a session is opened, looked at and ended",
        "trusts": "a session is opened without a password for an active user",
        "resets": "a new password ends the sessions from before",
    },
    "embed_callers": {
        "an-admin-grants": "a change for an admin grants what that admin may grant",
        "an-admin-manages": "a change for an admin is about whom that admin may manage",
        "an-operator-manages": "a change for an operator reaches every customer and role",
        "others-change-nothing": "a change for somebody else is refused, for an empty identity too",
        "who-was-an-admin-is-none": "a change for somebody who is not active is refused",
        "customers-are-kept-apart": "another customer is not found, whoever asks but an operator",
        "an-admin-stays": "the last admin stays, whoever asks",
        "tokens-stay-short": "a token does not become too long for its carriers",
    },
    "embed_changes": {
        "tags-are-those-of-the-api": "a record has the tag that the API answers",
        "lost-updates-are-noticed": "a change is made under its condition or not at all",
        "conditions-hold-for-callers": "who may not do it hears that before the condition",
        "sessions-end": "deletion and the end of sessions count at once",
        "data-that-refers-keeps": "a user to whom other tables refer is not deleted",
        "users-are-found": "users are found by role, activity, id and text, and counted",
    },
    "embed_directory": {
        "roles-are-made": "a role is made by the endpoint's rules",
        "roles-are-changed": "a role is changed, except its code",
        "roles-in-use-stay": "a role that somebody holds is not deleted",
        "customers-are-made": "a customer is made by the endpoint's rules",
        "customers-are-changed": "a customer's quota is set, taken away or left alone",
        "customers-are-listed": "customers are listed page by page",
        "customers-with-users-stay": "a customer with users is not deleted",
    },
    "embed_events": {
        "pages": "events are read page by page, in both directions",
        "customers-are-kept-apart": "a customer's events are that customer's alone",
        "writes": "a program's event is written about a customer or one of its users, and nothing else",
        "terms-say-who-and-from-where": "an event says who asked for a change, and from where, for that change alone",
        "older-terms-say-who": "terms of an older header say who asked, and nothing that they do not have",
        "handlers-say-who-asked": "an event says whose request a handler answers, unless terms say something else",
        "callbacks-say-what-called-them": "an event of a callback says who caused the change that called it",
    },
    "embed_host": {
        "calls-back": "callbacks are told of commits and of nothing else",
        "callbacks-may-fail": "a failing callback changes nothing",
        "callbacks-may-be-slow": "a slow callback holds no transaction open",
        "callbacks-may-call": "a callback may call the library, and is not called for that",
        "callbacks-may-not-tidy-up": "a callback cannot pull away the memory of the call that it interrupts",
        "keeps-to-the-quota": "a user too many is not registered where quotas are enforced",
        "refuses-common-passwords": "a password that others would try first is not set",
        "handles": "a loop of one's own hands requests over",
        "guards": "a guard decision can be asked for",
        "survives-fork": "both sides of a fork have a connection of their own",
    },
}
RUNS = [
    pytest.param(program, scenario, id=title.replace(" ", "_"))
    for program, scenarios in SCENARIOS.items()
    for scenario, title in scenarios.items()
]


def run(argv, **options):
    result = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    assert result.returncode == 0, f"{' '.join(argv)}:\n{result.stdout}"
    return result.stdout


def declared():
    """The functions that the header only declares, and those that it defines inline."""
    with open(HEADER, encoding="utf-8") as file:
        text = re.sub(r"/\*.*?\*/|typedef [^;{]*;", "", file.read(), flags=re.S)
    inline = set(re.findall(r"static inline \w+ (user_api_\w+)\(", text))
    return set(re.findall(r"\b(user_api_\w+)\(", text)) - inline, inline


class Installation:
    """`make install` into a prefix of its own."""

    def __init__(self, folder):
        self.prefix = os.path.join(folder, "prefix")
        self.lib = os.path.join(self.prefix, "lib")
        self.flags = ["-fsanitize=address,undefined"] if is_sanitized() else []
        self.make("install")

    def make(self, target, *variables):
        sanitize = ["SANITIZE=1"] if is_sanitized() else []
        build = os.path.relpath(BUILD, REPOSITORY)
        arguments = [f"BUILD={build}", f"PREFIX={self.prefix}", *sanitize, *variables, target]
        # A lock, as in scripts/: only one make at a time may run in a folder.
        return run(["flock", os.path.join(REPOSITORY, "Makefile"), "make", "-C", REPOSITORY, *arguments])

    def pkg_config(self, *arguments):
        environment = {**os.environ, "PKG_CONFIG_PATH": os.path.join(self.lib, "pkgconfig")}
        return run(["pkg-config", *arguments, "user-api"], env=environment).split()

    def compile(self, source, output, *flags, compiler="gcc"):
        found = self.pkg_config("--cflags", "--libs")
        strict = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
        run([compiler, *strict, *self.flags, "-o", output, source, *found, *flags])
        return output


@pytest.fixture(scope="module")
def installed(new_folder):
    return Installation(new_folder())


@pytest.fixture(scope="module")
def database(postgres):
    name = postgres.create_database()
    connect = lambda: postgres.connect(name)  # noqa: E731
    seed = Seed(connect(), reconnect=connect)
    seed.url = postgres.url(name)
    yield seed
    seed.connection.close()
    postgres.drop_database(name)


class Hello:
    """The example, compiled in a folder that holds nothing else, and run behind nginx. Its hashes are cheap, as in all
    tests: at the default cost, a busy machine with sanitizers takes longer than the watchdog allows."""

    def __init__(self, installed, database, folder):
        self.installed, self.database = installed, database
        source = os.path.join(folder, "hello.c")
        with open(HELLO, encoding="ascii") as example, open(source, "w", encoding="ascii") as cheap:
            settings, count = re.subn(r"\.workers = 2", rf"\g<0>, .bcrypt_cost = {CHEAP_COST}", example.read())
            assert count == 1
            cheap.write(settings)
        program = installed.compile(source, os.path.join(folder, "hello"), f"-Wl,-rpath,{installed.lib}")
        variables = {
            "HELLO_LISTEN": f"unix:{folder}/hello.sock,mode=0666",
            "HELLO_DATABASE_URL": database.url,
            "HELLO_JWT_SECRET": secrets.token_urlsafe(48),
        }
        log = os.path.join(folder, "hello.log")
        self.process = Process([program], env=admin.environment(**variables), log_path=log, cwd=folder)
        self.nginx = Nginx(os.path.join(folder, "nginx"), f"unix:{folder}/hello.sock")
        self.client = Client(self.nginx.url)

    def start(self):
        self.process.start()
        self.nginx.start()
        wait_until(lambda: self.client.get("/dummy").status_code == 401, 30, "hello answers")
        return self

    def login(self, user):
        answer = self.client.login(user.email, user.password)
        assert answer.status_code == 200, answer.text
        return self.client.bearer(token_of(answer))

    def printed(self):
        return [line for line in self.process.log_text().splitlines() if not line.startswith("{")]

    def private_kib(self):
        """The private memory of all workers together."""
        total = 0
        for pid in workers_of(self.process.pid):
            with open(f"/proc/{pid}/status", encoding="ascii") as status:
                total += int(re.search(r"RssAnon:\s+(\d+) kB", status.read()).group(1))
        return total

    def stop(self):
        self.nginx.stop()
        assert self.process.stop() == 0, self.process.log_text()[-5000:]


@pytest.fixture(scope="module")
def hello(installed, database, new_folder):
    program = Hello(installed, database, new_folder()).start()
    yield program
    program.stop()


# --- what is installed ---


def test_the_shared_library_exports_what_the_header_declares_and_nothing_else(installed):
    listing = run(["nm", "-D", "--defined-only", os.path.join(installed.lib, "libuserapi.so")])
    assert {line.split()[-1] for line in listing.splitlines()} == declared()[0]


def test_the_static_library_shows_no_other_names_either(installed):
    listing = run(["nm", "-g", "--defined-only", os.path.join(installed.lib, "libuserapi.a")])
    names = {line.split()[-1] for line in listing.splitlines() if len(line.split()) == 3}
    assert names == declared()[0]


def test_the_shared_library_has_a_versioned_name(installed):
    dynamic = run(["readelf", "-d", os.path.join(installed.lib, "libuserapi.so")])
    assert "soname: [libuserapi.so.0]" in dynamic
    assert os.path.islink(os.path.join(installed.lib, "libuserapi.so.0"))


def test_the_header_stands_alone_and_hides_every_library_beneath(installed):
    with open(os.path.join(installed.prefix, "include", "user_api.h"), encoding="utf-8") as file:
        includes = re.findall(r"#include <(.*)>", file.read())
    assert sorted(includes) == ["stdbool.h", "stddef.h", "stdint.h"]
    assert installed.pkg_config("--libs") == [f"-L{installed.lib}", "-luserapi"]


@pytest.mark.parametrize("compiler, standard", [("gcc", "c99"), ("gcc", "c11"), ("g++", "c++11")])
def test_c_and_cpp_programs_compile_against_it(installed, folder, compiler, standard):
    source = os.path.join(folder, "program." + ("cc" if "+" in standard else "c"))
    with open(source, "w", encoding="ascii") as file:
        file.write(
            "#include <user_api.h>\n"
            "int main(void)\n{\n  static const char *const roles[] = {\"admin\", 0};\n"
            "  user_api *api = 0;\n"
            "  return user_api_route(api, \"GET\", \"/\", user_api_has_roles(roles), 0, 0) == USER_API_MISUSED\n"
            "    && user_api_serve(api) == 2 ? 0 : 1;\n}\n"
        )
    program = installed.compile(
        source, source + ".out", f"-std={standard}", f"-Wl,-rpath,{installed.lib}", compiler=compiler
    )
    run([program])


def test_the_example_links_statically_as_well(installed, folder):
    archive = os.path.join(installed.lib, "libuserapi.a")
    whole = installed.pkg_config("--static", "--cflags", "--libs")
    libraries = [archive if part == "-luserapi" else part for part in whole]
    program = os.path.join(folder, "hello")
    run(["gcc", *installed.flags, "-o", program, HELLO, *libraries])
    assert "libuserapi" not in run(["readelf", "-d", program])
    for variables, missing in (({}, "DATABASE_URL"), ({"HELLO_DATABASE_URL": "postgresql:///users"}, "JWT_SECRET")):
        result = subprocess.run(
            [program], env=admin.environment(**variables), capture_output=True, text=True, check=False
        )
        assert result.returncode == 1
        assert result.stderr == f"hello: HELLO_{missing} is not set\n"


def test_the_installed_application_runs_from_its_prefix(installed):
    program = os.path.join(installed.prefix, "bin", "user-api")
    with open(os.path.join(REPOSITORY, "VERSION"), encoding="ascii") as file:
        assert run([program, "--version"], env={}) == f"user-api {file.read().strip()}\n"


def test_what_was_installed_can_be_removed(installed, folder):
    root = os.path.join(folder, "root")
    installed.make("install", f"DESTDIR={root}")
    assert os.path.exists(f"{root}{installed.lib}/pkgconfig/user-api.pc")
    installed.make("uninstall", f"DESTDIR={root}")
    assert [path for path in glob.glob(f"{root}/**", recursive=True) if not os.path.isdir(path)] == []


# --- its documentation ---


def test_the_application_knows_nothing_but_the_header():
    with open(os.path.join(REPOSITORY, "src", "user-api.c"), encoding="utf-8") as file:
        includes = re.findall(r"#include (.*)", file.read())
    assert includes == ["<stdio.h>", "<stdlib.h>", "<unistd.h>", "<user_api.h>"]


def test_the_page_and_the_manual_show_the_example_as_it_is():
    with open(HELLO, encoding="utf-8") as file:
        program = file.read()
    with open(os.path.join(REPOSITORY, "docs", "embedding.md"), encoding="utf-8") as file:
        section = re.search(r"\n## A whole program\n(.*?)\n## ", file.read(), re.S).group(1)
    assert re.search(r"```c\n(.*?)```", section, re.S).group(1) == program
    with open(MANUAL, encoding="utf-8") as file:
        shown = re.search(r"\n\.Bd -literal\n(/\* A FastCGI.*?)\.Ed\n", file.read(), re.S).group(1)
    assert shown.replace("\\e", "\\").replace("\\(aq", "'") == program


def blocks(text):
    """The type definitions in the text, unchanged."""
    return re.findall(r"^(?:typedef (?:enum|struct)[^;]*?\{.*?^\} \w+;|typedef [^{;]*?;|enum \{.*?\};)", text, re.M | re.S)


def test_the_manual_shows_every_type_as_the_header_has_it():
    with open(HEADER, encoding="utf-8") as header, open(MANUAL, encoding="utf-8") as manual:
        defined, shown = header.read().replace("…", "..."), manual.read().replace("\\e", "\\").replace("\\(aq", "'")
    assert len(blocks(defined)) > 10
    assert [block for block in blocks(defined) if block not in shown] == []


def test_the_manual_describes_every_function():
    with open(MANUAL, encoding="utf-8") as file:
        described = set(re.findall(r"^\.Fn (user_api_\w+)", file.read(), re.M))
    assert described == set.union(*declared())


# --- the functions ---


def add_operators(seed):
    """Adds what tests/tools/changes.h expects in addition to the seed. The operator role is never assignable, whatever
    its column says."""
    seed.sql("INSERT INTO role (id, code, name, assignable) VALUES (4, 'operator', 'Operator', true), (5, 'auditor', 'Auditor', false)")
    seed.sql("INSERT INTO role (id, code, name) SELECT 10 + n, rpad('long' || n, 250, 'x'), rpad('Long ' || n, 250, 'x') FROM generate_series(1, 20) n")
    seed.user("olga", seed.b, roles=("operator",))
    seed.user("audrey", seed.a, roles=("auditor",))
    seed.sql("CREATE TABLE loan (user_id integer REFERENCES _user (id))")
    seed.sql("INSERT INTO loan VALUES (%s)", (seed.albert.id,))


@pytest.mark.parametrize("program, scenario", RUNS)
def test_the_public_functions(postgres, program, scenario):
    name = postgres.create_database()
    seed = Seed(postgres.connect(name))
    seed.sql("UPDATE customer SET max_user_quota = 3 WHERE id = %s", (seed.a,))
    if program in ("embed_callers", "embed_changes", "embed_events"):
        add_operators(seed)
    argv = [os.path.join(BUILD, "tests", "tools", program), scenario, postgres.url(name), secrets.token_urlsafe(48), str(seed.a), str(seed.b)]
    try:
        output = run(argv, timeout=60)
        connections = 2 if scenario == "survives-fork" else 1
        assert output.count('"database connected"') == connections, output
        assert ("callback failed" in output) == (scenario == "callbacks-may-fail")
    finally:
        seed.connection.close()
        postgres.drop_database(name)


# --- the example ---


def test_a_page_for_whoever_is_connected(hello, database):
    assert_error(hello.client.get("/dummy"), 401, "UNAUTHORIZED", "No credentials supplied.")
    assert_json(hello.login(database.albert).get("/dummy"), 200, {"message": "Let's rock !"})


def test_a_page_for_a_role_gets_the_identity_and_the_roles(hello, database):
    message = "You don't have the admin role(s)."
    assert_error(hello.login(database.albert).get("/hello"), 403, "FORBIDDEN", message)
    answer = hello.login(database.alice).get("/hello")
    assert_json(answer, 200, {"hello": "alice", "required_role": "admin"})
    assert answer.headers["Cache-Control"] == "no-store"
    assert hello.login(database.alice).head("/hello").status_code == 200
    assert hello.client.post("/hello").status_code == 405
    assert_error(hello.client.get("/nowhere"), 404, "NOT_FOUND", "Not found.")


def test_the_api_is_mounted_beside_and_callbacks_print(hello, database):
    alice = hello.login(database.alice)
    assert alice.get("/api/roles/").json()["roles"][0]["code"] == "admin"
    body = {"email": "made@example.org", "name": "Made", "password": PASSWORD, "active": True, "roles": []}
    made = alice.post("/api/users/", body)
    assert made.status_code == 201, made.text
    assert alice.post("/api/users/", body).status_code == 409
    change = {"email": "remade@example.org", "name": "Remade", "active": True}
    assert alice.put(f"/api/users/{made.json()['id']}", change).status_code == 200
    assert hello.printed() == ["CREATED made@example.org", "UPDATED remade@example.org"]


def test_a_reload_replaces_the_workers_with_the_settings_it_was_given(hello, database):
    before = set(workers_of(hello.process.pid))
    hello.process.signal(signal.SIGHUP)
    wait_until(lambda: not before & set(workers_of(hello.process.pid)), 30, "all workers are replaced")
    assert_json(hello.login(database.alice).get("/hello"), 200, {"hello": "alice", "required_role": "admin"})


def ask_by_the_thousand(url, token, times):
    """Sends four requests at a time, more than there are workers. Each answer succeeds and is as long as the first."""
    headers = ["-H", f"Authorization: Bearer {token}"]
    said = run(["ab", "-q", "-n", str(times), "-c", "4", "-s", "30", *headers, url + "/hello"])
    assert re.search(rf"Complete requests: +{times}\n", said) and re.search(r"Failed requests: +0\n", said), said
    assert "Non-2xx" not in said, said


def test_many_requests_do_not_let_it_grow(hello, database, report):
    """USER_API_TEST_EMBEDDED_REQUESTS sets the number of requests."""
    if is_sanitized():
        pytest.skip("sanitizers keep freed memory")
    token = hello.login(database.alice).token
    ask_by_the_thousand(hello.nginx.url, token, 1000)
    pids, before = workers_of(hello.process.pid), hello.private_kib()
    ask_by_the_thousand(hello.nginx.url, token, REQUESTS)
    after = hello.private_kib()
    report(f"{REQUESTS} requests, private memory of {len(pids)} workers {before} KiB before, {after} KiB after")
    assert workers_of(hello.process.pid) == pids
    assert after - before <= 256
    answer = hello.client.bearer(token).get("/hello")
    assert_json(answer, 200, {"hello": "alice", "required_role": "admin"})
