"""A small source tree made for one case, and what a tools/check-* says of it."""

import os
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(os.environ["POSTROOM_SOURCE"])


def say(tool, files):
    """Runs a check over a tree of {path: text}; gives its exit code and what it printed."""
    with tempfile.TemporaryDirectory() as tree:
        for path, text in files.items():
            where = Path(tree, path)
            where.parent.mkdir(parents=True, exist_ok=True)
            where.write_text(text, encoding="utf-8")
        done = subprocess.run([ROOT / "tools" / tool, tree], capture_output=True, text=True,
                              check=False)
    return done.returncode, done.stdout + done.stderr


def passes(tool, files):
    code, said = say(tool, files)
    assert code == 0 and said == "", f"{tool} should be silent, exits {code}: {said}"


def fails(tool, files, *expected):
    code, said = say(tool, files)
    assert code == 1, f"{tool} should exit 1, exits {code}: {said}"
    for text in expected:
        assert text in said, f"{tool} should say `{text}`, says: {said}"
