/* moved.c: see moved.h. */
#include "moved.h"

#include <stdlib.h>
#include "cli_io.h"

/* ---- diagnostics, moved to where the entry was typed ------------------------------------------- */

/* Source 0 is the text that was compiled; what is said about the entry goes to a source of its own. */
static int move_one(diag *g, const program_text *t, const session_origin *at, uint32_t file)
{
    if (g->at.file != 0) {
        return 0;
    }
    for (size_t i = 0; i < t->n; i++) {
        const placed *p = &t->at[i];
        int is_around = t->around && g->at.begin >= t->around;
        if (is_around || (g->at.begin >= p->begin && g->at.begin <= p->end)) {
            size_t begin = g->at.begin < p->begin ? p->begin : g->at.begin < p->end ? g->at.begin : p->end;
            size_t end = g->at.end < begin ? begin : g->at.end < p->end ? g->at.end : p->end;
            size_t shift = at->base + p->from;
            g->at = (span){file, (uint32_t)(begin - p->begin + shift), (uint32_t)(end - p->begin + shift), 0};
            return 1;
        }
    }
    return 0;
}

/* Drops warnings and notes that are not about the entry: those were said before. A declaration that nothing uses yet is the
 * beginning of every session. */
void move_diagnostics(lrs_diagnostics *d, const program_text *t, const session_origin *at)
{
    if (!d) {
        return;
    }
    uint32_t file = (uint32_t)d->sources.n;
    if (diags_add_source(d, at->name, at->text, at->n)) {
        exit(cli_no_memory());
    }
    d->sources.at[file].lines_before = at->lines_before;
    diag **link = &d->first;
    while (*link) {
        diag *g = *link;
        int moved = move_one(g, t, at, file);
        for (diag *note = g->notes; note; note = note->next) {
            move_one(note, t, at, file);
        }
        if (g->severity < LRS_ERROR && (!moved || g->code == DIAG_UNUSED)) {
            *link = g->next;
            d->count--;
        } else {
            link = &g->next;
        }
    }
    d->tail = link;
}
