/*
 * The end of patience; its steps are the delivery service's affair.
 */
#include "domain/retry_end.h"

int64_t retry_end(const struct settings *settings, enum stream_id stream, int64_t first_due,
                  int64_t deadline)
{
    int64_t end = first_due + settings->streams[stream].expire_after;

    return deadline != 0 && deadline < end ? deadline : end;
}
