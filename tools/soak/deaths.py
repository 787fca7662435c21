"""Mail goes out while the daemon is killed, stopped or made to read its settings again."""

import random
import signal
import time

import mortality

DOMAINS = 20
LIFE_S = (0.01, 1.0)  # of a daemon, since its first mail or its start
INTO_MAIL = 0.8  # of the kills; the others fall into the start
MEAN_LIFE_S = sum(LIFE_S) / 2
RELOADS_A_SECOND = 50


def lasting(options, folder, seconds):
    """A mailing that lasts longer than `seconds`."""
    rate = max(int(options.mails * 0.8 / seconds), 1)
    return mortality.mailing(options.program, folder, options.mails, DOMAINS, rate)


def tell(what, mailing, before, began):
    twice, doubts = mailing.check()
    print(f"  {mailing.mails} mails, {what}, {before} delivered by then; {time.monotonic() - began:.0f} s: "
          f"0 lost, {twice} came twice, {doubts} in doubt", flush=True)
    assert before < mailing.mails, "the mail was over too early: ask for more with --mails"


def kills(options, folder):
    moments = random.Random(options.seed)
    began = time.monotonic()
    with lasting(options, folder, options.kills * MEAN_LIFE_S) as mailing:
        for _ in range(options.kills):
            mailing.live(moments.uniform(*LIFE_S), lambda daemon: daemon.kill(),
                     into_mail=moments.random() < INTO_MAIL)
        before = mailing.delivered()
        mailing.finish()
        tell(f"killed {options.kills} times", mailing, before, began)


def ask_thrice(daemon):
    """As an impatient operator does."""
    for _ in range(3):
        daemon.send_signal(signal.SIGTERM)


def stops(options, folder):
    moments = random.Random(options.seed)
    began = time.monotonic()
    slowest = 0.0
    with lasting(options, folder, options.stops * MEAN_LIFE_S * 2) as mailing:
        for _ in range(options.stops):
            life = moments.uniform(*LIFE_S)
            start = time.monotonic()
            code = mailing.live(life, ask_thrice)
            slowest = max(slowest, time.monotonic() - start - life)
            assert code == 0, f"serve ended with {code}"
        before = mailing.delivered()
        mailing.finish()
        tell(f"stopped {options.stops} times (start and stop took {slowest:.1f} s at most)", mailing, before,
             began)


def reloads(options, folder):
    began = time.monotonic()
    with lasting(options, folder, options.reloads / RELOADS_A_SECOND) as mailing:
        with mailing.installation.serving() as daemon:
            for _ in range(options.reloads):
                daemon.send_signal(signal.SIGHUP)
                time.sleep(1 / RELOADS_A_SECOND)
            before = mailing.delivered()
        mailing.finish()
        tell(f"told {options.reloads} times to read its settings again", mailing, before, began)
