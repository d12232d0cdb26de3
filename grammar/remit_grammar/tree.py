"""The syntax tree: what was written, nothing that was concluded.

Every node is a `value` and carries its `span`, which takes no part in equality, so that
two texts with the same meaning-bearing tokens have equal trees. A spec is a tuple of blocks; a
block is a head statement with the statements that belong to it (`outline.py` says which).

All nodes can be had from here; they are defined by part of the language in `tree_*.py`.
"""

from __future__ import annotations

from remit_grammar.source import Source
from remit_grammar.tree_blocks import *
from remit_grammar.tree_blocks import (
    Answers,
    Approves,
    Calls,
    Cites,
    Clause,
    Directive,
    Except,
    Expect,
    ExpectLoses,
    ExpectSetting,
    ExpectVoid,
    Gives,
    Hands,
    Heard,
    HeardJudged,
    IfUnknown,
    Implied,
    Norm,
    Otherwise,
    Overrides,
    RequireBefore,
    RequireWithin,
    Says,
    Scenario,
    Serves,
    SetNorm,
    Wait,
)
from remit_grammar.tree_conditions import *
from remit_grammar.tree_conditions import Node
from remit_grammar.tree_declarations import *
from remit_grammar.tree_declarations import (
    Act,
    Author,
    Chain,
    Context,
    Default,
    Define,
    Delegate,
    Detector,
    Effective,
    Extends,
    Fact,
    Goals,
    Import,
    LabelOn,
    NeverAllow,
    NeverBeats,
    Remember,
    Remit,
    Role,
    Setting,
    SpecName,
    Tool,
    Tools,
)
from remit_grammar.value import field, value

Statement = (
    Remit | SpecName | Author | Fact | Effective | Extends | Import | Chain | Goals | Role
    | Tools | Tool | Context | Setting | Detector | Define | Remember | Act | LabelOn | Default
    | Delegate | NeverBeats | NeverAllow
    | Clause | Directive | Heard | HeardJudged | Implied | Norm | RequireBefore | RequireWithin
    | SetNorm | Except | Overrides | Otherwise | IfUnknown | Serves | Cites
    | Scenario | Says | Calls | Hands | Gives | Wait | Answers | Approves
    | Expect | ExpectVoid | ExpectSetting | ExpectLoses
)  # fmt: skip


# ---- the whole ----------------------------------------------------------------------------------


@value
class Comment(Node):
    """A comment with its `#`, without trailing blanks."""

    text: str


@value
class Block(Node):
    """A head statement with the statements that belong to it, in source order."""

    head: Statement
    body: tuple[Statement, ...] = ()


@value
class Spec:
    """A parsed file. `comments` takes no part in equality."""

    source: Source = field(compare=False, repr=False)
    blocks: tuple[Block, ...]
    comments: tuple[Comment, ...] = field(compare=False, default=(), repr=False)
