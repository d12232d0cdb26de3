"""Whether the keys of a record fit the format that it is read in.

A key that a reader does not read is harmless unless it could hold a call, a result or words: such
a key of another format, or a misspelt one, is an error, for what it holds would go unjudged. Other
keys (`metadata`, `name`, `audio` ...) are left alone. Values are not read here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

from remit.conversation.findings import Findings, show_path
from remit.conversation.locate import Path
from remit.conversation.model import KINDS
from remit_grammar.diagnostic import did_you_mean

_OWNERS = {
    **dict.fromkeys(("tool_calls", "function_call", "tool_call_id", "call_id", "arguments",
                     "input", "output", "refusal", "content"), "openai"),
    **dict.fromkeys(("tool_use", "tool_result", "tool_use_id", "system"), "anthropic"),
    **dict.fromkeys(("steps", "tool", "args", "bad_args", "text", "parts"), "steps"),
}  # fmt: skip
_OF_RECORD = frozenset({"steps", "system"})  # a message may well have a `system` fingerprint
_CARRIERS = ("content", "tool_calls", "function_call", "refusal")
_ARGUMENTS = ("arguments", "args", "input", "parameters", "params", "kwargs")
# Like a carrier by letters only. Folded as `_fold` does.
_HARMLESS = frozenset({"context", "contact", "contenttype", "contentid", "functions",
                       "functionname", "functionid", "toolcallname", "toolcallid"})  # fmt: skip
_LONGEST = 24  # characters of a key that may be a misspelling of one
_ACT = re.compile(r"(tool|function)(use|call|calloutput|result|response|output)s?")
_ACT_TYPE = re.compile(r"((tool|function)(use|result|response|output)|call|calloutput)s?$")
_NOTHING: tuple[object, ...] = (None, "", [], {}, False)


def check_record(
    data: Mapping[str, Any], form: str, reads: Collection[str], found: Findings
) -> None:
    """Note what a whole record holds beside its messages, and that it holds messages at all."""
    needed = "turns" if form == "model_spec" else "messages"
    if needed not in data:
        other = next((name for key, name in _FORMS.items() if key in data), None)
        help = _RIGHT.format(other) if other else None
        found.add("R0903", f"a record of the `{form}` format without `{needed}`", (), help=help)
    for key in _OF_RECORD - set(reads):
        if _holds(data.get(key)):
            _foreign(key, (key,), form, found)


def check_message(
    item: Mapping[str, Any], path: Path, form: str, reads: Collection[str], found: Findings
) -> None:
    """Note the keys of a message that could hold a call, a result or words and are not read."""
    if item.get("kind") in KINDS:
        _foreign("kind", (*path, "kind"), form, found, "steps")
    for key, value in item.items():
        if key in reads or not _holds(value):
            continue
        if key in _OWNERS and key not in _OF_RECORD:
            _foreign(key, (*path, key), form, found)
        elif isinstance(value, (str, list, dict)) and (meant := _meant(key)):
            _misspelt((*path, key), meant, found)


def check_part(part: Mapping[str, Any], path: Path, form: str, found: Findings) -> bool:
    """Whether a part of the content could be a call or result that is not read; it is noted."""
    kind = part.get("type")
    key = next((one for one in part if _is_act(one) and _holds(part[one])), None)
    if key is None and not (isinstance(kind, str) and _ACT_TYPE.search(_fold(kind))):
        return False
    shown = key or str(kind)[:60]
    owner = "anthropic" if _fold(shown).endswith(("tooluse", "toolresult")) else "openai"
    message = f"`{show_path(path)}` holds a `{shown}`, which no part of the `{form}` format is"
    help = _RIGHT.format(owner) if owner != form else _APART
    found.add("R0903", message, path, help=help)
    return True


def check_call(call: Mapping[str, Any], path: Path, reads: str, found: Findings) -> None:
    """Note arguments of a call under another key than the one that is read."""
    for key, value in call.items():
        if key == reads or not _holds(value) or not isinstance(value, (str, list, dict)):
            continue
        if key in _ARGUMENTS or _is_close(key, reads):
            _misspelt((*path, key), reads, found)


_FORMS = {"steps": "steps", "turns": "model_spec"}
_RIGHT = "if the record is of the `{0}` format, say `--format {0}`"
_APART = "write calls and results as the format has them; see `remit explain R0903`"
_NAMES = {"openai": "OpenAI", "anthropic": "Anthropic", "steps": "steps",
          "model_spec": "Model Spec"}  # fmt: skip


def _foreign(key: str, path: Path, form: str, found: Findings, owner: str = "") -> None:
    owner = owner or _OWNERS[key]
    if owner == form:  # of this format, but not of such a message
        message = f"`{show_path(path)}` does not belong into such a message"
        found.add("R0903", message, path, help=_APART)
        return
    message = f"`{show_path(path)}` is of the {_NAMES[owner]} format, not of the {_NAMES[form]} one"
    found.add("R0903", message, path, help=f"{_RIGHT.format(owner)}; a record has one format only")


def _misspelt(path: Path, meant: str, found: Findings) -> None:
    message = f"`{show_path(path)}` is no key that is read"
    found.add("R0903", message, path, help=f"did you mean `{meant}`?")


def _holds(value: object) -> bool:
    return value not in _NOTHING


def _fold(key: str) -> str:
    return key.casefold().replace("_", "").replace("-", "")


@lru_cache(maxsize=4096)
def _is_close(key: str, wanted: str) -> bool:
    return len(key) <= _LONGEST and did_you_mean(key, (wanted,)) is not None


@lru_cache(maxsize=4096)
def _is_act(key: str) -> bool:
    return len(key) <= _LONGEST and _ACT.fullmatch(_fold(key)) is not None


@lru_cache(maxsize=4096)
def _meant(key: str) -> str | None:
    """The key that was meant, where one that is not known could hold a call or words."""
    if len(key) > _LONGEST or _fold(key) in _HARMLESS:
        return None
    close = did_you_mean(key, _CARRIERS)
    return close or ("tool_calls" if _is_act(key) else None)
