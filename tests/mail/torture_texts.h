/*
 * Texts that have broken mail programs before: names, subjects, bodies, file names.
 */
#ifndef POSTROOM_TESTS_MAIL_TORTURE_TEXTS_H
#define POSTROOM_TESTS_MAIL_TORTURE_TEXTS_H

#include <stddef.h>

#include "base/buf.h"
#include "base/random.h"
#include "base/span.h"

struct torture_text {
    struct span given;
    struct span expected; /* what a reader must see; empty pointer: the same */
};

extern const struct torture_text torture_names[];
extern const size_t torture_name_count;
extern const struct torture_text torture_subjects[];
extern const size_t torture_subject_count;
extern const struct torture_text torture_bodies[];
extern const size_t torture_body_count;
extern const struct torture_text torture_files[];
extern const size_t torture_file_count;

/* torture_expected gives what a reader must see of `text`. */
struct span torture_expected(const struct torture_text *text);

/* torture_put_line appends one line of random words of several scripts, without spaces at its
 * ends; torture_put_body some lines of them. */
void torture_put_line(struct buf *to, struct random *r, size_t words);
void torture_put_body(struct buf *to, struct random *r, size_t lines);

#endif
