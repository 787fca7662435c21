/*
 * OpenAPI 3.1, from the very rows that are served.
 */
#include "web/api/openapi.h"

#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "web/answer_http.h"
#include "web/api/api.h"
#include "web/api/operation.h"
#include "web/api/routes.h"

static json_t *schema_of(enum api_type type, bool in_body)
{
    switch (type) {
    case API_NUMBER:
        return json_pack("{s:s}", "type", "integer");
    case API_FLAG:
        return json_pack("{s:s}", "type", "boolean");
    case API_LIST:
        return in_body ? json_pack("{s:s}", "type", "array")
                       : json_pack("{s:s, s:{s:s}}", "type", "array", "items", "type", "string");
    case API_OBJECT:
        return json_pack("{s:s}", "type", "object");
    case API_NUMBER_OR_KEY:
        return json_pack("{s:[s, s]}", "type", "integer", "string");
    case API_TEXT:
        break;
    }
    return json_pack("{s:s}", "type", "string");
}

static void add_parameter(json_t *parameters, const char *where, struct span name,
                          enum api_type type, bool must)
{
    (void)json_array_append_new(parameters, json_pack("{s:s%, s:s, s:b, s:o}", "name", name.at,
                                                      name.n, "in", where, "required", must,
                                                      "schema", schema_of(type, false)));
}

/* The names between braces are the caller's, the types the fields'. */
static void add_parts(json_t *parameters, struct span path, struct span parts)
{
    struct api_field field;

    while (span_index(path, '{') < path.n && api_field_next(&parts, &field)) {
        path = span_rest(path, span_index(path, '{') + 1);
        add_parameter(parameters, "path", span_first(path, span_index(path, '}')), field.type,
                      true);
    }
}

static void add_query(json_t *parameters, const char *query)
{
    struct span rest = span_of(query);
    struct api_field field;

    while (api_field_next(&rest, &field))
        add_parameter(parameters, "query", field.name, field.type, field.must);
}

static json_t *body_json(const char *body)
{
    json_t *properties = json_object();
    json_t *required = json_array();
    struct span rest = span_of(body);
    struct api_field field;

    while (api_field_next(&rest, &field)) {
        (void)json_object_setn_new(properties, field.name.at, field.name.n,
                                   schema_of(field.type, true));
        if (field.must)
            (void)json_array_append_new(required, json_stringn(field.name.at, field.name.n));
    }
    return json_pack("{s:b, s:{s:{s:{s:s, s:o, s:o, s:b}}}}", "required",
                     json_array_size(required) > 0, "content", "application/json", "schema", "type",
                     "object", "properties", properties, "required", required,
                     "additionalProperties", 0);
}

static json_t *responses_json(int status)
{
    char code[16];

    (void)snprintf(code, sizeof(code), "%d", status);
    return json_pack("{s:{s:s, s:{s:{s:{s:s}}}}, s:{s:s, s:{s:{s:{s:s}}}}}", code, "description",
                     "done", "content", "application/json", "schema", "type", "object", "default",
                     "description", "a problem (RFC 9457)", "content", "application/problem+json",
                     "schema", "$ref", "#/components/schemas/problem");
}

static json_t *operation_json(const struct http_route *route)
{
    const struct api_operation *o = route->detail;
    json_t *parameters = json_array();
    json_t *made = json_object();

    add_parts(parameters, span_of(route->path), span_of(o->parts));
    if (o->query != NULL)
        add_query(parameters, o->query);
    if (route->method == HTTP_POST)
        add_parameter(parameters, "header", SPAN("Idempotency-Key"), API_TEXT, false);
    (void)json_object_set_new(made, "summary", json_string(o->summary));
    (void)json_object_set_new(made, "description",
                              json_sprintf("Needs the scope %s.", route->needs));
    (void)json_object_set_new(made, "x-scope", json_string(route->needs));
    (void)json_object_set_new(made, "parameters", parameters);
    if (o->body != NULL)
        (void)json_object_set_new(made, "requestBody", body_json(o->body));
    (void)json_object_set_new(made, "responses", responses_json(o->status));
    return made;
}

static const char *method_name(enum http_method method)
{
    static const char *const names[] = {
        [HTTP_GET] = "get",        [HTTP_HEAD] = "head",   [HTTP_POST] = "post",
        [HTTP_PUT] = "put",        [HTTP_PATCH] = "patch", [HTTP_DELETE] = "delete",
        [HTTP_OPTIONS] = "options"
    };

    return names[method];
}

static json_t *paths_json(void)
{
    json_t *paths = json_object();

    for (const struct http_route *route = api_routes; route->path != NULL; route++) {
        json_t *path = json_object_get(paths, route->path);

        if (route->detail == NULL)
            continue;
        if (path == NULL) {
            path = json_object();
            (void)json_object_set_new(paths, route->path, path);
        }
        (void)json_object_set_new(path, method_name(route->method), operation_json(route));
    }
    return paths;
}

static json_t *components_json(void)
{
    return json_pack(
        "{s:{s:{s:s, s:s}}, s:{s:{s:s, s:{s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}}}}}",
        "securitySchemes", "token", "type", "http", "scheme", "bearer", "schemas", "problem",
        "type", "object", "properties", "type", "type", "string", "title", "type", "string",
        "status", "type", "integer", "detail", "type", "string", "field", "type", "string");
}

json_t *openapi_json(void)
{
    return json_pack("{s:s, s:{s:s, s:s, s:{s:s, s:s}}, s:[{s:s}], s:[{s:[]}], s:o, s:o}",
                     "openapi", "3.1.0", "info", "title", "postroom", "version", POSTROOM_VERSION,
                     "license", "name", "ISC", "identifier", "ISC", "servers", "url", "/",
                     "security", "token", "paths", paths_json(), "components", components_json());
}

void openapi_answer(struct web_call *call)
{
    json_t *document = openapi_json();

    web_answer_json(call, 200, document, NULL);
    json_decref(document);
}
