"""The torture set that compose_torture writes: its mails, what they must hold, its keys."""

import base64
import pathlib
import subprocess
import tempfile


def compose(program):
    """Runs compose_torture; gives the folder (a TemporaryDirectory) of what it wrote."""
    folder = tempfile.TemporaryDirectory(prefix="postroom-torture-")
    subprocess.run([program, folder.name], check=True)
    return folder


def paths(folder):
    """The mails' paths in their order."""
    found = sorted(pathlib.Path(folder).glob("*.eml"))
    assert len(found) > 400, f"{len(found)} mails"
    return found


def expected(path):
    """What a reader must find in a mail: name to text (or bytes, for the file)."""
    values = {}
    for line in path.with_suffix(".expect").read_text("ascii").splitlines():
        name, _, value = line.partition(" ")
        data = base64.b64decode(value)
        values[name] = data if name == "file" else data.decode()
    return values


def keys(folder):
    """DNS: name to TXT record."""
    lines = (pathlib.Path(folder) / "keys.txt").read_text("ascii").splitlines()
    return dict(line.split(" ", 1) for line in lines)
