/*
 * `trace --live` on the daemon's side: clients of the control socket who follow sessions as they
 * happen. Each gets a line of JSON for each line that is said, after the answer to its request:
 *     {"answer": {"following": NAME, "until": TIME}}
 *     {"answer": {"at": …, "session": 16, "host": …, "domain": …, "ms": 12, "by": "server", "line":
 * …}}
 *     {"answer": {"lost": 7}}      so many records were not taken in time
 *     {"answer": {"end": true}}    the time is over
 */
#ifndef POSTROOM_APP_LIVE_TRACE_H
#define POSTROOM_APP_LIVE_TRACE_H

#include <jansson.h>

#include "base/compiler.h"
#include "base/error.h"

struct delivery_engine;
struct live_client;
struct live_traces;
struct loop;
struct stream;

/* live_traces_new serves clients on a loop; live_traces_free, when neither the loop nor the engine
 * runs any more. */
MUST_USE struct live_traces *live_traces_new(struct loop *loop, struct delivery_engine *engine);
void live_traces_free(struct live_traces *traces);

/* live_client_until says until when it is told, for an answer. */
MUST_USE json_t *live_client_until(const struct live_client *client);

/* live_traces_begin lets what `args` names be told on the stream, until live_client_end: before
 * the stream is closed. NULL with `err` when the args make no sense or too many follow already. */
MUST_USE struct live_client *live_traces_begin(struct live_traces *traces, const json_t *args,
                                               struct stream *stream, struct error *err);
void live_client_end(struct live_client *client);

#endif
