-- What others may read, and rely on: postroom-sql(7). Tables are ours and change as they must; these
-- views keep their columns. The same as sql/sqlite has, but that times are timestamptz.

-- the people who can be told; address: their first
CREATE VIEW people AS
SELECT p.id AS person,
       p.key,
       p.name,
       a.address,
       p.languages,
       p.timezone,
       CASE p.status WHEN 0 THEN 'active' ELSE 'inactive' END AS status,
       to_timestamp(p.made_at / 1000.0) AS made_at
  FROM person p
  LEFT JOIN person_address a ON a.person = p.id AND a.position = 0;

-- every address of theirs, in order
CREATE VIEW addresses AS
SELECT person,
       position,
       address,
       normal,
       domain
  FROM person_address;

CREATE VIEW topics AS
SELECT id AS topic,
       key,
       kind,
       title,
       url,
       label,
       to_timestamp(made_at / 1000.0) AS made_at
  FROM topic;

-- what is in what
CREATE VIEW topic_parents AS
SELECT t.child AS topic,
       c.key,
       t.parent,
       p.key AS parent_key
  FROM topic_parent t
  JOIN topic c ON c.id = t.child
  JOIN topic p ON p.id = t.parent;

-- who watches what now; kinds: NULL for all
CREATE VIEW watches AS
SELECT w.who AS person,
       p.key AS person_key,
       w.topic,
       t.key AS topic_key,
       CASE w.mode WHEN 0 THEN 'mute' WHEN 1 THEN 'now' WHEN 2 THEN 'hourly' WHEN 3 THEN 'daily'
         WHEN 4 THEN 'weekly' END AS mode,
       CASE WHEN w.kinds <> -1 THEN (SELECT string_agg(k.name, ',') FROM kind k WHERE k.of = 1 AND
         (w.kinds >> CAST(k.bit AS INT)) & 1 = 1) END AS kinds,
       w.delay AS delay_ms,
       to_timestamp(w.until / 1000.0) AS until,
       w.origin
  FROM watch w
  JOIN topic t ON t.id = w.topic
  LEFT JOIN person p ON p.id = w.who;

-- what it was before: each row holds from then on; mode NULL: the watch was removed
CREATE VIEW watch_history AS
SELECT l.id AS change,
       l.who AS person,
       l.topic,
       t.key AS topic_key,
       CASE l.mode WHEN 0 THEN 'mute' WHEN 1 THEN 'now' WHEN 2 THEN 'hourly' WHEN 3 THEN 'daily'
         WHEN 4 THEN 'weekly' END AS mode,
       CASE WHEN l.kinds <> -1 THEN (SELECT string_agg(k.name, ',') FROM kind k WHERE k.of = 1 AND
         (l.kinds >> CAST(k.bit AS INT)) & 1 = 1) END AS kinds,
       to_timestamp(l.until / 1000.0) AS until,
       l.origin,
       to_timestamp(l.at / 1000.0) AS at,
       l.cause
  FROM watch_log l
  LEFT JOIN topic t ON t.id = l.topic;

CREATE VIEW grants AS
SELECT g.label,
       g.person,
       p.key AS person_key
  FROM grant_of g
  LEFT JOIN person p ON p.id = g.person;

-- what happened; told: notices written for it
CREATE VIEW events AS
SELECT e.id AS event,
       e.seq,
       e.key,
       e.topic,
       t.key AS topic_key,
       e.thread,
       e.actor,
       e.kind,
       e.urgent,
       e.silent,
       to_timestamp(e.at / 1000.0) AS at,
       to_timestamp(e.taken_at / 1000.0) AS taken_at,
       e.title,
       e.url,
       e.label,
       to_timestamp(e.deadline / 1000.0) AS deadline,
       e.redacted,
       CASE e.fan_state WHEN 0 THEN 'waiting' WHEN 1 THEN 'under_way' WHEN 2 THEN 'done' WHEN 3
         THEN 'nobody' END AS fan_out,
       e.told
  FROM event e
  LEFT JOIN topic t ON t.id = e.topic;

CREATE VIEW event_changes AS
SELECT e.id AS event,
       c.position,
       c.field,
       c.old,
       c.new
  FROM event_change c
  JOIN event e ON e.seq = c.seq;

CREATE VIEW event_attachments AS
SELECT a.event,
       a.position,
       a.name,
       a.type,
       a.inline,
       a.size
  FROM event_attachment a;

-- people who are to be told and have no mail for it yet; due_at NULL: when the mail under way ends
CREATE VIEW notices AS
SELECT n.person,
       p.key AS person_key,
       n.thread,
       t.key AS topic_key,
       e.id AS first_event,
       CASE WHEN n.due_at < 4611686018427387904 THEN to_timestamp(n.due_at / 1000.0) END AS due_at,
       n.urgent
  FROM notice n
  LEFT JOIN person p ON p.id = n.person
  LEFT JOIN topic t ON t.id = n.thread
  LEFT JOIN event e ON e.seq = n.first_seq;

