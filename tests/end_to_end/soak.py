#!/usr/bin/python3
"""script/soak at the size of a test: floods without the figure for memory, which a build with
sanitizers cannot give, and mail under stops and reloads. Kills have a test of their own."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import tap

TOOL = Path(os.environ["POSTROOM_SOURCE"]) / "tools" / "soak"


@tap.cases([
    ("floods", ["floods", "--for", "40s", "--without-memory"]),
    ("stops", ["stops", "--mails", "1500", "--stops", "5"]),
    ("reloads", ["reloads", "--mails", "1500", "--reloads", "200"]),
])
def all_holds_under(words):
    with tempfile.TemporaryDirectory(prefix="postroom-soak-") as folder:
        done = subprocess.run([sys.executable, TOOL, *words], capture_output=True, text=True,
                              check=False, env={**os.environ, "POSTROOM_SOAK_FOLDER": folder})
    print("".join(f"# {line}\n" for line in done.stdout.splitlines()), end="")
    assert done.returncode == 0, done.stdout + done.stderr


tap.run()
