/* ggml-opt.h: the few declarations of ggml that the example of a callback needs, with the members and signatures that
 * ggml has. */
#ifndef SHAPE_GGML_OPT_H
#define SHAPE_GGML_OPT_H

#include <stddef.h>
#include <stdint.h>

struct ggml_opt_optimizer_params {
    struct {
        float alpha, beta1, beta2, eps, wd;
    } adamw;
    struct {
        float alpha, wd;
    } sgd;
};

typedef struct ggml_opt_optimizer_params (*ggml_opt_get_optimizer_params)(void *userdata);

struct ggml_opt_optimizer_params ggml_opt_get_default_optimizer_params(void *userdata);
#endif
