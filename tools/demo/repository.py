"""A real git repository to push to: this project's own history, or, where the checkout has too
little of it, commits made of its files."""

import os
import subprocess
from collections import Counter
from pathlib import Path

from stage import Failure

WANTED = 24  # commits to push
ROUNDS = (5, 4, 15)  # pushed one after the other
FEWEST = 9

GIT_SETTINGS = """\
[user]
  name = Fay
  email = fay@harbor.example
[safe]
  directory = *
[init]
  defaultBranch = main
[advice]
  detachedHead = false
[receive]
  shallowUpdate = true
[protocol "file"]
  allow = always
[gc]
  auto = 0
"""


class Repository:
    """`hub.git`, which people push to, and `fay`, a clone of it that is ahead."""

    def __init__(self, source, folder):
        self.source = source
        self.folder = folder
        self.hub = folder / "hub.git"
        self.clone = folder / "fay"
        (folder / "gitconfig").write_text(GIT_SETTINGS)
        self.environment = {**{name: value for name, value in os.environ.items()
                               if not name.startswith("GIT_")},
                            "GIT_CONFIG_GLOBAL": str(folder / "gitconfig"),
                            "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"}
        self.own_history = False
        self.ends = []  # the commit that each push ends with

    def git(self, *words, folder=None):
        done = subprocess.run(["git", *map(str, words)], cwd=folder or self.clone,
                              env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Failure(f"`git {' '.join(map(str, words))}` failed: {done.stderr.strip()}")
        return done.stdout

    def make(self):
        self.git("init", "-q", self.clone, folder=self.folder)
        commits = self._copy_history()
        if len(commits) < FEWEST + 1:
            self.own_history = True
            commits = self._make_history()
        commits = commits[-(WANTED + 1):]
        first, rest = commits[0], commits[1:]
        total = sum(ROUNDS)
        bounds = [round(len(rest) * sum(ROUNDS[:i + 1]) / total) for i in range(len(ROUNDS))]
        self.ends = [rest[bound - 1] for bound in bounds]
        self.git("init", "-q", "--bare", self.hub, folder=self.folder)
        self.git("remote", "add", "origin", self.hub)
        self.git("push", "-q", "origin", f"{first}:refs/heads/main")
        self.first = first

    def _copy_history(self):
        """The checkout's commits along its main line, the oldest first; none when it has none."""
        try:
            self.git("fetch", "-q", "--no-tags", "--update-shallow", self.source,
                     "HEAD:refs/history")
        except Failure:
            return []
        return self.git("rev-list", "--first-parent", "--reverse", "refs/history").split()

    def _make_history(self):
        """A commit for each folder of the sources, in a new repository."""
        folders = sorted({path.parent.relative_to(self.source) for top in ("src", "doc")
                          for path in (self.source / top).rglob("*") if path.is_file()})
        for folder in folders[:WANTED + 1]:
            self._commit_folder(folder)
        return self.git("rev-list", "--reverse", "HEAD").split()

    def _commit_folder(self, folder):
        target = self.clone / folder
        target.mkdir(parents=True, exist_ok=True)
        for path in sorted((self.source / folder).iterdir()):
            if path.is_file():
                (target / path.name).write_bytes(path.read_bytes())
        self.git("add", "--all")
        self.git("commit", "-q", "-m", f"{folder}: add its files")

    def install_hook(self, text):
        hook = self.hub / "hooks" / "post-receive"
        hook.write_text(text)
        hook.chmod(0o755)

    def push(self, round_number):
        """Pushes the next commits; gives what git said to the one who pushed."""
        done = subprocess.run(["git", "push", "-q", "origin",
                               f"{self.ends[round_number]}:refs/heads/main"],
                              cwd=self.clone, env=self.environment, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode != 0:
            raise Failure(f"git push failed: {done.stdout.strip()}")
        return done.stdout

    def begin_of(self, round_number):
        return self.ends[round_number - 1] if round_number > 0 else self.first

    def commits_of(self, round_number):
        span = f"{self.begin_of(round_number)}..{self.ends[round_number]}"
        return self.git("log", "--format=%h %s", span).splitlines()

    def folder_to_watch(self, rounds, not_in):
        """A folder with files that changed in the rounds and, if there is one, not in `not_in`."""
        def folders_of(number):
            names = self.git("diff", "--name-only", self.begin_of(number), self.ends[number])
            return Counter("/".join(Path(name).parts[:2]) for name in names.splitlines()
                           if len(Path(name).parts) > 2)

        changed = sum((folders_of(number) for number in rounds), Counter())
        later = folders_of(not_in)
        best = sorted(changed, key=lambda name: (name in later, not name.startswith("src/"),
                                                 -changed[name], name))
        return best[0] if best else "src"
