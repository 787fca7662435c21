<?php
// A small issue tracker: php tracker.php USER new TITLE | comment ISSUE TEXT | close ISSUE
//                                             | watch ISSUE | mute ISSUE
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
$db->exec('CREATE TABLE IF NOT EXISTS issue (id INTEGER PRIMARY KEY, title TEXT, state TEXT)');
$db->exec('CREATE TABLE IF NOT EXISTS inbox
           (id INTEGER PRIMARY KEY AUTOINCREMENT, payload TEXT NOT NULL, at INTEGER)');

function tell(PDO $db, array $event): void
{
    $db->prepare('INSERT INTO inbox (payload) VALUES (?)')
        ->execute([json_encode($event, JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE)]);
}

// Topics and people that postroom does not know yet are made on the way.
function topic_of(PDO $db, int $id): array
{
    $query = $db->prepare('SELECT title FROM issue WHERE id = ?');
    $query->execute([$id]);
    $title = $query->fetchColumn();
    if ($title === false) {
        exit("tracker: no issue $id\n");
    }
    return ['key' => "issue/$id", 'title' => $title, 'parents' => ['project/tracker'],
            'url' => "https://tracker.example.org/$id"];
}

function person(string $user): array
{
    return ['key' => $user, 'name' => ucfirst($user), 'address' => "$user@example.org"];
}

[, $user, $action, $argument, $text] = $argv + [1 => '', '', '', ''];
$db->beginTransaction();
if ($action === 'new') {
    $db->prepare("INSERT INTO issue (title, state) VALUES (?, 'open')")->execute([$argument]);
    $id = (int) $db->lastInsertId();
} else {
    $id = (int) $argument;
}
$event = ['topic' => topic_of($db, $id), 'actor' => $user, 'people' => [person($user)]];
$watch = ['person' => $user, 'topic' => "issue/$id"];
match ($action) {
    // Whoever opens an issue watches it.
    'new' => tell($db, $event + ['kind' => 'opened', 'watch' => [$watch + ['origin' => 'author']]]),
    'comment' => tell($db, $event + ['kind' => 'commented', 'text' => $text]),
    'close' => tell($db, $event + ['kind' => 'changed', 'changes' => [
        ['field' => 'State', 'old' => 'open', 'new' => 'closed']]]),
    // The Watch and Mute buttons: nobody is told of these.
    'watch' => tell($db, $event + ['kind' => 'watched', 'silent' => true, 'watch' => [$watch]]),
    'mute' => tell($db, $event + ['kind' => 'watched', 'silent' => true,
                                  'watch' => [$watch + ['mode' => 'mute']]]),
    default => exit("tracker: what is \"$action\"?\n"),
};
if ($action === 'close') {
    $db->prepare("UPDATE issue SET state = 'closed' WHERE id = ?")->execute([$id]);
}
$db->commit();
echo "issue $id\n";
