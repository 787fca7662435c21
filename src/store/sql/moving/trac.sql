-- Trac 0.12 to 1.6: who is known, what is open, who hears of it. A cc field is a list of user names
-- and addresses, divided by commas, semicolons or blanks.

CREATE TEMP VIEW moved_people AS
SELECT s.sid AS key,
       max(CASE a.name WHEN 'name' THEN a.value END) AS name,
       max(CASE a.name WHEN 'email' THEN a.value END) AS address,
       replace(max(CASE a.name WHEN 'language' THEN a.value END), '_', '-') AS language,
       max(CASE a.name WHEN 'tz' THEN a.value END) AS timezone,
       0 AS inactive,
       'session ' || s.sid AS place
  FROM session s
  LEFT JOIN session_attribute a ON a.sid = s.sid AND CAST(a.authenticated AS INTEGER) = 1
 WHERE CAST(s.authenticated AS INTEGER) = 1
 GROUP BY s.sid;

CREATE TEMP VIEW open_ticket AS
SELECT * FROM ticket WHERE status <> 'closed';

CREATE TEMP VIEW moved_topics AS
SELECT 'ticket/' || id AS key,
       'ticket' AS kind,
       summary AS title,
       nullif('component/' || component, 'component/') AS parent,
       nullif('milestone/' || milestone, 'milestone/') AS other_parent,
       'ticket ' || id AS place
  FROM open_ticket;

CREATE TEMP VIEW cc AS
WITH RECURSIVE word (id, one, rest) AS (
  SELECT id, '', replace(replace(trim(coalesce(cc, '')), ';', ' '), ',', ' ') || ' ' FROM open_ticket
  UNION ALL
  SELECT id, substr(rest, 1, instr(rest, ' ') - 1), ltrim(substr(rest, instr(rest, ' ') + 1))
    FROM word WHERE rest <> ''
)
SELECT id, one AS who FROM word WHERE one <> '';

CREATE TEMP VIEW moved_watches AS
SELECT reporter AS person, 'ticket/' || id AS topic, 'now' AS mode, 'author' AS origin,
       'ticket ' || id || ', reporter' AS place
  FROM open_ticket WHERE coalesce(reporter, '') NOT IN ('', 'anonymous')
UNION ALL
SELECT owner, 'ticket/' || id, 'now', 'assignee', 'ticket ' || id || ', owner'
  FROM open_ticket WHERE coalesce(owner, '') NOT IN ('', 'anonymous', 'somebody', 'nobody')
UNION ALL
SELECT who, 'ticket/' || id, 'now', 'import', 'ticket ' || id || ', cc' FROM cc
UNION ALL
SELECT sid, realm || '/' || target, 'now', 'import', 'notify_watch ' || id
  FROM notify_watch WHERE CAST(authenticated AS INTEGER) = 1;
