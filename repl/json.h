/* json.h: what json has for texts and numbers. In: a stream. Out: values on it. */
#ifndef LRS_REPL_JSON_H
#define LRS_REPL_JSON_H

#include <stdio.h>

/* With its quotes. What may not be shown is escaped, and bytes that are no UTF-8 become U+FFFD: the file is UTF-8 in any case. */
void json_string(FILE *f, const char *text);
/* 17 digits, which read back as the same double; null: json has no other word for what is not finite. */
void json_number(FILE *f, double v);
/* `, "name": v`: a member after others. */
void json_member(FILE *f, const char *name, double v);

#endif
