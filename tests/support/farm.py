"""tools/mxfarm as the recipients' mail exchangers and name server."""

import contextlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import processes

TOOL = Path(os.environ["POSTROOM_SOURCE"]) / "tools" / "mxfarm"
ZONE = "farm.test"
PATIENCE_S = 60


class Farm:
    """A running mxfarm; `seen` is known once it has ended."""

    def __init__(self, process, smtp, resolver):
        self.process = process
        self.smtp = smtp
        self.resolver = resolver
        self.seen = {}

    def end(self):
        if not self.seen:
            self.process.terminate()
            told = self.process.communicate(timeout=PATIENCE_S)[0].splitlines()
            self.seen = json.loads(told[-1])
        return self.seen


@contextlib.contextmanager
def growing(folder, lines):
    """Yields a Farm with these lines of a script; its errors are in `folder`/farm.err."""
    path = folder / "farm.script"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    with open(folder / "farm.err", "w", encoding="utf-8") as errors, processes.running(
        [sys.executable, TOOL, path], stdout=subprocess.PIPE, stderr=errors, text=True
    ) as process:
        first = process.stdout.readline()
        match = re.fullmatch(r"listening smtp=(\d+) resolver=(\S+)\n", first)
        assert match, f"mxfarm does not listen: {first}{(folder / 'farm.err').read_text()}"
        yield Farm(process, int(match[1]), match[2])
