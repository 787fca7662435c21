/*
 * The table of texts.
 */
#include "web/public/page_words.h"

static const struct {
    const char *tag;
    const char *name;
} languages[PAGE_LANGUAGES] = {
    [PAGE_ENGLISH] = { "en", "English" },
    [PAGE_GERMAN] = { "de", "Deutsch" },
};

static const char *const words[PAGE_WORDS][PAGE_LANGUAGES] = {
    [WORD_MUTE_ASK] = { "Mute “{}”?", "„{}“ stumm schalten?" },
    [WORD_MUTE_MEANS] = { "You will hear nothing more of it, unless somebody addresses you there.",
                          "Sie hören nichts mehr davon, außer wenn Sie dort jemand anspricht." },
    [WORD_MUTE_PRESS] = { "Mute", "Stumm schalten" },
    [WORD_MUTE_DONE] = { "“{}” is muted.", "„{}“ ist stumm geschaltet." },
    [WORD_STOP_ASK] = { "Stop watching “{}”?", "„{}“ nicht mehr beobachten?" },
    [WORD_STOP_MEANS] = { "You will hear of it only where you watch something in it, or somebody "
                          "addresses you.",
                          "Sie hören davon nur noch, wo Sie etwas darin beobachten oder jemand Sie "
                          "anspricht." },
    [WORD_STOP_PRESS] = { "Stop watching", "Nicht mehr beobachten" },
    [WORD_STOP_DONE] = { "You do not watch “{}” any more.", "Sie beobachten „{}“ nicht mehr." },
    [WORD_DAILY_ASK] = { "Get “{}” as a daily digest?", "„{}“ als tägliche Zusammenfassung?" },
    [WORD_DAILY_MEANS] = { "What happens there will come in one mail a day.",
                           "Was dort geschieht, kommt dann in einer Nachricht am Tag." },
    [WORD_DAILY_PRESS] = { "Daily digest", "Täglich zusammenfassen" },
    [WORD_DAILY_DONE] = { "“{}” comes in your daily digest.",
                          "„{}“ kommt in Ihrer täglichen Zusammenfassung." },
    [WORD_NO_MAIL_ASK] = { "No more mail about “{}”?", "Keine Nachrichten mehr zu „{}“?" },
    [WORD_NO_MAIL_MEANS] = { "You will get no mail about it, even when somebody addresses you.",
                             "Sie bekommen dazu keine Nachrichten mehr, auch wenn Sie jemand "
                             "anspricht." },
    [WORD_NO_MAIL_PRESS] = { "No more mail", "Keine Nachrichten mehr" },
    [WORD_NO_MAIL_DONE] = { "You get no more mail about “{}”.",
                            "Sie bekommen keine Nachrichten mehr zu „{}“." },
    [WORD_ALL_OFF_ASK] = { "Turn off all notifications?", "Alle Benachrichtigungen abschalten?" },
    [WORD_ALL_OFF_MEANS] = { "You will get no mail about anything you watch, even when somebody "
                             "addresses you. What you ask for yourself, such as a new password, "
                             "still reaches you.",
                             "Sie bekommen dann keine Nachrichten mehr zu dem, was Sie beobachten, "
                             "auch wenn Sie jemand anspricht. Was Sie selbst anfordern, etwa ein "
                             "neues Passwort, erreicht Sie weiterhin." },
    [WORD_ALL_OFF_PRESS] = { "Turn all off", "Alle abschalten" },
    [WORD_ALL_OFF_DONE] = { "All notifications are off.",
                            "Alle Benachrichtigungen sind abgeschaltet." },

    [WORD_UNDO] = { "Undo", "Rückgängig machen" },
    [WORD_UNDONE] = { "Undone: all is as it was.", "Rückgängig gemacht: alles ist wie vorher." },
    [WORD_ALL_SETTINGS] = { "All settings", "Alle Einstellungen" },
    [WORD_HIDDEN_TOPIC] = { "something you may not see any more",
                            "etwas, das Sie nicht mehr sehen dürfen" },

    [WORD_SETTINGS_TITLE] = { "Your notifications", "Ihre Benachrichtigungen" },
    [WORD_SAVED] = { "Saved.", "Gespeichert." },
    [WORD_SUSPENDED] = { "Your account is suspended: until it is active again, no notifications "
                         "come.",
                         "Ihr Konto ist gesperrt: bis es wieder aktiv ist, kommen keine "
                         "Benachrichtigungen." },
    [WORD_TURN_ON] = { "Turn on again", "Wieder einschalten" },
    [WORD_WATCHED] = { "What you watch", "Was Sie beobachten" },
    [WORD_WATCHES_NOTHING] = { "You watch nothing.", "Sie beobachten nichts." },
    [WORD_THROUGH_LISTS] = { "Through lists you are on", "Über Listen, auf denen Sie stehen" },
    [WORD_HOW_OFTEN] = { "How often for “{}”", "Wie oft für „{}“" },
    [WORD_MODE_MUTE] = { "Never (muted)", "Nie (stumm)" },
    [WORD_MODE_NOW] = { "At once", "Sofort" },
    [WORD_MODE_HOURLY] = { "Once an hour", "Einmal pro Stunde" },
    [WORD_MODE_DAILY] = { "Once a day", "Einmal am Tag" },
    [WORD_MODE_WEEKLY] = { "Once a week", "Einmal pro Woche" },
    [WORD_SOME_KINDS] = { "Only: {}", "Nur: {}" },
    [WORD_SAVE] = { "Save", "Speichern" },
    [WORD_MORE] = { "More", "Mehr" },
    [WORD_SILENCED] = { "What you get no mail about", "Wozu Sie keine Nachrichten bekommen" },
    [WORD_ALLOW] = { "Allow again", "Wieder erlauben" },
    [WORD_READING] = { "Language and hours", "Sprache und Zeiten" },
    [WORD_LANGUAGE] = { "Language", "Sprache" },
    [WORD_TIMEZONE] = { "Time zone", "Zeitzone" },
    [WORD_TIMEZONE_HINT] = { "Such as Europe/Vienna. Digests and quiet hours go by its clocks.",
                             "Zum Beispiel Europe/Vienna. Zusammenfassungen und Ruhezeiten richten "
                             "sich nach ihren Uhren." },
    [WORD_QUIET_HOURS] = { "Quiet hours", "Ruhezeiten" },
    [WORD_QUIET_HINT] = { "Between these hours only what is urgent reaches you. Leave both empty "
                          "for none.",
                          "Dazwischen erreicht Sie nur, was dringend ist. Lassen Sie beide leer, "
                          "wenn Sie keine wollen." },
    [WORD_QUIET_FROM] = { "From", "Von" },
    [WORD_QUIET_TO] = { "To", "Bis" },
    [WORD_BAD_TIMEZONE] = { "This time zone is not known. Nothing was changed.",
                            "Diese Zeitzone ist nicht bekannt. Es wurde nichts geändert." },

    [WORD_ANSWER_ASK] = { "Your answer to “{}”?", "Ihre Antwort auf „{}“?" },
    [WORD_ANSWER_TEXT] = { "Anything to add (may stay empty)",
                           "Was Sie dazu sagen wollen (kann leer bleiben)" },
    [WORD_ANSWER_GIVEN] = { "“{}” is answered.", "„{}“ ist beantwortet." },
    [WORD_ANSWER_YOU] = { "You", "Sie" },
    [WORD_ANSWER_WITHDRAWN] = { "“{}” was withdrawn: no answer is needed any more.",
                                "„{}“ wurde zurückgezogen: es braucht keine Antwort mehr." },
    [WORD_ANSWER_LATE] = { "The time to answer “{}” is over.",
                           "Die Zeit für eine Antwort auf „{}“ ist vorbei." },

    [WORD_LOST_TITLE] = { "Nothing here", "Hier ist nichts" },
    [WORD_LOST] = { "This link does not work. Please use the whole link of the mail, or one of a "
                    "newer mail.",
                    "Dieser Link funktioniert nicht. Bitte nehmen Sie den ganzen Link aus der "
                    "Nachricht, oder einen aus einer neueren." },
    [WORD_BAD_FORM] = { "This form cannot be read. Please go back and try again.",
                        "Dieses Formular ist nicht lesbar. Bitte gehen Sie zurück und versuchen "
                        "es noch einmal." },
    [WORD_TOO_OFTEN] = { "That were many changes in a short time. Please try again in a minute.",
                         "Das waren viele Änderungen in kurzer Zeit. Bitte versuchen Sie es in "
                         "einer Minute noch einmal." },
    [WORD_NOT_NOW] = { "This cannot be done at the moment. Please try again later.",
                       "Das geht gerade nicht. Bitte versuchen Sie es später noch einmal." },
    [WORD_PROBLEM_TITLE] = { "That did not work", "Das hat nicht geklappt" },
};

const char *page_word(enum page_language language, enum page_word word)
{
    return words[word][language];
}

bool page_language_find(struct span tag, enum page_language *ret_language)
{
    struct span main_tag = span_first(tag, span_index(tag, '-'));

    for (size_t i = 0; i < PAGE_LANGUAGES; i++)
        if (span_equal_nocase(main_tag, span_of(languages[i].tag))) {
            *ret_language = (enum page_language)i;
            return true;
        }
    return false;
}

/* Programs list what they prefer first; the weights are not looked at. */
enum page_language page_language_accepted(struct span accept)
{
    enum page_language language = PAGE_ENGLISH;

    while (accept.n > 0) {
        struct span range = span_take_until(&accept, ',');

        if (page_language_find(span_trim(span_first(range, span_index(range, ';'))), &language))
            return language;
    }
    return language;
}

const char *page_language_tag(enum page_language language)
{
    return languages[language].tag;
}

const char *page_language_name(enum page_language language)
{
    return languages[language].name;
}
