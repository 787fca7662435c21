/*
 * The application's say in who sees what, by a function of a shared object (lib/postroom_see.h).
 */
#ifndef POSTROOM_SERVICES_SIGHT_SIGHT_MODULE_H
#define POSTROOM_SERVICES_SIGHT_SIGHT_MODULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "domain/sight.h"

struct sight_module;

/* sight_module_open loads the shared object; NULL when there is none or it has no postroom_see. */
MUST_USE struct sight_module *sight_module_open(const char *path, struct error *err);

/* sight_module_close unloads it when nobody asks any more; NULL is allowed. */
void sight_module_close(struct sight_module *module);

/* sight_module_see has a sheet answered, on the thread of the caller: as sight_source's `see`, with
 * the module for its context. */
MUST_USE bool sight_module_see(void *module, struct sight_sheet *sheet, int64_t now_ms,
                               struct error *err);

#endif
