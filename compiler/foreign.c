/* foreign.c: what lines of training scripts are called here, so that whoever pastes one is told how it is written.
 * In: names as other libraries have them. Out: names of standard modules, and helps. Calls: the texts of the modules, which
 * say what each one has. */
#include "foreign.h"

#include <string.h>
#include "embed.h"

/* Names of libraries and of their parts, and the module that has their schedules. */
static const struct {
    const char *name, *module;
} modules[] = {
    {"pytorch", "torch"},        {"optim", "torch"},          {"lr_scheduler", "torch"},     {"pytorch_lightning", "torch"}, {"lightning", "torch"},
    {"transformers", "hf"},      {"huggingface", "hf"},       {"hugging_face", "hf"},        {"diffusers", "hf"},            {"accelerate", "hf"},
    {"tensorflow", "keras"},     {"tf", "keras"},             {"jax", "optax"},              {"flax", "optax"},              {"paddlepaddle", "paddle"},
    {"detectron2", "fvcore"},    {"spacy", "thinc"},          {"mosaicml", "composer"},      {"bigvision", "big_vision"},    {"mx", "mxnet"},
    {"megatron_lm", "megatron"}, {"megatronlm", "megatron"},  {"llm_c", "llmc"},             {"fastai2", "fastai"},
};

/* Of modules that have the same name, those that most scripts mean come first. */
static const char *const preferred[] = {"torch", "hf", "keras", "optax", "timm"};

/* What has no name of its own in a module, and how it is written. */
#define ONE_AFTER_ANOTHER "schedules go one after the other: `A(...) until 5; then B(...)`, each with its own rate, as in `torch.StepLR(30, lr=0.1)`"
#define OPTIMIZER "leave it out: the trainer has the optimizer, and asks the schedule for its rate"
static const struct {
    const char *name, *help;
} forms[] = {
    {"SequentialLR", ONE_AFTER_ANOTHER},
    {"join_schedules", ONE_AFTER_ANOTHER},
    {"CompositeSchedule", ONE_AFTER_ANOTHER},
    {"ChainedScheduler", "schedules at once are a product: `schedule lr = torch.StepLR(30, lr=0.1) * torch.ExponentialLR(0.9)`"},
    {"get_scheduler", "a schedule goes by its name: `use hf`, and `hf.get_cosine_schedule_with_warmup(100, 1000) from 0.1`"},
    {"create_scheduler", "a schedule goes by its name: `use timm`, and `timm.CosineLRScheduler(...)`"},
    {"create_scheduler_v2", "a schedule goes by its name: `use timm`, and `timm.CosineLRScheduler(...)`"},
    {"inject_hyperparams", "leave it out: the trainer sets the rate of its optimizer"},
    {"LearningRateScheduler", "leave it out: the trainer sets the rate of its optimizer, and a function of the step is `curve 0.1 * 0.9^t`"},
    {"sgdr_schedule", "cycles are `repeat 3 { warmup 10 -> 0.1; cosine 90 -> 0 }`"},
    {"sgd", OPTIMIZER}, {"SGD", OPTIMIZER}, {"adam", OPTIMIZER}, {"Adam", OPTIMIZER}, {"adamw", OPTIMIZER}, {"AdamW", OPTIMIZER},
    {"rmsprop", OPTIMIZER}, {"RMSprop", OPTIMIZER}, {"adagrad", OPTIMIZER}, {"Adagrad", OPTIMIZER}, {"lion", OPTIMIZER}, {"lamb", OPTIMIZER},
    {"step", "leave it out: the trainer asks the schedule for the rate of each step"},
    {"zero_grad", "leave it out: a program says what the rate is, and nothing of training"},
    {"backward", "leave it out: a program says what the rate is, and nothing of training"},
    {"print", "leave it out: `lrsc eval` prints rates"},
    {"return", "a formula is a phase by itself: `curve 0.1 / (1 + t/100)`"},
};

