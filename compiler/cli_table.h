/* cli_table.h: the table of options, for those who read argv by it and who make the help of it. */
#ifndef LRS_CLI_TABLE_H
#define LRS_CLI_TABLE_H

#include "cli_options.h"

typedef int (*option_fn)(cli_options *o, const char *arg);

enum option_does {
    SET_INT,    /* *(int *)(o + offset) = value */
    SET_STRING, /* *(const char **)(o + offset) = the argument */
    ADD_STRING, /* appended to the cli_strings at offset */
    CALL        /* fn(o, the argument) */
};

typedef struct option_row {
    int verbs;
    char letter;      /* -x, or 0 */
    const char *tail; /* of options like -MD, whose letter has several: what follows the letter; NULL otherwise */
    const char *name; /* --name, or NULL */
    const char *arg;  /* name of its argument in the help, NULL: it takes none; "[...]" optional, attached */
    const char *help;
    enum option_does does;
    size_t offset;
    int value;
    option_fn fn;
} option_row;

/* What the command does. Row 0 is that without a word: compiling. */
typedef struct verb_row {
    int verb;
    const char *name, *usage, *what;
    const char *suffix; /* of the files that it reads */
} verb_row;

/* In the order of the help; the last has no name. */
extern const verb_row verb_rows[];

/* The rows in the order of the help; the last has no verbs. */
extern const option_row option_rows[];
/* More than there are of them. */
#define OPTION_ROWS 128

/* As it is written: "-o OUT", "-MF FILE", "--emit=KIND,...". */
size_t option_spell(char *buf, size_t cap, const option_row *r);

/* Word i of those that an option takes in a verb; NULL: it has no more, or takes anything. fn: that of its row. */
const char *cli_word_at(option_fn fn, int verb, size_t i);
#define WORDS_MOST 16

/* What CALL calls: the argument is read into o, or refused with a message. */
int cli_do_out(cli_options *o, const char *arg);
int cli_do_emit(cli_options *o, const char *arg);
int cli_do_define(cli_options *o, const char *arg);
int cli_do_use(cli_options *o, const char *arg);
int cli_do_optimize(cli_options *o, const char *arg);
int cli_do_depend_file(cli_options *o, const char *arg);
int cli_do_color(cli_options *o, const char *arg);
int cli_do_range(cli_options *o, const char *arg);
int cli_do_at(cli_options *o, const char *arg);
int cli_do_engine(cli_options *o, const char *arg);
int cli_do_format(cli_options *o, const char *arg);
int cli_do_picture(cli_options *o, const char *arg);
int cli_do_width(cli_options *o, const char *arg);
int cli_do_height(cli_options *o, const char *arg);
int cli_do_x(cli_options *o, const char *arg);
int cli_do_suggest(cli_options *o, const char *arg);
int cli_do_smooth(cli_options *o, const char *arg);
int cli_do_diverge(cli_options *o, const char *arg);
int cli_do_skip_start(cli_options *o, const char *arg);
int cli_do_skip_end(cli_options *o, const char *arg);
int cli_do_tolerance(cli_options *o, const char *arg);
int cli_do_loss_start(cli_options *o, const char *arg);
int cli_do_loss_every(cli_options *o, const char *arg);
int cli_do_noise(cli_options *o, const char *arg);
int cli_do_seed(cli_options *o, const char *arg);
int cli_do_print(cli_options *o, const char *arg);
int cli_do_prefix(cli_options *o, const char *arg);
int cli_do_asm(cli_options *o, const char *arg);
int cli_do_nothing(cli_options *o, const char *arg);

#endif
