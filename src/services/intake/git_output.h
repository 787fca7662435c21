/*
 * What git says, read: the lines a post-receive hook is given, records of `git log`, paths of
 * `git diff-tree`. Pure: bytes come in, values go out; app/ runs git.
 */
#ifndef POSTROOM_SERVICES_INTAKE_GIT_OUTPUT_H
#define POSTROOM_SERVICES_INTAKE_GIT_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "services/intake/git_push.h"

/* git_output_read_ref reads "OLD NEW REF": two object names of the same length, in hex, and a name
 * that begins with refs/. The ref borrows from the line. */
MUST_USE bool git_output_read_ref(struct span line, struct git_ref *ret_ref, struct error *err);

/* git_output_is_object tells whether `text` is an object's name in hex: 40 or 64 digits. */
MUST_USE bool git_output_is_object(struct span text);

/* The word by which `git log` writes the records that git_output_read_commit reads. */
#define GIT_OUTPUT_COMMIT_FORMAT "--format=tformat:%H%n%ct%n%an%n%ae%n%cn%n%ce%n%s%n%b"

/* git_output_read_commit reads one, borrowing from it; false when it is not one. */
MUST_USE bool git_output_read_commit(struct span record, struct git_commit *ret_commit);

/* git_output_read_path reads a record of --numstat, borrowing from it. What is not one is taken
 * for a path alone, whose numbers are GIT_UNKNOWN. */
MUST_USE struct git_path git_output_read_path(struct span record);

/* Output on its way, cut into records that NUL bytes end. */
enum { GIT_RECORD_LIMIT = 64 << 10 };

struct git_records {
    struct buf part; /* of a record that has not ended */
    void (*take)(void *owner, struct span record);
    void *owner;
};

/* git_records_init begins; `take` is called for each record, borrowed for the call. What a record
 * has beyond GIT_RECORD_LIMIT bytes is cut off. */
void git_records_init(struct git_records *records, void (*take)(void *owner, struct span record),
                      void *owner);

/* git_records_feed takes bytes as they come; `owner` is the struct git_records. */
void git_records_feed(void *owner, struct span bytes);

/* git_records_end hands over a last record that no NUL ended, and frees what was kept. */
void git_records_end(struct git_records *records);

#endif
