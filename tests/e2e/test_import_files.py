"""`user-api-admin import` of files that do not contain users: the whole file is refused, also with --skip-bad, and the
message names the likely cause."""

import gzip
import io
import zipfile

import pytest
from support import hashes
from support.rows import Target, as_csv, as_jsonl, user
from support.rows_fixtures import target  # noqa: F401

NAMES = "the names are id, email, name, active, customer, roles, epoch, hash, salt"
ARRAY = b"""[
 {"email":"ann1@example.org","name":"Ann","customer":1},
 {"email":"ann2@example.org","name":"Bob","customer":1}
]
"""
OBJECT = b"""{
  "email": "ann1@example.org",
  "name": "Ann",
  "customer": 1
}
"""


def as_xlsx():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    return file.getvalue()


CSV, JSONL = as_csv([user(1), user(2)]), as_jsonl([user(1), user(2)])
ENCODED = [
    ("UTF-16, with its mark", lambda text: text.encode("utf-16"), "is UTF-16"),
    ("UTF-16, without one", lambda text: text.encode("utf-16-le"), "iconv -f UTF-16LE -t UTF-8"),
    ("UTF-16, the other way", lambda text: text.encode("utf-16-be"), "iconv -f UTF-16BE -t UTF-8"),
    ("UTF-32", lambda text: text.encode("utf-32"), "is UTF-32"),
    ("gzip", lambda text: gzip.compress(text.encode()), "is compressed by gzip: unpack it first (gunzip)"),
    ("Excel", lambda text: as_xlsx(), "is a zip archive, as Excel's .xlsx is"),
    ("CR", lambda text: text.replace("\r\n", "\n").replace("\n", "\r").encode(), "has lines that end in CR alone"),
    ("NUL", lambda text: b"\0" * 8192, "has NUL bytes in its first line"),
]
NO_JSONL = [
    (ARRAY, "the file is a JSON array: write one object a line, as jq -c '.[]' does"),
    (b"\xef\xbb\xbf" + ARRAY, "the file is a JSON array"),
    (ARRAY.replace(b"\n", b""), "the file is a JSON array"),
    (OBJECT, "the file spreads an object over several lines: write one object a line, as jq -c . does"),
    (ARRAY[2:-2], "the file has a comma behind an object, as in a JSON array"),
    (CSV.encode(), "the file does not begin with a JSON object: if it is CSV, end its name in .csv"),
    (b"ann1@example.org,Ann,1\n", "the file does not begin with a JSON object"),
]
NO_CSV = [
    (b"", "the file is empty: its first line has to name the columns"),
    (b"\r\n\n", "the file is empty: its first line has to name the columns"),
    (b"\n" * 10_000, "the header is missing"),
    (JSONL.encode(), "the file seems to be JSON: if it has one object a line, end its name in .jsonl"),
    (ARRAY, "the file seems to be JSON"),
    (b"email;name;active;roles\nann1@example.org;Ann;TRUE;admin\n",
     'the header "email;name;active;roles" has semicolons between its columns: separate them by commas'),
    (b'"email";"name"\r\n"a";"b"\r\n', "has semicolons between its columns"),
    (b"email\tname\nann1@example.org\tAnn\n", "has tabs between its columns"),
    (b"sep=;\r\nemail;name\r\n", "begins with Excel's line sep=, which is no header: delete that line"),
    (b"ann1@example.org,Ann,1\n", "no column has the name of a field; is the header missing? The names are id, email"),
    (b"email,name,nick\n", f'column 3 "nick" is not the name of a field; {NAMES}'),
    (b"E-mail,name\n", 'column 1 "E-mail" is not the name of a field: write email'),
    (b"email,,name\n", "column 2 has no name"),
    (b"email,name,email\n", 'column 3 "email" repeats the name of another'),
    (b"email,customer\n", 'column "name" is missing: email and name are required'),
    (b"email,name," + b",".join(b"id" for _ in range(40)) + b"\n", 'column 4 "id" repeats the name of another'),
    (b"email,name" + b"," * 40 + b"\n", "the header has 42 columns: delete those without a name"),
    (b'email,"name\n', "line 1: a quote is not closed within 65536 bytes"),
    (b"email,na\xffme\n", "the header is not UTF-8"),
    (b'email,na"me\n', "the header has a quote where none can be"),
    (b"x" * 1_000_000, "the header is longer than 65536 bytes"),
    (b'email,name,customer\na,b,1\nc,"d,1\ne,f,1\n', "line 3: a quote is not closed within 65536 bytes"),
    (b'email,name,customer\na,b,1\nc,"' + b"d\n" * 100_000, "line 3: a quote is not closed within 65536 bytes"),
]


