#!/usr/bin/python3
"""The buttons of a mail and the pages behind them: what each one does, for browsers, for mail
providers (RFC 8058) and for scanners that follow every link; and what none of them gives away."""

import os
import re
import subprocess

import correspondent
import processes
import tap
from correspondent import address, buttons, plain

PROGRAM = os.environ["POSTROOM_BINARY"]
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
PRESS = {"do": "press"}


def corresponding(**settings):
    return correspondent.corresponding(PROGRAM, **settings)


def add_brian(here, *watches, name="brian", **fields):
    words = [word for field, value in fields.items() for word in (f"--{field}", value)]
    here.mail.need("person", "add", name, "--address", address(name), *words)
    here.mail.need("topic", "add", "issue/12", "--title", "It crashes", "--parent", "project/x")
    here.mail.need("topic", "set", "project/x", "--title", "Project X")
    for topic, *options in watches:
        here.mail.need("watch", name, topic, *options)


def watches(here, name="brian"):
    return {one["topic"]: one["mode"] for one in here.mail.need("watches", name)["watches"]}


def outcome(here, event, name="brian"):
    processes.until(lambda: here.mail.need("event", "show", str(event))["fan_out"] == "done",
                    "the event is fanned out")
    return here.mail.need("why", name, str(event))["outcome"]


def undo_of(page):
    found = re.search(r'name="undo" value="(\d+)"', page)
    assert found, page
    return {"do": "undo", "undo": found[1]}


@tap.case
def a_mail_has_its_buttons_in_both_parts_and_for_one_click():
    with corresponding() as here:
        add_brian(here, ["project/x"])
        here.tell(text="It does.")
        letter = here.letter_to("brian")
        links = buttons(letter)
        assert list(links) == ["Mute this thread", "Stop watching Project X",
                               "Project X once a day", "All settings"], links
        html = letter.get_body(("html",)).get_content()
        for link in links.values():
            assert link.startswith(here.url + "/") and f'href="{link}"' in html, link
        one_click = re.fullmatch(r"<(.+)>", letter["List-Unsubscribe"])[1]
        assert one_click.startswith(here.url + "/u/u.") and one_click not in links.values()
        assert letter["List-Unsubscribe-Post"] is None, "one click is for https alone"


@tap.case
def one_click_is_promised_for_https_and_signed():
    with corresponding(public_url="https://post.example.org/mail/",
                       dkim={"key_file": "dkim.pem"}) as here:
        add_brian(here, ["project/x"], language="de")
        here.tell(text="It does.")
        letter = here.letter_to("brian")
        assert letter["List-Unsubscribe"].startswith("<https://post.example.org/mail/u/u.")
        assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        signed = re.search(r"\bh=([^;]+);", str(letter["DKIM-Signature"]))[1]
        signed = re.sub(r"\s", "", signed).lower().split(":")
        assert {"list-unsubscribe", "list-unsubscribe-post", "reply-to"} <= set(signed), signed
        assert "Das Thema stumm schalten" in buttons(letter), buttons(letter)


@tap.case
def without_a_public_url_there_are_none():
    with corresponding(public_url=None) as here:
        add_brian(here, ["project/x"])
        here.tell(text="It does.")
        letter = here.letter_to("brian")
        assert letter["List-Unsubscribe"] is None and buttons(letter) == {}
        assert plain(letter).endswith("you watch Project X.\n")


@tap.case
def a_thread_is_muted_and_unmuted():
    with corresponding() as here:
        add_brian(here, ["project/x", "--mode", "now"])
        here.tell(text="One.")
        mute = buttons(here.letter_to("brian"))["Mute this thread"]
        asked = here.need("GET", mute)
        assert "Mute “It crashes”?" in asked and address("brian") in asked
        assert watches(here) == {"project/x": "now"}, "a look changes nothing"
        done = here.need("POST", mute, PRESS)
        assert "“It crashes” is muted." in done
        assert watches(here) == {"project/x": "now", "issue/12": "mute"}
        assert outcome(here, here.tell(text="Two.")) == "muted"
        assert "muted" in here.need("POST", mute, PRESS), "once more is the same"
        undone = here.need("POST", mute, undo_of(here.need("GET", mute)))
        assert "Undone" in undone and "Mute “It crashes”?" in undone
        assert watches(here) == {"project/x": "now"}
        here.need("POST", mute, undo_of(done))
        assert watches(here) == {"project/x": "now"}, "an undo is for what it was shown with"
        here.tell(text="Three.")
        assert "Three." in plain(here.letter_to("brian", 2))


