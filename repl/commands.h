/* commands.h: the commands of the REPL: `:name arguments`, and `?name`.
 * One table: the name, the arguments, a line of help, the function. What runs commands, completion and help come from it. */
#ifndef LRS_REPL_COMMANDS_H
#define LRS_REPL_COMMANDS_H

#include "repl.h"

/* What completes the arguments of a command. */
enum command_takes { TAKES_NOTHING, TAKES_FILE, TAKES_TOPIC, TAKES_PARAM, TAKES_OTHER };

/* argv[0]: the name; NULL behind the last. An exit code, everything said. */
typedef int command_fn(repl *r, int argc, char **argv);

typedef struct command {
    const char *name, *args, *help;
    command_fn *run;
    enum command_takes takes;
} command;
extern const command commands[];
extern const size_t ncommands;

/* Takes a file in place of the session, and says what is wrong with it. An exit code. */
int command_load(repl *r, const char *path);
/* At the end: what it remembers of files. */
void command_forget_files(repl *r);
/* Nothing was written to the file between these two. */
int command_same_file(const struct stat *a, const struct stat *b);
/* The entry is a command: it begins with `:` or `?`, after blanks and empty lines. */
int is_command(const char *entry);
/* Runs a line that begins with `:` or `?`. */
int command_run(repl *r, const char *line, size_t n);
/* The command that a word of n bytes is, or the only one that begins with it; NULL. */
const command *command_find(const char *word, size_t n);

#endif
