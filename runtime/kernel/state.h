/* state.h: a state's beginning, its saved form and the way back.
 *
 * In: a program's descriptors, the words of a state (types.h), bytes. Out: the words, or the bytes
 *
 *     "LRSSTATE", u32 version, u32 number of bytes of all of this, u64 program hash, u32 ni, u32 nsave,
 *     i[0 .. ni), d[0 .. nsave), u64 FNV-1a of all bytes before
 *
 * all little-endian, so that any machine and engine reads what another wrote. Calls the program's bind code.
 */
#ifndef LRS_KERNEL_STATE_H
#define LRS_KERNEL_STATE_H

#include <stddef.h>
#include <stdint.h>
#include "types.h"
#include "math.h"
#include "value.h"
#include "observe.h"

#define LRS_K_BLOB_HEAD 32
#define LRS_K_BLOB_TAIL 8

LRS_KFN int64_t *lrs_k_state_i(uint64_t *words)
{
    return (int64_t *)(void *)(words + LRS_K_HEADER_WORDS);
}

LRS_KFN double *lrs_k_state_d(const lrs_k_program *k, uint64_t *words)
{
    return (double *)(void *)(words + LRS_K_HEADER_WORDS + k->layout->ni);
}

LRS_KFN const int64_t *lrs_k_state_ci(const uint64_t *words)
{
    return (const int64_t *)(const void *)(words + LRS_K_HEADER_WORDS);
}

LRS_KFN const double *lrs_k_state_cd(const lrs_k_program *k, const uint64_t *words)
{
    return (const double *)(const void *)(words + LRS_K_HEADER_WORDS + k->layout->ni);
}

LRS_KFN uint64_t lrs_k_state_version(const lrs_k_program *k)
{
    return LRS_K_STATE_VERSION | ((uint64_t)LRS_K_HEADER_WORDS + k->layout->ni + k->layout->nd) << 32;
}

/* Everything but the params (which are kept) and T (which the caller binds anew when events had ended phases). */
LRS_KFN void lrs_k_reset(const lrs_k_program *k, uint64_t *words)
{
    const lrs_k_layout *l = k->layout;
    int64_t *I = lrs_k_state_i(words);
    double *D = lrs_k_state_d(k, words);
    uint32_t j;

    words[0] = lrs_k_state_version(k);
    words[1] = l->hash;
    I[0] = 0;
    I[1] = 0;
    for (j = 0; j < l->ninput; j++)
        I[2 + j] = LRS_K_NEVER;
    for (j = 0; j < l->ndet; j++)
        lrs_k_det_reset(k, &k->dets[j], I, D);
    for (j = 0; j < l->nrule; j++) {
        const lrs_k_rule *r = &k->rules[j];
        I[r->i] = 0;
        I[r->i + 1] = LRS_K_NEVER;
        if (r->action == LRS_K_SCALE)
            D[r->d] = 1.0;
    }
    for (j = 0; l->input != LRS_K_NONE && j < l->ninput; j++)
        D[l->input + j] = LRS_K_NAN;
    for (j = 0; j < l->nevent; j++)
        D[l->event + j] = LRS_K_INF;
}

/* ---- bytes ---- */

/* Little-endian numbers of 4 or 8 bytes. Written out, so that compilers make one load or store of each. */
LRS_KFN void lrs_k_put4(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
    p[2] = (uint8_t)(v >> 16);
    p[3] = (uint8_t)(v >> 24);
}

LRS_KFN uint32_t lrs_k_get4(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

LRS_KFN void lrs_k_put(uint8_t *p, uint32_t bytes, uint64_t v)
{
    lrs_k_put4(p, (uint32_t)v);
    if (bytes == 8)
        lrs_k_put4(p + 4, (uint32_t)(v >> 32));
}

LRS_KFN uint64_t lrs_k_get(const uint8_t *p, uint32_t bytes)
{
    return bytes == 8 ? lrs_k_get4(p) | (uint64_t)lrs_k_get4(p + 4) << 32 : lrs_k_get4(p);
}

LRS_KFN uint64_t lrs_k_fnv(const uint8_t *p, size_t n)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    size_t j;
    for (j = 0; j < n; j++)
        h = (h ^ p[j]) * UINT64_C(0x100000001b3);
    return h;
}

