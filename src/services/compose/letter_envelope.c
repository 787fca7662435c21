/*
 * The envelope of a letter: the token address that its bounces come back to, and whom it goes to.
 */
#include "base/cleanup.h"
#include "protocol/mail/address.h"
#include "services/compose/composer_internal.h"

/* The envelope's sender names the delivery, so that a bounce does. */
static void set_return_path(struct composer_worker *worker, struct letter *letter)
{
    const struct settings *settings = worker->composer->options.settings;
    const struct token token = { TOKEN_RETURN, (uint64_t)letter->delivery, 0 };
    CLEANUP(buf_fini) struct buf path;

    buf_init(&path, sizeof(letter->mail_from) - 1);
    token_put(&path, worker->keys, &token);
    buf_printf(&path, "@%s", settings->return_path_domain);
    span_copy(buf_view(&path), letter->mail_from, sizeof(letter->mail_from));
}

/* Puts down `text` in the form of envelopes, for a domain in other letters has one in ASCII. */
static bool read_recipient(struct letter *letter, struct span text, struct error *err)
{
    struct address address;
    CLEANUP(buf_fini) struct buf wire;

    buf_init(&wire, ADDRESS_MOST);
    if (!address_parse(text, &address, err))
        return error_wrap(err, "the recipient %.*s", SPAN_ARGS(text));
    if (address.needs_smtputf8)
        letter->needs_smtputf8 = true;
    address_put(&wire, &address);
    span_copy(buf_view(&wire), letter->recipient, sizeof(letter->recipient));
    return true;
}

/* A redirected letter goes to another mailbox and is otherwise the one it would be. */
bool letter_envelope_set(struct composer_worker *worker, const struct content_delivery *delivery,
                         struct letter *letter, struct error *err)
{
    const struct settings *settings = worker->composer->options.settings;
    struct span named = delivery->address;
    struct span recipient =
        settings->deliver == DELIVER_REDIRECT ? span_of(settings->deliver_redirect) : named;

    set_return_path(worker, letter);
    return read_recipient(letter, named, err) && read_recipient(letter, recipient, err);
}
