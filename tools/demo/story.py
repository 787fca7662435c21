"""What the demo does and says, section by section."""

import contextlib
import json
import sqlite3

import mails
import telling
from cast import ADA, BEN, CHEN, DORA, EMIL, EXCHANGERS, FAY, HOME, PEOPLE
from stage import Failure, until

PROJECT = "project/postroom"

HOOK = """\
#!/bin/sh
exec {program} --config {mail}/postroom.yaml git-hook --topic {project} --by fay
"""


def run(stage, *words):
    """Shows a command of postroom and what it says."""
    telling.command(["postroom", *words])
    telling.output(stage.need(*words))


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
    insert_a_row(stage)
    show_what_came(stage)
    show_the_ledger(stage)
    ask_why(stage)


def introduce():
    print("postroom: a push to a git repository, and who hears of it\n")
    telling.say("""All of it runs on this machine, on loopback addresses: a real DNS server (nsd)
        with zones written for the occasion, mail exchangers (postroom sink) with different moods,
        the daemon (postroom serve), and a git repository with a post-receive hook.""")
    telling.gap()
    telling.say("""Where real installations wait minutes and hours, the demo's configuration waits
        seconds: a window of 3 seconds in which events gather into one mail, 8 seconds before a
        greylisted mail is tried again.""")


def set_the_stage(stage):
    telling.section(1, "The stage")
    records = stage.prepare()
    zones = stage.start_nameserver(records)
    stage.start_exchangers()
    stage.start_daemon()
    telling.say(f"""The DNS server answers on 127.0.0.1 port {stage.dns_port}; the exchangers
        listen on port {stage.smtp_port} (port 25 is left alone):""")
    telling.gap()
    telling.table([(exchanger.host, exchanger.address, exchanger.nature)
                   for exchanger in EXCHANGERS])
    telling.gap()
    telling.say("The zone of one of their domains:")
    telling.gap()
    telling.output((zones / "twin.example").read_text())
    telling.gap()
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
    telling.section(2, "The people")
    telling.table([
        ("Ada", ADA.address, "watches the project"),
        ("Ben", BEN.address, f"watches one folder of it: {folder}"),
        ("Chen", CHEN.address, "watches the project"),
        ("Dora", DORA.address, "watches the project, but has left quarry.example"),
        ("Emil", EMIL.address, "muted the project"),
        ("Fay", FAY.address, "watches the project, and will push to it"),
    ])
    for person, topic, mode in ((ADA, PROJECT, []), (BEN, watched, []), (CHEN, PROJECT, []),
                                (DORA, PROJECT, []), (EMIL, PROJECT, ["--mode", "mute"]),
                                (FAY, PROJECT, [])):
        words = ["watch", person.key, topic, *mode]
        stage.need(*words)
        if person in (ADA, BEN, EMIL):
            telling.command(["postroom", *words])


def show_push(stage, repository, number):
    commits = repository.commits_of(number)
    telling.command(["git", "push"])
    said = repository.push(number)
    telling.output(said)
    telling.output("\n".join(commits[:4]))
    if len(commits) > 4:
        telling.output(f"... and {len(commits) - 4} more commits")


def push_twice(stage, repository):
    telling.section(3, "Two pushes")
    hook = HOOK.format(program=stage.program, mail=stage.mail, project=PROJECT)
    repository.install_hook(hook)
    if repository.own_history:
        telling.say("""This checkout has little or no history of its own (a shallow clone or an
            archive), so the repository has commits that the demo made of its files.""")
    else:
        telling.say("The repository holds this project's own history. Its post-receive hook:")
    telling.gap()
    telling.output(hook)
    telling.gap()
    telling.say("Fay pushes, and soon again. Each push is one event, told in its own transaction.")
    show_push(stage, repository, 0)
    show_push(stage, repository, 1)
    telling.gap()
    telling.say("""Both fall into one window: everybody concerned gets one mail about the two.""")


def look_at_what_waits(stage):
    telling.section(4, "What came of it")
    wait_for(stage, ADA, "delivered")
    wait_for(stage, CHEN, "delivered")
    wait_for(stage, DORA, "failed")
    waiting = wait_for(stage, BEN, "deferred")
    run(stage, "deliveries")
    telling.gap()
    telling.say("Ben's exchanger greylists. While his mail waits, postroom can explain it:")
    run(stage, "explain", str(waiting["delivery"]))
    telling.gap()
    telling.say("Chen's first exchanger is down; the second one took the mail:")
    run(stage, "trace", str(delivery_of(stage, CHEN)["delivery"]))
    wait_for(stage, BEN, "delivered")
    telling.gap()
    telling.say("Ben's mail has got through meanwhile, at the second try.")


