"""user-api-admin completion: what bash and zsh complete, tested in both shells."""

import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import termios

import pytest
from support import admin
from support.installation import assert_one_line
from support.processes import wait_until


def commands():
    """The command names that help lists, each of one or two words."""
    return re.findall(r"(?m)^  ([a-z][a-z-]*(?: [a-z][a-z-]*)?)  ", admin.run("--help").stdout)


def first_words():
    return sorted({name.split()[0] for name in commands()})


def options_of(name):
    return re.findall(r"(?m)^  (--[a-z-]+)", admin.run("help", *name.split()).stdout)


@pytest.fixture(scope="module")
def script(new_folder):
    path = os.path.join(new_folder(), "completion")
    with open(path, "w", encoding="utf-8") as file:
        file.write(admin.run("completion", "bash").stdout)
    return path


COMPLETE = """
. "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_user_api_admin user-api-admin "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
[ "${#COMPREPLY[@]}" -eq 0 ] || printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def complete(script, folder):
    """Returns a function that lists bash's completions of the last word, in the test's own folder."""

    def offers(*words):
        result = subprocess.run(
            ["bash", "--norc", "--noprofile", "-euc", COMPLETE, "bash", script, "user-api-admin", *words],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            timeout=30,
            check=False,
        )
        assert (result.returncode, result.stderr) == (0, "")
        return sorted(result.stdout.splitlines())

    return offers


def test_the_first_word_is_a_command_or_a_group(complete):
    assert complete("") == first_words()
    assert complete("cust") == ["customer"]
    assert complete("--") == ["--help", "--version"]


def test_a_groups_second_word_is_an_action(complete):
    for group in ("customer", "role", "token"):
        actions = [name.split()[1] for name in commands() if name.startswith(f"{group} ")]
        assert len(actions) >= 3
        assert complete(group, "") == sorted([*actions, "--help"])
    assert complete("customer", "set") == ["set-quota"]


def test_every_command_offers_all_of_its_options(complete):
    for name in commands():
        if name != "help":
            assert complete(*name.split(), "--") == sorted({*options_of(name), "--help"}), name


def test_an_option_that_is_there_is_not_offered_again(complete):
    assert "--json" not in complete("customer", "list", "--json", "--")
    assert complete("customer", "list", "--json") == ["--json"]


def test_help_completes_commands_and_actions(complete):
    assert complete("help", "") == first_words()
    assert "delete" in complete("help", "role", "")
    assert complete("help", "role", "delete", "") == []
    assert complete("help", "init", "") == []


def test_words_that_may_be_said_are_offered(complete):
    assert complete("completion", "") == ["bash", "zsh"]
    assert complete("migrate", "") == ["check", "down", "status", "up"]
    assert complete("migrate", "st") == ["status"]
    assert complete("customer", "set-quota", "1", "n") == ["none"]
    assert complete("role", "change", "editor", "--assignable", "") == ["no", "yes"]


def test_a_file_is_completed_where_one_is_wanted(complete, folder):
    os.mkdir(os.path.join(folder, "settings.d"))
    for name in ("settings", "with two blanks", "other"):
        with open(os.path.join(folder, name), "w", encoding="ascii"):
            pass
    assert complete("customer", "list", "--config", "sett") == ["settings", "settings.d"]
    assert complete("customer", "list", "--config", "with") == ["with two blanks"]
    assert complete("token", "inspect", "--token-file", "o") == ["other"]
    assert complete("migrate", "--migrations", "") == ["settings.d"]


def test_a_value_after_an_equals_sign_is_completed(complete, folder):
    with open(os.path.join(folder, "settings"), "w", encoding="ascii"):
        pass
    assert complete("customer", "list", "--config", "=") == ["settings"]
    assert complete("customer", "list", "--config", "=", "se") == ["settings"]


def test_nothing_is_offered_for_a_value_that_nobody_can_guess(complete):
    assert complete("customer", "add", "--quota", "") == []
    assert complete("frobnicate", "") == []
    assert complete("customer", "frobnicate", "--") == []


def test_bash_itself_completes_a_line(script):
    shell = Shell(["bash", "--norc", "--noprofile", "-i"], script)
    shell.types("user-api-admin customer set-q\t")
    shell.shows("user-api-admin customer set-quota ")
    shell.end()


def test_shellcheck_has_nothing_to_say(script):
    if not shutil.which("shellcheck"):
        pytest.skip("shellcheck is not installed")
    subprocess.run(["shellcheck", "-s", "bash", script], timeout=60, check=True)


# --- zsh ---


class Shell:
    """An interactive shell on a terminal."""

    def __init__(self, arguments, script, prepare=""):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(arguments[0], arguments, {**admin.environment(), "TERM": "dumb", "PS1": "> "})
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
        self.output = ""
        self.types(f"{prepare}. {script}; PS1='rea''dy> '\n")
        self.shows("ready> ")

    def types(self, text):
        os.write(self.fd, text.encode())

    def read(self):
        while select.select([self.fd], [], [], 0.05)[0]:
            try:
                chunk = os.read(self.fd, 4096)
            except OSError:
                return
            if not chunk:
                return
            self.output += chunk.decode(errors="replace")

    def shows(self, *texts):
        def all_there():
            self.read()
            return all(text in self.output for text in texts)

        try:
            wait_until(all_there, what=" ".join(texts))
        except AssertionError as error:
            raise AssertionError(f"{error}: {self.output!r}") from error

    def end(self):
        os.kill(self.pid, signal.SIGKILL)
        os.close(self.fd)
        os.waitpid(self.pid, 0)


@pytest.fixture
def zsh(new_folder):
    """A zsh that finds the completion script as it finds an installed one."""
    folder = new_folder()
    with open(os.path.join(folder, "_user-api-admin"), "w", encoding="utf-8") as file:
        file.write(admin.run("completion", "zsh").stdout)
    with open(os.path.join(folder, "start"), "w", encoding="utf-8") as file:
        file.write(f"fpath=({folder} $fpath); autoload -Uz compinit; compinit -u -D\n")
    shell = Shell(["zsh", "-f", "-i"], os.path.join(folder, "start"))
    yield shell
    shell.end()


def test_zsh_reads_the_script():
    script = admin.run("completion", "zsh").stdout
    subprocess.run(["zsh", "-n", "/dev/stdin"], input=script, text=True, timeout=30, check=True)
    assert script.startswith("#compdef user-api-admin\n")


@pytest.mark.parametrize(
    "typed,line",
    [
        ("cust\t", "customer "),
        ("customer set\t", "customer set-quota "),
        ("customer add --qu\t", "customer add --quota"),
        ("token inspect --off\t", "token inspect --offline "),
        ("completion z\t", "completion zsh "),
        ("migrate st\t", "migrate status "),
        ("help role ren\t", "help role rename "),
    ],
)
def test_zsh_completes_a_line(zsh, typed, line):
    zsh.types("user-api-admin " + typed)
    zsh.shows("user-api-admin " + line)


def test_zsh_tells_what_each_action_does(zsh):
    zsh.types("user-api-admin role \t")
    zsh.shows("Adds a role", "Lists roles", "Deletes a role")


def test_zsh_tells_what_each_option_does(zsh):
    zsh.types("user-api-admin customer list --\t")
    told = admin.run("help", "customer", "list").stdout
    zsh.shows("--json", "one JSON object instead of lines", "--limit", "--after", "--config")
    assert "one JSON object instead of lines" in told


def test_zsh_completes_files_where_one_is_wanted(zsh, folder):
    with open(os.path.join(folder, "settings-of-mine"), "w", encoding="ascii"):
        pass
    zsh.types(f"user-api-admin customer list --config {folder}/sett\t")
    zsh.shows(f"{folder}/settings-of-mine ")


def test_zsh_also_takes_the_script_by_source(new_folder):
    path = os.path.join(new_folder(), "script")
    with open(path, "w", encoding="utf-8") as file:
        file.write(admin.run("completion", "zsh").stdout)
    shell = Shell(["zsh", "-f", "-i"], path, "autoload -Uz compinit; compinit -u -D; ")
    shell.types("user-api-admin fin\t")
    shell.shows("user-api-admin finalize ")
    shell.end()


# --- misuse ---


@pytest.mark.parametrize("arguments", [[], ["fish"], ["bash", "zsh"], ["--json", "bash"]])
def test_what_is_not_understood_is_one_line_and_exit_code_2(arguments):
    result = admin.run("completion", *arguments, check=False)
    assert_one_line(result, code=2)
    assert result.stdout == ""
