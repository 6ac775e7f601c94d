/* check.h: the checked schedule: what check.c found sound, with names resolved, arguments matched to parameters, clauses
 * sorted out and units known. lower.c turns it into IR without asking questions. */
#ifndef LRS_CHECK_H
#define LRS_CHECK_H

#include "ast.h"
#include "kernel/types.h"

/* What a value is. Bare numbers and params without a unit are ANY: they count ticks where a duration is expected.
 * SECONDS is wall-clock time, which is no DURATION: only the trainer knows how long a step takes. */
enum chk_type { CHK_ANY, CHK_NUMBER, CHK_DURATION, CHK_BOOL, CHK_SECONDS, CHK_LAW /* of parameters of templates only: the name of a law */ };

enum chk_symbol_kind {
    CHK_SYM_PARAM,    /* a run-time param, or a constant when bound by -D */
    CHK_SYM_LET,
    CHK_SYM_INPUT,
    CHK_SYM_FUNCTION, /* def f(..) = EXPR */
    CHK_SYM_SHAPE,
    CHK_SYM_DECAY,
    CHK_SYM_CURVE,
    CHK_SYM_TEMPLATE, /* def f(..) { PHASES } */
    CHK_SYM_RATE,     /* the rate that a template starts from: ref once lowered */
    CHK_SYM_FORMAL,   /* a parameter of the declaration being checked: index */
    CHK_SYM_LOCAL,    /* t, u, start, end, step, epoch: enum chk_local in index */
    CHK_SYM_OUTPUT,   /* the value of a schedule at this step: output */
    CHK_SYM_BUILTIN,  /* a built-in function: index into the table of lower_expr.c */
    CHK_SYM_CONSTANT  /* pi, e, inf */
};

/* Names that expressions of phases may use. */
enum chk_local { CHK_T, CHK_U, CHK_START, CHK_END, CHK_STEP, CHK_EPOCH, CHK_CYCLE, CHK_LOCALS };

/* In the same bit sets: the rate that a template starts from. */
#define CHK_NEEDS_RATE (1u << 31)

/* Default and range of a param, in its own unit. */
typedef struct chk_param_value {
    int has_default, has_range, is_log;
    double def, lo, hi;
} chk_param_value;

typedef struct chk_symbol chk_symbol;
struct chk_symbol {
    enum chk_symbol_kind kind;
    const char *name;
    span at;               /* its name where it is declared */
    int in_prelude;
    const ast_stmt *decl;
    uint32_t index;        /* RATE: how deep its template stands in others */
    enum chk_type type;
    enum chk_type expected; /* LET of a template's parameter: what it is declared as */
    enum ast_unit unit;    /* PARAM: the unit of its value when has_unit */
    int has_unit;
    int is_constant;       /* PARAM bound by -D: value; CONSTANT */
    double value, value_low;
    int busy, done;        /* guards against definitions in a circle */
    int levels;            /* LET, FUNCTION: of the expression, with what it uses put in */
    chk_symbol *deep_next; /* LET of many levels: see chk_program */
    int used;
    uint32_t nformals;     /* FUNCTION and laws */
    uint32_t nplaces;      /* so many of them may be given by place */
    chk_symbol *formals;   /* array */
    const ast_expr **defaults; /* of formals, NULL where there is none */
    const ast_expr *body;
    uint32_t needs;        /* laws: bit set of enum chk_local that the body uses */
    chk_param_value *param; /* PARAM declared in the file */
    enum { CHK_LIST_UNKNOWN, CHK_LIST_NO, CHK_LIST_YES } list; /* LET */
    uint32_t ref;          /* LET, RATE: its IR value once lowered */
    uint32_t rates, as_of; /* LET of a template, once lowered: the set of what it depends on, RATEs by their index; and when */
    struct chk_output *output; /* OUTPUT */
    chk_symbol *next;      /* of the scope, latest first */
    chk_symbol *bucket_next;
};

/* A built-in function of numbers: what lower_expr.c makes of it is its IR operation, or a few written there. */
typedef struct chk_builtin {
    const char *name;
    int min_args, max_args;   /* max -1: any number */
    int keeps_duration;       /* floor(10.5 epochs) is a duration */
    int op;                   /* enum ir_op, or -1 - enum of lower_expr.c */
    const char *help;
} chk_builtin;
extern const chk_builtin chk_builtin_table[];
extern const uint32_t chk_builtin_count;
enum { CHK_FN_MIN = -1, CHK_FN_MAX = -2, CHK_FN_CLAMP = -3, CHK_FN_IF = -4, CHK_FN_TAN = -5, CHK_FN_SIGMOID = -6, CHK_FN_LEN = -7, CHK_FN_SUM = -8, CHK_FN_ITEM = -9,
       CHK_FN_INDICES = -10, CHK_FN_PRODUCT = -11, CHK_FN_BEFORE = -12 };