LRS_KFN size_t lrs_k_saved_size(const lrs_k_program *k)
{
    return LRS_K_BLOB_HEAD + ((size_t)k->layout->ni + k->layout->nsave) * 8 + LRS_K_BLOB_TAIL;
}

/* "LRSSTATE" as it lies in memory. */
#define LRS_K_MAGIC UINT64_C(0x455441545353524c)

/* The size of the saved form; writes it when cap is enough. */
LRS_KFN size_t lrs_k_save(const lrs_k_program *k, const uint64_t *words, void *buf, size_t cap)
{
    const lrs_k_layout *l = k->layout;
    const int64_t *I = lrs_k_state_ci(words);
    const double *D = lrs_k_state_cd(k, words);
    size_t size = lrs_k_saved_size(k);
    uint8_t *p = (uint8_t *)buf;
    uint32_t j;

    if (!buf || cap < size)
        return size;
    lrs_k_put(p, 8, LRS_K_MAGIC);
    lrs_k_put(p + 8, 4, LRS_K_STATE_VERSION);
    lrs_k_put(p + 12, 4, size);
    lrs_k_put(p + 16, 8, l->hash);
    lrs_k_put(p + 24, 4, l->ni);
    lrs_k_put(p + 28, 4, l->nsave);
    p += LRS_K_BLOB_HEAD;
    for (j = 0; j < l->ni; j++, p += 8)
        lrs_k_put(p, 8, (uint64_t)I[j]);
    for (j = 0; j < l->nsave; j++, p += 8)
        lrs_k_put(p, 8, LRS_K_BITS(D[j]));
    lrs_k_put(p, 8, lrs_k_fnv((const uint8_t *)buf, size - LRS_K_BLOB_TAIL));
    return size;
}

/* Word j of the saved i[], word j of the saved d[]. */
LRS_KFN int64_t lrs_k_saved_i(const uint8_t *p, uint32_t j)
{
    uint64_t u = lrs_k_get(p + LRS_K_BLOB_HEAD + (size_t)j * 8, 8);
    return u <= (uint64_t)INT64_MAX ? (int64_t)u : -1 - (int64_t)(UINT64_MAX - u);
}

LRS_KFN uint64_t lrs_k_saved_d(const lrs_k_program *k, const uint8_t *p, uint32_t j)
{
    return lrs_k_get(p + LRS_K_BLOB_HEAD + ((size_t)k->layout->ni + j) * 8, 8);
}

/* Whether the bytes are a whole saved state of this program at all. */
LRS_KFN int lrs_k_check_frame(const lrs_k_program *k, const uint8_t *p, size_t len)
{
    const lrs_k_layout *l = k->layout;
    uint64_t size;
    if (len < 16)
        return LRS_K_E_TRUNCATED;
    if (lrs_k_get(p, 8) != LRS_K_MAGIC)
        return LRS_K_E_MAGIC;
    if (lrs_k_get(p + 8, 4) != LRS_K_STATE_VERSION)
        return LRS_K_E_VERSION;
    size = lrs_k_get(p + 12, 4);
    if (size > len)
        return LRS_K_E_TRUNCATED;
    if (size != len || size < LRS_K_BLOB_HEAD + LRS_K_BLOB_TAIL)
        return LRS_K_E_DAMAGED;
    if (lrs_k_get(p + len - LRS_K_BLOB_TAIL, 8) != lrs_k_fnv(p, len - LRS_K_BLOB_TAIL))
        return LRS_K_E_DAMAGED;
    if (lrs_k_get(p + 16, 8) != l->hash)
        return LRS_K_E_PROGRAM;
    if (lrs_k_get(p + 24, 4) != l->ni || lrs_k_get(p + 28, 4) != l->nsave || size != lrs_k_saved_size(k))
        return LRS_K_E_DAMAGED;
    return 0;
}

/* No run counts this far, and counting on from here does not overflow. */
LRS_KFN int lrs_k_is_count(int64_t v)
{
    return v >= 0 && v <= (int64_t)1 << 62;
}

