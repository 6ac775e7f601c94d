/* help.c: see help.h. */
#include "help.h"

#include <stdlib.h>
#include <string.h>
#include "cli_compile.h"
#include "cli_io.h"
#include "commands.h"
#include "diag.h"
#include "letters.h"
#include "names.h"
#include "wrap.h"

static const char *const kind_words[] = {
    [NAME_WORD] = "a word of the language", [NAME_UNIT] = "a unit", [NAME_FUNCTION] = "a function",   [NAME_LAW] = "a law",
    [NAME_EVENT] = "an event of `on`",      [NAME_MODULE] = "a standard module", [NAME_MEMBER] = "a schedule of a module", [NAME_VALUE] = "declared here",
};

int help_commands(void)
{
    static const char *const rest[] = {
        "  ?NAME                   help on a law, a function, a word or a command",
        "Commands may be shortened while they stay unique.",
        "What does not begin with `:` or `?` is the language: a statement changes the session, an expression is computed.",
    };
    for (size_t i = 0; i < ncommands; i++) {
        char head[48];
        int n = snprintf(head, sizeof head, ":%s %s", commands[i].name, commands[i].args);
        char *line = cli_printf("  %-24s%s%s", head, n > 23 ? " " : "", commands[i].help);
        wrap_put(line, 26, 1);
        free(line);
    }
    wrap_put(rest[0], 26, 1);
    wrap_put(rest[1], 0, 1);
    wrap_put(rest[2], 0, 1);
    return CLI_OK;
}

static void print_lines(const char *text)
{
    char *shown = letters_clean_lines(text);
    for (const char *line = shown; *line;) {
        size_t n = strcspn(line, "\n");
        char *one = cli_printf("  %.*s", (int)n, line);
        wrap_put(one, 4, 1);
        free(one);
        line += n + (line[n] == '\n');
    }
    free(shown);
}

static void print_name(const name_info *i)
{
    printf("%s: %s\n", i->name, kind_words[i->kind]);
    print_lines(i->form);
    print_lines(i->help);
    if (i->kind == NAME_EVENT && i->nparams) {
        printf("  arguments:");
        for (size_t k = 0; k < i->nparams; k++) {
            printf("%s %s", k ? "," : "", i->params[k]);
        }
        putchar('\n');
    }
}

/* torch: its schedules. */
static void print_members(const names *l, const char *module)
{
    size_t n = strlen(module);
    for (size_t i = 0; i < l->n; i++) {
        if (l->at[i].kind == NAME_MEMBER && strncmp(l->at[i].name, module, n) == 0 && l->at[i].name[n] == '.') {
            printf("  %s\n", l->at[i].form);
        }
    }
}

static int print_from(const names *l, const char *topic)
{
    int found = 0;
    for (size_t i = 0; i < l->n; i++) {
        if (strcmp(l->at[i].name, topic) == 0) {
            print_name(&l->at[i]);
            if (l->at[i].kind == NAME_MODULE) {
                print_members(l, topic);
            }
            found = 1;
        }
    }
    return found;
}

/* What the compiler knows how to do, and no table has. */
static int print_special(const char *topic)
{
    static const struct {
        const char *name, *text;
    } special[] = {
        {"warmup", "warmup: a law\n  warmup D [shape] [from V] -> V\n  from 0, or from V, to V in the duration D; the shape is linear if none is named\n"},
        {"hold", "hold: a law\n  hold [V] [for D | until POINT]\n  the value V, or the value so far\n"},
        {"rangetest", "rangetest: a law\n  rangetest D from V -> V\n  the rate goes up in equal ratios: for finding the greatest one that trains\n"},
    };
    for (size_t i = 0; i < sizeof special / sizeof *special; i++) {
        if (strcmp(special[i].name, topic) == 0) {
            fputs(special[i].text, stdout);
            return 1;
        }
    }
    return 0;
}

static int unknown(const names *l, const names *mine, const char *topic)
{
    const char **all = cli_alloc((l->n + mine->n + ncommands) * sizeof *all);
    size_t n = 0;
    for (size_t i = 0; i < mine->n; i++) {
        all[n++] = mine->at[i].name;
    }
    for (size_t i = 0; i < l->n; i++) {
        all[n++] = l->at[i].name;
    }
    for (size_t i = 0; i < ncommands; i++) {
        all[n++] = commands[i].name;
    }
    const char *near = strlen(topic) > 3 ? diag_did_you_mean(topic, all, n) : NULL; /* shorter ones are near to everything */
    if (near) {
        cli_error("there is no help on `%s`; did you mean `%s`?", topic, near);
    } else {
        cli_error("there is no help on `%s`; `:help` lists the commands, TAB after it the names", topic);
    }
    free(all);
    return CLI_USAGE;
}

/* LRS0207, as messages have it. */
static int is_code(const char *topic)
{
    return strncmp(topic, "LRS", 3) == 0 && topic[3] && strspn(topic + 3, "0123456789") == strlen(topic + 3);
}

int help_topic(repl *r, const char *topic)
{
    if (is_code(topic)) {
        return cli_explain(topic);
    }
    char *text = session_text(&r->session);
    names mine;
    int found = 0;
    names_of_text(&mine, text, strlen(text));
    if (*topic != ':') {
        found |= print_from(&mine, topic);
        found |= print_special(topic);
        found |= print_from(names_all(), topic);
    }
    const command *c = found ? NULL : command_find(topic + (*topic == ':'), strlen(topic) - (*topic == ':'));
    if (c && (*topic == ':' || strcmp(c->name, topic) == 0)) {
        printf(":%s %s\n", c->name, c->args);
        print_lines(c->help);
        found = 1;
    }
    int code = found ? CLI_OK : unknown(names_all(), &mine, topic);
    names_drop(&mine);
    free(text);
    return code;
}
