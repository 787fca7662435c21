-- MantisBT 1.2 to 2.x. Languages have English names there; statuses of 80 (resolved) and above are
-- the end of an issue.

CREATE TEMP VIEW moved_people AS
SELECT u.username AS key,
       nullif(u.realname, '') AS name,
       u.email AS address,
       CASE p.language WHEN 'english' THEN 'en' WHEN 'german' THEN 'de' WHEN 'french' THEN 'fr'
         WHEN 'spanish' THEN 'es' WHEN 'italian' THEN 'it' WHEN 'dutch' THEN 'nl'
         WHEN 'polish' THEN 'pl' WHEN 'portuguese_brazil' THEN 'pt-BR'
         WHEN 'portuguese_standard' THEN 'pt' WHEN 'russian' THEN 'ru' WHEN 'czech' THEN 'cs'
         WHEN 'swedish' THEN 'sv' WHEN 'danish' THEN 'da' WHEN 'japanese' THEN 'ja'
         WHEN 'chinese_simplified' THEN 'zh-Hans' WHEN 'chinese_traditional' THEN 'zh-Hant' END
         AS language,
       p.timezone,
       CAST(u.enabled AS INTEGER) <> 1 AS inactive,
       'user ' || u.id AS place
  FROM user u
  LEFT JOIN user_pref p ON p.user_id = u.id AND CAST(p.project_id AS INTEGER) = 0
 WHERE coalesce(u.username, '') <> '';

CREATE TEMP VIEW open_bug AS
SELECT * FROM bug WHERE CAST(status AS INTEGER) < 80;

CREATE TEMP VIEW moved_topics AS
SELECT 'project/' || id AS key,
       'project' AS kind,
       name AS title,
       NULL AS parent,
       NULL AS other_parent,
       'project ' || id AS place
  FROM project
UNION ALL
SELECT 'issue/' || id, 'issue', summary, 'project/' || project_id, NULL, 'bug ' || id FROM open_bug;

CREATE TEMP VIEW moved_watches AS
SELECT u.username AS person, 'issue/' || b.id AS topic, 'now' AS mode, 'import' AS origin,
       'monitor of bug ' || b.id || ' by user ' || u.id AS place
  FROM bug_monitor m
  JOIN user u ON u.id = m.user_id
  JOIN open_bug b ON b.id = m.bug_id
UNION ALL
SELECT u.username, 'issue/' || b.id, 'now', 'author', 'bug ' || b.id || ', reporter'
  FROM open_bug b
  JOIN user u ON u.id = b.reporter_id
UNION ALL
SELECT u.username, 'issue/' || b.id, 'now', 'assignee', 'bug ' || b.id || ', handler'
  FROM open_bug b
  JOIN user u ON u.id = b.handler_id;
