/* command_parts.h: what the table of commands is made of, for the files that do what commands say. Each takes the words of a
 * command, and returns an exit code, with everything said. */
#ifndef LRS_REPL_COMMAND_PARTS_H
#define LRS_REPL_COMMAND_PARTS_H

#include "commands.h"

command_fn do_plot, do_export, do_diff, do_sim, do_find, do_table;
command_fn do_ir, do_asm, do_ast, do_at, do_params;
command_fn do_load, do_reload, do_watch, do_save, do_save_over;
command_fn do_edit;

/* What the command takes, as a message; returns CLI_USAGE. */
int command_usage(const char *name);
/* There is a schedule; where there is none, it says so. */
int command_needs_schedule(const repl *r);
/* Entries come from standard input: what a command read from it would be the next entries. Says so, of `-`
 * and of its other names. */
int command_is_stdin(const char *path);

/* Takes a file in place of the session; as_edited: what :edit has made of the session. */
int command_take_file(repl *r, const char *path, int as_edited);
/* What :edit was left with counts no more; its file stays. */
void command_drop_draft(repl *r);

#endif
