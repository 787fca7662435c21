#!/usr/bin/python3
"""The public pages in a real browser: buttons that work without scripts, nothing loaded from
anywhere, nothing that the browser complains of, and names for all that can be pressed."""

import contextlib
import os

import browser
import correspondent
import tap
from correspondent import address, buttons

PROGRAM = os.environ["POSTROOM_BINARY"]
PHONE = (360, 740)
DESK = (1280, 900)

# What has no name for those who hear a page instead of seeing it.
NAMELESS = """
return [...document.querySelectorAll('button,a,input:not([type=hidden]),select')].filter(
  one => !(one.textContent.trim() && one.tagName != 'SELECT') && !(one.labels && one.labels.length)
).map(one => one.outerHTML)
"""
# Contrast of each text against what is behind it (WCAG 2.1, 1.4.3), the least of all.
CONTRAST = """
function light(color) {
  const part = color.match(/[\\d.]+/g).slice(0, 3).map(value => {
    value /= 255;
    return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * part[0] + 0.7152 * part[1] + 0.0722 * part[2];
}
function behind(one) {
  for (; one; one = one.parentElement) {
    const color = getComputedStyle(one).backgroundColor;
    if (!/, 0\\)$/.test(color)) return color;
  }
  return 'rgb(255, 255, 255)';
}
return Math.min(...[...document.querySelectorAll('main *')].filter(
  one => [...one.childNodes].some(node => node.nodeType == 3 && node.data.trim())).map(one => {
  const pair = [light(getComputedStyle(one).color), light(behind(one))].sort((a, b) => b - a);
  return (pair[0] + 0.05) / (pair[1] + 0.05);
}));
"""
WIDER = "return document.documentElement.scrollWidth > document.documentElement.clientWidth"


@contextlib.contextmanager
def reading():
    """Brian with his first mail, and a browser, which must be content with all it saw."""
    if not browser.is_there():
        raise tap.Skip("there is no chromium")
    with correspondent.corresponding(PROGRAM) as here, browser.browsing() as reader:
        here.mail.need("person", "add", "brian", "--address", address("brian"))
        here.mail.need("topic", "add", "issue/12", "--title", "It crashes", "--parent", "project/x")
        here.mail.need("topic", "set", "project/x", "--title", "Project X",
                       "--url", "https://tracker.example.org/x")
        here.mail.need("watch", "brian", "project/x")
        here.tell(text="It does.")
        yield here, reader, buttons(here.letter_to("brian"))
        assert reader.complaints() == []
        strange = [url for url in reader.asked() if not url.startswith((here.url, "data:"))]
        assert not strange, strange


def watches(here):
    return {one["topic"]: one["mode"] for one in here.mail.need("watches", "brian")["watches"]}


@tap.case
def a_thread_is_muted_and_unmuted_by_hand():
    with reading() as (here, reader, links):
        reader.go(links["Mute this thread"])
        assert reader.text("h1") == "Mute “It crashes”?"
        reader.press("button[value=press]")
        assert reader.text("h1") == "“It crashes” is muted."
        assert watches(here) == {"project/x": "now", "issue/12": "mute"}
        reader.press("button[value=undo]")
        assert "Undone" in reader.text("[role=status]")
        assert watches(here) == {"project/x": "now"}


@tap.case
def a_digest_and_a_language_are_chosen_among_the_settings():
    with reading() as (here, reader, links):
        reader.go(links["Project X once a day"])
        reader.press("button[value=press]")
        assert watches(here) == {"project/x": "daily"}
        reader.press("footer a")
        assert reader.text("h1") == "Your notifications"
        reader.choose("select[name=mode] option[value=weekly]")
        reader.press("button[value=watch]")
        assert reader.text("[role=status]") == "Saved."
        assert watches(here) == {"project/x": "weekly"}
        reader.choose("#language option[value=de]")
        reader.write("#timezone", "Europe/Vienna")
        reader.run("document.querySelector('#quiet_from').value = '22:00';"
                   "document.querySelector('#quiet_to').value = '07:00'")
        reader.press("button[value=reading]")
        assert reader.text("h1") == "Ihre Benachrichtigungen"
        assert reader.run("return document.documentElement.lang") == "de"
        person = here.mail.need("person", "show", "brian")
        assert (person["languages"], person["timezone"], person["quiet"]) == (
            ["de"], "Europe/Vienna", "22:00-07:00"), person
        reader.press("button[value=end]")
        assert watches(here) == {} and "Sie beobachten nichts." in reader.text()
        reader.press("button[value=off]")
        assert "Alle Benachrichtigungen sind abgeschaltet." in reader.text()
        reader.press("button[value=on]")
        assert here.mail.need("suppress", "list")["suppressions"] == []


@tap.case
def a_wrong_zone_changes_nothing():
    with reading() as (here, reader, links):
        reader.go(links["All settings"])
        reader.write("#timezone", "Europe/Nowhere")
        reader.press("button[value=reading]")
        assert "not known" in reader.text("[role=alert]")
        assert "timezone" not in here.mail.need("person", "show", "brian")
        reader.complaints()  # of the answer's status


@tap.case
def pages_can_be_read_by_everybody():
    with reading() as (_, reader, links):
        for url in (links["Mute this thread"], links["All settings"]):
            for size in (PHONE, DESK):
                for scheme in ("light", "dark"):
                    reader.look_like(*size, scheme)
                    reader.go(url)
                    assert reader.run(NAMELESS) == []
                    assert reader.run(CONTRAST) >= 4.5, (url, scheme, reader.run(CONTRAST))
                    assert not reader.run(WIDER), (url, size)


tap.run()
