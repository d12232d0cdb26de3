"""What others have published on AgentDojo. Nothing here was measured by us."""

from __future__ import annotations

from remit.bench.model import Column, Row, Table

COLUMNS = tuple(Column(one, "text") for one in ("what is said", "of", "source"))
ROWS = (
    Row("CaMeL", ("77 % of the tasks solved, with provable security", "all suites, a model plans",
                  "arXiv 2503.18813, as cited at liner.com")),
    Row("Progent", ("attacks that succeed: from 41.2 % to 2.2 %", "policies written by a model",
                    "abstract of arXiv 2504.11703v1")),
    Row("Progent", ("attacks that succeed: 0 %", "policies written by hand",
                    "abstract of arXiv 2504.11703v2")),
    Row("DRIFT", ("attacks that succeed: from 30.7 % to 1.3 %", "rules made by a model as it goes",
                  "arXiv 2506.12104, as cited at theweatherreport.ai")),
    Row("MELON", ("attacks that succeed: 0.32 %", "GPT-4o, run a second time without the task",
                  "arXiv 2502.05174v4, as cited at alphaxiv.org")),
    Row("agent-airlock", ("84.4 % of 384 pairs of task and goal blocked",
                          "workspace and banking, `tool_knowledge`, calls without a model",
                          "notes of its release 0.8.43")),
)  # fmt: skip
NOTE = (
    "Models, versions of the tasks and attacks differ, and so does what is compared: most of these"
    " give a model another plan or another prompt, and the model's own failures are in their"
    " figures. Remit judges calls, whatever model makes them."
)


def published() -> Table:
    """A row for each published figure, with its source."""
    return Table("Published figures on AgentDojo", "defence", COLUMNS, ROWS, notes=(NOTE,))
