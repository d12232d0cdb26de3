"""What people can say, settings, loans and levels as rows of plain data, for `remit show`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from remit.checked.model import DEFAULT, Constraint, Norm
from remit.cli.stages import Row, set_text
from remit.program.domain_words import named
from remit.verdict.show import written

if TYPE_CHECKING:
    from remit.checked.model import Directive, Loan, Setting
    from remit.policy import Policy


def level_data(policy: Policy) -> list[Row]:
    """A row for each clause, directive and default, by strength and then by id.

    Exceptions have the levels of their clause, and no row. The strength of a directive is the most
    that anyone can say it with.
    """
    checked = policy.checked
    clauses = [one for one in checked.norms if one.parent is None]
    rows = [
        *((one.strength, one.id, _level(policy, one, one)) for one in clauses),
        *((one.strength, one.id, _level(policy, one, one)) for one in checked.constraints),
        *((_most(one), one.id, _level(policy, one, one.norm)) for one in checked.directives),
    ]
    rows.sort(key=lambda row: row[:2])
    return [{**row, "strength": checked.level(strength)} for strength, _, row in rows]


def _level(policy: Policy, one: Norm | Constraint | Directive, norm: Norm | Constraint) -> Row:
    owners = {file.name: file.owner for file in policy.checked.files}
    return {
        "id": one.id,
        "kind": _kind(one),
        "author": policy.checked.level(one.author),
        "strength": "",  # its place among the columns
        "goal": norm.goal,
        "owner": owners.get(one.spec),
        "cites": list(norm.cites),
    }


def _kind(one: Norm | Constraint | Directive) -> str:
    if isinstance(one, Norm):
        return "default" if one.modality == DEFAULT else "clause"
    return "set" if isinstance(one, Constraint) else "directive"


def _most(one: Directive) -> int:
    """The rank of the most that anyone can say a directive with."""
    return max(one.author, one.weakest)


def directive_data(policy: Policy) -> list[Row]:
    """Every directive: what hears it, what it becomes, and what authority it takes."""
    return [_directive(policy, one) for one in policy.checked.directives]


def _directive(policy: Policy, one: Directive) -> Row:
    level = policy.checked.level
    return {
        "directive": one.id,
        "heard": _heard(one),
        "becomes": _becomes(one.norm),
        "said by": _speakers(policy, one),
        "strength": f"at most {level(_most(one))}" if _most(one) else None,
        "needs": _needed(policy, one),
        "at": one.span.place if one.span else None,
    }


def _heard(one: Directive) -> list[str]:
    heard = [f"/{it.text}/{it.flags}" if it.is_regex else f'"{it.text}"' for it in one.patterns]
    if one.judged is not None:
        question, judge = one.judged
        heard.append(f'judged "{question}" by {judge}')
    return heard or ["given by the host"]


def _becomes(norm: Norm | Constraint) -> str:
    if not isinstance(norm, Norm):
        return f"set {set_text(norm)}"
    return f"{norm.modality} {norm.act.text}"


def _speakers(policy: Policy, one: Directive) -> list[str]:
    """The roles that have the authority to say it."""
    from remit.scenarios.possible import lacking

    roles = sorted(policy.checked.roles.items(), key=lambda item: (item[1], item[0]))
    program = policy.ground.program
    return [role for role, rank in roles if lacking(program, one, rank) is None]


def _needed(policy: Policy, one: Directive) -> str | None:
    """The least authority that it takes to lift what it is about; None where any will do."""
    from remit.scenarios.possible import lacking

    weakest = len(policy.checked.chain) - 1
    rank = lacking(policy.ground.program, one, weakest)
    return None if rank is None else policy.checked.level(rank)


def setting_data(policy: Policy) -> list[Row]:
    """Every setting, with what clauses and directives set it to."""
    settings = policy.checked.settings
    return [_setting(policy, settings[name]) for name in sorted(settings)]


def _setting(policy: Policy, one: Setting) -> Row:
    checked = policy.checked
    standing = sorted(
        (norm for norm in checked.constraints if norm.setting == one.name),
        key=lambda norm: (norm.strength, norm.id),
    )
    said = [it for it in checked.directives
            if not isinstance(it.norm, Norm) and it.norm.setting == one.name]  # fmt: skip
    return {
        "setting": one.name,
        "type": str(one.type),
        "default": _default(one),
        "set by": [f"{norm.name} ({checked.level(norm.strength)})" for norm in standing],
        "said by": [it.name for it in said],
        "at": one.span.place if one.span else None,
    }


def _default(one: Setting) -> str | None:
    """The default as the language writes it."""
    if one.every:
        return "every item"
    if one.default is None or one.type.kind == "one_of":
        return None if one.default is None else str(one.default)
    if one.type.kind in ("time", "duration"):
        return named(one.default, one.type.kind)
    return written(one.default)


def loan_data(policy: Policy) -> list[Row]:
    """Every `delegate`: who lends which level to what, and for what."""
    return [_loan(policy, one) for one in policy.checked.loans]


def _loan(policy: Policy, one: Loan) -> Row:
    level = policy.checked.level
    limit = one.only.text if one.only is not None else one.setting
    return {
        "lends": level(one.level),
        "to": one.act.text,
        "where": one.where.text if one.where is not None else None,
        "for": limit or "everything",
        "author": level(one.author),
        "at": one.span.place if one.span else None,
    }