LRS_KFN int lrs_k_check_det(const lrs_k_program *k, const lrs_k_det *t, const uint8_t *p)
{
    double best, n;
    if (t->kind > LRS_K_DIVERGE)
        return lrs_k_saved_i(p, t->i) >= 0 && lrs_k_saved_i(p, t->i) <= (t->kind == LRS_K_CONDITION);
    best = LRS_K_DOUBLE(lrs_k_saved_d(k, p, t->d));
    if (!lrs_k_is_count(lrs_k_saved_i(p, t->i)) || !lrs_k_is_count(lrs_k_saved_i(p, t->i + 1)) || !(best == best))
        return 0;
    if (lrs_k_dialect(k, t) != LRS_K_OPTAX)
        return 1;
    n = LRS_K_DOUBLE(lrs_k_saved_d(k, p, t->d + 4));
    return n >= 0.0 && n < 0x1p53;
}

/* Whether the words are such as a run could have left: counters that count, factors that are numbers. */
LRS_KFN int lrs_k_check_content(const lrs_k_program *k, const uint8_t *p)
{
    const lrs_k_layout *l = k->layout;
    uint32_t j;
    if ((lrs_k_saved_i(p, 0) & ~(int64_t)LRS_K_STOPPED) != 0 || !lrs_k_is_count(lrs_k_saved_i(p, 1)))
        return LRS_K_E_DAMAGED;
    for (j = 0; j < l->ndet; j++) {
        if (!lrs_k_check_det(k, &k->dets[j], p))
            return LRS_K_E_DAMAGED;
    }
    for (j = 0; j < l->nrule; j++) {
        const lrs_k_rule *r = &k->rules[j];
        if (!lrs_k_is_count(lrs_k_saved_i(p, r->i)))
            return LRS_K_E_DAMAGED;
        if (r->action == LRS_K_SCALE) {
            double s = LRS_K_DOUBLE(lrs_k_saved_d(k, p, r->d));
            if (!(s == s))
                return LRS_K_E_DAMAGED;
        }
    }
    for (j = 0; j < l->nevent; j++) {
        double end = LRS_K_DOUBLE(lrs_k_saved_d(k, p, l->event + j));
        if (!(end >= 0.0))
            return LRS_K_E_DAMAGED;
    }
    return 0;
}

/* Event ends out of a saved state, with T to match. When the schedule does not come out, the old ones are put back. */
LRS_KFN int lrs_k_load_events(const lrs_k_program *k, double *D, const uint8_t *p)
{
    const lrs_k_layout *l = k->layout;
    double *end = D + l->event;
    double *old = D + l->table + l->ntable;
    uint32_t j;
    for (j = 0; j < l->nevent; j++) {
        old[j] = end[j];
        end[j] = LRS_K_DOUBLE(lrs_k_saved_d(k, p, l->event + j));
    }
    if (lrs_k_rebind(k, D) == 0)
        return 0;
    for (j = 0; j < l->nevent; j++)
        end[j] = old[j];
    lrs_k_rebind(k, D);
    return LRS_K_E_DAMAGED;
}

/* 0, or why not; then nothing is changed. The state must have been initialised by the same program with the same params. */
LRS_KFN int lrs_k_load(const lrs_k_program *k, uint64_t *words, const void *buf, size_t len)
{
    const lrs_k_layout *l = k->layout;
    const uint8_t *p = (const uint8_t *)buf;
    int64_t *I = lrs_k_state_i(words);
    double *D = lrs_k_state_d(k, words);
    uint32_t j;
    int e;

    if (words[0] != lrs_k_state_version(k) || words[1] != l->hash)
        return LRS_K_E_UNINIT;
    e = lrs_k_check_frame(k, p, len);
    if (e)
        return e;
    for (j = 0; j < l->nparam; j++) {
        if (lrs_k_saved_d(k, p, j) != LRS_K_BITS(D[j]))
            return LRS_K_E_PARAMS;
    }
    e = lrs_k_check_content(k, p);
    if (e)
        return e;
    if (l->nevent != 0 && k->bind) {
        e = lrs_k_load_events(k, D, p);
        if (e)
            return e;
    }
    for (j = 0; j < l->ni; j++)
        I[j] = lrs_k_saved_i(p, j);
    for (j = l->nparam; j < l->nsave; j++)
        D[j] = LRS_K_DOUBLE(lrs_k_saved_d(k, p, j));
    return 0;
}

#endif
