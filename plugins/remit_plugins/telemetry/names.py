"""The schema, version 1: every name under which something is told, and how much of it is told."""

from __future__ import annotations

SCHEMA_VERSION = "1"
SCOPE = "remit"  # the instrumentation scope of spans, logs and metrics
OPERATION = "apply_guardrail"  # also how the name of a span begins
LOG_EVENT = "remit.decision"
ANSWER_EVENT = "remit.approval"

# ---- attributes

OPERATION_NAME = "gen_ai.operation.name"
AGENT_NAME = "gen_ai.agent.name"
CONVERSATION_ID = "gen_ai.conversation.id"
TOOL_NAME = "gen_ai.tool.name"
TOOL_CALL_ID = "gen_ai.tool.call.id"
ERROR_TYPE = "error.type"

SCHEMA = "remit.schema.version"
DECISION_ID = "remit.decision.id"
OUTCOME = "remit.decision.outcome"
CLAUSES = "remit.decision.clauses"
REASON = "remit.decision.reason"
REASON_CODE = "remit.decision.reason_code"
UNKNOWN_CLAUSES = "remit.decision.unknown"
CORRECTS = "remit.decision.corrects"
MODE = "remit.enforcement.mode"
ACTION = "remit.enforcement.action"
POLICY_ID = "remit.policy.id"
POLICY_VERSION = "remit.policy.version"
EVALUATED = "remit.clauses.evaluated"
MATCHED = "remit.clauses.matched"
OMITTED = "remit.clauses.omitted"
STAGE = "remit.stage"
STEP_INDEX = "remit.step.index"
INPUT_DIGEST = "remit.input.digest"
WITHHELD = "remit.content.withheld"
VOID_DIRECTIVES = "remit.directives.void"
JUDGES_ASKED = "remit.judges.asked"
JUDGES_SPARED = "remit.judges.spared"
APPROVAL_ID = "remit.approval.id"
APPROVAL_STATE = "remit.approval.state"
APPROVAL_ACTOR = "remit.approval.actor_ref"
APPROVAL_BY = "remit.approval.by"
APPROVAL_DECISION = "remit.approval.decision_id"
LINK_TYPE = "remit.link.type"
LEDGER_ERROR = "remit.ledger.error"

# ---- events, and what they tell

CLAUSE_MATCHED = "remit.clause.matched"
CLAUSE_UNMATCHED = "remit.clause.unmatched"
CLAUSE_ERROR = "remit.clause.error"
DIRECTIVE_VOID = "remit.directive.void"
JUDGE_ASKED = "remit.judge.asked"

CLAUSE_ID = "remit.clause.id"
CLAUSE_EFFECT = "remit.clause.effect"
CLAUSE_SOURCE = "remit.clause.source"
CLAUSE_MESSAGE = "remit.clause.message"
CLAUSE_EXPRESSION = "remit.clause.expression"
CLAUSE_UNKNOWN = "remit.clause.unknown"
LOST_TO = "remit.clause.lost_to"
LOST_REASON = "remit.clause.lost_reason"

# ---- metrics

DURATION = "remit.decision.duration"
CLAUSE_MATCHES = "remit.clause.matches"
APPROVAL_WAIT = "remit.approval.wait.duration"
LEDGER_ERRORS = "remit.ledger.errors"
DROPPED = "remit.telemetry.dropped"
DROPPED_REASON = "remit.telemetry.reason"

# Seconds. What the SDK takes by default puts every decision into one bucket.
BUCKETS = (1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2,
           0.1, 0.25, 0.5, 1.0)  # fmt: skip
WAIT_BUCKETS = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 14400.0, 86400.0)

# ---- how much is told; the SDK cuts no text by itself

MOST_NAME = 128  # characters of an id or a name
MOST_MESSAGE = 256  # of what an event tells
MOST_REASON = 512
MOST_CONTENT = 4096  # of what a step holds
MOST_CLAUSES = 16  # ids in one attribute
MOST_FACTS = 32  # that other plugins tell
MOST_EVENTS = 32  # of one span; an SDK drops the oldest of more than 128
