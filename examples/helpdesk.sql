-- Mail from an application that knows nothing of it: triggers on its tables write the inbox.
--
--     sqlite3 helpdesk.db <helpdesk.sql        once
--     inboxes: [/srv/helpdesk/helpdesk.db]     in postroom.yaml
--
-- From then on every statement that changes a ticket, whoever runs it, is an event. Of ten changes
-- within the window each watcher gets one mail with what changed in the end.

CREATE TABLE IF NOT EXISTS ticket (
    id       INTEGER PRIMARY KEY,
    title    TEXT NOT NULL,
    state    TEXT NOT NULL DEFAULT 'open',
    owner    TEXT,
    customer TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS inbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT, payload TEXT NOT NULL, at INTEGER
);

-- The customer watches the ticket they open.
CREATE TRIGGER IF NOT EXISTS ticket_opened AFTER INSERT ON ticket
BEGIN
    INSERT INTO inbox (payload) VALUES (json_object(
        'topic', json_object('key', 'ticket/' || new.id, 'title', new.title,
                             'parents', json_array('desk/support')),
        'kind', 'opened',
        'actor', new.customer,
        'people', json_array(json_object('key', new.customer, 'address', new.customer)),
        'watch', json_array(json_object('person', new.customer, 'topic', 'ticket/' || new.id,
                                        'origin', 'author'))));
END;

CREATE TRIGGER IF NOT EXISTS ticket_state AFTER UPDATE OF state ON ticket
    WHEN old.state IS NOT new.state
BEGIN
    INSERT INTO inbox (payload) VALUES (json_object(
        'topic', 'ticket/' || new.id,
        'kind', 'changed',
        'changes', json_array(json_object('field', 'State', 'old', old.state,
                                          'new', new.state))));
END;

-- The new owner is addressed directly, and hears of it even when watching nothing.
CREATE TRIGGER IF NOT EXISTS ticket_owner AFTER UPDATE OF owner ON ticket
    WHEN new.owner IS NOT NULL AND old.owner IS NOT new.owner
BEGIN
    INSERT INTO inbox (payload) VALUES (json_object(
        'topic', 'ticket/' || new.id,
        'kind', 'changed',
        'changes', json_array(json_object('field', 'Owner', 'old', old.owner,
                                          'new', new.owner)),
        'people', json_array(json_object('key', new.owner, 'address', new.owner)),
        'to', json_array(json_object('person', new.owner, 'reason', 'assigned'))));
END;
