-- Redmine 2 to 5. Addresses are a column of users up to version 2, a table of their own since.
-- What a user wants of a project's issues is users.mail_notification.

CREATE TEMP VIEW moved_people AS
SELECT u.login AS key,
       trim(coalesce(u.firstname, '') || ' ' || coalesce(u.lastname, '')) AS name,
       coalesce(nullif(u.mail, ''), e.address) AS address,
       u.language,
       p.time_zone AS timezone,
       CAST(u.status AS INTEGER) <> 1 AS inactive,
       'user ' || u.id AS place
  FROM users u
  LEFT JOIN email_addresses e ON e.user_id = u.id AND lower(e.is_default) IN ('1', 't', 'true')
  LEFT JOIN user_preferences p ON p.user_id = u.id
 WHERE coalesce(u.login, '') <> '';

CREATE TEMP VIEW open_issue AS
SELECT i.*
  FROM issues i
  LEFT JOIN issue_statuses s ON s.id = i.status_id
 WHERE lower(coalesce(s.is_closed, '0')) IN ('0', 'f', 'false');

CREATE TEMP VIEW moved_topics AS
SELECT 'project/' || p.identifier AS key,
       'project' AS kind,
       p.name AS title,
       'project/' || q.identifier AS parent,
       NULL AS other_parent,
       'project ' || p.id AS place
  FROM projects p
  LEFT JOIN projects q ON q.id = p.parent_id
UNION ALL
SELECT 'issue/' || i.id, 'issue', i.subject, 'project/' || p.identifier, NULL, 'issue ' || i.id
  FROM open_issue i
  LEFT JOIN projects p ON p.id = i.project_id;

CREATE TEMP VIEW moved_watches AS
SELECT u.login AS person, 'issue/' || i.id AS topic, 'now' AS mode, 'import' AS origin,
       'watcher ' || w.id AS place
  FROM watchers w
  JOIN users u ON u.id = w.user_id
  JOIN open_issue i ON w.watchable_type = 'Issue' AND i.id = w.watchable_id
 WHERE u.mail_notification <> 'none'
UNION ALL
SELECT u.login, 'issue/' || i.id, 'now', 'author', 'issue ' || i.id || ', author'
  FROM open_issue i
  JOIN users u ON u.id = i.author_id
 WHERE u.mail_notification NOT IN ('none', 'only_assigned')
UNION ALL
SELECT u.login, 'issue/' || i.id, 'now', 'assignee', 'issue ' || i.id || ', assignee'
  FROM open_issue i
  JOIN users u ON u.id = i.assigned_to_id
 WHERE u.mail_notification NOT IN ('none', 'only_owner')
UNION ALL
SELECT u.login, 'project/' || p.identifier, 'now', 'import', 'member ' || m.id
  FROM members m
  JOIN users u ON u.id = m.user_id
  JOIN projects p ON p.id = m.project_id
 WHERE u.mail_notification = 'all'
    OR (u.mail_notification = 'selected' AND lower(m.mail_notification) IN ('1', 't', 'true'));
