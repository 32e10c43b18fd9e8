"""`user-api-admin import` of wrong rows: it reports each by line and field, and imports nothing or the rest."""

import json

import pytest
from support import admin, hashes, seed
from support.rows import Target, as_jsonl, row_of, user
from support.rows_fixtures import name, target  # noqa: F401

HASH, SALT = seed.bcrypt("x")
OLD_HASH, OLD_SALT = seed.pbkdf2("x")
NO_HASH = "is neither bcrypt ($2b$, $2a$, $2y$) nor the Python original's"
OTHER_SALT = "does not begin with the salt"
MISSING_SALT = "is the Python original's: it needs its salt of 64 hexadecimal digits"
EDGES = "has blanks or line ends around it or its salt: remove them"
FAULTY = "is of the faulty bcrypt $2x$, which is not accepted: leave it out, and set a password"

BAD_VALUES = [
    ({"email": None}, "email", "required field"),
    ({"name": None}, "name", "required field"),
    ({"email": 5}, "email", "must be of string type"),
    ({"email": "x" * 256}, "email", "max length is 255"),
    ({"name": "é" * 256}, "name", "max length is 255"),
    ({"name": "a\0b"}, "name", "null character not allowed"),
    ({"id": 0}, "id", "min value is 1"),
    ({"id": -1}, "id", "min value is 1"),
    ({"id": 2**31}, "id", "max value is 2147483647"),
    ({"id": 10**30}, "id", "must be of integer type"),
    ({"id": "1"}, "id", "must be of integer type"),
    ({"id": True}, "id", "must be of integer type"),
    ({"active": 1}, "active", "must be of boolean type"),
    ({"active": "true"}, "active", "must be of boolean type"),
    ({"customer": None}, "customer", "there are several customers: say which, with --customer"),
    ({"customer": 99}, "customer", "unknown customer"),
    ({"customer": {"id": 1}}, "customer", "must be of integer type"),
    ({"roles": "admin"}, "roles", "must be of list type"),
    ({"roles": ["admin", "Admin"]}, "roles[1]", "unknown role"),
    ({"roles": [1]}, "roles[0]", "must be of string type"),
    ({"roles": ["admin"] * 257}, "roles", "max length is 256"),
    ({"epoch": -1}, "epoch", "min value is 0"),
    ({"epoch": 2**31}, "epoch", "max value is 2147483647"),
    ({"password": "secret words"}, "password", "is not imported: give its hash, or set it afterwards"),
    ({"salt": SALT}, "salt", "there is no hash that it could belong to"),
    ({"hash": ""}, "hash", NO_HASH),
    ({"hash": HASH[:-1]}, "hash", NO_HASH),
    ({"hash": HASH[:-1] + "!"}, "hash", NO_HASH),
    ({"hash": HASH.replace("$2b$04", "$2b$03")}, "hash", NO_HASH),
    ({"hash": HASH.replace("$2b$04", "$2b$32")}, "hash", NO_HASH),
    ({"hash": HASH.replace("$2b$", "$2x$")}, "hash", FAULTY),
    ({"hash": HASH, "salt": seed.bcrypt("x")[1]}, "hash", OTHER_SALT),
    ({"hash": HASH, "salt": OLD_SALT}, "hash", OTHER_SALT),
    ({"hash": HASH + "\n"}, "hash", EDGES),
    ({"hash": "\t" + HASH, "salt": SALT}, "hash", EDGES),
    ({"hash": OLD_HASH, "salt": OLD_SALT + " "}, "hash", EDGES),
    ({"hash": OLD_HASH}, "hash", MISSING_SALT),
    ({"hash": OLD_HASH, "salt": OLD_SALT[:-1]}, "hash", MISSING_SALT),
    ({"hash": hashes.of_cost(17)}, "hash", "has the bcrypt cost 17, and a login would take too long: at most 16 is accepted"),
    ({"hash": hashes.EXPENSIVE}, "hash", "has the bcrypt cost 20, and a login would take too long: at most 16 is accepted"),
    ({"hash": OLD_HASH[:-1] + "g", "salt": OLD_SALT}, "hash", NO_HASH),
    ({"hash": "$6$abcdefgh$x"}, "hash", NO_HASH),
    ({"hash": "*", "salt": "x"}, "hash", NO_HASH),
    ({"nick": "x"}, "nick", "unknown field"),
]
BAD_LINES = [
    (b"{", "is not JSON"),
    (b"[1]", "is not a JSON object"),
    (b'"x"', "is not a JSON object"),
    (b'{"email":"a"} {}', "is not JSON"),
    (b'{"email":"a\0b"}', "has a NUL byte"),
    (b'{"email":"\xff"}', "is not UTF-8"),
    (b'{"email":"\xed\xa0\x80"}', "is not UTF-8"),
    (b'{"email":"\\ud800"}', "is not JSON"),
    (b"[" * 100 + b"]" * 100, "is not JSON"),
    (b'{"name":"' + b"x" * 1_000_000 + b'"}', "is longer than 65536 bytes"),
    (b"\xff\xfe{\x00}\x00", "is not UTF-8"),
]
BAD_RECORDS = [
    (b"9,c@x,n,1,extra", "has more fields than the header"),
    (b"9,c@x,n", "has fewer fields than the header"),
    (b"9,c@x,n,1,", "has more fields than the header"),
    (b"9,c@x,n,1" + b"," * 100, "has more fields than the header"),
    (b'9,c@x,n "quoted",1', "has a quote where none can be"),
    (b'9,c@x,"n"x,1', "has a quote where none can be"),
    (b"9,c@x,\xff,1", "is not UTF-8"),
    (b"9,c@x," + b"x" * 1_000_000 + b",1", "is longer than 65536 bytes"),
]


