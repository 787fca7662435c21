/*
 * When a value counts as being there.
 */
#include "services/compose/value.h"

bool value_present(const struct value *value, enum value_type type)
{
    switch (type) {
    case VALUE_FLAG:
        return value->flag;
    case VALUE_NUMBER:
        return value->number != 0;
    case VALUE_TEXT:
        return value->text.n > 0;
    case VALUE_LIST:
        return value->list.count > 0;
    case VALUE_RECORD:
        return value->fields != NULL;
    }
    return false;
}