/* A law and its arguments, one per formal after the first (t or u); NULL: the default. */
typedef struct chk_law {
    chk_symbol *symbol;
    const ast_expr **args;
} chk_law;

enum chk_phase_kind {
    CHK_HOLD,    /* value, or the value so far */
    CHK_SHAPED,  /* start + (end - start)*shape(u) */
    CHK_CURVED,  /* curve law: its value from start, end, u */
    CHK_DECAYING,/* start * decay(t) */
    CHK_FREE,    /* curve EXPR: value */
    CHK_POINTS,  /* points: between them the law's shape */
    CHK_REPEAT,  /* body again and again; points in time in it, and rules, count from the beginning of the round */
    CHK_BLOCK    /* body once, as if it stood there by itself; but the rules count from its beginning and act on it alone */
};

typedef struct chk_output chk_output;
typedef struct chk_phase chk_phase;
typedef struct chk_rule chk_rule;
struct chk_phase {
    enum chk_phase_kind kind;
    span at;
    chk_law law;
    const ast_expr *value;    /* HOLD (may be NULL), FREE */
    const ast_expr *duration; /* duration or `for`: a duration */
    const ast_expr *until;    /* a point in time */
    int until_local;          /* pieces of one table: never */
    const ast_expr *from;     /* NULL: the value so far */
    int from_zero;            /* warmup without from */
    const ast_expr *to;       /* target, or factor when to_factor */
    int to_factor, to_divide;
    const ast_expr *shift;
    chk_rule *rules;          /* those of its braces, and `until EVENT`: they hold while it runs */
    uint32_t needs;           /* FREE: bit set of enum chk_local that the formula uses */
    int is_ramp;              /* rangetest: both ends above 0 */
    const ast_piece *points;  /* POINTS: until is the time */
    chk_phase *body;          /* REPEAT, BLOCK */
    chk_rule *inside;         /* REPEAT, BLOCK: `at` and `every`, whose times count from the beginning of the round or block */
    const ast_expr *count, *stretch; /* REPEAT; count NULL: for ever */
    int unrolled;             /* REPEAT: events end what is in it, so that each round is phases of its own */
    const chk_rule *event_inside; /* BLOCK of a template: a rule that holds while a phase of it runs, which a block cannot have */
    int has_own;              /* BLOCK of a template: rules of the call's braces are among its rules */
    chk_output *block;        /* BLOCK of a template: its body and what it starts from */
    span called;              /* in the body of a template of another file: the call that it is called by; end 0: none */
    int is_alone;             /* that call has this phase only */
    chk_phase *next;
};

enum chk_rule_kind { CHK_ON, CHK_AT, CHK_EVERY };
enum chk_event { CHK_PLATEAU, CHK_DIVERGE, CHK_CONDITION, CHK_CLOCK };
enum chk_dialect { CHK_TORCH, CHK_KERAS, CHK_OPTAX, CHK_PADDLE };
#define CHK_MAX_INPUTS 32
enum chk_by { CHK_BY_COUNT, CHK_BY_TIME, CHK_BY_CLOCK };
struct chk_rule {
    enum chk_rule_kind kind;
    span at;
    uint32_t order;           /* among all rules, as they are written */
    enum ast_action_kind action;
    span action_at;
    const ast_expr *factor, *floor, *eps, *low; /* low: the factor never falls below it */
    int divide;
    /* AT: times in source order; EVERY: one */
    const ast_piece *times;
    const ast_expr *period;
    /* ON */
    enum chk_event event;
    uint32_t watch;           /* bit set of inputs */
    enum chk_dialect dialect;
    int mode_max, absolute;
    const ast_expr *patience, *threshold, *cooldown, *every, *smooth, *atol, *size; /* DIVERGE: patience is the window, threshold the factor */
    enum chk_by patience_by, cooldown_by;
    const ast_expr *condition;
    const ast_expr *seconds;  /* CLOCK: counted from the start of the phase, or of the run when absolute */
    chk_rule *next;
};

/* An output reads another one. */
typedef struct chk_reading chk_reading;
struct chk_reading {
    chk_output *of;
    span at;
    chk_reading *next;
};

/* A call of a template, inside of another. */
typedef struct chk_call {
    const chk_symbol *of;
    span at;
    struct chk_call *outer;
    int refused;              /* something that it requires does not hold */
} chk_call;

