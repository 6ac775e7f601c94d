/* cli_call.c: see cli_call.h. Calls the texts of the modules, through foreign.h. */
#include "cli_call.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cli_io.h"
#include "cli_options.h"
#include "diag.h"
#include "foreign.h"

#define NAME_BYTES "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789"

static int ends_in(const char *text, const char *end)
{
    size_t n = strlen(text), k = strlen(end);
    return n >= k && strcmp(text + n - k, end) == 0;
}

/* The length of the name in `torch.StepLR(30)`, with its dots; 0: no call begins here. */
static size_t name_of_call(const char *text)
{
    size_t n = strspn(text, NAME_BYTES ".");
    return n > 0 && text[n] == '(' && !ends_in(text, ".lrs") ? n : 0;
}

/* The module of a dotted name, as people write it in training scripts too: what is wrong with torch.optim.lr_scheduler.StepLR is
 * known where it is compiled. */
static const lrs_embedded *module_of(const char *text, size_t n)
{
    char *name = cli_printf("%.*s", (int)n, text), *last = strrchr(name, '.');
    const lrs_embedded *module = NULL;
    if (last) {
        *last = 0;
        for (char *p = name; *p; p++) {
            *p = (char)(*p >= 'A' && *p <= 'Z' ? *p - 'A' + 'a' : *p);
        }
        module = foreign_module(name);
    }
    free(name);
    return module;
}

char *cli_call_text(const char *file)
{
    size_t n = name_of_call(file);
    const lrs_embedded *module = n && access(file, F_OK) != 0 ? module_of(file, n) : NULL;
    return module ? cli_printf("use %s\n%s\n", module->stem, file) : NULL;
}

void cli_call_places(lrs_diagnostics *d)
{
    if (d && d->sources.n > 0) {
        d->sources.at[0].lines_before = -1;
    }
}

/* The law of the prelude that a name may be, which begins a text. */
static int is_law(const char *name, size_t n)
{
    static const char *const kinds[] = {"shape", "decay", "curve"};
    for (size_t i = 0; i < lrs_stdlib_count; i++) {
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds && strcmp(lrs_stdlib[i].stem, "prelude") == 0; k++) {
            char *head = cli_printf("\n%s %.*s(", kinds[k], (int)n, name);
            int found = strstr(lrs_stdlib[i].text, head) != NULL;
            free(head);
            if (found) {
                return 1;
            }
        }
    }
    return 0;
}

/* There is no such file: a call that lacks its module, or a text that lacks its option? */
static void advise(const char *file, int verb)
{
    size_t n = name_of_call(file);
    char *name = cli_printf("%.*s", (int)n, file);
    const lrs_embedded *module = n && !strchr(name, '.') && !is_law(file, n) ? foreign_find(name) : NULL;
    const char *quote = strchr(file, '\'') ? "\"" : "'";
    if (module) {
        cli_note("a call has the name of its module: %s%s.%s%s", quote, module->stem, file, quote);
    } else if (strchr(name, '.') && *name != '.' && ends_in(file, ")")) {
        cli_note("there is no module '%.*s'", (int)strcspn(name, "."), name);
    } else if (strpbrk(file, " ;(>") && !strchr(file, '\n') && !ends_in(file, ".lrs") && verb == VERB_REPL) {
        cli_note("a text is typed into the session");
    } else if (strpbrk(file, " ;(>") && !strchr(file, '\n') && !ends_in(file, ".lrs")) {
        const char *name_of_verb = cli_verb_name(verb);
        cli_note("a text stands after -e: lrsc %s%s-e %s%s%s", name_of_verb, *name_of_verb ? " " : "", quote, file, quote);
    }
    free(name);
}

int cli_read_schedule(char **text, size_t *n, int *is_call, const char *file, int verb)
{
    *text = cli_call_text(file);
    *is_call = *text != NULL;
    *n = *text ? strlen(*text) : 0;
    if (*is_call) {
        return CLI_OK;
    }
    int code = cli_read(text, n, file, LRS_MAX_SOURCE);
    if (code == CLI_IO && strcmp(file, "-") != 0 && access(file, F_OK) != 0) {
        advise(file, verb);
    }
    return code;
}