static const struct {
    const char *text, *name;
} texts[] = {
    {"linear", "get_linear_schedule_with_warmup"},
    {"cosine", "get_cosine_schedule_with_warmup"},
    {"cosine_with_restarts", "get_cosine_with_hard_restarts_schedule_with_warmup"},
    {"polynomial", "get_polynomial_decay_schedule_with_warmup"},
    {"constant", "get_constant_schedule"},
    {"constant_with_warmup", "get_constant_schedule_with_warmup"},
    {"inverse_sqrt", "get_inverse_sqrt_schedule"},
    {"reduce_lr_on_plateau", "get_reduce_on_plateau_schedule"},
    {"cosine_with_min_lr", "get_cosine_with_min_lr_schedule_with_warmup"},
    {"cosine_warmup_with_min_lr", "get_cosine_with_min_lr_schedule_with_warmup_lr_rate"},
    {"warmup_stable_decay", "get_wsd_schedule"},
};

static const struct {
    const char *name, *why;
} arguments[] = {
    {"optimizer", "the trainer sets the rate of its optimizer"},
    {"last_epoch", "the trainer says which step it is"},
    {"verbose", "a schedule prints nothing"},
    {"name", "a schedule needs no name"},
};

static const foreign_word words[] = {
    {"constant", "hold", 1, "one rate is `hold 0.1`"},
    {"const", "hold", 1, "one rate is `hold 0.1`"},
    {"fixed", "hold", 1, "one rate is `hold 0.1`"},
    {"polynomial", "poly", 1, "did you mean `poly`? `poly 100 power=2 -> 0`"},
    {"exponential", "exp", 1, "did you mean `exp`? `exp gamma=0.9`, or `exp 100 -> 0.001`"},
    {"cos", "cosine", 1, "did you mean `cosine`? `cosine 100 -> 0`"},
    {"cosine_annealing", "cosine", 1, "did you mean `cosine`? `cosine 100 -> 0`"},
    {"cosine_decay", "cosine", 1, "did you mean `cosine`? `cosine 100 -> 0`"},
    {"linear_decay", "linear", 1, "did you mean `linear`? `linear 100 -> 0`"},
    {"inverse_sqrt", "invsqrt", 1, "did you mean `invsqrt`? `invsqrt timescale=100`"},
    {"inv_sqrt", "invsqrt", 1, "did you mean `invsqrt`? `invsqrt timescale=100`"},
    {"rsqrt", "invsqrt", 1, "did you mean `invsqrt`? `invsqrt timescale=100`"},
    {"step", "stepdecay", 0, "did you mean `stepdecay`? `stepdecay every=30 gamma=0.1`"},
    {"step_decay", "stepdecay", 0, "did you mean `stepdecay`? `stepdecay every=30 gamma=0.1`"},
    {"multistep", "at", 0, "at given times a rule multiplies the rate: `at 30, 80 *0.1`"},
    {"sgdr", "repeat", 0, "restarts are `repeat 3 { cosine 100 from 0.1 -> 0 }`"},
    {"when", "on", 0, "what happens at an event is a rule: `on plateau(patience=3) *0.5`"},
    {"template", "def", 0, "a template is `def name(a, b = 1) { ... }`"},
    {"function", "def", 0, "a function is `def f(x) = x^2`, a template `def name(a, b = 1) { ... }`"},
    {"momentum", "schedule", 0, "another output is a schedule by itself: `schedule momentum { hold 0.9 }`"},
    {"weight_decay", "schedule", 0, "another output is a schedule by itself: `schedule weight_decay { hold 0.01 }`"},
    {"lr", "schedule", 0, "the phases of the rate stand as they are, or in `schedule lr { ... }`"},
};

/* Functions of numpy, math and their kin that have another name here, or are written in another way. */
static const struct {
    const char *name, *function, *help;
} functions[] = {
    {"maximum", "max", NULL},
    {"minimum", "min", NULL},
    {"fabs", "abs", NULL},
    {"absolute", "abs", NULL},
    {"power", "pow", NULL},
    {"fmod", "mod", NULL},
    {"clip", "clamp", NULL},
    {"where", "if", NULL},
    {"prod", "product", NULL},
    {"int", "trunc", NULL},
    {"float", NULL, "all numbers are alike: leave it out"},
    {"range", NULL, "a list has its elements written: `[30, 60, 90]`; what happens at regular times is `every 30 *0.1`"},
};
static const char *const number_libraries[] = {"np", "numpy", "math", "jnp", "jax.numpy", "torch", "tf", "tf.math", "K", "cmath", "std"};

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

const char *foreign_last(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot ? dot + 1 : name;
}

