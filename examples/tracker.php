<?php
// A small issue tracker: php tracker.php USER new TITLE | comment ISSUE TEXT | assign ISSUE USER
//                            | set ISSUE FIELD VALUE | watch ISSUE | mute ISSUE
// Without words it reads such lines from standard input, each a request of its own.
//
// Needs php-cli and php-sqlite3. Its data is in ./tracker.db, which postroom.yaml names:
//
//     inboxes: [/srv/tracker/tracker.db]
//
// What the tracker does for mail is one insert in the transaction that changes the issue: both
// are there, or neither. Who hears of it, when, and whether mail can leave at all is no concern
// of the request.
declare(strict_types=1);

$db = new PDO('sqlite:tracker.db', options: [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
$db->exec('PRAGMA busy_timeout = 5000');
$db->exec("CREATE TABLE IF NOT EXISTS issue (id INTEGER PRIMARY KEY, title TEXT, owner TEXT,
           state TEXT DEFAULT 'open', priority TEXT DEFAULT 'normal')");
$db->exec('CREATE TABLE IF NOT EXISTS comment (issue INTEGER, author TEXT, text TEXT)');
$db->exec('CREATE TABLE IF NOT EXISTS inbox
           (id INTEGER PRIMARY KEY AUTOINCREMENT, payload TEXT NOT NULL, at INTEGER)');

function run(PDO $db, string $sql, array $values): void
{
    $db->prepare($sql)->execute($values);
}

function tell(PDO $db, array $event): void
{
    run($db, 'INSERT INTO inbox (payload) VALUES (?)',
        [json_encode($event, JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE)]);
}

function issue(PDO $db, int $id): array
{
    $query = $db->prepare('SELECT * FROM issue WHERE id = ?');
    $query->execute([$id]);
    return $query->fetch(PDO::FETCH_ASSOC) ?: exit("tracker: no issue $id\n");
}

// Topics and people that postroom does not know yet are made on the way.
function topic(array $issue): array
{
    return ['key' => "issue/$issue[id]", 'title' => $issue['title'],
            'parents' => ['project/tracker'], 'url' => "https://tracker.example.org/$issue[id]"];
}

function person(string $user): array
{
    return ['key' => $user, 'name' => ucfirst($user),
            'address' => "$user@" . (getenv('TRACKER_DOMAIN') ?: 'example.org')];
}

// An assignment addresses the new owner, who hears of it though they watch nothing.
function set(PDO $db, array $event, array $issue, string $field, string $value): void
{
    if (!in_array($field, ['state', 'priority', 'owner'], true)) {
        exit("tracker: an issue has no \"$field\"\n");
    }
    run($db, "UPDATE issue SET $field = ? WHERE id = ?", [$value, $issue['id']]);
    if ($field === 'owner') {
        $event['people'][] = person($value);
        $event['to'] = [['person' => $value, 'reason' => 'assigned']];
    }
    tell($db, $event + ['kind' => 'changed', 'changes' => [
        ['field' => ucfirst($field), 'old' => $issue[$field], 'new' => $value]]]);
}

function comment(PDO $db, array $event, int $id, string $text): void
{
    run($db, 'INSERT INTO comment VALUES (?, ?, ?)', [$id, $event['actor'], $text]);
    tell($db, $event + ['kind' => 'commented', 'text' => $text]);
}

function act(PDO $db, array $words): int
{
    [$user, $action, $argument, $more, $value] = $words + ['', '', '', '', ''];
    $db->beginTransaction();
    if ($action === 'new') {
        run($db, 'INSERT INTO issue (title) VALUES (?)', [$argument]);
    }
    $id = $action === 'new' ? (int) $db->lastInsertId() : (int) $argument;
    $issue = issue($db, $id);
    $event = ['topic' => topic($issue), 'actor' => $user, 'people' => [person($user)]];
    $watch = ['person' => $user, 'topic' => "issue/$id"];
    match ($action) {
        // Whoever opens an issue watches it.
        'new' => tell($db, $event + ['kind' => 'opened',
                                     'watch' => [$watch + ['origin' => 'author']]]),
        'comment' => comment($db, $event, $id, $more),
        'set' => set($db, $event, $issue, $more, $value),
        'assign' => set($db, $event, $issue, 'owner', $more),
        // The Watch and Mute buttons: nobody is told of these.
        'watch' => tell($db, $event + ['kind' => 'watched', 'silent' => true,
                                       'watch' => [$watch]]),
        'mute' => tell($db, $event + ['kind' => 'watched', 'silent' => true,
                                      'watch' => [$watch + ['mode' => 'mute']]]),
        default => exit("tracker: what is \"$action\"?\n"),
    };
    $db->commit();
    return $id;
}

if ($argc > 1) {
    echo 'issue ', act($db, array_slice($argv, 1)), "\n";
} else {
    while (($line = fgets(STDIN)) !== false) {
        act($db, str_getcsv(trim($line), ' '));
    }
}
