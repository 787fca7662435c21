/*
 * Answers shown to people: tables of rows, and fields one a line.
 */
#ifndef POSTROOM_APP_SHOW_H
#define POSTROOM_APP_SHOW_H

#include <jansson.h>
#include <stdio.h>

/* show_table prints the objects of an array: `columns` are "field" or "field:TITLE" divided by
 * spaces. On a terminal a row fits in a line. Prints `nothing` when there are no rows. */
void show_table(FILE *out, const json_t *rows, const char *columns, const char *nothing);

/* show_fields prints the fields of an object that are there, one a line: `fields` as above. */
void show_fields(FILE *out, const json_t *object, const char *fields);

/* show_sentences prints the "sentences" of an answer, on a terminal broken into its lines. */
void show_sentences(FILE *out, const json_t *answer);

/* show_next says how to get the next page when the answer has "next". */
void show_next(FILE *out, const json_t *answer);

#endif
