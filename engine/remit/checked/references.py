"""Names in conditions: variables, arguments, fields, contexts, definitions, choices, functions."""

from __future__ import annotations

from remit.checked import types as ty
from remit.checked.checks import Checks, a
from remit.checked.history import History
from remit.checked.literals import setting_of, type_of
from remit.checked.model import Term
from remit.checked.names import VALUES, Declared, label_span, listed
from remit.checked.ops import FUNCTIONS
from remit.checked.scope import Scope
from remit.checked.types import Type
from remit_grammar import tree as t
from remit_grammar.diagnostic import Diagnostic, Label, did_you_mean
from remit_grammar.unparse import unparse_expr
from remit_grammar.value import replace
from remit_grammar.words import word_or_text

_FLAGS = (("true",), ("false",))
MOST_OPENED = 2_000  # uses of definitions in one condition, those inside definitions included


class References(Checks):
    """Reads names and uses of functions."""

    # ---- names

    def ref(self, node: t.Ref, want: Type | None) -> Term | None:
        """A name used as a value."""
        term = self.resolve(node)
        if term is not None:
            return self.rather_choice(node, term, want)
        text = node.name.text
        if want is not None and want.kind == "one_of" and node.name.spec is None:
            return self.choice(node, want)
        if text in ("true", "false"):
            return self.make(node, "const", (), ty.FLAG, text == "true")
        if not self.reported:
            self.unknown_value(node.name)
        return None

    def rather_choice(self, node: t.Ref, term: Term, want: Type | None) -> Term:
        """A choice, where only a call of an undeclared tool makes the bare name an argument."""
        if want is None or want.kind != "one_of":
            return term
        name = node.name.text
        if name not in want.choices:
            return term
        guessed = term.op == "arg" and node.name.parts == (name,) == (term.value,)
        if not guessed or name in self.scope.argument_names():
            return term
        return self.make(node, "const", (), want, name)

    def unknown_value(self, name: t.Name) -> None:
        """Report a name that means nothing here."""
        if name.spec is None and name.parts[0] in self.scope.ended:
            any_of = self.scope.ended[name.parts[0]]
            message = f"`{any_of}` has ended before this `{name.text}`"
            help = "put all that speaks of it into parentheses: `satisfies (... and ...)`"
            self.found.append(Diagnostic("R0301", message, Label(name.span), help=help))
            return
        arguments = self.scope.argument_names()
        known = [*self.scope.everything(), "true", "false"]
        near = did_you_mean(name.text, known)
        if near in arguments and near not in self.scope.variables:
            self.unknown_argument(name, arguments)
        else:
            self.scope.names.unknown("value", name, known)

    def unknown_argument(self, name: t.Name, known: list[str]) -> None:
        """Report an argument that the called tools do not have."""
        tools = [tool.name for tool in self.scope.candidates()]
        of = f"tool `{tools[0]}` has no" if len(tools) == 1 else "no tool called here has an"
        self.scope.names.unknown("argument", name, known, code="R0802", say=f"{of} argument")

    reported = False  # whether the last look-up already said what was wrong

    def resolve(self, node: t.Ref) -> Term | None:
        """What a name means here; None if nothing (no finding), or if its meaning is broken."""
        self.reported = False
        parts = node.name.parts
        if node.name.spec is None:
            local = self.local(node, parts)
            if local is not None or self.reported:
                return local
        before = len(self.found)
        declared = self.scope.names.find(VALUES, node.name, self.scope.unit)
        if declared is not None:
            return self.declared(node, declared)
        self.reported = len(self.found) > before
        if self.reported:
            return None
        if node.name.spec is None and len(parts) > 1:
            base = self.base(node, parts[0])
            if base is not None:
                return self.member(node, base, parts[1:])
            if self.reported:  # what it is a part of is broken
                return None
        if node.name.spec is None and self.scope.is_open() and parts not in _FLAGS:
            return self.argument_path(node, parts, ty.ANY)
        return None

    def base(self, node: t.Ref, first: str) -> Term | None:
        """The field of the step, the context or the definition whose part a dotted name is."""
        kind = self.scope.step_field(first)
        if kind is not None:
            return self.make(node, "field", (), kind, first)
        name = t.Name((first,), span=node.span)
        found = self.scope.names.find(VALUES, name, self.scope.unit)
        if found is None or not isinstance(found.node, t.Context | t.Define):
            return None
        return self.declared(t.Ref(name, span=node.span), found)

    def local(self, node: t.Ref, parts: tuple[str, ...]) -> Term | None:
        """What a name means before any declaration is asked: variable, argument, field."""
        first = parts[0]
        around = self.scope.around
        if around is not None and (first == "this" or first in around.variables):
            return self.of_this_step(node, parts, around)
        if first == "this" and len(parts) > 1 and self.scope.argument_names().count("this") == 0:
            self.no_this(node, ".".join(parts[1:]))
            return None
        if first in self.scope.variables:
            return self.member(node, self.scope.variables[first], parts[1:])
        kind = self.scope.argument(first)
        if kind is not None and not self.scope.is_open():
            return self.argument_path(node, parts, kind)
        if first == "args" and len(parts) > 1:
            return self.explicit_argument(node, parts[1:])
        if len(parts) == 1:
            found = self.scope.step_field(first)
            if found is not None:
                return self.make(node, "field", (), found, first)
        return None

    def of_this_step(self, node: t.Ref, parts: tuple[str, ...], around: Scope) -> Term | None:
        """`this.order`: a name that means something of the step that is judged."""
        name = parts[1:] if parts[0] == "this" else parts
        if not name:
            return None
        if parts[0] == "this" and around.act is None:
            self.no_this(node, None)
            return None
        reader = type(self)(around)
        term = reader.ref(t.Ref(t.Name(name, span=node.name.span), span=node.span), None)
        self.reported = True
        return None if term is None else self.make(node, "this", (term,), term.type)

    def no_this(self, node: t.Ref, name: str | None) -> None:
        """Report `this` where no step is judged, or where it needs no `this`."""
        self.reported = True
        message = f"`{node.name.text}` means nothing here"
        help = "`this` is the step that is judged, seen from an act of the past"
        self.complain("R0301", node, message, f"{help}: write `{name}`" if name else help, name)

    def explicit_argument(self, node: t.Ref, parts: tuple[str, ...]) -> Term | None:
        """`args.x`: an argument whatever else has its name."""
        kind = self.scope.argument(parts[0])
        if kind is None:
            place = label_span(node.span, parts[0], len("args."))
            known = self.scope.argument_names()
            self.unknown_argument(t.Name((parts[0],), span=place), known)
            self.reported = True
            return None
        return self.argument_path(node, parts, kind)

    def argument_path(self, node: t.Ref, parts: tuple[str, ...], kind: Type) -> Term | None:
        """An argument, or a part of one."""
        base = self.make(node, "arg", (), kind, parts[0])
        return self.member(node, base, parts[1:])

    def member(self, node: t.Ref, base: Term, path: tuple[str, ...]) -> Term | None:
        """`base.a.b`: fields of records, checked where the record's fields are known."""
        term = base
        for name in path:
            fields = dict(term.type.fields)
            if term.type.kind not in ("record", "any") or (fields and name not in fields):
                self.no_member(node, term, name, list(fields))
                return None
            kind = fields[name].type if name in fields else ty.ANY
            term = self.make(node, "member", (term,), kind, name)
        return term

    def no_member(self, node: t.Ref, term: Term, name: str, fields: list[str]) -> None:
        """Report a part that a value does not have."""
        self.reported = True
        near = did_you_mean(name, fields)
        help = f"did you mean `{near}`?" if near else None
        message = f"`{unparse_expr(node)}`: {a(term.type)} has no part `{name}`"
        if fields:
            message = f"`{term.text}` has no part `{name}`"
        elif term.type.kind != "record":
            message = f"{a(term.type)} has no part `{name}`"
        self.complain("R0802" if fields else "R0401", node, message, help)

    def declared(self, node: t.Ref, found: Declared) -> Term | None:
        """What a declared name stands for: a context, or the body of a definition."""
        if isinstance(found.node, t.Context):
            kind = type_of(found.node.type) or ty.ANY
            return self.make(node, "context", (), kind, found.name)
        if isinstance(found.node, t.Define):
            return self.open(node, node.name, found, ())
        if isinstance(found.node, t.Setting):
            return self.setting(node, found)
        if isinstance(found.node, t.Remember):
            self.reported = True
            return History(self).remembered(node, found)
        self.reported = True
        return None

    def setting(self, node: t.Ref, found: Declared) -> Term | None:
        """The value of a setting that is in force."""
        assert isinstance(found.node, t.Setting), "asked only of settings"
        if self.scope.settled:
            return self.make(node, "setting", (), setting_of(found.node).type, found.name)
        self.reported = True
        message = f"what sets a setting cannot read one, and `{found.name}` is a setting"
        help = "write the value, or a context that the host declares"
        self.complain("R0506", node, message, help)
        return None

    def choice(self, node: t.Ref, want: Type) -> Term | None:
        """A bare name as a choice of a `one of`."""
        text = node.name.text
        if text in want.choices:
            return self.make(node, "const", (), want, text)
        self.not_among("R0403", node, f"`{text}` is not one of the choices here", want)
        return None

    def not_among(self, code: str, node: t.Expr, message: str, want: Type) -> None:
        """Report a value that is none of the choices, with the closest one."""
        text = node.value if isinstance(node, t.Text) else node.span.text
        near = did_you_mean(text, want.choices)
        help = f"did you mean `{near}`?" if near else f"the choices are {listed(want.choices)}"
        plain = near if near and isinstance(node, t.Ref) and word_or_text(near) else f'"{near}"'
        self.complain(code, node, message, help, plain if near else None)

    # ---- functions and definitions

    def of(self, node: t.Of, want: Type | None) -> Term | None:
        """`function of argument`."""
        if node.over is not None:
            return History(self).folded(node, node.over)
        if node.argument is None:
            return None
        return self.use(node, node.function, (node.argument,))

    def apply(self, node: t.Apply, want: Type | None) -> Term | None:
        """`function(argument)`, or the use of a definition."""
        return self.use(node, node.function, node.arguments)

    def use(self, node: t.Expr, name: t.Name, arguments: tuple[t.Expr, ...]) -> Term | None:
        """A definition, or else the built-in function of that name."""
        before = len(self.found)
        found = self.scope.names.find(VALUES, name, self.scope.unit)
        if found is not None and isinstance(found.node, t.Define):
            return self.open(node, name, found, arguments)
        if len(self.found) > before:
            return None
        return self.function(node, name, arguments)

    def function(self, node: t.Expr, name: t.Name, arguments: tuple[t.Expr, ...]) -> Term | None:
        """A built-in function."""
        builtin = FUNCTIONS.get(name.text)
        if builtin is None:
            known = [*FUNCTIONS, *self.scope.names.definitions(self.scope.unit)]
            self.scope.names.unknown("function", name, known)
            return None
        if len(arguments) != 1:
            message = f"`{name.text}` is given {_count(arguments)}, and takes 1"
            self.complain("R0402", node, message, f"write `{name.text} of` and one value")
            return None
        argument = self.expr(arguments[0])
        if argument is None:
            return None
        if not builtin.takes(argument.type):
            self.mismatch(arguments[0], f"`{name.text}` does not take {a(argument.type)}",
                          f"`{name.text}` gives {builtin.help}")  # fmt: skip
            return None
        return self.make(node, "call", (argument,), builtin.gives(argument.type), name.text)

    def open(
        self, node: t.Expr, name: t.Name, found: Declared, arguments: tuple[t.Expr, ...]
    ) -> Term | None:
        """Put a definition in place of its use, with its parameters bound."""
        define = found.node
        assert isinstance(define, t.Define), "only definitions are opened"
        self.reported = True
        if len(define.params) != len(arguments):
            self.wrong_count(node, name, define, arguments)
            return None
        key = f"{found.unit.name}::{found.name}"
        if key in self.scope.inside:
            ring = [*self.scope.inside[self.scope.inside.index(key) :], key]
            self.scope.names.is_ring("definition", ring, name)
            return None
        self.scope.budget.opened += 1
        if self.scope.budget.opened > MOST_OPENED:
            most = f"a condition uses at most {MOST_OPENED:,} definitions"
            self.overgrown("R0505", node, most)
            return None
        bound: dict[str, Term] = {}
        for param, argument in zip(define.params, arguments, strict=True):
            term = self.expr(argument)
            if term is None:
                return None
            bound[param.text] = term
        before = len(self.found)
        inner = type(self)(self.scope.opened(found.unit, bound, key)).expr(define.body)
        self.point_out(before, node)
        self.reported = True
        return None if inner is None else replace(inner, span=node.span, text=unparse_expr(node))

    def overgrown(self, code: str, node: t.Expr, limit: str) -> None:
        """Report, once for a condition, that it is too deep or too large with its definitions."""
        if not self.scope.budget.spent:
            self.scope.budget.spent = True
            message = "with its definitions opened, this condition is too large"
            self.complain(code, node, message, f"{limit}: use fewer definitions inside definitions")

    def point_out(self, before: int, node: t.Expr) -> None:
        """Show the outermost use beside each finding that stands in a definition's body."""
        if self.scope.inside:
            return
        for at in range(before, len(self.found)):
            one = self.found[at]
            if one.code != "R0308":
                label = Label(node.span, "used here")
                self.found[at] = replace(one, secondary=(*one.secondary, label))

    def wrong_count(
        self, node: t.Expr, name: t.Name, define: t.Define, arguments: tuple[t.Expr, ...]
    ) -> None:
        """Report a definition that is given too few or too many arguments."""
        takes = str(len(define.params) or "none")
        message = f"`{name.text}` is given {_count(arguments)}, and takes {takes}"
        params = ", ".join(param.text for param in define.params)
        help = f"write `{name.text}({params})`" if params else f"write `{name.text}`"
        where = (Label(define.name.span, "defined here"),)
        self.found.append(Diagnostic("R0402", message, Label(node.span), where, help=help))


def _count(arguments: tuple[t.Expr, ...]) -> str:
    if not arguments:
        return "no argument"
    return f"{len(arguments)} argument{'s' if len(arguments) != 1 else ''}"
