"""Takes a picture of a page: `python picture.py ADDRESS FILE TEXT...`, once a text is on the page.

Of several texts all but the last are clicked at, one after the other.

Needs the packages `playwright` and `pillow`, and a Chromium on the path.
"""

from __future__ import annotations

import io
import shutil
import sys
from importlib import import_module
from typing import Any

SIZE = {"width": 1500, "height": 840}


def main(address: str, out: str, *texts: str) -> None:
    """Open the page, wait for the texts, write the picture."""
    sync: Any = import_module("playwright.sync_api")
    image: Any = import_module("PIL.Image")
    path = shutil.which("chromium") or shutil.which("google-chrome")
    with sync.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page(viewport=SIZE, color_scheme="light")
        page.goto(address, timeout=120_000)
        for number, text in enumerate(texts, 1):
            page.get_by_text(text).first.wait_for(timeout=60_000)
            if number < len(texts):
                page.get_by_text(text).first.click()
        page.wait_for_timeout(1_500)  # what moves comes to rest; one page always has a request open
        data = page.screenshot()
        browser.close()
    image.open(io.BytesIO(data)).save(out, quality=80, method=6)


if __name__ == "__main__":
    main(*sys.argv[1:])
