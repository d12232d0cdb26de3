"""What a name means where several things are called so: the nearest one."""

from __future__ import annotations

from pathlib import Path

import pytest

import remit
from remit import Call
from remit.checked.model import Term

HEAD = """
spec names
author developer
tool pay(amount: number, text: text, tier: text, items: list of text, gold: text)
context tier: one of standard, gold
context order: number
define order_size = 3
"""


def _term(condition: str, act: str = "call pay") -> Term:
    """The condition of a clause about a call of `pay`, compiled."""
    norm = remit.load(f"{HEAD}\nclause a\n  forbid {act} where {condition}\n").checked.norms[0]
    assert norm.act.where is not None
    return norm.act.where


@pytest.mark.parametrize(
    ("condition", "op", "value"),
    [
        ("amount > 1", "arg", "amount"),  # an argument
        ('tier = "gold"', "arg", "tier"),  # before a context of that name
        ('text = "x"', "arg", "text"),  # before a field of the step
        ('args.text = "x"', "arg", "text"),
        ('role = "user"', "field", "role"),  # a field of the step
        ("order = 1", "context", "order"),  # a declaration
        ("order_size = amount", "const", 3),
    ],
)
def test_the_nearest_meaning_wins(condition: str, op: str, value: object) -> None:
    """Variables, then arguments, `args.x`, fields of the step, contexts and definitions."""
    term = _term(condition)
    leaf = term.args[-1] if ">" in condition else term.args[0]
    assert (leaf.op, leaf.value) == (op, value)


def test_a_variable_hides_an_argument() -> None:
    """What `any` names is the item, whatever else is called so."""
    body = _term('any amount in items satisfies amount = "x"').args[1]
    assert body.args[0].op == "var"


def test_a_choice_is_read_only_where_nothing_else_has_the_name() -> None:
    """`gold` is an argument of `pay`; in another act it is the choice of the context."""
    compared = _term("tier is gold").args[1]
    assert (compared.op, compared.value) == ("arg", "gold")
    choice = _term("tier is gold", "message").args[1]
    assert (choice.op, choice.value) == ("const", "gold")


def test_a_definition_hides_a_built_in_function() -> None:
    """In both ways of writing it."""
    text = (
        "spec s\nauthor developer\ntool pay(to: text)\ndefine lower(x) = length of x\n"
        "clause a\n  forbid call pay where {use} > 2\n"
    )
    for use in ("lower(to)", "lower of to"):
        decision = remit.load(text.format(use=use)).session().decide(Call("pay", {"to": "abc"}))
        assert decision.verdict == "deny", use


def test_an_own_name_comes_before_one_that_is_extended(tmp_path: Path) -> None:
    """And `spec::name` reaches the other one."""
    (tmp_path / "other.spec").write_text(
        "spec other\nauthor developer\ndefine most = 10\n"
        "clause b\n  forbid call x where amount > most\n"
    )
    main = tmp_path / "main.spec"
    text = (
        "spec main\nauthor developer\nextends other\ndefine most = 100\n"
        "clause a\n  forbid call pay where amount > {name}\n"
    )
    for name, verdict in (("most", "allow"), ("main::most", "allow"), ("other::most", "deny")):
        main.write_text(text.format(name=name))
        assert remit.load(main).session().decide(Call("pay", {"amount": 50})).verdict == verdict


def test_without_described_tools_every_argument_goes() -> None:
    """Nothing is known of the tool, so nothing can be misspelt; types are asked at run time."""
    policy = remit.load("spec s\nauthor developer\nclause a\n  forbid call pay where amount > 5\n")
    assert policy.session().decide(Call("pay", {"amount": 6})).verdict == "deny"
    assert policy.session().decide(Call("pay", {"amount": 4})).verdict == "allow"


@pytest.mark.parametrize(
    "role", ["user", "developer", "system", "assistant", "agent", "tool", "anyone"]
)
def test_roles_that_need_no_declaration(role: str) -> None:
    """The three that speak by default, who is judged, and everybody."""
    found = remit.check(f"spec s\nauthor developer\nclause a\n  forbid message from {role}\n")[1]
    assert found == []


@pytest.mark.parametrize(
    "place", ["acme.desk.mail.spec", "mail.spec", "mail/mail.spec", "desk/mail.spec",
              "acme/desk/mail.spec"]
)  # fmt: skip
def test_a_spec_is_found_by_its_name(place: str, tmp_path: Path) -> None:
    """L9: in a file or folder of any end of its name, under a search folder."""
    file = tmp_path / "search" / place
    file.parent.mkdir(parents=True)
    file.write_text("spec acme.desk.mail\nauthor developer\nclause a\n  forbid call pay\n")
    text = "spec x\nauthor developer\nextends acme.desk.mail\n"
    (tmp_path / "x.spec").write_text(text)
    policy = remit.load(tmp_path / "x.spec", search=[tmp_path / "search"])
    assert [one.name for one in policy.checked.norms] == ["a"]