/* `require`, or a `note` with a condition, that numbers decide: when the program is lowered, or when params are bound. */
typedef struct chk_require chk_require;
struct chk_require {
    const ast_expr *condition;
    const ast_stmt *decl;
    chk_call *call;           /* NULL: of a file */
    span at;                  /* what is wrong where it does not hold: the argument that it is about, or the call */
    int said;                 /* there is a diagnostic of it */
    chk_require *next;
};

struct chk_output {
    const char *name;         /* as it is written: lr, lr["head"]; NULL: a part of an expression */
    span at;
    int is_hidden;            /* no output of the program: others read it */
    int is_formula;           /* schedule NAME = EXPR */
    uint32_t index;           /* in the program: those that are not hidden first, `lr` before all */
    chk_symbol symbol;        /* for expressions that read it */
    chk_reading *readings;
    uint32_t nreadings;
    enum { CHK_NEW, CHK_BUSY, CHK_ORDERED } order;
    int chain;                /* outputs that read each other in a row, this one included */
    uint32_t cost;            /* values of outputs that one value of this one takes, itself included */
    const ast_expr *from;     /* the rate that it starts from, of a schedule that is a template; else NULL */
    chk_symbol *start;        /* of a template: what stands for the rate that it starts from; NULL: nothing asks for it */
    chk_output *outer;        /* of a schedule that is a template in a template: the outer one's from, start, requires and deep */
    chk_symbol *deep;         /* of a template: its lets of many levels that depend on such a rate, as in chk_program */
    chk_symbol *total;        /* how long a template says that it is, for tools; or NULL */
    chk_require *requires;    /* of a template: those that ask for that rate */
    chk_phase *phases;
    chk_rule *rules;
    const ast_expr *low, *high; /* bounds */
    span bounds_at;
    chk_output *next;
};

typedef struct chk_program {
    chk_symbol **params;      /* run-time params in source order */
    uint32_t nparams;
    const char **inputs;
    uint32_t ninputs;
    chk_output *outputs;      /* by index */
    chk_output **outputs_tail; /* where the next one goes */
    uint32_t noutputs, npublic;
    const ast_stmt **deferred;  /* those of files that are used, until all names are known */
    uint32_t ndeferred, deferred_cap;
    chk_require *requires, **requires_tail; /* those that ask for no rate that a template starts from */
    enum ast_unit unit;       /* AST_STEPS, AST_EPOCHS, AST_SAMPLES, AST_TOKENS: what the trainer's step counts */
    chk_symbol *deep, **deep_tail; /* lets of many levels, each after those it uses: lowered first, so that none nests in another */
    /* the well-known params; NULL when not declared */
    chk_symbol *total, *steps_per_epoch, *samples_per_step, *tokens_per_step;
    chk_symbol *elapsed;      /* the input of that name, which counts seconds; NULL: not declared */
    uint32_t nrules;          /* so far, those of templates at their calls: what a rule's order is */
    lrs_source *sources;      /* what was read of files that are used */
    size_t nsources;
} chk_program;

/* ---- shared by the files named check*.c ---- */

/* Names, latest first, and a hash table over them: files may declare any number. */
typedef struct chk_scope {
    chk_symbol *latest;
    chk_symbol **buckets;
    uint32_t nbuckets, n;
} chk_scope;

typedef struct checker {
    arena *mem;
    lrs_diagnostics *d;
    const lrs_options *options;
    chk_program *program;
    chk_scope values;         /* params, lets, inputs, functions, constants, builtins */
    chk_scope laws;           /* shapes, decays, curves */
    chk_scope schedules;      /* outputs, by the names in expressions */
    chk_output *output;       /* that is being checked */
    const ast_stmt *bare;     /* the first phase, or else rule, outside of all schedules; NULL: none */
    chk_symbol *formals;      /* of the declaration being checked */
    uint32_t nformals;
    int parts;                /* templates in expressions around what is checked */
    size_t *copies;           /* nodes that templates may still make */
    struct chk_modules *modules;
    chk_symbol ***deep;       /* in a template: where its next let of many levels goes that depends on a rate */
    chk_call *call;           /* of the template that is checked; NULL: none */
    const char *before_run;   /* the statement whose condition is checked and decided before the run: `require`, `note` */
    chk_symbol **start;       /* in a template: what stands for the rate that it starts from, once something asks for it */
    uint32_t locals;          /* bit set of enum chk_local allowed here */
    uint32_t rate_locals;     /* those allowed in rates: `cycle` inside of `repeat` */
    unsigned nest;            /* blocks around what is checked */
    const char *around;       /* the innermost of them in which a template may be called: "a repeat"; NULL: none */
    uint32_t needs;           /* bit set of enum chk_local seen */
    int depth, deepest;       /* levels of the expression being checked; of it with what it uses put in */
    int forward;              /* declarations that wait for a later one */
    int *is_too_deep;         /* a limit of these was reported: once is enough */
    uint32_t *watch;          /* bit set of inputs seen; NULL: inputs have no place here */
    int takes_seconds;        /* wall-clock time has a place here */
} checker;

