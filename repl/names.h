/* names.h: every name that a program may use, with a line of help: words of the language, built-in functions, laws of the prelude,
 * events, modules and what is in them, units. In: the compiler's own tables and texts. Out: lists. */
#ifndef LRS_REPL_NAMES_H
#define LRS_REPL_NAMES_H

#include <stddef.h>

enum name_kind { NAME_WORD, NAME_UNIT, NAME_FUNCTION, NAME_LAW, NAME_EVENT, NAME_MODULE, NAME_MEMBER, NAME_VALUE };

typedef struct name_info {
    enum name_kind kind;
    char *name;  /* "exp", "torch.StepLR" */
    char *form;  /* how it is written: "decay exp(t, s: duration)", "plateau(patience=10)"; may be "" */
    char *help;  /* may be "" */
    char **params; /* of what takes arguments by name; those of all its forms */
    size_t nparams;
} name_info;

typedef struct names {
    name_info *at;
    size_t n;
} names;

/* All of them. They are made once, on first need: reading the modules takes a few milliseconds. */
const names *names_all(void);
void names_free(void);
/* The name of a law, of the prelude or of a module. */
int names_is_law(const char *name, size_t n);
/* Those that a text declares, as `declared` things of the session: params, laws, functions. Freed with names_drop. */
void names_of_text(names *out, const char *text, size_t n);
void names_drop(names *l);

#endif