@tap.case
def what_stood_before_is_what_undo_brings_back():
    with corresponding() as here:
        here.mail.need("kind", "add", "commented")
        add_brian(here, ["issue/12", "--kinds", "commented", "--delay", "5m"], ["project/x"])
        here.mail.need("watch", "brian", "issue/12", "--kinds", "commented", "--delay", "0s")
        here.tell(text="One.")
        links = buttons(here.letter_to("brian"))
        assert "Stop watching Issue 12" not in links, links
        daily = links["Issue 12 once a day"]
        done = here.need("POST", daily, PRESS)
        assert "“It crashes” comes in your daily digest." in done and watches(here)["issue/12"] == "daily"
        here.need("POST", daily, undo_of(done))
        row = [one for one in here.mail.need("watches", "brian")["watches"]
               if one["topic"] == "issue/12"][0]
        assert (row["mode"], row["kinds"]) == ("now", ["commented"]), row


@tap.case
def a_mute_does_not_run_out_with_the_watch_it_ends():
    with corresponding() as here:
        add_brian(here, ["issue/12", "--until", "2d"])
        here.tell(text="One.")
        mute = next(url for name, url in buttons(here.letter_to("brian")).items()
                    if name.startswith("Mute"))
        here.need("POST", mute, PRESS)
        row = here.mail.need("watches", "brian")["watches"][0]
        assert row["mode"] == "mute" and row.get("until") is None, row


@tap.case
def the_links_of_who_was_merged_lead_to_who_they_are():
    with corresponding() as here:
        add_brian(here, ["issue/12"])
        here.tell(text="One.")
        mute = next(url for name, url in buttons(here.letter_to("brian")).items()
                    if name.startswith("Mute"))
        here.mail.need("person", "add", "bri", "--address", "bri@example.net")
        here.mail.need("person", "merge", "brian", "bri", "--yes")
        here.need("POST", mute, PRESS)
        assert watches(here, "bri")["issue/12"] == "mute"


@tap.case
def neither_mail_nor_page_tells_what_a_secret_topic_is_called():
    with corresponding() as here:
        add_brian(here, ["issue/12"])
        here.mail.need("topic", "set", "project/x", "--body", "none")
        here.tell(text="One.")
        letter = here.letter_to("brian")
        links = buttons(letter)
        mute = next(url for name, url in links.items() if name.startswith("Mute"))
        pages = [here.need("GET", mute), here.need("POST", mute, PRESS)]
        assert all("issue/12" in page for page in pages), pages
        assert not any("It crashes" in page for page in pages), pages
        assert "It crashes" not in str(letter) and "It crashes" not in str(links), links


@tap.case
def a_watch_ends_and_so_does_one_through_a_list():
    with corresponding() as here:
        add_brian(here, ["project/x"])
        here.tell(text="One.")
        stop = buttons(here.letter_to("brian"))["Stop watching Project X"]
        done = here.need("POST", stop, PRESS)
        assert "You do not watch “Project X” any more." in done and watches(here) == {}
        here.need("POST", stop, undo_of(done))
        assert watches(here) == {"project/x": "now"}
        here.mail.need("unwatch", "brian", "project/x")
        here.mail.need("list", "new", "team")
        here.mail.need("list", "add", "team", "brian", "--basis", "contract")
        here.mail.need("watch", "list:team", "project/x")
        assert "Stop watching “Project X”?" in here.need("GET", stop)
        here.need("POST", stop, PRESS)
        assert watches(here) == {"project/x": "mute"}, "a mute of their own stands before the list"


@tap.cases([
    ("urlencoded", "application/x-www-form-urlencoded", "List-Unsubscribe=One-Click"),
    ("multipart", "multipart/form-data; boundary=xy",
     "--xy\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--xy--\r\n"),
])
def a_provider_unsubscribes_with_one_click(kind, body):
    with corresponding() as here:
        add_brian(here, ["project/x"])
        here.tell(text="One.")
        url = here.letter_to("brian")["List-Unsubscribe"].strip("<>")
        status, fields, _ = here.ask("POST", url, body, Content_Type=kind)
        assert status == 200 and "Location" not in fields and "Set-Cookie" not in fields, fields
        assert watches(here) == {"project/x": "mute"}
        assert outcome(here, here.tell(text="Two.")) == "muted"


