#!/usr/bin/python3
"""The first notification of README.md: its lines are run as they stand (but for the build, the
folder, the port, which may be taken here, and the sleep, for a machine may be slow), and must come
to what the page says."""

import email
import email.policy
import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import tap

SOURCE = Path(os.environ["POSTROOM_SOURCE"])
PROGRAM = Path(os.environ["POSTROOM_BINARY"])
PATIENCE_S = 60

sys.path.insert(0, str(SOURCE / "tools" / "demo"))
import stage  # noqa: E402 (it stands where the line above says)


DELIVERED = "until postroom explain 1 | grep 'was delivered' >/dev/null; do sleep 0.1; done"


def blocks_of(section):
    """The indented blocks of a section of README.md."""
    text = (SOURCE / "README.md").read_text().partition(f"\n## {section}\n")[2]
    found = re.findall(r"(?:^    .*\n|^\n(?=    ))+", text.partition("\n## ")[0], re.M)
    return [re.sub(r"^    ", "", block, flags=re.M).strip() for block in found]


def run_lines(lines, folder):
    """Runs a script as a newcomer's shell would; its background processes end with it."""
    script = lines + "\nkill $(jobs -p); wait\n"
    with subprocess.Popen(["bash", "-ec", script], cwd=folder, text=True, start_new_session=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT) as shell:
        try:
            said, _ = shell.communicate(timeout=PATIENCE_S)
        except BaseException:
            os.killpg(shell.pid, signal.SIGKILL)
            raise
    return shell.returncode, said


def without_chance(text):
    """What differs from run to run is left out."""
    for pattern in (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\dZ)?", r"\w{3}, \d+ \w{3} \d{4} [\d:]+ \+0000",
                    r"\bid \d+\.\d+", r"127\.0\.0\.1:\d+", r"[0-9a-z]{16,}"):
        text = re.sub(pattern, "*", text)
    return [line.strip() for line in text.splitlines() if line.strip()]


@tap.case
def a_first_notification():
    commands, shown = blocks_of("A first notification")
    assert len(commands.splitlines()) == 10, commands
    with tempfile.TemporaryDirectory(prefix="postroom-readme-") as name:
        home = Path(name) / "mail"
        port = str(stage.free_port(["127.0.0.1"]))
        lines = commands.replace("script/build", "true").replace("$PWD/build", str(PROGRAM.parent))
        assert "sleep 3;" in lines, lines
        lines = lines.replace("sleep 3;", DELIVERED + ";")
        code, said = run_lines(lines.replace("/tmp/mail", str(home)).replace("2525", port), name)
        assert code in (0, 128 + signal.SIGTERM), said
        mail = email.message_from_bytes((home / "000001.eml").read_bytes(),
                                        policy=email.policy.default)
        assert "Please try the next build." in mail.get_body(("plain",)).get_content()
        there = without_chance(said)
        for line in without_chance(shown):
            assert line == "..." or line in there, (line, said)


tap.run()