/* Levels of an expression, with the definitions that it uses put in. A tree has half of that at most. */
#define CHK_MAX_LEVELS 2000
/* Outputs of a program, hidden ones included; values of outputs that one value may take, itself included; outputs that read
 * each other in a row. */
#define CHK_MAX_OUTPUTS 1000
#define CHK_MAX_READINGS 1000
#define CHK_MAX_CHAIN 32
/* Declarations that use a later one, which uses a later one. */
#define CHK_MAX_FORWARD 500

extern const char *const chk_local_names[CHK_LOCALS], *const chk_unit_names[];
void chk_declare(checker *c, chk_scope *scope, chk_symbol *s);
/* The latest symbol of this name, and the next older one of the same name. */
chk_symbol *chk_find(const chk_scope *scope, const char *name);
chk_symbol *chk_older(const chk_symbol *s);
/* The same for a name that stands at `at`: in a module its own names come first. */
chk_symbol *chk_find_at(const checker *c, const chk_scope *scope, const char *name, span at);
/* Past the limit of errors nothing is kept: suggestions for one more would be wasted work. */
int chk_is_mute(const checker *c);
/* Resolves and types e, in place (symbol, type, bound of the nodes). Errors are diagnosed; the type of a wrong expression is ANY. */
enum chk_type chk_expr(checker *c, ast_expr *e, enum chk_type expected);
/* The same where wall-clock time has a place: DURATION, SECONDS, or what a number without a unit is here. */
enum chk_type chk_time(checker *c, ast_expr *e, enum chk_type bare);
/* The same where a condition has no place: a number or a duration. */
enum chk_type chk_number(checker *c, ast_expr *e, enum chk_type expected);
/* Help: what it says, and the names with commas between. */
void chk_help_names(checker *c, diag *g, const char *says, const char *const *names, size_t n);
/* Can durations in this unit be counted? Says what is missing; marks what is needed as used. */
void chk_conversion(checker *c, enum ast_unit from, span at);
/* Matches args to formals[first..n): bound[i - first] or NULL for the default. 0, or -1 with diagnostics. what: "`exp`". */
int chk_match(checker *c, span at, const char *what, const chk_symbol *f, uint32_t first, const ast_arg *args, const ast_expr ***bound);
/* The same, but for the types of the arguments. */
int chk_assign(checker *c, span at, const char *what, const chk_symbol *f, uint32_t first, const ast_arg *args, const ast_expr ***bound);
/* Where an argument is, with the comma that goes with it. */
span chk_with_comma(const checker *c, const ast_arg *a);
void chk_builtins(checker *c);

/* check_list.c: is e a list, or made of lists? Its elements: 0, or -1 with diagnostics. */
int chk_is_list(const checker *c, const ast_expr *e);
int chk_list(checker *c, const ast_expr *e, ast_expr ***elements, uint32_t *n);
/* The times of `at`, or pieces, with lists among them taken apart. */
const ast_piece *chk_times(checker *c, const ast_piece *times);

/* check_use.c: declares what `use` brings, before the file's own declarations. */
typedef struct chk_modules chk_modules;
int chk_uses(checker *c, const ast_stmt *program);
/* Help for a name that another library's schedule has, or what combines them. 0: it is none of these, and nothing is said. */
int chk_advise_foreign(checker *c, diag *g, const char *name, const ast_arg *args);
/* What names that are declared in this file begin with: "torch."; "" elsewhere. */
const char *chk_prefix(const checker *c, uint32_t file);

/* check_template.c: the body of the template `name` for these arguments, as a block; NULL with diagnostics. has_start: there
 * is a rate that it can start from. */
chk_output *chk_template(checker *c, const ast_name *name, const ast_arg *args, span at, int has_start);

/* check_require.c: a `require` or `note` of a file, or of the template whose body is checked. condition: what stands in it, with
 * the arguments of this call put in; given: those arguments, one per parameter, NULL for a default; text: what text the
 * parameter of this name is, NULL for none. 0, or -1 when it does not hold. */
