/*
 * Function-local resources that free themselves: CLEANUP(file_close) FILE *file = ...;
 * Each cleanup function takes a pointer to the variable and tolerates NULL in it.
 */
#ifndef POSTROOM_BASE_CLEANUP_H
#define POSTROOM_BASE_CLEANUP_H

#include <stdio.h>

#define CLEANUP(function) __attribute__((cleanup(function)))

/* cleanup_free frees heap memory that alloc gave. */
void cleanup_free(void *pointer_to_pointer);

/* cleanup_file closes a FILE, ignoring its errors: for files that were only read. */
void cleanup_file(FILE **file);

/* cleanup_descriptor closes a descriptor unless it is negative. */
void cleanup_descriptor(const int *descriptor);

#endif
