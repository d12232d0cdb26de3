"""`remit new`: a first spec to change, with scenarios that pass."""

from __future__ import annotations

from pathlib import Path

import click

from remit.cli import exits, options
from remit.cli.output import say, say_json

STARTER = """\
# Statements may stand in any order. `remit explain CODE` tells more about any finding.

spec {name}
author developer
version "1"

# What the agent can do. Or take the tools from a file: tools from "tools.json"
tool send_email(to: text, body: text)
tool refund(order: text, amount: number) effects spends

context customer_tier: one of standard, gold default standard

# Something to forbid, and what happens instead; the exception has a name of its own.
act large_refund = call refund where amount > 200

clause refunds.limit
  "Refunds above 200 need a manager."
  forbid large_refund
  otherwise ask manager advise "Tell the customer that a manager is being asked."
  except gold: permit where customer_tier is gold and amount <= 500

# `at user`: the user may lift this one, for it has no more than a user's authority.
clause mail.outside at user
  "Mail stays in the house, unless the user wants otherwise."
  forbid call send_email where not to ends with "@example.com"
  otherwise deny advise "Ask the user whether this mail may leave the house."

# Scenarios are the tests of a spec: `remit test` runs them.
scenario "a manager is asked before a large refund"
  user "I want my 350 back for order A1"
  agent calls refund(order: "A1", amount: 350)
  expect ask by refunds.limit

scenario "a small refund needs nobody"
  agent calls refund(order: "A1", amount: 20)
  expect allow

scenario "gold customers have more room" with customer_tier = gold
  agent calls refund(order: "A1", amount: 350)
  expect allow by refunds.limit.gold
  expect refunds.limit loses to refunds.limit.gold

scenario "even gold has a limit" with customer_tier = gold
  agent calls refund(order: "A1", amount: 900)
  expect ask by refunds.limit

scenario "mail does not leave the house"
  agent calls send_email(to: "someone@elsewhere.example", body: "Hello")
  expect deny by mail.outside

scenario "mail within the house goes out"
  agent calls send_email(to: "team@example.com", body: "Hello")
  expect allow
"""


@click.command("new")
@click.argument("name")
@click.option("--dir", "folder", default=".", metavar="DIR", help="The folder to write to.")
@options.as_json
@options.colour
def command(name: str, folder: str, as_json: bool) -> int:
    """Write a starter spec called NAME, with scenarios, to NAME.spec."""
    name = name.removesuffix(".spec")  # one may give the file's name
    if not _is_name(name):
        help = "write words of letters joined by dots, as in acme.mail"
        raise click.UsageError(f"`{name}` cannot be the name of a spec; {help}")
    path = Path(folder) / f"{name}.spec"
    try:
        with path.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(STARTER.format(name=name))
    except FileExistsError:
        raise click.ClickException(f"`{path}` exists, and nothing is ever overwritten") from None
    except OSError as error:
        raise click.ClickException(f"cannot write `{path}`: {error.strerror}") from None
    if as_json:
        say_json({"file": str(path), "spec": name})
    else:
        say(f"wrote {path} (spec {name})\n\n  remit check {path}\n  remit test {path}")
    return exits.FINE


def _is_name(name: str) -> bool:
    """Whether it can stand behind the word `spec` as it is."""
    from remit_grammar.words import RESERVED

    parts = name.split(".")
    return all(part.isidentifier() and part not in RESERVED for part in parts)
