/* test_fixes.c: a line of a training script, and the text that the compiler's fixes make of it, one round after the other as
 * a person applies them. Its expectations are written by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "lrs/lrs.h"

#define MOST 4096
#define ROUNDS 8

static const struct {
    const char *script, *lrs;
} lines[] = {
    {"import torch\n"
     "scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=30, gamma=0.1, lr=0.1)\n",
     "use torch\n"
     "torch.StepLR(step_size=30, gamma=0.1, lr=0.1)\n"},
    {"from torch.optim.lr_scheduler import OneCycleLR\n"
     "scheduler = OneCycleLR(opt, max_lr=0.1, total_steps=100, epochs=None, anneal_strategy='cos', three_phase=True, last_epoch=-1, verbose=False)\n",
     "use torch\n"
     "torch.OneCycleLR(max_lr=0.1, total_steps=100, anneal_strategy=\"cos\", three_phase=True)\n"},
    {"use pytorch\n"
     "lr_scheduler.MultiStepLR(self.optimizer, milestones=(30, 80), gamma=1e-1f) from 0.1 // decay\n",
     "use torch\n"
     "torch.MultiStepLR(milestones=[30, 80], gamma=1e-1) from 0.1 # decay\n"},
    {"from transformers import get_scheduler\n"
     "lr_scheduler = get_scheduler(\"cosine\", optimizer=optimizer, num_warmup_steps=100, num_training_steps=1000, lr=3e-4)\n",
     "use hf\n"
     "hf.get_cosine_schedule_with_warmup(num_warmup_steps=100, num_training_steps=1000, lr=3e-4)\n"},
    {"import optax\n"
     "schedule = optax.exponential_decay(init_value=0.1, transition_steps=100, decay_rate=0.9)\n",
     "use optax\n"
     "optax.exponential_decay(init_value=0.1, transition_steps=100, decay_rate=0.9)\n"},
    {"import tensorflow as tf\n"
     "lr = tf.keras.optimizers.schedules.ExponentialDecay(0.1, decay_steps=1000, decay_rate=0.96, staircase=True)\n",
     "use keras\n"
     "keras.ExponentialDecay(0.1, decay_steps=1000, decay_rate=0.96, staircase=True)\n"},
    {"lr = 0.1\n"
     "peak: 0.2\n"
     "curve lr*0.5**(t/10) + peak\n",
     "let lr = 0.1\n"
     "let peak = 0.2\n"
     "curve lr*0.5^(t/10) + peak\n"},
    {"input val_loss\n"
     "hold 0.1\n"
     "on plateau(val_los, mode='min') *0.5\n",
     "input val_loss\n"
     "hold 0.1\n"
     "on plateau(val_loss, mode=\"min\") *0.5\n"},
    {"warm-up 10 -> 0.1\n"
     "hold\n"
     "at (30, 60) *0.1\n"
     "bounds(0, 0.1)\n",
     "warmup 10 -> 0.1\n"
     "hold\n"
     "at [30, 60] *0.1\n"
     "bounds 0 .. 0.1\n"},
    {"hold 0.1; bounds (0.001,1)\n", "hold 0.1; bounds  0.001 .. 1\n"},
};

/* Replaces what the fixes replace, from the end to the beginning; of two that meet, the later. */
static void apply(char *text, const lrs_diagnostics *d)
{
    size_t end = strlen(text);
    for (;;) {
        lrs_diagnostic next = {.size = sizeof next};
        int found = 0;
        for (size_t i = 0; i < lrs_diagnostics_count(d); i++) {
            lrs_diagnostic g = {.size = sizeof g};
            assert_int_equal(lrs_diagnostics_get(&g, d, i), LRS_OK);
            if (g.severity == LRS_ERROR && g.fix && strcmp(g.file, "script") == 0 && g.end <= end && (!found || g.begin > next.begin)) {
                next = g;
                found = 1;
            }
        }
        if (!found)
            return;
        char rest[MOST];
        assert_true(strlen(text) + strlen(next.fix) < MOST);
        strcpy(rest, text + next.end);
        strcpy(text + next.begin, next.fix);
        strcat(text, rest);
        end = next.begin;
    }
}

static void fixes_lead_to_a_schedule(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        char text[MOST];
        int status = LRS_E_SOURCE;
        strcpy(text, lines[i].script);
        for (int round = 0; round < ROUNDS && status != LRS_OK; round++) {
            lrs_program *program = NULL;
            lrs_diagnostics *d = NULL;
            lrs_options options = {.size = sizeof options, .name = "script"};
            status = lrs_compile(&program, text, strlen(text), &options, &d);
            if (status != LRS_OK)
                apply(text, d);
            lrs_diagnostics_free(d);
            lrs_program_free(program);
        }
        assert_string_equal(text, lines[i].lrs);
        assert_int_equal(status, LRS_OK);
    }
}

/* The error stands at the call of the template; what its fix replaces stands in the body, the text with its comma included. */
static void a_fix_in_a_body_is_shown_in_the_body(void **state)
{
    (void)state;
    static const char text[] = "def body(n) { get_scheduler(\"cosine\", 10, n) }\n"
                               "body(100) from 0.1\n";
    static const char shown[] = "    1 | def body(n) { get_scheduler(\"cosine\", 10, n) }\n"
                                "      |               ^~~~~~~~~~~~~~~~~~~~~~~~\n"
                                "      |               hf.get_cosine_schedule_with_warmup(\n";
    lrs_program *program = NULL;
    lrs_diagnostics *d = NULL;
    lrs_options options = {.size = sizeof options, .name = "script"};
    lrs_diagnostic g = {.size = sizeof g};
    char said[MOST];
    assert_int_equal(lrs_compile(&program, text, sizeof text - 1, &options, &d), LRS_E_SOURCE);
    assert_int_equal(lrs_diagnostics_count(d), 1);
    assert_int_equal(lrs_diagnostics_get(&g, d, 0), LRS_OK);
    assert_int_equal(g.line, 2);
    assert_int_equal(g.column, 1);
    assert_int_equal(g.end - g.begin, strlen("body(100) from 0.1"));
    assert_null(g.fix);
    assert_true(lrs_diagnostics_render(d, 0, said, sizeof said) < sizeof said);
    assert_non_null(strstr(said, shown));
    lrs_diagnostics_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(fixes_lead_to_a_schedule), cmocka_unit_test(a_fix_in_a_body_is_shown_in_the_body)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
