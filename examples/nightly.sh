#!/bin/sh
# Runs a job and tells those who watch it what came of it; for cron:
#
#     15 3 * * *  nightly.sh backup tar -C /srv -czf /backup/srv.tar.gz .
#
# Who wants to hear: postroom watch ann job/backup. Only of failures: postroom kind add failed,
# and --kinds failed.
# POSTROOM says how to call postroom, such as "postroom --config /etc/postroom.yaml".
set -u
[ $# -ge 2 ] || {
    echo "usage: nightly.sh JOB COMMAND [ARGUMENT...]" >&2
    exit 64
}
job=$1
shift

output=$("$@" 2>&1)
code=$?
if [ "$code" -eq 0 ]; then
    set -- "job/$job" finished
else
    set -- "job/$job" failed --urgent --title "The job ended with code $code"
fi
printf '%s\n' "$output" | tail -n 40 | ${POSTROOM:-postroom} event "$@" --text - >/dev/null
