/* structs.c: public structs that grow. In: a struct as this version knows it and one of the caller's, each beginning with
 * its size. Out: what both have. Calls the C library's memory functions only. */
#include <string.h>

#include "program.h"

/* The size and one member more is the least that a struct was ever made of; nothing is larger than LRS_STRUCT_MAX. */
static int is_size(size_t size)
{
    return size >= 2 * sizeof(size_t) && size <= LRS_STRUCT_MAX;
}

static size_t size_of(const void *any)
{
    size_t size;
    memcpy(&size, any, sizeof size);
    return size;
}

int lrs_struct_sized(const void *any)
{
    return is_size(size_of(any));
}

int lrs_struct_give(void *out, const void *ours, size_t known)
{
    size_t size = size_of(out), both = size < known ? size : known;
    if (!is_size(size))
        return LRS_E_ARG;
    memset(out, 0, size);
    memcpy(out, ours, both);
    memcpy(out, &size, sizeof size);
    return LRS_OK;
}

int lrs_struct_take(void *ours, size_t known, const void *given)
{
    size_t size = size_of(given), both = size < known ? size : known, k;
    if (!is_size(size))
        return LRS_E_ARG;
    for (k = known; k < size; k++) { /* a member that was added later: its meaning cannot be guessed */
        if (((const unsigned char *)given)[k] != 0)
            return LRS_E_ARG;
    }
    memset(ours, 0, known);
    memcpy(ours, given, both);
    memcpy(ours, &known, sizeof known);
    return LRS_OK;
}
