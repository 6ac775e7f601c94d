/* spell.h: the characters of texts that others wrote, and how they are shown: in messages, in comments of generated code, in trees
 * and in the IR.
 *
 * In: bytes. Out: code points, and printable text. Calls nothing of lrs; the LLVM plugin has a copy.
 */
#ifndef LRS_SPELL_H
#define LRS_SPELL_H

#include <stddef.h>
#include <stdint.h>

/* Length of the UTF-8 character at s[0..n), n > 0, and its code point; 0 when the bytes there are not UTF-8. */
size_t spell_utf8(const char *s, size_t n, uint32_t *code_point);
/* May the character be shown as it is? No control, nothing that turns the direction of writing, nothing that is invisible: a text
 * with these is not what it looks like. Invisible is what Unicode calls Default_Ignorable_Code_Point, but for FE00..FE0F, which
 * ordinary text has behind emoji and symbols. */
int spell_is_shown(uint32_t code_point);
/* The character at s[0..n), n > 0, as messages show it: as it is, or spelt out so that it is what it looks like: \n, \t, \x1b,
 * \u{202e}, \xff for a byte that is no UTF-8, and with ascii whatever is none. How many bytes it has there. */
#define SPELL_SIZE 16
size_t spell_char(char out[SPELL_SIZE], const char *s, size_t n, int ascii);

#endif
