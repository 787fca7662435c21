/*
 * What a fuzz target defines. It reads any bytes, must neither crash nor leak, and asserts what
 * must hold of the answer (what was written is read again, what is refused changed nothing).
 */
#ifndef POSTROOM_TESTS_FUZZ_TARGET_H
#define POSTROOM_TESTS_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

/* LLVMFuzzerTestOneInput looks at one input and returns 0; its name is libFuzzer's. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
