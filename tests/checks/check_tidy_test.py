#!/usr/bin/python3
"""tools/check-tidy: clang-tidy's findings fail it, what was fine is not looked at again."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import tap

ROOT = Path(os.environ["POSTROOM_SOURCE"])


def say(source, times=1):
    """check-tidy's code and words for one source, and what it remembers, in a small project."""
    if not shutil.which("clang-tidy"):
        raise tap.Skip("clang-tidy is not installed (script/bootstrap --check)")
    with tempfile.TemporaryDirectory() as place:
        project = Path(place).resolve()
        for folder in ("tools", "src", "build"):
            (project / folder).mkdir()
        shutil.copy(ROOT / "tools" / "check-tidy", project / "tools")
        shutil.copy(ROOT / ".clang-tidy", project)
        (project / "src" / "x.c").write_text(source, encoding="utf-8")
        (project / "build" / "compile_commands.json").write_text(json.dumps([{
            "directory": str(project / "build"),
            "command": "cc -std=c17 -MD -MQ x.o -MF x.o.d -o x.o -c ../src/x.c",
            "file": "../src/x.c",
        }]), encoding="utf-8")
        for _ in range(times):
            done = subprocess.run([project / "tools" / "check-tidy", project / "build"],
                                  capture_output=True, text=True, check=False)
        remembered = len(list((project / "build" / "tidy").iterdir()))
    return done.returncode, done.stdout + done.stderr, remembered


@tap.case
def good_code_passes_and_is_remembered():
    assert say("int twice(int n);\nint twice(int n)\n{\n    return 2 * n;\n}\n") == (0, "", 1)


@tap.case
def a_fault_is_found_every_time():
    code, said, remembered = say("int half(int n);\nint half(int n)\n{\n    int z = 0;\n"
                                 "    return n / z;\n}\n", times=2)
    assert code == 1 and "src/x.c:5" in said and "Division by zero" in said, said
    assert remembered == 0


@tap.case
def a_name_out_of_style_is_found():
    code, said, _ = say("int twiceOf(int n);\nint twiceOf(int n)\n{\n    return 2 * n;\n}\n")
    assert code == 1 and "readability-identifier-naming" in said, said


tap.run()
