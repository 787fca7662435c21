#!/usr/bin/python3
"""tools/sabotage --check: patches that are well formed and still apply."""

import os
import subprocess
import tempfile
from pathlib import Path

import tap

TOOL = Path(os.environ["POSTROOM_SOURCE"], "tools/sabotage")
NAME = "01-two-is-one.patch"
PATCH = """Rule: two is two.
Tests: base number

diff --git a/src/x.c b/src/x.c
--- a/src/x.c
+++ b/src/x.c
@@ -1,3 +1,3 @@
 int one = 1;
-int two = 2;
+int two = 1;
 int three = 3;
"""
SOURCE = "int one = 1;\nint two = 2;\nint three = 3;\n"


def say(patches, source=SOURCE):
    """What the check says of patches {name: text} beside one source file."""
    with tempfile.TemporaryDirectory() as tree:
        root = Path(tree)
        for folder in ("src", "tools", "tests/sabotage"):
            (root / folder).mkdir(parents=True)
        (root / "src/x.c").write_text(source, encoding="utf-8")
        (root / "tools/sabotage").write_bytes(TOOL.read_bytes())
        for name, text in patches.items():
            (root / "tests/sabotage" / name).write_text(text, encoding="utf-8")
        done = subprocess.run(["/usr/bin/python3", root / "tools/sabotage", "--check"],
                              capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@tap.case
def a_good_patch_passes():
    code, said = say({NAME: PATCH})
    assert code == 0 and said == "", said


BAD = [
    ("a patch that does not apply any more", {NAME: PATCH.replace("two = 2", "two = 4")},
     "does not apply"),
    ("no rule", {NAME: PATCH.replace("Rule: ", "")}, "must begin with"),
    ("no tests", {NAME: PATCH.replace("Tests: base number", "")}, "must begin with"),
    ("two lines changed",
     {NAME: PATCH.replace(" int three = 3;", "-int three = 3;\n+int three = 4;")},
     "exactly one line"),
    ("a test changed instead of the source", {NAME: PATCH.replace("/src/", "/tests/")}, "of src/"),
    ("a name without a number", {"two.patch": PATCH}, "must be NN-words"),
    ("a number given twice", {NAME: PATCH, "01-again.patch": PATCH}, "number"),
]


@tap.cases(BAD)
def is_found(patches, expected):
    code, said = say(patches)
    assert code == 1 and expected in said, f"{code}: {said}"


tap.run()
