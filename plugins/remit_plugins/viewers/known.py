"""The viewers that were tried. What each shows, and loses, stands in docs/telemetry.md."""

from __future__ import annotations

from remit_plugins.viewers.viewer import Viewer

PHOENIX = Viewer(
    name="phoenix",
    package="arize-phoenix",
    words=("phoenix", "serve"),
    ready="/healthz",
    page="/projects",
    environment={
        "PHOENIX_HOST": "127.0.0.1",
        "PHOENIX_PORT": "{port}",
        "PHOENIX_GRPC_PORT": "{other}",
        "PHOENIX_WORKING_DIR": "{folder}",
        "PHOENIX_TELEMETRY_ENABLED": "false",
        "PHOENIX_ALLOW_EXTERNAL_RESOURCES": "false",
        # Without these two it offers an assistant that may run commands on this machine.
        "PHOENIX_DISABLE_AGENT_ASSISTANT": "true",
        "PHOENIX_AGENTS_DISABLE_BASH": "true",
    },
)

MLFLOW = Viewer(
    name="mlflow",
    package="mlflow",
    words=(
        "mlflow", "server", "--host", "127.0.0.1", "--port", "{port}", "--workers", "1",
        "--backend-store-uri", "sqlite:///{folder}/mlflow.db",
        "--default-artifact-root", "{folder}/artifacts",
    ),
    ready="/health",
    page="/#/experiments/0/traces",
    environment={"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"},
    headers={"x-mlflow-experiment-id": "0"},
)  # fmt: skip
