"""What the tools/check-* programs share: which files there are, and how a finding is told.

Each check is called as `tools/check-NAME [ROOT]`, looks at the tree below ROOT (this repository
when left out), prints a line `FILE:LINE: what is wrong and what to do` for each finding, and
exits 1 when there is one. Silence and 0 mean that all is well.
"""

import os
import re
import sys
from pathlib import Path


def root_of_run():
    """The tree to look at: the first argument, or the repository this file is in."""
    return Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent).resolve()


def files_below(root, *folders, suffixes=None):
    """All files of the source tree (or of some folders in it), relative to root, sorted."""
    found = []
    for folder in folders or (".",):
        for at, below, names in os.walk(root / folder):
            below[:] = [name for name in below if not is_foreign_folder(name)]
            found += [Path(at, name).relative_to(root) for name in names if name != ".git"]
    return sorted(path for path in found if suffixes is None or path.suffix in suffixes)


def is_foreign_folder(name):
    return name in (".git", "__pycache__") or name == "build" or name.startswith("build-")


def read(root, path):
    return (root / path).read_text(encoding="utf-8", errors="replace")


C_COMMENT_OR_LITERAL = re.compile(
    r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL
)


def blanked(text, literals=False):
    """C source with its comments (and its literals) turned into spaces, line for line."""
    return C_COMMENT_OR_LITERAL.sub(
        lambda match: re.sub(r"[^\n]", " ", match[0]) if literals or match[0][0] == "/" else match[0],
        text)


class Findings:
    """Counts and prints what a check found."""

    def __init__(self):
        self.count = 0

    def add(self, path, line, text):
        self.count += 1
        print(f"{path}:{line}: {text}" if line else f"{path}: {text}")

    def warn(self, path, line, text):
        """Prints what deserves a look but does not fail the check."""
        print(f"{path}:{line}: warning: {text}" if line else f"{path}: warning: {text}")

    def exit_code(self):
        return 1 if self.count else 0
