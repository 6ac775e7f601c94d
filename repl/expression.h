/* expression.h: an entry that is no statement but an expression.
 * In: a session and an entry. Out: its value and what kind of value it is, or diagnostics. Changes nothing. */
#ifndef LRS_REPL_EXPRESSION_H
#define LRS_REPL_EXPRESSION_H

#include "session.h"

/* 1: it is one. The diagnostics of the reading that got further stay in r; those of what is a statement by its grammar do, unless
 * it is an expression that lacks no more than the value of a param. */
int expression_try(const session *s, const session_origin *at, size_t n, int is_statement, session_result *r);

/* What is wrong with its grammar, in the words for a line of its own: brackets around it would be spoken of. 1: nothing; 0: *d says
 * it. */
int expression_is_grammatical(const session_origin *at, size_t n, lrs_diagnostics **d);

#endif
