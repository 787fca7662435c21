"""What the demo does and says, section by section."""

import contextlib
import json
import sqlite3

import mails
import telling
import tracker
from cast import ADA, BEN, CHEN, DORA, EMIL, EXCHANGERS, FAY, GWEN, HOME, PEOPLE
from stage import Failure, until

PROJECT = "project/postroom"

HOOK = """\
#!/bin/sh
exec {program} \\
    --config {mail}/postroom.yaml \\
    git-hook --topic {project} --by fay
"""


def run(stage, *words, only=()):
    """Shows a command of postroom and what it says, or the lines of it that begin with a word."""
    said = stage.need(*words)
    if only:
        said = "\n".join(line for line in said.splitlines() if line.split(" ")[0] in only)
    telling.command(["postroom", *words], filtered=f"grep -E '^({'|'.join(only)}) '" if only else "")
    telling.output(said)


def delivery_of(stage, person, state=None):
    """The newest delivery of a person, when it is in that state."""
    found = stage.facts("deliveries", "--to", person.address, "--limit", "1")["deliveries"]
    if not found or state not in (None, found[0]["state"]):
        return None
    return found[0]


def wait_for(stage, person, state):
    return until(lambda: delivery_of(stage, person, state), f"the mail to {person.name} is {state}",
                 stage.logs / "serve.log")


def tell(stage, repository):
    introduce()
    set_the_stage(stage)
    present_the_people(stage, repository)
    push_twice(stage, repository)
    look_at_what_waits(stage)
    push_again(stage, repository)
    insert_rows(stage)
    show_what_came(stage)
    show_the_ledger(stage)
    ask_why(stage)
    tracker.play(stage, run)


def introduce():
    print("postroom: a push to a git repository, and who hears of it", flush=True)
    telling.say("""All of it runs on this machine, on loopback addresses: a real DNS server (nsd)
        with zones written for the occasion, mail exchangers (postroom sink) with different moods,
        the daemon (postroom serve), and a git repository with a post-receive hook.""")
    telling.say("""Where real installations wait minutes and hours, the demo's configuration waits
        seconds: a window of 3 seconds in which events gather into one mail, and 10 seconds before
        a greylisted mail is tried again. Everything takes about half a minute.""")


def set_the_stage(stage):
    telling.section("1. The stage")
    records = stage.prepare()
    zones = stage.start_nameserver(records)
    stage.start_exchangers()
    stage.start_daemon()
    telling.say(f"""The DNS server answers on 127.0.0.1 port {stage.dns_port}; the exchangers
        listen on port {stage.smtp_port} (port 25 is left alone):""")
    telling.table([(exchanger.host, exchanger.address, exchanger.nature)
                   for exchanger in EXCHANGERS])
    telling.say("The zone of one of their domains:")
    telling.exhibit((zones / "twin.example").read_text())
    telling.say(f"""{HOME} is the organisation that runs postroom. Its zone holds the SPF, DKIM and
        DMARC records that `postroom init` asked for, so the mails' signatures can be checked.""")


def present_the_people(stage, repository):
    repository.make()
    folder = repository.folder_to_watch((0, 1), not_in=2)
    watched = f"{PROJECT}/{folder}"
    for words in (["topic", "add", PROJECT, "--title", "Postroom",
                   "--url", f"https://code.{HOME}/postroom"],
                  ["topic", "add", watched, "--kind", "folder", "--title", folder,
                   "--parent", PROJECT],
                  ["topic", "add", "issue/7", "--title", "The tests take too long",
                   "--parent", PROJECT],
                  *(["person", "add", person.key, "--address", person.address,
                     "--name", person.name] for person in PEOPLE)):
        stage.need(*words)
    telling.section("2. The people")
    telling.table([
        ("Ada", ADA.address, "watches the project"),
        ("Ben", BEN.address, f"watches one folder of it, {folder}"),
        ("Chen", CHEN.address, "watches the project"),
        ("Dora", DORA.address, "watches the project, but her mailbox is gone"),
        ("Emil", EMIL.address, "muted the project"),
        ("Fay", FAY.address, "watches the project, and will push to it"),
    ])
    for person, topic, mode in ((ADA, PROJECT, []), (BEN, watched, []),
                                (EMIL, PROJECT, ["--mode", "mute"]), (CHEN, PROJECT, []),
                                (DORA, PROJECT, []), (FAY, PROJECT, [])):
        words = ["watch", person.key, topic, *mode]
        stage.need(*words)
        if person in (ADA, BEN, EMIL):
            telling.command(["postroom", *words])


def show_push(repository, number):
    commits = repository.commits_of(number)
    telling.command(["git", "push"])
    telling.output(repository.push(number))
    telling.output("\n".join(commits[:3]))
    if len(commits) > 3:
        telling.output(f"... and {len(commits) - 3} more")


def push_twice(stage, repository):
    telling.section("3. Two pushes")
    hook = HOOK.format(program=stage.program, mail=stage.mail, project=PROJECT)
    repository.install_hook(hook)
    if repository.own_history:
        telling.say("""This checkout has little history (an archive or a shallow clone), so the
            repository has commits that the demo made of its files. Its post-receive hook:""")
    else:
        telling.say("The repository holds this project's own history. Its post-receive hook:")
    telling.exhibit(hook)
    telling.say("Fay pushes, and soon pushes again:")
    show_push(repository, 0)
    show_push(repository, 1)
    telling.say("""Each push is one event. Both fall into one window, so everybody concerned gets
        one mail about the two.""")