def push_again(stage, repository):
    telling.section(5, "A third push")
    before = delivery_of(stage, ADA)["delivery"]
    show_push(stage, repository, 2)
    until(lambda: (newest := delivery_of(stage, ADA, "delivered"))
          and newest["delivery"] != before, "Ada gets a second mail", stage.logs / "serve.log")
    telling.gap()
    telling.say("""Ada's second mail tells only what is new since the first, and stands in the same
        thread.""")


ROWS = (
    {"topic": "issue/7", "kind": "changed", "actor": "chen",
     "changes": [{"field": "Priority", "old": "low", "new": "high"}]},
    {"topic": "issue/7", "kind": "changed", "actor": "chen",
     "changes": [{"field": "Owner", "new": "Gwen"}],
     "people": [{"key": "gwen", "address": "gwen@harbor.example", "name": "Gwen"}],
     "to": [{"person": "gwen", "reason": "assigned"}]},
    {"topic": "issue/7", "kind": "changed", "actor": "chen",
     "changes": [{"field": "Priority", "old": "high", "new": "low"}]},
)


def insert_a_row(stage):
    telling.section(6, "From an application: one row")
    telling.say("""An issue tracker shares the file inbox.db with postroom. Whatever happens, it
        inserts a row in its own transaction and is done. Chen raises the priority of an issue,
        gives it to Gwen, whom postroom has not met before, and takes the priority back:""")
    telling.gap()
    with contextlib.closing(sqlite3.connect(stage.mail / "inbox.db", timeout=10)) as inbox:
        for row in ROWS:
            payload = json.dumps(row)
            inbox.execute("INSERT INTO inbox (payload) VALUES (?)", [payload])
            telling.output(f"INSERT INTO inbox (payload) VALUES ('{payload}');")
        inbox.commit()
    gwen = "gwen@harbor.example"
    got = until(lambda: [mail for mail in mails.arrived(stage.inboxes) if mail.recipient == gwen],
                "Gwen gets a mail", stage.logs / "serve.log")
    telling.gap()
    telling.say("Gwen's mail is silent about the priority, which is what it was:")
    telling.gap()
    telling.output(got[0].text(), prefix="  | ")


HEADERS = ("From", "To", "Reply-To", "Subject", "Date", "Message-ID", "References", "List-Id",
           "X-Postroom-Reason")


def show_what_came(stage):
    telling.section(7, "What each person got")
    found = mails.arrived(stage.inboxes)
    rows = []
    for name, address in [(p.name, p.address) for p in PEOPLE] + [("Gwen", "gwen@harbor.example")]:
        theirs = [mail for mail in found if mail.recipient == address]
        rows += [(name, mail.host, "TLS" if mail.is_encrypted else "-", mail.message["Subject"])
                 for mail in theirs] or [(name, "nothing", "", "")]
    telling.table(rows)
    mail = next(mail for mail in found if mail.recipient == ADA.address)
    telling.gap()
    telling.say("Ada's first mail, as a mail program without HTML shows it:")
    telling.gap()
    telling.output("\n".join(f"{name}: {mail.message[name]}" for name in HEADERS
                             if mail.message[name]), prefix="  | ")
    telling.output("\n" + mail.text(), prefix="  | ")


def show_the_ledger(stage):
    telling.section(8, "The ledger")
    run(stage, "queue")
    run(stage, "deliveries")
    telling.gap()
    telling.say("What Dora's exchanger said, in its own words:")
    run(stage, "trace", str(delivery_of(stage, DORA)["delivery"]))


def ask_why(stage):
    telling.section(9, "Why did they get nothing?")
    for person in (EMIL, FAY):
        if person.address in {mail.recipient for mail in mails.arrived(stage.inboxes)}:
            raise Failure(f"{person.name} got a mail about the push and should not have")
        run(stage, "why", person.key, "1")


def end(stage, count, seconds, keeps):
    telling.section(10, "The end")
    folder = stage.folder
    telling.say(f"{count} mails arrived within {seconds:.0f} seconds. They are in {folder}/mails "
                "as .eml files, which every mail program opens.")
    telling.gap()
    if not keeps:
        telling.say("""Everything was stopped and removed but the mails and the logs. To have it
            left running, to play with: script/demo --keep""")
        return
    telling.say("Everything goes on running. Things to try:")
    telling.gap()
    telling.output(f"""cd {stage.mail} && alias postroom={stage.program}
postroom event issue/7 commented --by ada --text 'Let us measure first.'
postroom deliveries
postroom unwatch ada {PROJECT}
ls {stage.inboxes}/*""")
    telling.gap()
    telling.say("Stop it with: script/demo --stop")
