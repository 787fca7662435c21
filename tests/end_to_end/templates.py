#!/usr/bin/python3
"""Templates are data: listed, shown, set and taken back, with the daemon up or down, and mail is
made by what was set last."""

import os
import subprocess
import tempfile
from pathlib import Path

import processes
import tap
from installation import Installation
from office import office

PROGRAM = os.environ["POSTROOM_BINARY"]


def put(made, source, *words):
    """Exit code and answer of setting a template whose source stands on standard input."""
    done = subprocess.run([PROGRAM, "--json", "template", "set", *words, "-"], cwd=made.folder,
                          input=source, text=True, capture_output=True, check=False,
                          timeout=processes.PATIENCE_S)
    return done.returncode, done.stdout or done.stderr


def must_put(made, source, *words):
    code, said = put(made, source, *words)
    assert code == 0, said


def installed(folder):
    return Installation.new(PROGRAM, Path(folder) / "mail", {"domain": "example.org"})


@tap.case
def mail_is_made_by_what_was_set_last():
    with office() as o, o.mail.serving():
        o.watcher("brian", "brian@[127.0.0.1]")
        must_put(o.mail, "One: {{topic.name}}\n", "commented")
        o.happen("first")
        assert "One: " in o.letters(1)[0].get_content()
        must_put(o.mail, "Two: {{topic.name}}\n", "commented")
        o.happen("second")
        processes.until(lambda: len(list(o.got.glob("*.eml"))) == 2, "the second comes")
        assert any("Two: " in one.get_content() for one in o.letters(2))
        o.mail.need("template", "reset", "commented")
        o.happen("third")
        processes.until(lambda: len(list(o.got.glob("*.eml"))) == 3, "the third comes")
        assert sum(one.is_multipart() for one in o.letters(3)) == 1, "the built-in one has a page"
        used = o.mail.rows("SELECT template FROM intent ORDER BY id")
        assert len(set(used)) == 3, used
        shown = o.mail.need("template", "show", "commented", "--revision", str(used[0][0]))
        assert shown["parts"][1]["source"] == "One: {{topic.name}}\n", shown


@tap.case
def what_is_no_good_is_refused_by_its_place_and_changes_nothing():
    with tempfile.TemporaryDirectory() as folder:
        made = installed(folder)
        before = made.need("template", "list")
        for source, words, said in (
                ("One\n  {{colour}}\n", ["notice"], "notice.text.txt:2:3: there is no field `colour`"),
                ("{{#items}}", ["notice", "--lang", "de"], "notice.de.text.txt:1:1: the section"),
                ("{{>reason}}", ["reason", "--part", "partial.txt"], "the partial `reason` takes"),
                ("<p {{url}}>", ["notice", "--part", "html"], "notice.html:1:4: no value can stand"),
                ("x", ["no name"], "is no name of a template"),
                ("x", ["notice", "--part", "page"], "part: must be subject, text"),
                ("x", ["lone", "--part", "subject"], "there is no lone.text.txt beside it"),
        ):
            code, answer = put(made, source, *words)
            assert code == 65 and said in answer, (source, code, answer)
        assert made.need("template", "list") == before
        code, said = made.ask("template", "reset", "notice")
        assert code == 66 and "nothing was set" in said["error"]["text"], said


@tap.case
def the_order_for_a_kind_ends_where_all_are_served():
    with tempfile.TemporaryDirectory() as folder:
        made = installed(folder)

        def order():
            return [(row["name"], row["language"], row["for"])
                    for row in made.need("template", "list", "--for", "commented")["templates"]]

        rest = [("notice", "de", "who reads de"), ("notice", "en", "all others")]
        assert order() == rest
        must_put(made, "x\n", "commented", "--lang", "fr")
        assert order() == [("commented", "fr", "who reads fr"), *rest]
        must_put(made, "x\n", "commented")
        assert order() == [("commented", "fr", "who reads fr"), ("commented", "en", "all others")]


@tap.case
def a_partial_that_others_use_gives_each_of_them_a_revision():
    with tempfile.TemporaryDirectory() as folder:
        made = installed(folder)
        must_put(made, "Because.\n", "reason", "--part", "partial.txt")
        row = made.need("template", "show", "reason")["parts"][0]
        assert row == {"part": "partial.txt", "file": "reason.partial.txt", "from": "store",
                       "source": "Because.\n"}, row
        listed = made.need("template", "list")["templates"]
        assert all("revision" in row for row in listed), listed


@tap.case
def every_template_shows_itself_with_sample_data():
    with tempfile.TemporaryDirectory() as folder:
        made = installed(folder)
        for name in ("notice", "digest"):
            for language in ("en", "de"):
                for part in ("plain", "html", "headers", "raw"):
                    shown = made.need("template", "preview", name, "--lang", language,
                                      "--part", part)
                    assert shown["template"] == name and shown["language"] == language, shown
                    assert shown["content"], (name, language, part)
        code, said = made.ask("template", "preview", "nothing")
        assert code == 66 and "no template" in said["error"]["text"], said


@tap.case
def an_event_shows_itself_for_any_person():
    with tempfile.TemporaryDirectory() as folder:
        made = installed(folder)
        made.need("person", "add", "brian", "--address", "brian@example.net", "--language", "de")
        made.need("person", "add", "ann", "--address", "ann@example.net", "--name", "Ann")
        made.need("watch", "brian", "issue/12")
        made.need("watch", "ann", "issue/12")
        event = str(made.need("event", "issue/12", "commented", "--by", "ann", "--text",
                              "It works.")["event"])
        with made.serving():
            shown = made.need("template", "preview", "--event", event, "--person", "brian")
            assert shown["language"] == "de" and "> It works." in shown["content"], shown
            assert "because" not in shown, shown
            shown = made.need("template", "preview", "--event", event, "--person", "ann")
            assert shown["because"] == "actor" and "> It works." in shown["content"], shown
            raw = made.need("template", "preview", "--event", event, "--person", "brian",
                            "--part", "headers")["content"]
            assert "To: brian@example.net" in raw and "Message-ID: <preview@" in raw, raw


@tap.case
def a_kind_has_sample_data_of_its_own():
    with tempfile.TemporaryDirectory() as folder:
        made = installed(folder)
        sample = Path(folder) / "sample.json"
        sample.write_text('{"topic": {"key": "deal/7", "title": "Big one"}, "kind": "won", '
                          '"actor": "Eve", "text": "Signed."}')
        made.need("kind", "add", "won", "--sample", str(sample))
        must_put(made, "{{topic.title}}! {{#items}}{{text|brief}}{{/items}}\n", "won")
        shown = made.need("template", "preview", "--kind", "won")
        assert shown["content"] == "Big one! Signed.\n", shown
        for bad, said in (('{"topic": "a/1"}', "sample[0]: kind"),
                          ('{"topic": "a/1", "kind": "x", "colour": 1}', "colour"),
                          ("[]", "1 to 20"), ("{", "sample.json:")):
            sample.write_text(bad)
            code, answer = made.ask("kind", "add", "won", "--sample", str(sample))
            assert code == 65 and said in answer["error"]["text"], (bad, code, answer)
        assert made.need("template", "preview", "--kind", "won") == shown


tap.run()
