/*
 * What is wrong with a message is for good; what is wrong with us may pass.
 */
#include "protocol/smtp/refusal_text.h"

struct smtp_refusal smtp_refusal_of(const struct error *err)
{
    switch (err->kind) {
    case ERROR_INVALID:
        return (struct smtp_refusal){ 554, { 5, 6, 0 } };
    case ERROR_LIMIT:
        return (struct smtp_refusal){ 552, { 5, 3, 4 } };
    case ERROR_CONFLICT:
        return (struct smtp_refusal){ 554, { 5, 7, 1 } };
    case ERROR_NOT_FOUND:
    case ERROR_TEMPORARY:
    case ERROR_IO:
    case ERROR_INTERNAL:
        break;
    }
    return (struct smtp_refusal){ 451, { 4, 3, 0 } };
}

void smtp_refusal_text(struct span text, char ret_line[SMTP_REFUSAL_ROOM])
{
    size_t n = 0;

    for (; n < text.n && n + 1 < SMTP_REFUSAL_ROOM; n++)
        ret_line[n] = text.at[n] < 32 || text.at[n] > 126 ? '?' : text.at[n];
    ret_line[n] = '\0';
}
