/*
 * `route explain`: the way mail to an address would go. Asks the DNS itself, with the daemon up or
 * down, and the store; sends nothing.
 */
#include <string.h>
#include <sysexits.h>

#include "app/asking.h"
#include "app/command.h"
#include "app/commands/commands_internal.h"
#include "app/config/config.h"
#include "app/mail_rules.h"
#include "app/route_lookup.h"
#include "app/show.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "domain/mail_address.h"
#include "domain/staging.h"

static const struct option explain_options[] = {
    { "ADDRESS", OPTION_OPERAND, NULL, "address", NULL },
    { NULL },
};

/* ---- what the DNS said ---- */

static bool is_tried(const struct mx_plan *plan, const struct ip *ip)
{
    for (size_t i = 0; i < plan->count; i++)
        if (ip_equal(&plan->targets[i].ip, ip))
            return true;
    return false;
}

/* Why an address is none to try. */
static const char *why_not(const struct mx_rules *rules, const struct ip *ip)
{
    for (size_t i = 0; i < rules->own_address_count; i++)
        if (ip_equal(&rules->own_addresses[i], ip))
            return "it is ours";
    if (ip_is_loopback(ip) && !rules->loopback_allowed)
        return "a loopback address, see smtp.allow_loopback";
    if (ip_is_internal(ip) && !ip_is_loopback(ip) && !rules->internal_allowed)
        return "an internal address, see smtp.allow_private";
    return "there are enough before it, or it is no better than ourselves";
}

static void put_addresses(json_t *list, const struct route_lookup *found,
                          const struct dns_answer *answer, const struct mx_rules *rules)
{
    for (size_t i = 0; i < answer->count; i++) {
        CLEANUP(buf_fini) struct buf text;
        const struct ip *ip = &answer->records[i].ip;
        json_t *object = json_object();

        buf_init(&text, 60);
        ip_put(&text, ip);
        (void)json_array_append_new(list, object);
        (void)json_object_set_new(object, "address", json_string(buf_text(&text)));
        if (!is_tried(&found->plan, ip))
            (void)json_object_set_new(object, "skipped", json_string(why_not(rules, ip)));
    }
    if (dns_answer_is_soft(answer)) {
        json_t *object = json_object();

        (void)json_array_append_new(list, object);
        (void)json_object_set_new(object, "skipped", json_string(answer->problem));
    }
}

static json_t *host_json(const char *name, unsigned preference)
{
    json_t *object = json_object();

    (void)json_object_set_new(object, "host", json_string(name[0] != '\0' ? name : "."));
    (void)json_object_set_new(object, "preference", json_integer(preference));
    return object;
}

static bool is_host(const struct mx_hosts *hosts, const char *name)
{
    for (size_t i = 0; i < hosts->count; i++)
        if (strcmp(hosts->host[i].name, name) == 0)
            return true;
    return false;
}

/* Those of the MX answer that are no hosts to try. */
static void put_others(json_t *list, const struct route_lookup *found)
{
    for (size_t i = 0; i < found->mx.count; i++) {
        const struct dns_record *record = &found->mx.records[i];
        json_t *object;

        if (is_host(&found->hosts, record->name))
            continue;
        object = host_json(record->name, record->preference);
        (void)json_array_append_new(list, object);
        if (record->name[0] == '\0')
            (void)json_object_set_new(object, "skipped", json_string("a null MX"));
        else if (found->hosts.cut_at_us)
            (void)json_object_set_new(object, "skipped",
                                      json_string("it is us, or no better than ourselves"));
        else
            (void)json_object_set_new(object, "skipped", json_string("there are too many hosts"));
    }
}

static json_t *hosts_json(const struct route_lookup *found, const struct mx_rules *rules)
{
    json_t *list = json_array();

    for (size_t i = 0; i < found->hosts.count; i++) {
        json_t *object = host_json(found->hosts.host[i].name, found->hosts.host[i].preference);
        json_t *addresses = json_array();

        (void)json_array_append_new(list, object);
        (void)json_object_set_new(object, "addresses", addresses);
        put_addresses(addresses, found, &found->a[i], rules);
        put_addresses(addresses, found, &found->aaaa[i], rules);
    }
    put_others(list, found);
    return list;
}

static json_t *dns_json(const struct route_lookup *found, const struct mx_rules *rules)
{
    const struct mx_finding *finding = &found->plan.finding;
    json_t *object = json_object();

    if (!found->is_literal)
        (void)json_object_set_new(object, "mx", json_string(dns_status_name(found->mx.status)));
    (void)json_object_set_new(object, "hosts", hosts_json(found, rules));
    (void)json_object_set_new(object, "tried", json_integer((json_int_t)found->plan.count));
    if (finding->verdict == MX_TRY)
        return object;
    (void)json_object_set_new(object, "status", json_string(finding->status));
    (void)json_object_set_new(object, "text", json_string(finding->text));
    (void)json_object_set_new(object, "later", json_boolean(finding->verdict == MX_DEFERRED));
    return object;
}

/* ---- for people ---- */

