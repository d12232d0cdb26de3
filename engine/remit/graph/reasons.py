"""Why one norm beats another: six reasons, in the order in which they are asked (semantics 4)."""

AUTHORITY, EXCEPTION, SPOKEN, LATER, GOAL, CAUTION = (
    "authority", "exception", "spoken", "later", "goal", "caution",
)  # fmt: skip
REASONS = (AUTHORITY, EXCEPTION, SPOKEN, LATER, GOAL, CAUTION)
