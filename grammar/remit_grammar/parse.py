"""Source -> syntax tree and findings.

Parsing never fails: at a mistake it says what it expected, skips to the next statement and goes on.
Whatever could be read is in the tree.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import Any, get_args

from remit_grammar import tree as t
from remit_grammar.bare_acts import bare_act
from remit_grammar.build import Builder
from remit_grammar.diagnostic import Diagnostic, Label
from remit_grammar.lex import lex, on_one_line
from remit_grammar.machine import TOKEN, Machine
from remit_grammar.mistakes import Mistake
from remit_grammar.outline import outline
from remit_grammar.source import Source, Span
from remit_grammar.table import END
from remit_grammar.terminals import NESTING, leaders

DEEPEST = 60  # levels of nesting in one statement; far above what a person can read
LEVELS = 2  # of a statement's tree are at most so many times its tokens
_STATEMENTS = frozenset(get_args(t.Statement))
_BLOCKS = ("CLAUSE", "DIRECTIVE", "SCENARIO")  # stand nowhere but at the beginning of a statement
_DOES = ("STRING", "CALLS", "HANDS_TO")  # behind whoever says or does something in a scenario
MOST_ERRORS = 100  # of one file; behind the last of them nothing is read


def parse(source: Source) -> tuple[t.Spec, list[Diagnostic]]:
    """The tree of a source and everything that is wrong with it, in source order."""
    run = _Run(source)
    run.statements()
    blocks, misplaced = outline(run.done)
    syntax = run.found + run.builder.found
    found = sorted(syntax + _not_caused_by(syntax, misplaced, blocks), key=_start)
    return t.Spec(source, blocks, tuple(run.comments)), found[:MOST_ERRORS]


def tokens(source: Source) -> list[Span]:
    """The pieces of a source that the grammar sees: no blanks, no comments."""
    return [token.span(source) for token in lex(source)[0]]


def _not_caused_by(
    syntax: list[Diagnostic], misplaced: list[Diagnostic], blocks: tuple[t.Block, ...]
) -> list[Diagnostic]:
    """Without what only follows from a mistake of syntax.

    A clause whose norm could not be read has "no norm"; a statement whose head could not be read
    stands "outside a clause".
    """
    heads = [block.head.span.start for block in blocks]
    broken = sorted(_start(one) for one in syntax)
    keywords_as_names = {_start(one) for one in syntax if one.code == "R0105"}

    def is_caused(one: Diagnostic) -> bool:
        start = _start(one)
        if start in keywords_as_names:
            return True
        if one.code not in ("R0201", "R0202", "R0205"):
            return False
        at = bisect_right(heads, start)
        until = start if one.code != "R0202" else heads[at] if at < len(heads) else 1 << 60
        place = bisect_left(broken, heads[at - 1] if at else 0)
        return place < len(broken) and broken[place] < until

    return [one for one in misplaced if not is_caused(one)]


def _start(one: Diagnostic) -> int:
    return one.primary.span.start if one.primary else 0


class _Run:
    """One parse: tokens in, statements, comments and findings out."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.builder = Builder(source)
        self.done: list[t.Statement] = []
        self.found: list[Diagnostic] = []
        self.tokens, self.comments = lex(source)
        self.kinds = [token.type for token in self.tokens]
        self.heads = [at for at, kind in enumerate(self.kinds) if kind in _BLOCKS]
        # stretches without a mistake, by their terminals: those of one form are read alike
        self.forms: dict[tuple[str, ...], Machine] = {}

    def statements(self) -> None:
        """Read everything, starting afresh behind each mistake."""
        at = 0
        while at < len(self.tokens) and len(self.found) < MOST_ERRORS:
            at = self._stretch(at)

    def _stretch(self, at: int) -> int:
        """Read from token `at` to the next mistake; the index to go on from."""
        next_head = bisect_right(self.heads, at)
        end = self.heads[next_head] if next_head < len(self.heads) else len(self.tokens)
        form = tuple(self.kinds[at:end])
        if form in self.forms:
            self._keep(self.forms[form], at)
            return end
        machine = Machine()
        deep = self._too_deep(at, end)
        index = at + machine.run(self.kinds[at:deep])
        if index < deep:
            return self._mistake(machine, at, index)
        if deep < end:
            self.found.append(_too_deep(self._span(index)))
            self._salvage(machine, at)
            return self._next_statement(index, at)
        return self._closed(machine, at, end)

    def _too_deep(self, at: int, end: int) -> int:
        """The first token that is nested too deeply; `end` where none is."""
        depth = 0
        for index in range(at, end):
            depth += NESTING.get(self.kinds[index], 0)
            if depth > DEEPEST:
                return index
        return end

    def _closed(self, machine: Machine, began: int, index: int) -> int:
        """End the stretch before the head of a block: what is read is built and let go."""
        if not machine.finish():
            at_end = index == len(self.tokens)
            before = machine if at_end else self.replayed(began, index)
            return self._mistake(before, began, index)
        self.forms[tuple(self.kinds[began:index])] = machine
        self._keep(machine, began)
        return index

    def _mistake(self, machine: Machine, began: int, index: int) -> int:
        """Report the token that does not fit, keep what was read; the index to go on from."""
        bare = bare_act(self, began, index)
        if bare is not None:
            self.found.append(bare[0])
            self._salvage(self.replayed(began, self._statement(began, bare[1])), began)
            return self._next_statement(index, began)
        if self._is_stray_name(began, index):
            index -= 1
            machine = self.replayed(began, index)
        taken = self._taken_for_a_name(began, index)
        if taken is not None:
            index = taken
            machine = self.replayed(began, index)
        finding = Mistake(self, machine, began, index).finding()
        if not self.found or _start(self.found[-1]) != _start(finding):
            self.found.append(finding)
        self._salvage(machine, began)
        return index if taken is not None else self._next_statement(index, began)

    def _statement(self, began: int, index: int) -> int:
        """Where the statement of a token begins."""
        while index > began and not self.leads(index, began):
            index -= 1
        return index

    def _taken_for_a_name(self, began: int, index: int) -> int | None:
        """What began a statement but was read as the name missing before it."""
        for at in range(index - 1, max(began, index - 4), -1):
            if self._begins_a_line(at) and self.leads(at, began):
                machine = self.replayed(began, at)
                return at if machine.fits("NAME") and not machine.fits(END) else None
        return None

    def _begins_a_line(self, at: int) -> bool:
        """Whether a token is a keyword, or someone who says or does something."""
        if self.tokens[at].type == "NAME":
            return self.tokens[at + 1].type in _DOES if at + 1 < len(self.tokens) else False
        return self.tokens[at].type != "LABEL"

    def _is_stray_name(self, began: int, index: int) -> bool:
        """Whether the name before was read as someone who speaks, in the middle of a line."""
        at = index - 1
        if at <= began or self.tokens[at].type != "NAME" or self.first_on_line(at):
            return False
        return self.replayed(began, at).fits(END)

    def replayed(self, began: int, index: int) -> Machine:
        """A machine that has read the tokens from `began` up to `index`."""
        machine = Machine()
        machine.run(self.kinds[began:index])
        return machine

    def _salvage(self, machine: Machine, began: int) -> None:
        """Keep the finished statements, and the unfinished one where it makes sense cut short."""
        if machine.fits(END):
            machine.finish()
        self._keep(machine, began)

    def _keep(self, machine: Machine, began: int) -> None:
        """Build what was read from `began` on; what is no statement is let go."""
        may_be_deep = machine.read.count(TOKEN) * LEVELS > DEEPEST
        for value in self.builder.values(machine.read, self.tokens, began):
            for one in value if isinstance(value, list) else [value]:
                self._keep_statement(one, may_be_deep)

    def _keep_statement(self, one: Any, may_be_deep: bool) -> None:
        if type(one) not in _STATEMENTS:
            return
        if may_be_deep and _depth_exceeds(one, DEEPEST):
            self.found.append(_too_deep(one.span))
        else:
            self.done.append(one)

    def _next_statement(self, index: int, began: int) -> int:
        """The first token from `index` on that starts a line and can begin a statement."""
        while index < len(self.tokens) and not (index > began and self.leads(index, began)):
            index += 1
        return index

    def leads(self, index: int, began: int) -> bool:
        """Whether a token looks like the first of a statement, seen from the one before it.

        A name does where a scenario's line would follow, or where it is not indented further.
        """
        token = self.tokens[index]
        if token.type not in leaders() | {"DEFAULT"} or not self.first_on_line(index):
            return False
        if token.type != "NAME":
            return True
        follower = self.tokens[index + 1].type if index + 1 < len(self.tokens) else ""
        return follower in _DOES or self._column(index) <= self._column(began)

    def _column(self, index: int) -> int:
        return self._span(index).column

    def first_on_line(self, index: int) -> bool:
        """Whether a token is the first of its line."""
        if index == 0:
            return True
        return not on_one_line(self.source, self.tokens[index - 1], self.tokens[index])

    def _span(self, index: int) -> Span:
        return self.tokens[index].span(self.source)


def _too_deep(span: Span) -> Diagnostic:
    help = f"at most {DEEPEST} levels; give parts a name with `define`"
    return Diagnostic("R0106", "nested too deeply", Label(span), help=help)


def _depth_exceeds(root: t.Node, limit: int) -> bool:
    """Whether the tree is deeper than `limit`; level by level, so that any depth is safe."""
    level: list[t.Node] = [root]
    for _ in range(limit):
        level = [inner for node in level for inner in _inside(node)]
        if not level:
            return False
    return any(map(t.field_names, level))


def _inside(node: t.Node) -> list[t.Node]:
    """The nodes that a node is made of."""
    inside: list[t.Node] = []
    for name in t.field_names(node):
        value = getattr(node, name)
        if isinstance(value, t.Node):
            inside.append(value)
        elif isinstance(value, tuple):
            inside += [one for one in value if isinstance(one, t.Node)]
    return inside