@tap.case
def who_is_addressed_can_be_left_in_peace_too():
    with corresponding() as here:
        add_brian(here)
        here.tell(text="One.", to="brian:assigned")
        letter = here.letter_to("brian")
        url = letter["List-Unsubscribe"].strip("<>")
        assert buttons(letter)["Mute this thread"] == url
        assert "even when somebody addresses you" in here.need("GET", url)
        done = here.need("POST", url, ONE_CLICK)
        assert "You get no more mail about “It crashes”." in done
        assert outcome(here, here.tell(text="Two.", to="brian:assigned")) == "unsubscribed"
        assert outcome(here, here.tell("issue/13", text="Two.", to="brian:assigned")) == "told"
        here.need("POST", url, undo_of(done))
        assert outcome(here, here.tell(text="Three.", to="brian:assigned")) == "told"


@tap.case
def a_digest_turns_all_off_but_not_what_they_ask_for():
    with corresponding(watching={"window": "2s", "roundup": 1}) as here:
        add_brian(here, ["project/x"])
        here.mail.need("topic", "add", "issue/13", "--parent", "project/x")
        here.mail.insert(*({"topic": f"issue/{n}", "kind": "commented", "text": "One."}
                           for n in (12, 13)))
        letter = here.letter_to("brian")
        url = letter["List-Unsubscribe"].strip("<>")
        assert list(buttons(letter)) == ["Turn all notifications off", "All settings"], letter
        assert "All notifications are off." in here.need("POST", url, ONE_CLICK)
        assert outcome(here, here.tell(text="Two.", to="brian:assigned")) == "unsubscribed"
        subprocess.run([PROGRAM, "sendmail", "-f", "app@example.org", address("brian")],
                       cwd=here.mail.folder, check=True,
                       input=f"To: {address('brian')}\nSubject: Your password\n\nHere.\n".encode())
        assert "Your password" in here.letter_to("brian", 2)["Subject"]


@tap.case
def scanners_change_nothing():
    with corresponding() as here:
        add_brian(here, ["project/x"])
        here.tell(text="One.")
        letter = here.letter_to("brian")
        before = here.mail.need("audit")["audit"]
        for url in [letter["List-Unsubscribe"].strip("<>"), *buttons(letter).values()]:
            assert here.ask("GET", url)[0] == 200
            assert here.ask("HEAD", url)[:3:2] == (200, "")
            assert here.ask("OPTIONS", url)[0] == 204
            for method in ("PUT", "DELETE", "PATCH"):
                assert here.ask(method, url)[0] == 405
            assert here.ask("POST", url, {})[0] == 400
            assert here.ask("POST", url, "{}", Content_Type="application/json")[0] == 400
        assert watches(here) == {"project/x": "now"} and here.mail.need("audit")["audit"] == before


@tap.case
def no_page_is_kept_framed_or_found():
    with corresponding() as here:
        add_brian(here, ["project/x"])
        here.tell(text="One.")
        for url in buttons(here.letter_to("brian")).values():
            _, fields, text = here.ask("GET", url, Accept_Language="de")
            policy = fields["Content-Security-Policy"]
            assert policy.startswith("default-src 'none'; style-src 'sha256-"), policy
            assert "form-action 'self'" in policy and "frame-ancestors 'none'" in policy
            assert fields["Cache-Control"] == "no-store" and fields["X-Robots-Tag"] == "noindex"
            assert fields["Referrer-Policy"] == "no-referrer"
            assert fields["X-Content-Type-Options"] == "nosniff"
            assert fields["Content-Type"] == "text/html; charset=utf-8"
            assert fields["Content-Language"] == "de" and '<html lang="de">' in text
            assert "http" not in re.sub(r'<p class="topic"><a href="[^"]*"', "", text), text