@pytest.fixture(scope="module")
def shared(postgres, new_folder):
    """A target for tests that change nothing."""
    made = Target(postgres, new_folder())
    made.load([user(1), user(2)])
    yield made
    made.drop()


def test_a_value_that_breaks_a_rule_is_told_by_line_and_field(shared):
    before = shared.state()
    documents, expected = [], []
    for changes, field, reason in BAD_VALUES:
        documents += [user(len(documents) + 11), user(len(documents) + 12, **changes)]
        expected.append((len(documents), field, reason))
    assert shared.complaints(documents) == expected
    assert shared.state() == before


def test_null_is_no_value(shared):
    line = '{"email":"a","name":"b","customer":1,"hash":null,"id":null}\n'
    assert shared.complaints(line) == [(1, field, "null value not allowed") for field in ("id", "hash")]


def test_all_wrong_fields_of_a_row_are_told_at_once(shared):
    found = shared.complaints([user(5, email=None, name=1, customer=99, roles=["x", "y"])])
    assert [field for _, field, _ in found] == ["email", "name", "customer", "roles[0]", "roles[1]"]


def test_a_line_that_is_no_row_is_told_and_the_next_is_read(target):
    content, expected, good = b"", [], []
    for number, (line, reason) in enumerate(BAD_LINES, 1):
        content += line + b"\n" + as_jsonl([user(number)]).encode()
        expected.append((2 * number - 1, "", reason))
        good.append(row_of(user(number)))
    assert target.complaints(content) == expected
    assert target.users() == []
    assert target.complaints(content, "--skip-bad", code=3) == expected
    assert target.users() == good


def test_a_record_that_is_no_row_is_told_and_the_next_is_read(target):
    content, expected, emails = b"id,email,name,customer\r\n", [], []
    for number, (record, reason) in enumerate(BAD_RECORDS, 1):
        content += record + f'\r\n{number},{number}@x,"b, b",2\r\n'.encode()
        expected.append((2 * number, "", reason))
        emails.append(f"{number}@x")
    assert target.complaints(content, name="x.csv") == expected
    assert target.users() == []
    assert target.complaints(content, "--skip-bad", name="x.csv", code=3) == expected
    assert target.emails() == emails


def test_rows_whose_email_or_name_nobody_could_be_given_are_told(target, name):
    documents = [
        user(1, email="a@x "),
        user(2, email="\u200bb@x", name="\u3000c"),
        user(3, name="d\ne"),
        user(4, email="f@x", name="g h"),
    ]
    expected = [
        (1, "email", "must not begin or end with a blank"),
        (2, "email", "invisible character not allowed"),
        (2, "name", "must not begin or end with a blank"),
        (3, "name", "control character not allowed"),
    ]
    header = int(name.endswith("csv"))  # the header is a line, too
    expected = [(line + header, field, reason) for line, field, reason in expected]
    assert target.complaints(documents, name=name) == expected
    assert target.users() == []
    assert target.complaints(documents, "--skip-bad", name=name, code=3) == expected
    assert target.emails() == ["f@x"]


def test_an_email_that_a_user_has_in_other_letters_is_told(target):
    target.load([user(1, email="Ü@example.org")])
    told = [(1, "email", "is that of user 1 already")]
    assert target.complaints([user(9, email="u\u0308@example.org")]) == told


def test_lines_are_counted_as_an_editor_does(shared):
    content = 'email,name,customer\r\n\r\na,"1\n2\r\n3",1\r\nb,c,99\r\n'
    said = [(3, "name", "control character not allowed"), (6, "customer", "unknown customer")]
    assert shared.complaints(content, name="x.csv") == said


