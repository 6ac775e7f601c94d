/* foreign.h: what lines of training scripts are called here: modules, schedulers, and what has another form. */
#ifndef LRS_FOREIGN_H
#define LRS_FOREIGN_H

#include "embed.h"

/* The standard module that a name stands for: "pytorch", "torch.optim.lr_scheduler", "transformers"; a module's own name is
 * itself. NULL: none. */
const lrs_embedded *foreign_module(const char *name);
/* The module that has "StepLR", "optim.lr_scheduler.StepLR", by the last part of the name. NULL: none. */
const lrs_embedded *foreign_find(const char *name);

/* How what combines schedulers, or chooses one, is written: help, or NULL. */
const char *foreign_form(const char *name);

/* What a law is called elsewhere: "polynomial" for poly. */
typedef struct foreign_word {
    const char *name, *law;
    int is_same; /* the other name does for all that is written */
    const char *help;
} foreign_word;
const foreign_word *foreign_law(const char *name); /* NULL: nothing */
/* np.exp, math.cos, torch.clamp, int: the function that does it here, or NULL; *help says how it is written. */
const char *foreign_function(const char *name, const char **help);

/* What get_scheduler("cosine") is in hf; NULL: nothing. */
const char *foreign_by_text(const char *text);

/* Why an argument is left out here; NULL: it is not one of these. */
const char *foreign_argument(const char *name);
/* A variable that people call their optimizer. */
int foreign_is_optimizer(const char *name);

/* "torch.optim.StepLR" -> "StepLR" */
const char *foreign_last(const char *name);

#endif