static void print_host(FILE *out, const json_t *host)
{
    const char *skipped = json_string_value(json_object_get(host, "skipped"));
    size_t i;
    json_t *address;

    (void)fprintf(out, "  %5lld %s%s%s\n",
                  (long long)json_integer_value(json_object_get(host, "preference")),
                  json_string_value(json_object_get(host, "host")),
                  skipped != NULL ? ": skipped, " : "", skipped != NULL ? skipped : "");
    json_array_foreach (json_object_get(host, "addresses"), i, address) {
        const char *ip = json_string_value(json_object_get(address, "address"));

        skipped = json_string_value(json_object_get(address, "skipped"));
        (void)fprintf(out, "        %s%s%s\n", ip != NULL ? ip : "?",
                      skipped != NULL ? ": skipped, " : "", skipped != NULL ? skipped : "");
    }
}

static void print_dns(FILE *out, const json_t *dns)
{
    const json_t *hosts = json_object_get(dns, "hosts");
    size_t i;
    json_t *host;

    if (json_array_size(hosts) > 0)
        (void)fprintf(out, "\nhosts, by preference, and their addresses\n");
    json_array_foreach (hosts, i, host) {
        print_host(out, host);
    }
}

static void print_limits(FILE *out, const json_t *limits)
{
    json_t *binding = json_array();
    size_t i;
    json_t *limit;

    json_array_foreach (limits, i, limit) {
        if (json_is_true(json_object_get(limit, "holds")))
            (void)json_array_append(binding, limit);
    }
    if (json_array_size(binding) > 0) {
        (void)fputc('\n', out);
        show_table(out, binding, "limit:LIMIT value:VALUE by:BY since:SINCE until:UNTIL text:WORDS",
                   "");
    }
    json_decref(binding);
}

static void print_stopped(FILE *out, const json_t *answer)
{
    const json_t *stopped = json_object_get(answer, "stopped_by");
    size_t i;
    json_t *sentence;

    (void)fputc('\n', out);
    if (json_array_size(stopped) == 0)
        (void)fprintf(out, "Nothing stops it: a mail that is due %s. None was sent.\n",
                      json_is_true(json_object_get(json_object_get(answer, "daemon"), "running"))
                          ? "would be tried"
                          : "would be tried if a daemon ran (`postroom serve`)");
    json_array_foreach (stopped, i, sentence) {
        (void)fprintf(out, "%s\n", json_string_value(sentence));
    }
}

static void print_route(FILE *out, const json_t *answer)
{
    show_fields(out, answer,
                "address normal domain deliver deliver_to:delivered-to site provider "
                "sources:from helo port tls");
    if (json_array_size(json_object_get(answer, "sources")) == 0)
        (void)fprintf(out, "It would leave from the address the system chooses.\n");
    print_dns(out, json_object_get(answer, "dns"));
    print_limits(out, json_object_get(answer, "limits"));
    if (json_object_get(answer, "host_troubles") != NULL) {
        (void)fputc('\n', out);
        show_table(out, json_object_get(answer, "host_troubles"),
                   "ip:HOST trouble:TROUBLE since:SINCE until:UNTIL text:WORDS", "");
    }
    print_stopped(out, answer);
}

/* ---- the command ---- */

static void add_finding(json_t *answer, const struct mx_finding *finding)
{
    CLEANUP(buf_fini) struct buf sentence;

    buf_init(&sentence, 500);
    if (finding->verdict == MX_TRY)
        return;
    buf_printf(&sentence, "%s: %s (%s).",
               finding->verdict == MX_FAILED ? "It would fail for good"
                                             : "It would wait and be tried again",
               finding->text, finding->status);
    (void)json_array_append_new(json_object_get(answer, "stopped_by"),
                                json_string(buf_text(&sentence)));
}

/* Both halves of the answer in one. */
static bool explain(const struct invocation *call, const struct route_lookup *found,
                    const struct mx_rules *rules, json_t **ret_answer, struct error *err)
{
    if (found->plan.finding.verdict == MX_TRY)
        (void)json_object_set_new(call->args, "site", json_string(found->plan.site_key));
    if (!asking_ask(call->config, "route.explain", call->args, 0, ret_answer, err))
        return false;
    (void)json_object_set_new(*ret_answer, "dns", dns_json(found, rules));
    add_finding(*ret_answer, &found->plan.finding);
    return true;
}

static bool look_up(const struct invocation *call, json_t **ret_answer, struct error *err)
{
    const struct settings *settings = &call->config->settings;
    const char *text = json_string_value(json_object_get(call->args, "address"));
    struct mail_address address;
    struct mail_rules rules;
    struct route_lookup found;
    bool ok;

    if (!mail_address_read(span_of(text), &address, err))
        return error_wrap(err, "ADDRESS");
    mail_rules_init(&rules, settings);
    ok = route_lookup_run(settings, &rules.rules, staging_domain(settings, address.domain), &found,
                          err);
    if (ok) {
        ok = explain(call, &found, &rules.rules, ret_answer, err);
        route_lookup_fini(&found);
    }
    mail_rules_fini(&rules);
    return ok;
}

static int run_explain(const struct invocation *call)
{
    struct error err;
    json_t *answer = NULL;

    if (!look_up(call, &answer, &err))
        return command_fail(call, &err);
    if (call->json) {
        (void)json_dumpf(answer, call->out, JSON_INDENT(2));
        (void)fputc('\n', call->out);
    } else {
        print_route(call->out, answer);
    }
    json_decref(answer);
    return EX_OK;
}

const struct command route_commands[] = {
    { .name = "route explain",
      .summary = "show the way mail to an address would go, and what would stop it",
      .details = "Looks up the hosts now, with the settings of this installation, and the limits\n"
                 "and orders in the store. Sends nothing, connects to no mail server.",
      .options = explain_options,
      .run = run_explain },
    { 0 },
};
