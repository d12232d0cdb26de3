"""A page that stands alone: styles and script are in it, and it may load nothing."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterable

from remit.graph.picture import escape


def document(title: str, styles: str, script: str, body: Iterable[str]) -> str:
    """The text of the page. Its content policy lets this script run and nothing else."""
    digest = b64encode(hashlib.sha256(script.encode()).digest()).decode()
    rules = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    head = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{rules}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n"
        f"<style>\n{styles}</style>\n</head>\n<body>"
    )
    return "\n".join([head, *body, f"<script>{script}</script>", "</body>\n</html>"]) + "\n"
