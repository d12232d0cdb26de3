"""Whether all of a stored policy is what the compiler would have written: reads every part.

Loading reads what it needs when it needs it, and what is wrong there denies a step. This is for who
wants to know before.
"""

from __future__ import annotations

from remit.graph.from_checked import build_graph
from remit.program.from_graph import build_program
from remit.program.survey import outline_of
from remit.store.read import Stored, refuse
from remit.store.write import store


def check_whole(data: bytes) -> None:
    """Read and compile every norm, draw the graph anew, and compare. Raises `StoreError`.

    That a store of this digest was made from the specs of this digest is not told by that.
    """
    stored = Stored(data)
    checked = stored.checked
    graph, found = build_graph(checked)
    if any(one.is_error for one in found):
        refuse(f"its norms do not fit together: {found[0].message}")
    outline = outline_of(checked, graph)
    try:
        again = store(stored.name, stored.digest, outline, checked, stored.diagnostics)
        list(build_program(outline).rules)
    except (ValueError, KeyError, IndexError, TypeError) as error:
        refuse(f"it holds what the language does not have: {str(error)[:200]}")
    if again != data:
        refuse("some of it does not follow from its norms")
