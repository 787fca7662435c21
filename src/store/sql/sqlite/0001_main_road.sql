-- The main road: people, topics, watches, events, notices, deliveries.
-- Time is UTC milliseconds. Tables are STRICT: a text where a number belongs is an error. Enumerations are small integers; their names are in domain/.

CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- ids are handed out in blocks: `next` is the first id no block has taken
CREATE TABLE sequence (
  name TEXT PRIMARY KEY,
  next INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- one row per start of a daemon; its id is the epoch that intents name
CREATE TABLE node (
  id          INTEGER PRIMARY KEY,
  epoch       INTEGER NOT NULL,
  alive_until INTEGER NOT NULL
) STRICT;

CREATE TABLE person (
  id          INTEGER PRIMARY KEY,
  key         TEXT UNIQUE,
  name        TEXT,
  languages   TEXT NOT NULL DEFAULT '[]',   -- JSON array, best first
  timezone    TEXT,
  attributes  TEXT NOT NULL DEFAULT '{}',
  status      INTEGER NOT NULL DEFAULT 0,   -- 0 active, 1 inactive, 2 suspended
  tracking    INTEGER NOT NULL DEFAULT 0,
  quiet_from  INTEGER,                      -- minutes of the local day
  quiet_to    INTEGER,
  auto_watch  TEXT,                         -- rules that may watch for them, by commas; NULL: all
  self_notify INTEGER NOT NULL DEFAULT 0,
  version     INTEGER NOT NULL DEFAULT 1,   -- grows with every change of the person, their
                                            -- addresses, watches, grants or suppressions
  made_at     INTEGER NOT NULL,
  merged_into INTEGER                    -- whom they turned out to be; NULL: nobody else
) STRICT;
CREATE INDEX person_merged ON person (merged_into) WHERE merged_into IS NOT NULL;

CREATE TABLE person_address (
  person   INTEGER NOT NULL REFERENCES person (id),
  position INTEGER NOT NULL,
  address  TEXT NOT NULL,                   -- as given, canonical wire form
  normal   TEXT NOT NULL,                   -- for comparing
  domain   TEXT NOT NULL,                   -- A-labels, lower case
  use      TEXT NOT NULL DEFAULT 'mail',
  state    INTEGER NOT NULL DEFAULT 0,      -- 0 good
  PRIMARY KEY (person, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX person_address_normal ON person_address (normal);

CREATE TABLE kind (
  name         TEXT NOT NULL,
  of           INTEGER NOT NULL,            -- 0 topic, 1 event
  bit          INTEGER,                     -- event kinds: 0 to 62
  names        TEXT NOT NULL DEFAULT '{}',  -- JSON: language -> name
  urgent       INTEGER NOT NULL DEFAULT 0,
  default_mode INTEGER NOT NULL DEFAULT 1,
  auto_watch   TEXT,
  sample       TEXT,                        -- JSON: events to show a template with
  secret       INTEGER NOT NULL DEFAULT 0,  -- 1: as a topic's
  stream       INTEGER NOT NULL DEFAULT 1,  -- event kinds: of mail that is not urgent
  PRIMARY KEY (of, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE topic (
  id            INTEGER PRIMARY KEY,
  key           TEXT NOT NULL UNIQUE,
  kind          TEXT NOT NULL,
  title         TEXT,
  url           TEXT,
  label         TEXT,                       -- who may see it; NULL: everybody
  new_mode      INTEGER,                    -- what new people watch it by; NULL: they do not
  secret        INTEGER NOT NULL DEFAULT 0, -- 1: mail says no more than that something happened,
                                            -- here or in a topic it contains
  watch_version INTEGER NOT NULL DEFAULT 0, -- grows with every change of its watches
  watch_seq     INTEGER NOT NULL DEFAULT 0, -- the highest event seq at the last such change
  made_at       INTEGER NOT NULL
) STRICT;

CREATE INDEX topic_new_mode ON topic (id) WHERE new_mode IS NOT NULL;

CREATE TABLE topic_parent (
  child  INTEGER NOT NULL,
  parent INTEGER NOT NULL,
  PRIMARY KEY (child, parent)
) STRICT, WITHOUT ROWID;
CREATE INDEX topic_parent_parent ON topic_parent (parent, child);

-- who: a person's id; a list's id below zero; a webhook's below all lists (domain/watching.h)
CREATE TABLE watch (
  topic  INTEGER NOT NULL,
  who    INTEGER NOT NULL,
  mode   INTEGER NOT NULL,                  -- 0 mute, 1 now, 2 hourly, 3 daily, 4 weekly
  kinds  INTEGER NOT NULL DEFAULT -1,       -- mask of event kinds, all bits: every kind
  delay  INTEGER,                           -- ms, NULL: the default window
  until  INTEGER,
  origin TEXT NOT NULL DEFAULT 'manual',
  since  INTEGER NOT NULL,                  -- the highest event seq when the watch began
  PRIMARY KEY (topic, who)
) STRICT, WITHOUT ROWID;
CREATE INDEX watch_who ON watch (who, topic);
CREATE INDEX watch_until ON watch (topic, until) WHERE until IS NOT NULL;

-- append-only: each row is the state from then on; mode NULL: removed
CREATE TABLE watch_log (
  id     INTEGER PRIMARY KEY,
  who    INTEGER NOT NULL,
  topic  INTEGER NOT NULL,
  mode   INTEGER,
  kinds  INTEGER,
  delay  INTEGER,
  until  INTEGER,
  origin TEXT,
  since  INTEGER NOT NULL,
  refuses INTEGER NOT NULL DEFAULT 0,       -- 1: ended for good, no rule watches it for them again
  at     INTEGER NOT NULL,
  seq    INTEGER NOT NULL,                  -- the highest event seq at that moment
  cause  TEXT NOT NULL                      -- command, event 12, import, ...
) STRICT;
CREATE INDEX watch_log_who ON watch_log (who, topic, id);

-- a named set of people; a removed one stays for the record
CREATE TABLE list (
  id         INTEGER PRIMARY KEY,
  name       TEXT NOT NULL,
  title      TEXT,
  made_at    INTEGER NOT NULL,
  removed_at INTEGER
) STRICT;
CREATE UNIQUE INDEX list_name ON list (name) WHERE removed_at IS NULL;

-- one row a membership; who leaves and comes back has two
CREATE TABLE list_member (
  id        INTEGER PRIMARY KEY,
  list      INTEGER NOT NULL,
  person    INTEGER NOT NULL,
  basis     TEXT,                           -- why they may be on it: "employee", "asked on 3 May"
  origin    TEXT NOT NULL DEFAULT 'manual',
  since     INTEGER NOT NULL,
  since_seq INTEGER NOT NULL,               -- the highest event seq when they joined
  left_at   INTEGER,
  left_seq  INTEGER                         -- the highest event seq when they left
) STRICT;
CREATE UNIQUE INDEX list_member_list ON list_member (list, person) WHERE left_at IS NULL;
CREATE INDEX list_member_past ON list_member (list, id) WHERE left_at IS NOT NULL;
CREATE INDEX list_member_person ON list_member (person, list, id);

CREATE TABLE grant_of (
  label  TEXT NOT NULL,
  person INTEGER NOT NULL,
  PRIMARY KEY (label, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX grant_of_person ON grant_of (person, label);

CREATE TABLE event (
  id         INTEGER PRIMARY KEY,
  seq        INTEGER UNIQUE,                -- order of fan-out; -id until it may fan out
  key        TEXT UNIQUE,
  digest     BLOB NOT NULL,                 -- of the payload: the same key needs the same body
  topic      INTEGER NOT NULL,
  thread     INTEGER NOT NULL,              -- a topic's id
  actor      INTEGER,
  kind       TEXT NOT NULL,
  kind_bit   INTEGER NOT NULL,
  urgent     INTEGER NOT NULL DEFAULT 0,
  silent     INTEGER NOT NULL DEFAULT 0,
  at         INTEGER NOT NULL,              -- when it happened, as the application says
  taken_at   INTEGER NOT NULL,
  not_before INTEGER,
  title      TEXT,
  text       TEXT,
  url        TEXT,
  data       TEXT,
  label      TEXT,
  deadline   INTEGER,
  revision   INTEGER NOT NULL DEFAULT 1,
  redacted   INTEGER NOT NULL DEFAULT 0,
  fan_state  INTEGER NOT NULL DEFAULT 0,    -- 0 waiting, 1 under way, 2 done, 3 nobody to be told,
                                            -- 4 not before its time, 5 held
  released   INTEGER NOT NULL DEFAULT 0,    -- by hand: 1 to everybody, 2 to their digests
  fan_cursor INTEGER NOT NULL DEFAULT 0,    -- the last person looked at
  told       INTEGER NOT NULL DEFAULT 0     -- notices written or raised
) STRICT;
CREATE INDEX event_later ON event (not_before) WHERE fan_state = 4;
CREATE INDEX event_held ON event (id) WHERE fan_state = 5;
CREATE INDEX event_unfanned ON event (seq) WHERE fan_state < 2;
CREATE INDEX event_unfanned_thread ON event (thread, seq) WHERE fan_state < 2;
CREATE INDEX event_thread ON event (thread, seq);

CREATE TABLE event_scope (
  topic    INTEGER NOT NULL,
  seq      INTEGER NOT NULL,
  distance INTEGER NOT NULL,
  PRIMARY KEY (topic, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX event_scope_seq ON event_scope (seq, topic, distance);

CREATE TABLE event_change (
  seq      INTEGER NOT NULL,
  position INTEGER NOT NULL,
  field    TEXT NOT NULL,
  old      TEXT,
  new      TEXT,
  PRIMARY KEY (seq, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE event_attachment (
  event    INTEGER NOT NULL,                -- its id
  position INTEGER NOT NULL,
  name     TEXT NOT NULL,
  type     TEXT NOT NULL,                   -- without parameters
  inline   INTEGER NOT NULL,                -- an image that pages of mails may show
  size     INTEGER NOT NULL,
  content  BLOB NOT NULL,
  PRIMARY KEY (event, position)
) STRICT;

CREATE TABLE event_direct (
  seq    INTEGER NOT NULL,
  person INTEGER NOT NULL,
  reason TEXT NOT NULL,
  rank   INTEGER NOT NULL,                  -- 1 assigned, 2 mentioned, 3 author, 4 cc, 9 other
  PRIMARY KEY (seq, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX event_direct_person ON event_direct (person, seq);

-- why: rank * 2^52 + topic id; rank as event_direct, or 40 + distance for a watch
CREATE TABLE notice (
  person    INTEGER NOT NULL,
  thread    INTEGER NOT NULL,
  first_seq INTEGER NOT NULL,
  due_at    INTEGER NOT NULL,               -- a waiting one (its thread's mail is under way): 2^62
  urgent    INTEGER NOT NULL,
  why       INTEGER NOT NULL,
  wait      INTEGER NOT NULL DEFAULT 0,     -- what due_at waits for: domain/notice_wait.h
  PRIMARY KEY (person, thread)
) STRICT, WITHOUT ROWID;
CREATE INDEX notice_due ON notice (urgent, due_at, person, thread, wait);
CREATE INDEX notice_wait ON notice (wait, due_at, person, thread) WHERE wait > 0;

-- whose notices are to be asked about again: a reason for them may be gone (store/review.h)
CREATE TABLE review (
  of      INTEGER NOT NULL,             -- 0 a person, 1 all on a list, 2 all who watch a topic, 3 all on a removed list
  subject INTEGER NOT NULL,
  cursor  INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (of, subject)
) STRICT, WITHOUT ROWID;

-- what is known of a thread's notices. made_seq: a notice of the thread has become a mail, or was
-- skipped, that covers all up to here. The rest is the open window: later events of the same shape
-- need not fan out again. Each notice that goes closes it.
CREATE TABLE thread_window (
  thread     INTEGER PRIMARY KEY,
  made_seq   INTEGER NOT NULL DEFAULT 0,
  seq        INTEGER,                       -- the event that is or was fanned out whole; NULL: none
  complete   INTEGER NOT NULL DEFAULT 0,    -- 1: it was, to the last person
  shape      BLOB,                          -- digest of scopes, kind, urgency, labels, versions
  actor      INTEGER,                       -- who was left out of it
  opened_at  INTEGER,                       -- when it was taken in
  open_until INTEGER                        -- when a watch or suppression runs out; NULL: never
) STRICT;

CREATE TABLE heard (
  person          INTEGER NOT NULL,
  thread          INTEGER NOT NULL,
  made_seq        INTEGER NOT NULL,         -- a mail exists for all up to here
  through_seq     INTEGER NOT NULL DEFAULT 0, -- delivered up to here
  missed_from     INTEGER,                  -- owed from here since a mail failed
  put_off         INTEGER,                  -- the mode of the digest that owes it since
                                            -- the application wanted it told later
  delivery        INTEGER,                  -- the unfinished one
  left_at         INTEGER,                  -- when the last one was delivered
  subject         TEXT,
  last_message_id TEXT,
  PRIMARY KEY (person, thread)
) STRICT, WITHOUT ROWID;

-- digests are pulled: a person has one row for each mode they watch anything in, or did
CREATE TABLE digest (
  person      INTEGER NOT NULL,
  mode        INTEGER NOT NULL,             -- as watch.mode: 2 hourly, 3 daily, 4 weekly
  next_at     INTEGER NOT NULL DEFAULT 0,   -- when it is due; 0: to be found out
  made_seq    INTEGER NOT NULL,             -- a digest exists for all up to here
  through_seq INTEGER NOT NULL,             -- and is delivered, or was not needed, up to here
  delivery    INTEGER,                      -- the unfinished one
  PRIMARY KEY (person, mode)
) STRICT, WITHOUT ROWID;
CREATE INDEX digest_due ON digest (next_at);

-- what events ask those whom they address; the first answer closes it
CREATE TABLE question (
  event     INTEGER PRIMARY KEY,
  answers   TEXT NOT NULL,                  -- that may be given, divided by commas
  until_at  INTEGER,
  closed_at INTEGER,
  person    INTEGER,                        -- who answered; NULL: open, or withdrawn
  answer    TEXT,
  text      TEXT
) STRICT;

-- who is asked
CREATE TABLE approval (
  person  INTEGER NOT NULL,
  event   INTEGER NOT NULL,
  is_open INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (person, event)
) STRICT, WITHOUT ROWID;
CREATE INDEX approval_open ON approval (person, event) WHERE is_open = 1;
CREATE INDEX approval_event ON approval (event);

-- what recurs: an event is taken in each time
CREATE TABLE recurrence (
  id           INTEGER PRIMARY KEY,
  name         TEXT NOT NULL UNIQUE,
  rule         TEXT NOT NULL,               -- RFC 5545
  zone         TEXT,                        -- NULL: UTC
  start_day    INTEGER NOT NULL,            -- days since 1970, of the zone's clocks
  start_minute INTEGER NOT NULL,            -- of the day
  start_at     INTEGER NOT NULL DEFAULT 0,  -- times before do not count
  until_at     INTEGER,
  holidays     TEXT NOT NULL DEFAULT '[]',  -- JSON array of days: "2026-12-25"
  catch_up     INTEGER NOT NULL,            -- what was missed: 0 skip, 1 once, 2 all
  event        TEXT NOT NULL,               -- JSON, as of an inbox
  made_at      INTEGER NOT NULL,
  last_at      INTEGER,                     -- the time looked at last
  next_at      INTEGER,                     -- NULL: paused, or over
  paused_at    INTEGER,
  problem      TEXT                         -- why the last one was refused; NULL: it was not
) STRICT;
CREATE INDEX recurrence_due ON recurrence (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX recurrence_last ON recurrence (last_at) WHERE last_at IS NOT NULL;

CREATE TABLE skip (
  id       INTEGER PRIMARY KEY,
  person   INTEGER NOT NULL,
  thread   INTEGER NOT NULL,
  from_seq INTEGER NOT NULL,
  to_seq   INTEGER NOT NULL,
  reason   TEXT NOT NULL,
  at       INTEGER NOT NULL
) STRICT;
CREATE INDEX skip_person ON skip (person, thread, to_seq);

-- files of templates that go before those of the folder and the built-in ones
CREATE TABLE template (
  file   TEXT PRIMARY KEY,                  -- as in a folder: notice.de.html
  source TEXT NOT NULL,
  at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE template_revision (
  id       INTEGER PRIMARY KEY,
  name     TEXT NOT NULL,
  language TEXT NOT NULL,
  digest   BLOB NOT NULL,
  source   TEXT NOT NULL,                   -- JSON: subject, text, html
  at       INTEGER NOT NULL,
  UNIQUE (name, language, digest)
) STRICT;

-- ready-made messages, each once for all its recipients: a delivery each
CREATE TABLE submission (
  id         INTEGER PRIMARY KEY,
  via        TEXT NOT NULL,                 -- sendmail, smtp, request, report
  by_whom    TEXT NOT NULL,
  mail_from  TEXT NOT NULL,                 -- the envelope's sender as given; empty: the null path
  sender     TEXT NOT NULL,                 -- the From address
  domain     TEXT NOT NULL,                 -- ... and its domain
  subject    TEXT,
  message_id TEXT NOT NULL,                 -- without angle brackets
  envid      TEXT,
  returns    INTEGER NOT NULL DEFAULT 0,    -- of it, in reports: 0 not said, 1 the header, 2 all
  smtputf8   INTEGER NOT NULL,              -- 1: an address in the header is not ASCII
  recipients INTEGER NOT NULL,
  waiting    INTEGER NOT NULL,              -- deliveries that have not ended
  size       INTEGER NOT NULL,
  made_at    INTEGER NOT NULL,
  ended_at   INTEGER,                       -- of the last delivery
  content    BLOB                           -- as it may be sent; NULL: dropped some time after
) STRICT;
CREATE INDEX submission_message_id ON submission (message_id, id);
CREATE INDEX submission_ended ON submission (ended_at) WHERE content IS NOT NULL AND ended_at IS NOT NULL;

-- what the sender of a message wants to hear of a recipient; gone with what it is about
CREATE TABLE submission_wish (
  delivery INTEGER PRIMARY KEY,
  notify   INTEGER NOT NULL,                -- mask: 1 never, 2 success, 4 failure, 8 delay; 0: not said
  orcpt    TEXT                             -- the address before it was redirected, as it was given
) STRICT;

-- deliveries that have ended, of which the sender is to be told
CREATE TABLE submission_report (
  delivery   INTEGER PRIMARY KEY,
  submission INTEGER NOT NULL,
  at         INTEGER NOT NULL               -- when it ended
) STRICT;
CREATE INDEX submission_report_at ON submission_report (at);
CREATE INDEX submission_report_of ON submission_report (submission, delivery);

CREATE TABLE delivery (
  id         INTEGER PRIMARY KEY,
  stream     INTEGER NOT NULL,
  cause      INTEGER NOT NULL,              -- 1 thread, 2 digest, 3 mailout, 4 submission
  cause_id   INTEGER NOT NULL,
  person     INTEGER,
  address    TEXT NOT NULL,                 -- canonical wire form
  normal     TEXT NOT NULL,
  domain     TEXT NOT NULL,                 -- A-labels, or an address literal in brackets
  message_id TEXT NOT NULL,                 -- without angle brackets
  deadline   INTEGER,
  first_due  INTEGER NOT NULL,
  made_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX delivery_lane ON delivery (stream, domain, (cause_id % 16), id);
CREATE INDEX delivery_person ON delivery (person, id);
CREATE INDEX delivery_normal ON delivery (normal, id);
CREATE INDEX delivery_submission ON delivery (cause_id, id) WHERE cause = 4;
CREATE INDEX delivery_deadline ON delivery (deadline, id) WHERE deadline IS NOT NULL;

CREATE TABLE delivery_state (
  delivery INTEGER PRIMARY KEY,
  state    INTEGER NOT NULL,
  due_at   INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  by_hand  INTEGER NOT NULL DEFAULT 0,      -- of these, before their time by order
  planned_at INTEGER,                       -- while an order hastens it: when it was due
  epoch    INTEGER NOT NULL DEFAULT 0,      -- grows with every transition and every fold
  doubts   INTEGER NOT NULL DEFAULT 0,      -- how often it went in doubt
  reason   TEXT,                            -- code of a final or held state
  text     TEXT,
  ended_at INTEGER
) STRICT;

-- what nobody knows the end of; mail that was never in doubt touches it never
CREATE INDEX delivery_doubt ON delivery_state (delivery) WHERE doubts > 0 AND ended_at IS NULL;

-- what an operator ordered about one mail, for explain and trace
CREATE TABLE delivery_order (
  delivery INTEGER NOT NULL,
  at       INTEGER NOT NULL,
  nth      INTEGER NOT NULL,               -- of this mail, from 1
  what     TEXT NOT NULL,                  -- now, hold, release, cancel, delivered, resend
  text     TEXT NOT NULL,                  -- who, and why
  PRIMARY KEY (delivery, nth)
) STRICT, WITHOUT ROWID;

CREATE TABLE delivery_part (
  delivery INTEGER NOT NULL,
  thread   INTEGER NOT NULL,
  from_seq INTEGER NOT NULL,
  to_seq   INTEGER NOT NULL,
  why      INTEGER NOT NULL,
  PRIMARY KEY (delivery, thread)
) STRICT, WITHOUT ROWID;

-- append-only: leave to send the final dot
CREATE TABLE intent (
  id         INTEGER PRIMARY KEY,
  delivery   INTEGER NOT NULL,
  node       INTEGER NOT NULL,
  at         INTEGER NOT NULL,
  mail_from  TEXT NOT NULL,                 -- the return path
  sender     TEXT NOT NULL,                 -- the From field
  subject    TEXT NOT NULL,
  date       INTEGER NOT NULL,              -- of the Date field
  seed       BLOB NOT NULL,                 -- the boundary comes from it
  size       INTEGER NOT NULL,
  digest     BLOB NOT NULL,                 -- SHA-256 of the bytes as sent
  template   INTEGER,                       -- template_revision
  sight      TEXT                           -- what the application said: JSON
) STRICT;
CREATE INDEX intent_delivery ON intent (delivery, id);

-- append-only: what came of a try
CREATE TABLE attempt (
  id       INTEGER NOT NULL,
  delivery INTEGER NOT NULL,
  intent   INTEGER,                         -- NULL: no leave was asked for
  at       INTEGER NOT NULL,
  host     TEXT,
  ip       TEXT,
  source   TEXT,
  tls      TEXT,
  stage    TEXT NOT NULL,                   -- dns, connect, greeting, EHLO, ..., body
  code     INTEGER,
  status   TEXT,                            -- enhanced code
  text     TEXT,                            -- the server's own words, or ours
  ms       INTEGER NOT NULL,
  outcome  INTEGER NOT NULL,                -- the state it led to; -1: to the next host
  local    INTEGER NOT NULL DEFAULT 0,      -- 1: we said it, not the server
  PRIMARY KEY (delivery, id)
) STRICT, WITHOUT ROWID;

-- what was said, as protocol/smtp/dialogue.h packs it; kept for a while only
CREATE TABLE dialogue (
  attempt INTEGER PRIMARY KEY,
  until   INTEGER NOT NULL,
  packed  BLOB NOT NULL
) STRICT;
CREATE INDEX dialogue_until ON dialogue (until);

-- whose dialogues are kept by order, delivered mail or not: a recipient domain, a site's key, a host
CREATE TABLE dialogue_keep (
  name  TEXT PRIMARY KEY,
  until INTEGER NOT NULL,
  words TEXT NOT NULL                       -- who ordered it
) STRICT, WITHOUT ROWID;

CREATE TABLE lane (
  stream       INTEGER NOT NULL,
  domain       TEXT NOT NULL,
  strand       INTEGER NOT NULL,   -- what its deliveries have in common: cause_id % 16
  site         TEXT,
  fresh_cursor INTEGER NOT NULL DEFAULT 0,  -- all deliveries up to here have been taken up
  waiting      INTEGER NOT NULL DEFAULT 0,  -- not in a final state
  next_due     INTEGER NOT NULL DEFAULT 4611686018427387904,
  PRIMARY KEY (stream, domain, strand)
) STRICT, WITHOUT ROWID;
CREATE INDEX lane_waiting ON lane (stream, domain, strand) WHERE waiting > 0;
CREATE INDEX lane_site ON lane (site, domain) WHERE site IS NOT NULL;

CREATE TABLE retry (
  stream   INTEGER NOT NULL,
  domain   TEXT NOT NULL,
  strand   INTEGER NOT NULL,
  due_at   INTEGER NOT NULL,
  delivery INTEGER NOT NULL,
  PRIMARY KEY (stream, domain, strand, due_at, delivery)
) STRICT, WITHOUT ROWID;

-- what is known of a recipient domain's exchangers
CREATE TABLE domain (
  name         TEXT PRIMARY KEY,
  site         TEXT,
  mx           TEXT,                        -- JSON facts of the last lookup
  failures     INTEGER NOT NULL DEFAULT 0,  -- in a row
  asleep_until INTEGER NOT NULL DEFAULT 0,  -- 0: awake
  last_text    TEXT,                        -- the words of the last failure
  paused_until INTEGER NOT NULL DEFAULT 0,     -- by hand; 0: not paused
  paused_at    INTEGER,
  paused_words TEXT,                         -- who did it, and why
  seen_at      INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX domain_asleep ON domain (asleep_until, name) WHERE asleep_until > 0;
CREATE INDEX domain_paused ON domain (name) WHERE paused_until > 0;

CREATE TABLE site (
  key          TEXT PRIMARY KEY,
  paused_at    INTEGER,                      -- NULL: not paused by hand
  paused_words TEXT,                         -- who did it, and why
  seen_at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX site_paused ON site (key) WHERE paused_at IS NOT NULL;

-- the MX hosts of sites, to find them by
CREATE TABLE site_host (
  host TEXT NOT NULL,
  site TEXT NOT NULL,
  PRIMARY KEY (host, site)
) STRICT, WITHOUT ROWID;

-- what is known beside the shipped table and the settings
-- what the daemon that runs remembers of mail servers for a while
CREATE TABLE host_trouble (
  site    TEXT NOT NULL,
  ip      TEXT NOT NULL,
  trouble TEXT NOT NULL,                     -- down, tls-broken, chunking-broken, groups-broken
  since   INTEGER NOT NULL,
  until   INTEGER NOT NULL,
  text    TEXT NOT NULL,                     -- what it was found by
  PRIMARY KEY (site, ip, trouble)
) STRICT, WITHOUT ROWID;

CREATE TABLE site_limit (
  site   TEXT NOT NULL,
  kind   TEXT NOT NULL,                      -- connections, mails, ...
  origin TEXT NOT NULL,                      -- operator, server, learned
  value  INTEGER NOT NULL,
  since  INTEGER NOT NULL,
  until  INTEGER NOT NULL DEFAULT 0,         -- 0: for good
  words  TEXT,                               -- the server's, or who set it
  PRIMARY KEY (site, kind, origin)
) STRICT, WITHOUT ROWID;

-- streams a site takes nothing of; under @ and its name, a recipient domain
CREATE TABLE site_stop (
  site   TEXT NOT NULL,
  stream INTEGER NOT NULL,
  origin TEXT NOT NULL,                      -- operator, server
  since  INTEGER NOT NULL,
  until  INTEGER NOT NULL,
  words  TEXT NOT NULL,
  PRIMARY KEY (site, stream, origin)
) STRICT, WITHOUT ROWID;

-- what a person must look at
CREATE TABLE alarm (
  id       INTEGER PRIMARY KEY,
  severity TEXT NOT NULL,                    -- warning, error
  cause    TEXT NOT NULL,                    -- "site-blocks notices mx.example.net"
  text     TEXT NOT NULL,
  since    INTEGER NOT NULL,
  last_at  INTEGER NOT NULL,
  times    INTEGER NOT NULL,
  until    INTEGER                           -- NULL: it goes on
) STRICT;
CREATE UNIQUE INDEX alarm_open ON alarm (cause) WHERE until IS NULL;
CREATE INDEX alarm_open_id ON alarm (id) WHERE until IS NULL;

CREATE TABLE suppression (
  target TEXT NOT NULL,                     -- normal form of an address, or '@domain'
  scope  TEXT NOT NULL DEFAULT '*',         -- '*', '*/*', a topic's or list's key
  reason TEXT NOT NULL,
  origin TEXT NOT NULL,
  at     INTEGER NOT NULL,
  until  INTEGER,
  PRIMARY KEY (target, scope)
) STRICT, WITHOUT ROWID;
CREATE INDEX suppression_until ON suppression (until) WHERE until IS NOT NULL;

-- addresses of people who were erased, as keyed hashes: never mailed again
CREATE TABLE erased (
  hash BLOB PRIMARY KEY,
  at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- who runs the installation
CREATE TABLE operator (
  id      INTEGER PRIMARY KEY,
  name    TEXT NOT NULL UNIQUE,
  role    INTEGER NOT NULL,                  -- 0 reader, 1 author, 2 approver, 3 operator, 4 administrator
  made_at INTEGER NOT NULL
) STRICT;

-- by which programs and operators prove who they are
CREATE TABLE token (
  id         INTEGER PRIMARY KEY,
  name       TEXT NOT NULL,
  prefix     TEXT NOT NULL UNIQUE,           -- its first letters, to find it by
  digest     BLOB NOT NULL,                  -- SHA-256 of the whole token
  scopes     TEXT NOT NULL,                  -- names divided by commas
  operator   INTEGER,                        -- whose role bounds it; NULL: nobody
  made_at    INTEGER NOT NULL,
  expires_at INTEGER,                        -- NULL: never
  used_at    INTEGER,                        -- a mark an hour
  revoked_at INTEGER
) STRICT;
CREATE UNIQUE INDEX token_name ON token (name) WHERE revoked_at IS NULL;

-- append-only: who changed what
CREATE TABLE audit (
  id      INTEGER PRIMARY KEY,
  at      INTEGER NOT NULL,
  by      TEXT NOT NULL,                     -- "uid 1000", "token shop of ann", "page"
  request TEXT NOT NULL,
  subject TEXT,                              -- "person brian"
  args    TEXT,                              -- JSON, as before and after: no secrets, no messages
  before  TEXT,
  after   TEXT
) STRICT;
CREATE INDEX audit_by ON audit (by, id);
CREATE INDEX audit_subject ON audit (subject, id);

-- answers to requests with an idempotency key, for a day
CREATE TABLE answered (
  token  INTEGER NOT NULL,
  key    TEXT NOT NULL,
  digest BLOB NOT NULL,                      -- of what was asked
  answer TEXT NOT NULL,
  at     INTEGER NOT NULL,
  PRIMARY KEY (token, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX answered_at ON answered (at);

-- what others may hear of, in the order it happened; only kinds that somebody wants
CREATE TABLE outbox (
  seq     INTEGER PRIMARY KEY,
  at      INTEGER NOT NULL,
  kind    INTEGER NOT NULL,                  -- 1 event, 2 delivery, 4 suppression, 8 watch
  what    TEXT NOT NULL,                     -- taken, delivered, added, set, ...
  subject INTEGER,                           -- the event, the delivery, who watches
  about   TEXT,                              -- the target or topic
  detail  TEXT                               -- the scope or mode
) STRICT;
CREATE INDEX outbox_at ON outbox (at, seq);
CREATE INDEX outbox_about ON outbox (about) WHERE kind = 4;

-- who is told by HTTP
CREATE TABLE webhook (
  id            INTEGER PRIMARY KEY,
  name          TEXT NOT NULL UNIQUE,
  url           TEXT NOT NULL,
  secret        TEXT NOT NULL,               -- signs what is sent, so it cannot be kept as a digest
  secret_before TEXT,                        -- the one before signs as well until then
  before_until  INTEGER,
  kinds         INTEGER NOT NULL,            -- mask of outbox.kind that it gets whole
  made_at       INTEGER NOT NULL,
  through_seq   INTEGER NOT NULL,            -- all of the outbox up to here is settled
  sending_seq   INTEGER,                     -- the end of the batch under way
  failures      INTEGER NOT NULL DEFAULT 0,  -- in a row
  failing_since INTEGER,
  next_at       INTEGER NOT NULL DEFAULT 0,  -- not tried before
  answered_at   INTEGER,                     -- the last good answer
  problem       TEXT,                        -- of the last failure
  disabled_at   INTEGER,
  disabled_text TEXT
) STRICT;

-- what carries a label goes to those webhooks alone that it is granted to
CREATE TABLE webhook_label (
  webhook INTEGER NOT NULL,
  label   TEXT NOT NULL,
  PRIMARY KEY (webhook, label)
) STRICT, WITHOUT ROWID;

-- counters of one node; summed when read
CREATE TABLE counter (
  scope TEXT NOT NULL,
  key   TEXT NOT NULL,
  state TEXT NOT NULL,
  node  INTEGER NOT NULL DEFAULT 0,
  n     INTEGER NOT NULL,
  PRIMARY KEY (scope, key, state, node)
) STRICT, WITHOUT ROWID;

-- how far an inbox file is settled: each row up to here is taken in, or refused and on record
CREATE TABLE inbox_cursor (
  identity TEXT PRIMARY KEY,                -- random, made by the inbox file itself
  path     TEXT NOT NULL,
  cursor   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
