"""Programs, options, operands and changed files of simple commands."""

from __future__ import annotations

import pytest

import remit
from remit.text.shell_parts import operands, options, program, writes


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("rm -rf x", "rm"),
        ("/opt/tool/bin/rm x", "rm"),
        ("> out.txt", None),
        ("2>&1 make", "make"),
    ],
)
def test_program(command: str, name: str | None) -> None:
    assert program(command) == name


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("rm -rf x", ["-rf", "-r", "-f"]),
        ("rm -r -f x", ["-r", "-f"]),
        ("rm --recursive --force x", ["--recursive", "--force"]),
        ("git push --force-with-lease=main:abc", ["--force-with-lease"]),
        ("rm -- -rf", []),
        ("cat -", []),
        ("git commit -m '--force is bad'", ["-m", "--force is bad"]),
    ],
)
def test_options(command: str, found: list[str]) -> None:
    assert options(command) == found


def test_a_bundle_is_listed_as_written_too() -> None:
    assert "-auto-approve" in options("terraform apply -auto-approve")


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("rm -rf 'a b' c > log", ["a b", "c"]),
        ("rm -- -odd", ["-odd"]),
        ("rm -rf x '>' /", ["x", ">", "/"]),
        ("echo 'it'\"'\"'s' 'a\\b'", ["it's", "a\\b"]),
        ("curl -o out url", ["out", "url"]),
        ("xargs", []),
    ],
)
def test_operands(command: str, found: list[str]) -> None:
    assert operands(command) == found


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("echo a > /etc/../etc/x 2>&1", ["/etc/x"]),
        ("echo a >&/etc/x", ["/etc/x"]),
        ("cat < in > out", ["out"]),
        ("cp -r a b /etc/", ["/etc"]),
        ("cp -t /etc a", ["/etc", "a"]),
        ("mv a b", ["a", "b"]),
        ("ln -s /etc/passwd x", ["/etc/passwd", "x"]),
        ("tee -a ~/.bashrc", ["~/.bashrc"]),
        ("dd if=/dev/zero of=/dev/sda", ["/dev/sda"]),
        ("curl -sSLo/tmp/x https://a.example", ["/tmp/x"]),
        ("curl -sSLo /tmp/x https://a.example", ["/tmp/x"]),
        ("curl --output=/tmp/x https://a.example", ["/tmp/x"]),
        ("wget -O x https://a.example", ["x"]),
        ("tar xzf a.tgz -C /", ["/"]),
        ("find build -delete", ["build"]),
        ("sed s/a/b/ f", []),
        ("cat /etc/passwd", []),
    ],
)
def test_writes(command: str, found: list[str]) -> None:
    assert writes(command) == found


def test_in_place_editors_write_their_files() -> None:
    assert "/etc/hosts" in writes("sed -i.bak s/a/b/ /etc/hosts")
    assert "/etc/hosts" in writes("perl -pi -e s/a/b/ /etc/hosts")


def test_what_cannot_be_split_is_still_read() -> None:
    assert program("rm 'a") == "rm"


SPEC = """
spec t
author developer
tool shell(command: list of text, path?: text, file?: text)
define named = given of [path, file]
clause bare
  forbid call shell where named is empty
    and any c in commands of command satisfies program of c = "rm"
"""


def test_commands_take_the_words_of_a_program() -> None:
    session = remit.load(SPEC).session()
    call = remit.Call
    assert session.decide(call("shell", {"command": ["bash", "-c", "rm x"]})).verdict == "deny"
    assert session.decide(call("shell", {"command": ["echo", "rm x; rm y"]})).verdict == "allow"
    assert session.decide(call("shell", {"command": ["rm", "x"], "file": "f"})).verdict == "allow"
    assert session.decide(call("shell", {"command": ["rm", 3]})).verdict == "deny"