typedef struct chk_arguments {
    const chk_symbol *of;
    const ast_expr *const *given;
    const char *(*text)(const void *ctx, const char *name);
    const void *ctx;
} chk_arguments;
int chk_require_check(checker *c, const ast_stmt *s, ast_expr *condition, const chk_arguments *arguments, chk_require ***tail);
/* One of a file that is used. */
void chk_defer_require(checker *c, const ast_stmt *s);
/* Those that stand outside of templates. */
void chk_requires(checker *c, const ast_stmt *program);
/* Says that it does not hold, or what a note says, and when. */
enum chk_when { CHK_ALWAYS, CHK_BY_DEFAULT, CHK_AS_GIVEN, CHK_IN_SOME_CASES };
diag *chk_require_say(lrs_diagnostics *d, const chk_require *r, enum chk_when when);

/* Says so when a block has events inside: a schedule that is one template has none, since it is no block. */
void chk_refuse_events(checker *c, const chk_phase *q);
/* The symbol of the rate that the template being checked starts from; NULL without memory. */
chk_symbol *chk_template_start(checker *c, span at);

/* check_output.c: a template in an expression: a schedule without a name that starts from 1. */
chk_symbol *chk_template_part(checker *c, const ast_name *name, const ast_arg *args, span at);

/* check_output.c: the phases, rules and bounds of a body; is_first: it begins a schedule. */
void chk_body(checker *c, chk_output *o, const ast_stmt *body, int is_first);

/* check_decl.c */
extern const char *const chk_kind_names[]; /* by enum chk_symbol_kind, up to laws */
/* The value of an expression of literals, and of nothing else; depth 0 from outside. 1, or 0. */
int chk_constant(const ast_expr *e, double *value, int depth);
void chk_declaration(checker *c, const ast_stmt *s, int in_prelude);
void chk_refuse_second_unit(checker *c, const ast_stmt *program);
void chk_units_of_params(checker *c);
void chk_refuse_unknown_defines(checker *c);
/* The declared symbol of a well-known param, or one made of its -D; NULL: neither. */
chk_symbol *chk_define_well_known(checker *c, const char *name);
/* The formula of a law: a number. */
void chk_formula(checker *c, ast_expr *e);

/* check_phase.c, check_rule.c: append what they make of a statement. */
void chk_phase_check(checker *c, const ast_phase *p, chk_phase ***tail, int is_first);
void chk_rule_check(checker *c, const ast_stmt *s, chk_rule ***tail);
/* `until EVENT`: a rule that ends its phase. */
void chk_until_check(checker *c, const ast_clause *k, chk_rule ***tail);
/* A phase that ends at a wall-clock time: `until 2 hours` of the run, or `for 30 minutes` of its own. */
void chk_clock_check(checker *c, const ast_expr *seconds, int of_run, chk_rule ***tail);
/* The name of argument i of `plateau`, of any dialect, or of `diverge`; NULL: it has no more. For completion. */
const char *chk_event_argument(int diverge, size_t i);
/* Whether one of the rules ends the phase that runs, or starts it again. */
int chk_has_action(const chk_rule *r, enum ast_action_kind action);
/* Nothing says when it ends. */
int chk_open_ended(const chk_phase *q);
/* Warns of a plateau rule that raises the rate, with the first rate that the phases hold or reach as an example. */
void chk_rule_raises(checker *c, const chk_rule *r, const chk_phase *phases);
/* Warns of rules after which an output is 0. Its bounds are known. */
void chk_rules_end(checker *c, const chk_output *o);
/* Warns of a rule that starts again what is the same all the time. */
void chk_rule_restarts(checker *c, const chk_rule *r, const chk_phase *phases);

/* check_output.c: the schedules of a program. */
void chk_declare_outputs(checker *c, const ast_stmt *program);
void chk_outputs(checker *c, const ast_stmt *program);
/* The symbol of what an expression reads: `lr`, lr["head"] (group NULL or "head"). NULL: there is no such schedule, and nothing is
 * said; or with *refused set, it cannot be read here, and that is said. */
chk_symbol *chk_read_output(checker *c, const char *name, const char *group, span at, int *refused);
/* What uses s has its levels too. */
void chk_use(checker *c, chk_symbol *s);
/* The declaration behind a symbol, checked once: type of a let, body of a function. */
void chk_symbol_check(checker *c, chk_symbol *s);

/* Judges the program: 0 with *out, or LRS_E_SOURCE with diagnostics, LRS_E_NOMEM. */
int lrs_check(chk_program **out, arena *mem, lrs_diagnostics *d, ast_stmt *program, const lrs_options *options);

#endif