@pytest.fixture(scope="module")
def shared(postgres, new_folder):
    """A target for tests that change nothing."""
    made = Target(postgres, new_folder())
    yield made
    made.drop()


def assert_refused(shared, content, name, reason):
    for way in ((), ("--skip-bad",)):
        said = shared.load(content, *way, name=name, code=1)
        assert (said.stdout, said.stderr.count("\n")) == ("", 1), said.stderr
        assert said.stderr.startswith("user-api-admin: nothing was changed: ") and reason in said.stderr, said.stderr
    assert shared.users() == []


@pytest.mark.parametrize("encode,reason", [row[1:] for row in ENCODED], ids=[row[0] for row in ENCODED])
def test_a_file_of_another_encoding_is_named(shared, encode, reason):
    assert_refused(shared, encode(CSV), "users.csv", reason)
    assert_refused(shared, encode(JSONL), "users.jsonl", reason)


def test_a_file_that_is_no_json_lines_is_named(shared):
    for content, reason in NO_JSONL:
        assert_refused(shared, content, "users.jsonl", reason)
    assert_refused(shared, ARRAY, "array.json", "the file is a JSON array")


def test_a_file_whose_columns_or_quotes_cannot_be_told_is_named(shared):
    for content, reason in NO_CSV:
        assert_refused(shared, content, "users.csv", reason)


def test_a_line_that_may_be_no_header_is_not_shown(shared):
    for line in (f"ann@x,Ann,{hashes.HASH}", f"ann@x;email;{hashes.HASH}", f"email,name,{hashes.OLD_HASH}", "ann@x,hunter2"):
        said = shared.load(line + "\n", name="users.csv", code=1).stderr
        shown = [text for text in ("ann@x", "Ann", "hunter2", hashes.HASH[7:], hashes.OLD_HASH) if text in said]
        assert shown == [], said


def test_empty_columns_and_rows_of_spreadsheets_do_not_count(target):
    content = b"email,name,customer,,\r\nann1@x,Ann,1,,\r\n,,,,\r\nann2@x,Ann,2\r\nann3@x,Ann,3,\r\n,,\r\n"
    target.load(content, name="users.csv")
    assert [(row[1], row[4]) for row in target.users()] == [("ann1@x", 1), ("ann2@x", 2), ("ann3@x", 3)]


def test_a_value_in_a_column_without_a_name_is_told(shared):
    content = "email,name,customer,,\na,b,1,,x\na,b,1,,,\na,b\n"
    assert shared.complaints(content, name="users.csv") == [
        (2, "", "has a value in a column without a name"),
        (3, "", "has more fields than the header"),
        (4, "", "has fewer fields than the header"),
    ]


@pytest.mark.parametrize("way", [(), ("--skip-bad",), ("--json",)])
def test_a_file_without_rows_is_warned_of(shared, way):
    for content, name, said in (
        (b"", "users.jsonl", "the file is empty"),
        (b"\xef\xbb\xbf\n \n", "users.jsonl", "the file is empty"),
        (b"email,name\r\n", "users.csv", "the file has a header and no rows"),
        (b"email,name,,\n,,,\n", "users.csv", "the file has a header and no rows"),
    ):
        assert shared.load(content, *way, name=name).stderr == f"user-api-admin: warning: {said}\n"
