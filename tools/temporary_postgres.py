"""A PostgreSQL that lives for one check: a folder and a socket of its own, no network, not root."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
NOBODY = 65534
START_TRIES, START_PAUSE_S = 200, 0.05


class Server:
    """with Server() as server: server.run("CREATE TABLE ...;")"""

    def __init__(self):
        self.home = Path(tempfile.mkdtemp(prefix="postroom-postgres-"))
        self.as_user = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            self.as_user = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
            os.chown(self.home, NOBODY, NOBODY)
        self.programs = self._programs()
        self.process = None

    def _programs(self):
        """Where initdb, postgres and psql are."""
        postgres = shutil.which("postgres")
        if postgres is None:
            sys.exit("postgres is not here: run script/bootstrap --check, then script/check sql")
        programs = Path(postgres).resolve().parent
        if os.geteuid() != 0 or not programs.is_relative_to(REPOSITORY):
            return programs
        # unpacked below a folder that may be closed to others, such as root's home
        for part in ("lib", "share"):
            shutil.copytree(programs.parents[3] / part / "postgresql",
                            self.home / part / "postgresql")
        return self.home / "lib/postgresql/15/bin"

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start(self):
        data = self.home / "data"
        made = self._call("initdb", "-D", data, "-A", "trust", "-U", "check", "-E", "UTF8",
                          "--locale=C", "--no-sync")
        if made.returncode != 0:
            sys.exit("initdb failed:\n" + made.stderr)
        log = open(self.home / "log", "w", encoding="utf-8")
        self.process = subprocess.Popen(
            [self.programs / "postgres", "-D", data, "-k", self.home, "-c", "listen_addresses=",
             "-c", "fsync=off"], cwd="/", stdout=log, stderr=log, **self.as_user)
        log.close()
        for _ in range(START_TRIES):
            if self._psql("SELECT 1").returncode == 0:
                return
            if self.process.poll() is not None:
                break
            time.sleep(START_PAUSE_S)
        sys.exit("postgres does not start:\n" + (self.home / "log").read_text(encoding="utf-8"))

    def __exit__(self, *_):
        if self.process is not None:
            self.process.terminate()
            self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)

    def _call(self, program, *arguments, text=""):
        return subprocess.run([self.programs / program, *arguments], input=text, cwd="/",
                              capture_output=True, text=True, check=False,
                              env={**os.environ, "LC_ALL": "C.UTF-8"}, **self.as_user)

    def _psql(self, text, *options):
        return self._call("psql", "-X", "-q", "-h", self.home, "-U", "check", "-d", "postgres",
                          *options, "-f", "-", text=text)

    def run(self, script):
        """Runs all statements; gives (line of the script, error) for those that fail."""
        said = self._psql(script).stderr
        return [(int(line), error)
                for line, error in re.findall(r"^psql:<stdin>:(\d+): ERROR:\s+(.*)$", said, re.M)]

    def columns(self):
        """(table, column) of all tables and views of ours."""
        said = self._psql("SELECT table_name, column_name FROM information_schema.columns"
                          " WHERE table_schema = 'public'", "-At")
        return {tuple(line.split("|")) for line in said.stdout.splitlines()}
