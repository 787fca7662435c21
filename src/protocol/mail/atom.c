/*
 * The characters of atoms.
 */
#include "protocol/mail/atom.h"

#include <string.h>

bool atom_has(char c)
{
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
        return true;
    return c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL;
}

bool atom_is_dotted(struct span s)
{
    char before = '.';

    for (size_t i = 0; i < s.n; before = s.at[i++])
        if (s.at[i] == '.' ? before == '.' : !atom_has(s.at[i]))
            return false;
    return before != '.';
}