def test_a_nul_in_csv_is_told(shared):
    content = b"email,name,customer\na\0b,c,1\n"
    assert shared.complaints(content, name="x.csv") == [(2, "email", "null character not allowed")]


def test_emails_and_ids_that_are_twice_in_the_file_are_told_and_the_first_stays(target):
    documents = [
        user(1, email="One@example.org"),
        user(2, email="oNE@example.org"),
        user(1, email="three@example.org"),
        user(4, email="ÜBER@example.org"),
        user(5, email="über@example.org"),
        user(6, email="three@example.org"),
        user(7, email="u\u0308ber@example.org"),
    ]
    expected = [(2, "email", "is that of line 1 already"), (3, "id", "is that of line 1 already")]
    expected += [(5, "email", "is that of line 4 already"), (7, "email", "is that of line 4 already")]
    assert target.complaints(documents) == expected
    assert target.users() == []
    assert target.complaints(documents, "--skip-bad", code=3) == expected
    assert target.emails() == ["One@example.org", "ÜBER@example.org", "three@example.org"]


def test_rows_that_are_wrong_by_themselves_and_rows_that_are_taken_are_told_together(shared):
    documents = [user(1, email="new@x"), user(12, customer=99), user(13)]
    assert shared.complaints(documents) == [(2, "customer", "unknown customer"), (1, "id", "user 1 is there already")]


def test_a_file_that_was_imported_already_changes_nothing(shared):
    before = shared.state()
    result = shared.load([user(1), user(2)], "--skip-bad", "--json", code=3)
    assert json.loads(result.stdout) == {
        "bad": 2,
        "dry_run": False,
        "imported": 0,
        "memberships": 0,
        "read": 2,
        "skipped": 2,
    }
    assert shared.state() == before


def test_the_terminal_gets_the_first_twenty_and_the_file_all(shared):
    documents = [user(100 + number, customer=99) for number in range(2000)]
    result = shared.load(documents, code=1)
    lines = result.stderr.splitlines()
    assert lines[0] == "user-api-admin: warning: line 1: customer: unknown customer"
    assert lines[20] == "user-api-admin: warning: and 1980 more: --report FILE has them all"
    assert lines[21].endswith("nothing was changed: 2000 of 2000 rows are bad (--skip-bad imports the others)")
    assert len(lines) == 22
    assert len(shared.complaints(documents)) == 2000


def test_a_failure_is_one_json_object_too(shared):
    result = shared.load([user(5, customer=99), user(6)], "--json", code=1)
    assert json.loads(result.stdout) == {
        "bad": 1,
        "dry_run": False,
        "imported": 0,
        "memberships": 0,
        "read": 2,
        "skipped": 0,
    }


def test_no_hash_is_ever_told(shared):
    documents = [user(21, hash=HASH, salt="x"), user(22, hash=HASH, customer=99), user(1, hash=HASH)]
    report = shared.path("report.csv")
    result = shared.load(documents, "--report", report, code=1)
    headless = shared.load(f"1,a@x,{HASH},{SALT}\n", name="x.csv", code=1)
    with open(report, encoding="utf-8") as file:
        told = file.read() + result.stdout + result.stderr + headless.stderr
    assert "$2b$" not in told and HASH[7:] not in told


def test_control_characters_of_a_field_do_not_reach_the_terminal(shared):
    result = shared.load('{"email":"a","name":"b","customer":1,"\\u001b[2J\\u0007":1}\n', code=1)
    assert "\x1b" not in result.stderr and "\x07" not in result.stderr


@pytest.mark.parametrize(
    "arguments,said",
    [
        (("import", "nowhere.jsonl"), "cannot read nowhere.jsonl"),
        (("import", "/"), "does not show its format"),
        (("import", "postgresql://u:pw@h/d", "--format", "csv"), "is given by --database-url"),
        (("export", "postgresql://u:pw@h/d.csv"), "is given by --database-url"),
        (("import", "/", "--format", "csv"), "cannot read the file"),
        (("import", "x.txt"), "does not show its format"),
        (("import", "x.csv", "--format", "xml"), "--format has to be jsonl or csv"),
        (("import", "x.csv", "--customer", "0"), "--customer"),
        (("import", "x.csv", "--customer", "x"), "--customer"),
        (("import",), "import"),
        (("export", "x.csv", "y.csv"), "too many arguments"),
        (("export", "-", "--json"), "--json needs a file"),
        (("export", "/nowhere/x.csv"), "cannot write"),
    ],
)
def test_a_wrong_command_line_is_told_in_one_line(shared, arguments, said):
    result = admin.run(*arguments, check=False, USER_API_DATABASE_URL=shared.url)
    assert result.returncode in (1, 2) and said in result.stderr and result.stderr.count("\n") == 1