@tap.case
def a_bad_link_says_nothing_else():
    with corresponding() as here:
        add_brian(here, ["project/x"])
        here.tell(text="One.")
        links = buttons(here.letter_to("brian"))
        mute, settings = links["Mute this thread"], links["All settings"]
        last = "a" if mute[-1] != "a" else "b"
        pages = {here.ask(method, url, body)[::2] for method, body in (("GET", None), ("POST", PRESS))
                 for url in (mute[:-1], mute[:-1] + last, mute + "aaaa", here.url + "/u/x",
                             here.url + "/u/" + "a" * 4000, settings.replace("/p/", "/u/"),
                             mute.replace("/u/u.", "/u/p."), here.url + "/u/%00")
                 if "%00" not in url}
        assert len(pages) == 1 and {status for status, _ in pages} == {404}, pages
        here.mail.need("person", "erase", "brian")
        assert (404, pages.copy().pop()[1]) == here.ask("GET", mute)[::2]
        assert here.ask("POST", mute, ONE_CLICK)[0] == 404


@tap.case
def it_is_on_record_who_pressed_and_why_knows():
    with corresponding() as here:
        add_brian(here, ["project/x"])
        here.tell(text="One.")
        here.need("POST", buttons(here.letter_to("brian"))["Mute this thread"], PRESS)
        row = here.mail.need("audit")["audit"][0]
        assert (row["by"], row["request"]) == ("page of brian", "watch"), row
        assert row["args"]["topic"] == "issue/12" and row["args"]["mode"] == "mute", row
        event = here.tell(text="Two.")
        assert outcome(here, event) == "muted"
        said = " ".join(here.mail.need("why", "brian", str(event))["sentences"])
        assert "by a page of a mail" in said, said


@tap.case
def who_may_not_see_it_any_more_is_not_shown_its_title():
    with corresponding() as here:
        add_brian(here, ["project/x"])
        here.tell(text="One.")
        mute = buttons(here.letter_to("brian"))["Mute this thread"]
        here.mail.need("topic", "set", "issue/12", "--title", "Secret plans", "--label", "board")
        text = here.need("GET", mute)
        assert "Secret" not in text and "something you may not see any more" in text
        assert "is muted" in here.need("POST", mute, PRESS)


@tap.case
def a_question_is_answered_from_the_mail_once():
    with corresponding() as here:
        add_brian(here, ["project/x"])
        here.mail.need("person", "add", "cleo", "--address", address("cleo"), "--name", "Cleo")
        event = here.mail.need("event", "issue/12", "submitted", "--title", "Release 7",
                               "--text", "May it go?", "--to", "brian", "--to", "cleo",
                               "--ask", "approve", "--ask", "reject")["event"]
        letter = here.letter_to("brian")
        links = dict(re.findall(r"^ +(approve|reject): (\S+/a/a\.\S+)$", plain(letter), re.M))
        assert set(links) == {"approve", "reject"}, plain(letter)
        html = letter.get_body(("html",)).get_content()
        assert all(f'href="{link}"' in html for link in links.values()), html
        page = here.need("GET", links["reject"])
        assert "Release 7" in page and "May it go?" in page, page
        assert re.search(r'value="reject" class="main"', page), page
        assert here.mail.need("approvals", "brian")["approvals"], "looking answers nothing"
        assert here.ask("POST", links["reject"], {"answer": "maybe"})[0] == 400
        page = here.need("POST", links["reject"], {"answer": "reject", "text": "Not <yet>."})
        assert "is answered" in page and "You: <strong>reject</strong>" in page, page
        assert "Not &lt;yet&gt;." in page, page
        theirs = here.letter_to("cleo")
        link = re.search(r"approve: (\S+)$", plain(theirs), re.M)[1]
        page = here.need("POST", link, {"answer": "approve"})
        assert "brian: <strong>reject</strong>" in page.lower(), page
        assert here.mail.need("event", "show", str(event))["asks"]["answer"] == "reject"
        assert here.ask("GET", links["reject"][:-1])[0] == 404


@tap.case
def pressing_in_a_loop_is_slowed():
    with corresponding() as here:
        add_brian(here, ["project/x"])
        here.tell(text="One.")
        mute = buttons(here.letter_to("brian"))["Mute this thread"]
        seen = set()
        for _ in range(200):
            page = here.ask("POST", mute, PRESS)
            seen.add(page[0])
            if page[0] == 429:
                break
            page = here.ask("POST", mute, undo_of(page[2]))
            seen.add(page[0])
            if page[0] == 429:
                break
        assert seen == {200, 429}, seen
        assert here.ask("GET", mute)[0] == 200


tap.run()
