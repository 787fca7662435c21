/*
 * The words of reasons. Those not listed here are the operator's.
 */
#include "domain/suppression_reason.h"

enum suppression_weight suppression_weigh(struct span reason)
{
    static const struct {
        struct span word;
        enum suppression_weight weight;
    } words[] = {
        { { "unsubscribed", 12 }, SUPPRESSION_ASKED },
        { { "complaint", 9 }, SUPPRESSION_ASKED },
        { { "objection", 9 }, SUPPRESSION_ASKED },
        { { "unknown user", 12 }, SUPPRESSION_FOUND },
        { { "bounced", 7 }, SUPPRESSION_FOUND },
    };

    for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
        if (span_equal_nocase(reason, words[i].word))
            return words[i].weight;
    return SUPPRESSION_DECIDED;
}