static int is_text(const char *s, size_t n, const char *text)
{
    return strlen(text) == n && memcmp(s, text, n) == 0;
}

/* The module of one part of a dotted name. */
static const lrs_embedded *module_of(const char *s, size_t n)
{
    for (size_t i = 0; i < COUNT(modules); i++)
        if (is_text(s, n, modules[i].name)) {
            s = modules[i].module;
            n = strlen(s);
        }
    for (size_t i = 0; i < lrs_stdlib_count && !is_text(s, n, "prelude"); i++)
        if (is_text(s, n, lrs_stdlib[i].stem))
            return &lrs_stdlib[i];
    return NULL;
}

const lrs_embedded *foreign_module(const char *name)
{
    for (const char *s = name, *end; *s; s = *end ? end + 1 : end) {
        end = s + strcspn(s, ".");
        const lrs_embedded *module = module_of(s, (size_t)(end - s));
        if (module)
            return module;
    }
    return NULL;
}

/* Behind the parameters that begin at s, with the parentheses that are in their defaults. */
static const char *after_parameters(const char *s)
{
    int depth = 0;
    for (; *s; s++) {
        if (*s == '#' || *s == '"') {
            s += 1 + strcspn(s + 1, *s == '#' ? "\n" : "\"");
            if (!*s)
                break;
        } else if (*s == '(') {
            depth++;
        } else if (*s == ')' && --depth == 0) {
            return s + 1;
        }
    }
    return s;
}

/* Does its text define a template of this name, which is what has braces? A function has none: it is the module's own affair. */
static int has(const lrs_embedded *module, const char *name)
{
    size_t n = strlen(name);
    for (const char *s = module->text; (s = strstr(s, "\ndef ")) != NULL;) {
        s += strlen("\ndef ");
        if (strncmp(s, name, n) == 0 && s[n] == '(') {
            s = after_parameters(s + n);
            return s[strspn(s, " \n")] == '{';
        }
    }
    return 0;
}

const lrs_embedded *foreign_find(const char *name)
{
    const lrs_embedded *hinted = foreign_module(name);
    const char *last = foreign_last(name);
    if (hinted && has(hinted, last))
        return hinted;
    for (size_t i = 0; i < COUNT(preferred); i++) {
        const lrs_embedded *module = module_of(preferred[i], strlen(preferred[i]));
        if (module && has(module, last))
            return module;
    }
    for (size_t i = 0; i < lrs_stdlib_count; i++)
        if (has(&lrs_stdlib[i], last))
            return &lrs_stdlib[i];
    return NULL;
}

const char *foreign_form(const char *name)
{
    const char *last = foreign_last(name);
    for (size_t i = 0; i < COUNT(forms); i++)
        if (strcmp(forms[i].name, last) == 0)
            return forms[i].help;
    return NULL;
}

const foreign_word *foreign_law(const char *name)
{
    for (size_t i = 0; i < COUNT(words); i++)
        if (strcmp(words[i].name, name) == 0)
            return &words[i];
    return NULL;
}

const char *foreign_function(const char *name, const char **help)
{
    const char *last = foreign_last(name);
    size_t prefix = last > name ? (size_t)(last - name) - 1 : 0;
    int is_known = prefix == 0;
    *help = NULL;
    for (size_t i = 0; i < COUNT(number_libraries); i++)
        is_known |= is_text(name, prefix, number_libraries[i]);
    for (size_t i = 0; is_known && i < COUNT(functions); i++)
        if (strcmp(functions[i].name, last) == 0) {
            *help = functions[i].help;
            return functions[i].function;
        }
    return is_known && prefix ? last : NULL;
}

const char *foreign_by_text(const char *text)
{
    for (size_t i = 0; i < COUNT(texts); i++)
        if (strcmp(texts[i].text, text) == 0)
            return texts[i].name;
    return NULL;
}

const char *foreign_argument(const char *name)
{
    for (size_t i = 0; i < COUNT(arguments); i++)
        if (strcmp(arguments[i].name, name) == 0)
            return arguments[i].why;
    return NULL;
}

int foreign_is_optimizer(const char *name)
{
    static const char *const names[] = {"optimizer", "opt", "optim", "optimiser"};
    for (size_t i = 0; i < COUNT(names); i++)
        if (strcmp(names[i], foreign_last(name)) == 0)
            return 1;
    return 0;
}