def look_at_what_waits(stage):
    telling.section("4. What becomes of the mails")
    waiting = wait_for(stage, BEN, "deferred")
    wait_for(stage, ADA, "delivered")
    wait_for(stage, CHEN, "delivered")
    wait_for(stage, DORA, "failed")
    run(stage, "deliveries")
    telling.say("Ben's exchanger greylists. While his mail waits, postroom can explain it:")
    run(stage, "explain", str(waiting["delivery"]))
    telling.say("Chen's first exchanger is down. The second one has the mail:")
    run(stage, "trace", str(delivery_of(stage, CHEN)["delivery"]),
        only=("host", "ip", "code", "text", "outcome"))
    telling.say("Ben's mail is due again, and is taken at the second try:")
    wait_for(stage, BEN, "delivered")
    run(stage, "trace", str(waiting["delivery"]))


def push_again(stage, repository):
    telling.section("5. A third push")
    before = delivery_of(stage, ADA)["delivery"]
    show_push(repository, 2)
    for person in (ADA, CHEN):
        until(lambda person=person: (newest := delivery_of(stage, person, "delivered"))
              and newest["delivery"] > before, f"{person.name} gets a second mail",
              stage.logs / "serve.log")
    telling.say("""Ada's and Chen's second mail tells only what is new since the first, and stands
        in the same thread. Nothing is sent to Dora: her exchanger's words have suppressed the
        address.""")
    run(stage, "suppress", "list")


ROWS = (
    {"topic": "issue/7", "kind": "changed", "actor": "chen",
     "changes": [{"field": "Priority", "old": "low", "new": "high"}]},
    {"topic": "issue/7", "kind": "changed", "actor": "chen",
     "changes": [{"field": "Owner", "new": "Gwen"}],
     "people": [{"key": "gwen", "address": GWEN.address, "name": "Gwen"}],
     "to": [{"person": "gwen", "reason": "assigned"}]},
    {"topic": "issue/7", "kind": "changed", "actor": "chen",
     "changes": [{"field": "Priority", "old": "high", "new": "low"}]},
)


def mails_of(stage, person):
    return [mail for mail in mails.arrived(stage.inboxes) if mail.recipient == person.address]


def insert_rows(stage):
    telling.section("6. From an application: one row")
    telling.say("""An issue tracker shares the file inbox.db with postroom. Whatever happens, it
        inserts a row in its own transaction and is done. Chen raises the priority of an issue,
        gives it to Gwen, whom postroom has not met before, and takes the priority back:""")
    print()
    with contextlib.closing(sqlite3.connect(stage.mail / "inbox.db", timeout=10)) as inbox:
        for row in ROWS:
            payload = json.dumps(row)
            inbox.execute("INSERT INTO inbox (payload) VALUES (?)", [payload])
            print(telling.fill(f"INSERT INTO inbox (payload) VALUES ('{payload}');",
                               initial_indent="    ", subsequent_indent="      "))
        inbox.commit()
    until(lambda: mails_of(stage, GWEN), "Gwen gets a mail", stage.logs / "serve.log")
    got = until(lambda: [mail for mail in mails_of(stage, ADA)
                         if "Issue 7" in mail.message["Subject"]],
                "Ada gets a mail about the issue", stage.logs / "serve.log")
    telling.say("""Three events, one mail to all who watch the project, which holds the issue. It
        is silent about the priority, which is what it was. Ada's:""")
    show_mail(got[0])
    telling.say(f"Gwen's has another last line: {mails_of(stage, GWEN)[0].text().splitlines()[-1]}")


HEADERS = ("From", "To", "Subject", "Date", "References", "List-Id", "X-Postroom-Reason",
           "X-Postroom-Event")


def show_mail(mail):
    telling.exhibit("\n".join(f"{name}: {mail.message[name]}" for name in HEADERS
                              if mail.message[name]), prefix="  | ")
    telling.output("\n" + mail.text(), prefix="  | ")


def show_what_came(stage):
    telling.section("7. What each person got")
    rows = []
    for person in (*PEOPLE, GWEN):
        theirs = mails_of(stage, person)
        rows += [(person.name, f"events {mail.message['X-Postroom-Event']}",
                  "over TLS" if mail.is_encrypted else "in clear", mail.message["Subject"])
                 for mail in theirs] or [(person.name, "nothing", "", "")]
    telling.table(rows)
    telling.say("Ada's first mail, as a mail program without HTML shows it:")
    show_mail(mails_of(stage, ADA)[0])


def show_the_ledger(stage):
    telling.section("8. The ledger")
    run(stage, "queue")
    run(stage, "deliveries")
    telling.say("What Dora's exchanger said, in its own words:")
    run(stage, "trace", str(delivery_of(stage, DORA)["delivery"]))


def ask_why(stage):
    telling.section("9. Why did they get nothing?")
    for person, event, outcome in ((EMIL, "1", "muted"), (FAY, "1", "actor"), (DORA, "3", None)):
        run(stage, "why", person.key, event)
        found = stage.facts("why", person.key, event)["outcome"]
        if outcome not in (None, found):
            raise Failure(f"that should have been `{outcome}`, not `{found}`")


def end(stage, count, seconds, keeps):
    telling.section("11. The end")
    telling.say(f"""{count} mails arrived within {seconds:.0f} seconds. They are in
        {stage.folder}/mails as .eml files, which every mail program opens.""")
    if not keeps:
        telling.say("""Everything was stopped and removed but the mails and the logs. To have it
            left running, to play with: script/demo --keep""")
        return
    telling.say("Everything goes on running. Things to try:")
    telling.exhibit(f"""cd {stage.mail}
alias postroom={stage.program}
postroom event issue/7 commented --by ada --text 'Let us measure first.'
postroom deliveries
postroom why fay 7
ls {stage.inboxes}/*""")
    telling.say("Stop it with: script/demo --stop")