-- each mail to each address, and what became of it
CREATE VIEW deliveries AS
SELECT d.id AS delivery,
       CASE d.stream WHEN 0 THEN 'urgent' WHEN 1 THEN 'notices' WHEN 2 THEN 'submissions' WHEN 3
         THEN 'mailouts' END AS stream,
       CASE d.cause WHEN 1 THEN 'thread' WHEN 2 THEN 'digest' WHEN 3 THEN 'mailout' WHEN 4 THEN
         'submission' END AS cause,
       d.cause_id,
       d.person,
       p.key AS person_key,
       d.address,
       d.normal,
       d.domain,
       d.message_id,
       CASE s.state WHEN 0 THEN 'queued' WHEN 1 THEN 'deferred' WHEN 2 THEN 'sending' WHEN 3 THEN
         'in_doubt' WHEN 4 THEN 'held' WHEN 10 THEN 'delivered' WHEN 11 THEN 'failed' WHEN 12 THEN
         'expired' WHEN 13 THEN 'suppressed' WHEN 14 THEN 'cancelled' END AS state,
       s.reason,
       s.text,
       s.attempts,
       s.doubts,
       CASE WHEN s.due_at < 4611686018427387904 THEN to_timestamp(s.due_at / 1000.0) END AS due_at,
       to_timestamp(d.deadline / 1000.0) AS deadline,
       to_timestamp(d.made_at / 1000.0) AS made_at,
       to_timestamp(s.ended_at / 1000.0) AS ended_at
  FROM delivery d
  JOIN delivery_state s ON s.delivery = d.id
  LEFT JOIN person p ON p.id = d.person;

-- which threads a mail tells of, from the event of one seq to that of another
CREATE VIEW delivery_topics AS
SELECT d.delivery,
       d.thread,
       t.key AS topic_key,
       d.from_seq,
       d.to_seq
  FROM delivery_part d
  LEFT JOIN topic t ON t.id = d.thread;

-- each try, in the server's own words; by_us: we said it, not the server
CREATE VIEW attempts AS
SELECT delivery,
       id AS attempt,
       to_timestamp(at / 1000.0) AS at,
       host,
       ip,
       source,
       tls,
       stage,
       code,
       status,
       text,
       ms,
       CASE outcome WHEN -1 THEN 'next_host' WHEN 0 THEN 'queued' WHEN 1 THEN 'deferred' WHEN 2
         THEN 'sending' WHEN 3 THEN 'in_doubt' WHEN 4 THEN 'held' WHEN 10 THEN 'delivered' WHEN 11
         THEN 'failed' WHEN 12 THEN 'expired' WHEN 13 THEN 'suppressed' WHEN 14 THEN 'cancelled'
         END AS outcome,
       local AS by_us
  FROM attempt;

-- mails that were not made, and why
CREATE VIEW skips AS
SELECT s.person,
       p.key AS person_key,
       s.thread,
       t.key AS topic_key,
       s.from_seq,
       s.to_seq,
       s.reason,
       to_timestamp(s.at / 1000.0) AS at
  FROM skip s
  LEFT JOIN person p ON p.id = s.person
  LEFT JOIN topic t ON t.id = s.thread;

-- whom not to mail; target: an address, or @ and a domain
CREATE VIEW suppressions AS
SELECT target,
       scope,
       reason,
       origin,
       to_timestamp(at / 1000.0) AS at,
       to_timestamp(until / 1000.0) AS until
  FROM suppression;

-- mail that waits, by stream and recipient domain; next_due NULL: nothing has a time
CREATE VIEW waiting AS
SELECT CASE stream WHEN 0 THEN 'urgent' WHEN 1 THEN 'notices' WHEN 2 THEN 'submissions' WHEN 3 THEN
         'mailouts' END AS stream,
       domain,
       min(site) AS site,
       sum(waiting) AS waiting,
       CASE WHEN min(next_due) < 4611686018427387904 THEN to_timestamp(min(next_due) / 1000.0) END
         AS next_due
  FROM lane
  WHERE waiting > 0
  GROUP BY stream, domain;

-- recipient domains as they were seen last
CREATE VIEW domains AS
SELECT name AS domain,
       site,
       failures,
       CASE WHEN nullif(asleep_until, 0) < 4611686018427387904 THEN
         to_timestamp(nullif(asleep_until, 0) / 1000.0) END AS asleep_until,
       CASE WHEN nullif(paused_until, 0) < 4611686018427387904 THEN
         to_timestamp(nullif(paused_until, 0) / 1000.0) END AS paused_until,
       last_text AS words
  FROM domain;

-- what a human must look at; until NULL: it goes on
CREATE VIEW alarms AS
SELECT id AS alarm,
       severity,
       cause,
       text,
       to_timestamp(since / 1000.0) AS since,
       to_timestamp(last_at / 1000.0) AS last_at,
       times,
       to_timestamp(until / 1000.0) AS until
  FROM alarm;

-- what recurs; next_at NULL: it is paused, or over
CREATE VIEW recurrences AS
SELECT id AS recurrence,
       name,
       rule,
       coalesce(zone, 'UTC') AS zone,
       start_minute,
       to_timestamp(until_at / 1000.0) AS until,
       CASE catch_up WHEN 0 THEN 'skip' WHEN 1 THEN 'once' WHEN 2 THEN 'all' END AS catch_up,
       CASE WHEN paused_at IS NOT NULL THEN 'paused' WHEN next_at IS NULL THEN 'over' ELSE 'goes on'
         END AS state,
       to_timestamp(last_at / 1000.0) AS last_at,
       to_timestamp(next_at / 1000.0) AS next_at,
       to_timestamp(made_at / 1000.0) AS made_at,
       problem
  FROM recurrence;

-- what events ask; person: who answered
CREATE VIEW questions AS
SELECT q.event,
       t.key AS topic_key,
       q.answers,
       to_timestamp(q.until_at / 1000.0) AS until,
       to_timestamp(q.closed_at / 1000.0) AS closed_at,
       q.person,
       p.key AS person_key,
       q.answer,
       q.text
  FROM question q
  LEFT JOIN event e ON e.id = q.event
  LEFT JOIN topic t ON t.id = e.topic
  LEFT JOIN person p ON p.id = q.person;

-- who is asked; is_open 1: nobody has answered yet
CREATE VIEW approvals AS
SELECT a.event,
       a.person,
       p.key AS person_key,
       a.is_open
  FROM approval a
  LEFT JOIN person p ON p.id = a.person;
