/*
 * The table.
 */
#include "web/public/public_routes.h"

#include "domain/mail_button.h"
#include "web/public/answers.h"
#include "web/public/buttons.h"
#include "web/public/preferences.h"

const struct http_route public_routes[] = {
    { .method = HTTP_GET, .path = BUTTON_PATH "{token}", .answer = buttons_show },
    { .method = HTTP_POST, .path = BUTTON_PATH "{token}", .answer = buttons_press },
    { .method = HTTP_GET, .path = SETTINGS_PATH "{token}", .answer = preferences_show },
    { .method = HTTP_POST, .path = SETTINGS_PATH "{token}", .answer = preferences_change },
    { .method = HTTP_GET, .path = ANSWER_PATH "{token}", .answer = answers_show },
    { .method = HTTP_POST, .path = ANSWER_PATH "{token}", .answer = answers_give },
    { .path = NULL },
};
