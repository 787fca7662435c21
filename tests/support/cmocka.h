/*
 * cmocka with the system headers it wants, and CLEANUP for the tests' own resources.
 */
#ifndef POSTROOM_TESTS_SUPPORT_CMOCKA_H
#define POSTROOM_TESTS_SUPPORT_CMOCKA_H

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include "base/cleanup.h"

#endif
