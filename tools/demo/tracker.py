"""The tracker, an application in PHP with a database of its own: an issue changes forty times, and
everybody who watches it gets one mail."""

import os
import subprocess
from pathlib import Path

import mails
import telling
from cast import ADA
from stage import Failure, until

SCRIPT = Path(__file__).resolve().parents[2] / "examples" / "tracker.php"
PROJECT = "project/tracker"
CHANGES = 40

# What the team does in the tracker within ten minutes: back and forth, and a few words.
WORDS = ("Does it fail for everybody?", "It is the proxy, I think.",
         "Found it: the limit was in the proxy.")


def address_of(user):
    return f"{user}@{ADA.domain}"


def requests():
    """Forty lines: the priority goes up and down, the state ends where it should."""
    lines = []
    for number in range(CHANGES - len(WORDS) - 1):
        field, values = (("priority", ("high", "normal")) if number < 30
                         else ("state", ("working", "waiting")))
        lines.append(f"lena set 1 {field} {values[number % 2]}")
    lines[10:10] = [f'lena comment 1 "{WORDS[0]}"']
    lines[20:20] = [f'lena comment 1 "{WORDS[1]}"']
    return [*lines, f'lena comment 1 "{WORDS[2]}"', "lena set 1 state fixed"]


def use(stage, *words, lines=None):
    """What somebody does in the tracker: a request by words, or several by lines."""
    done = subprocess.run(["php", SCRIPT, *words], cwd=stage.tracker, text=True, check=False,
                          input=None if lines is None else "".join(f"{line}\n" for line in lines),
                          env={**os.environ, "TRACKER_DOMAIN": ADA.domain},
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0 or "tracker:" in done.stdout:
        raise Failure(f"the tracker failed: {done.stdout.strip()}")


def mail_of(stage, user):
    found = [mail for mail in mails.arrived(stage.inboxes) if mail.recipient == address_of(user)]
    return found[0] if found else None


def play(stage, run):
    telling.section("10. A tracker: forty changes, one mail")
    telling.say("""examples/tracker.php is an issue tracker with a database of its own, which
        postroom.yaml names as an inbox. Each request is one transaction: the change, and a row
        that says so. Lena opens an issue; Brian watches the project, Fred the issue, and Ana mutes
        it:""")
    use(stage, "lena", "new", "Upload fails for large files")
    until(lambda: stage.ask("topic", "show", PROJECT)[0] == 0, "the issue is known to postroom")
    stage.need("person", "add", "brian", "--name", "Brian", "--address", address_of("brian"))
    for words in (["fred", "watch", "1"], ["ana", "mute", "1"]):
        telling.command(["php", "tracker.php", *words])
        use(stage, *words)
    run(stage, "watch", "brian", PROJECT)
    until(lambda: len(stage.facts("watchers", "issue/1")["watchers"]) >= 3,
          "the buttons' watches are known to postroom")
    change(stage)
    look(stage, run)


def change(stage):
    lines = requests()
    telling.say(f"Then the issue changes {len(lines)} times. Some of the requests:")
    telling.exhibit("\n".join([*lines[8:12], "...", *lines[-3:]]))
    telling.say("""The daemon stands still meanwhile (SIGSTOP). The tracker does not notice: its
        requests ask for nothing but their own database. Then the daemon takes all of it in.""")
    with stage.daemon_standing_still():
        use(stage, lines=lines)
    for user in ("brian", "fred"):
        until(lambda user=user: mail_of(stage, user), f"{user} gets a mail",
              stage.logs / "serve.log")


def look(stage, run):
    telling.say("""Brian and Fred got one mail each, with what was said and what is different now:
        the priority is what it was. Brian's:""")
    telling.output("\n" + mail_of(stage, "brian").text(), prefix="  | ")
    rows = []
    for user in ("brian", "fred", "ana"):
        mail = mail_of(stage, user)
        rows.append((user.title(), *(("one mail", mail.message["Subject"]) if mail
                                     else ("nothing", ""))))
    telling.table(rows)
    last = mail_of(stage, "fred").message["X-Postroom-Event"].split()[-1]
    telling.say("And why?")
    for user in ("brian", "fred", "ana"):
        run(stage, "why", user, last)
