/* cli_io.h: files, messages, colours and temporary files of the command.
 * Nothing here knows about schedules. Functions that return an exit code have printed their message. */
#ifndef LRS_CLI_IO_H
#define LRS_CLI_IO_H

#include <stddef.h>
#include <stdio.h>

/* Call first: keeps descriptors 0..2 taken, so that no file is opened in the place of a closed stream; removes temporary
 * files when a signal ends the process, that of a closed pipe too; decides on colours and character set. */
void cli_io_begin(void);
/* --color, one of COLOR_*. */
void cli_io_color(int when);
int cli_color(FILE *f); /* colours belong on this stream */
int cli_utf8(void);     /* the locale's character set is UTF-8 */

/* "lrsc: error: ..." and "lrsc: note: ..." on stderr; a newline is added, and control characters are made visible. */
void cli_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void cli_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void cli_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Says that memory ran out; returns CLI_IO. */
int cli_no_memory(void);

/* Memory that the command cannot do without: ends the process with CLI_IO when there is none. */
void *cli_alloc(size_t n);
void *cli_realloc(void *p, size_t n);
char *cli_strdup(const char *s);
char *cli_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The whole of a file ("-": standard input) as a malloc'ed, NUL-terminated text. Refuses more than `most` bytes:
 * LRS_MAX_SOURCE, or for what is no schedule CLI_MAX_DATA. */
#define CLI_MAX_DATA ((size_t)64 << 20)
int cli_read(char **text, size_t *n, const char *path, size_t most);
/* Reading and writing wait for other programs, perhaps for ever: a signal ends it when `asked` says so, without a message. NULL, as
 * at first: it never does. */
void cli_io_stops(int (*asked)(void));
/* How messages name it: the path, or "<stdin>". */
const char *cli_display_name(const char *path);
/* The folder that it is in, malloc'ed. */
char *cli_folder_of(const char *path);

typedef struct cli_output {
    const char *path; /* "-": standard output */
    const char *data;
    size_t n;
    /* private */
    char *target, *temp, *backup;
    int slot, backup_slot, placed, fresh;
} cli_output;

/* Writes all of them or none: each into a temporary file in its own folder, then all renamed into place, the main one
 * last.
 * Devices and pipes are written directly, before anything is renamed. */
int cli_write_all(cli_output *outs, size_t n);

/* The exit code, or CLI_IO with a message when something written to standard output was lost. */
int cli_finish_stdout(int code);

/* Temporary files are removed when a signal ends the process: remember returns a slot for forget. */
int cli_temp_remember(const char *path);
void cli_temp_forget(int slot);

/* Milliseconds since some fixed time, for -v. */
double cli_clock_ms(void);

#endif
