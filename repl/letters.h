/* letters.h: text as letters. In: bytes that should be UTF-8, and may be anything. Out: code points that may be shown. */
#ifndef LRS_REPL_LETTERS_H
#define LRS_REPL_LETTERS_H

#include <stddef.h>
#include <stdint.h>

/* The bytes of the longest letter. A NUL ends a shorter one, so that spell_utf8 may be told of so many in any text. */
#define LETTERS_MOST 4

/* The letter at *p, moved past it. White space becomes a blank; what may not be shown (spell_is_shown) and what is no UTF-8
 * become `?`. 0 at the end of the text, where it stays. */
uint32_t letters_next(const char **p);
/* Its bytes, with a NUL behind them; returns how many there are. */
size_t letters_put(char buf[5], uint32_t letter);
/* The text in letters that may be shown, which is UTF-8. malloc'ed. */
char *letters_clean(const char *text);
/* The same of a text of several lines: its newlines and tabs stay. */
char *letters_clean_lines(const char *text);
/* All of it may be shown as it is. */
int letters_are_clean(const char *text);

#endif
