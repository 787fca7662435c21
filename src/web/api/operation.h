/*
 * One operation of the API: how its path, query and body become the arguments of a request. The
 * router, the handler and the OpenAPI document are made of the same row.
 */
#ifndef POSTROOM_WEB_API_OPERATION_H
#define POSTROOM_WEB_API_OPERATION_H

#include <stdbool.h>

#include "base/compiler.h"
#include "base/span.h"

/* Lists of fields are names divided by spaces. After a name may stand
 *   #  a whole number     ?  true or false     *  a list of texts (of anything in a body)
 *   {  an object          ~  a number, else a key
 * and "after:before#" is `after` for the caller and `before` for the request. In front of a name
 * "!" means: it must be there. */
struct api_operation {
    const char *request; /* of the table of requests */
    const char *parts;   /* fields for the parts of the path, in its order */
    const char *query;   /* fields that the query may have; NULL: none */
    const char *body;    /* fields that a JSON body may have; NULL: no body */
    int status;          /* of a success */
    const char *summary;
};

enum api_type { API_TEXT, API_NUMBER, API_FLAG, API_LIST, API_OBJECT, API_NUMBER_OR_KEY };

struct api_field {
    struct span name;     /* for the caller */
    struct span argument; /* for the request */
    enum api_type type;
    bool must;
};

/* api_field_next takes the first field off a list; false at its end. api_field_find looks for one
 * by the caller's name. */
MUST_USE bool api_field_next(struct span *list, struct api_field *ret_field);
MUST_USE bool api_field_find(const char *list, struct span name, struct api_field *ret_field);

#endif
