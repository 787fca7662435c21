/*
 * The sink: listening and counting. Everything a connection does is in smtp_sink_session.c.
 */
#include "net/smtp_sink.h"

#include "base/alloc.h"
#include "io/loop.h"
#include "net/smtp_sink_internal.h"

enum { JOURNAL_LINE_MAX = 1 << 20 };

struct smtp_sink_options smtp_sink_options_default(void)
{
    return (struct smtp_sink_options){
        .name = "sink.invalid",
        .offers = { .pipelining = true,
                    .size = true,
                    .size_limit = 50 << 20,
                    .eight_bit = true,
                    .smtputf8 = true,
                    .enhanced_status = true },
        .content_max = 50 << 20,
        .recipients_max = 1000,
        .journal = -1,
    };
}

static void on_accepted(void *owner, struct stream *stream)
{
    sink_session_open(owner, stream);
}

static const struct listener_events listener_events = { .accepted = on_accepted };

static bool listen_everywhere(struct smtp_sink *sink, const struct smtp_sink_options *options,
                              struct error *err)
{
    sink->listeners = alloc_array(options->listen_count, sizeof(struct listener *));
    for (size_t i = 0; i < options->listen_count; i++) {
        struct listener *listener =
            listener_open(sink->loop, &options->listen[i], 0600, &listener_events, sink, err);

        if (listener == NULL)
            return false;
        sink->listeners[sink->listener_count++] = listener;
    }
    return true;
}

static void copy_options(struct smtp_sink *sink, const struct smtp_sink_options *options)
{
    sink->options = *options;
    sink->options.offers.starttls = options->offers.starttls && options->tls != NULL;
    sink->name = alloc_text(options->name);
    sink->options.name = sink->name;
    sink->folder = alloc_text(options->folder);
    sink->options.folder = sink->folder;
    sink->rules = alloc_array(options->rule_count, sizeof(struct smtp_sink_rule));
    for (size_t i = 0; i < options->rule_count; i++)
        sink->rules[i] = options->rules[i];
    sink->options.rules = sink->rules;
    sink->options.listen = NULL;
}

struct smtp_sink *smtp_sink_open(struct loop *loop, const struct smtp_sink_options *options,
                                 struct error *err)
{
    struct smtp_sink *sink = NEW(struct smtp_sink);

    sink->loop = loop;
    copy_options(sink, options);
    list_init(&sink->sessions);
    table_init(&sink->greylist);
    buf_init(&sink->line, JOURNAL_LINE_MAX);
    if (listen_everywhere(sink, options, err))
        return sink;
    smtp_sink_close(sink);
    return NULL;
}

static void destroy(void *owner)
{
    struct smtp_sink *sink = owner;

    sink_policy_fini(sink);
    buf_fini(&sink->line);
    alloc_free((void *)sink->listeners);
    alloc_free(sink->rules);
    alloc_free(sink->name);
    alloc_free(sink->folder);
    alloc_free(sink);
}

void smtp_sink_close(struct smtp_sink *sink)
{
    for (size_t i = 0; i < sink->listener_count; i++)
        listener_close(sink->listeners[i]);
    LIST_EACH (&sink->sessions, link)
        sink_session_close(CONTAINER_OF(link, struct sink_session, link));
    loop_defer(sink->loop, destroy, sink);
}

struct endpoint smtp_sink_endpoint(const struct smtp_sink *sink, size_t i)
{
    return listener_endpoint(sink->listeners[i]);
}

const struct smtp_sink_counts *smtp_sink_counts(const struct smtp_sink *sink)
{
    return &sink->counts;
}
