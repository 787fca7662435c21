#!/usr/bin/python3
"""Law 2 under `kill -9`: while thousands of mails go to an exchanger that writes down each one it
takes, the daemon is killed again and again at random moments. In the end nobody is left out, and
nobody has got more copies than the store said it was in doubt about."""

import os
import random
import tempfile
from pathlib import Path

import mortality
import tap

PROGRAM = os.environ["POSTROOM_BINARY"]
DOMAINS = 5
MAILS = 5000
RATE = 600
KILLS = 8
LIFE_S = (0.01, 1.0)  # of a daemon, since its first mail or its start
INTO_MAIL = 0.8  # of the kills
SEED = int(os.environ.get("POSTROOM_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)


@tap.case
def nothing_is_lost_and_nothing_comes_twice_unknown():
    moments = random.Random(SEED)
    print(f"# POSTROOM_SEED={SEED}")
    with tempfile.TemporaryDirectory(prefix="postroom-kill-") as name, mortality.mailing(
        PROGRAM, Path(name), MAILS, DOMAINS, RATE
    ) as mailing:
        for _ in range(KILLS):
            mailing.live(moments.uniform(*LIFE_S), lambda daemon: daemon.kill(),
                     into_mail=moments.random() < INTO_MAIL)
        before = mailing.delivered()
        mailing.finish()
        twice, doubts = mailing.check()
        print(f"# {twice} mails came twice, {doubts} were in doubt")
        assert before < MAILS, "the mail was over before the last kill"


tap.run()
