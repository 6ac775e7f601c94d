// optim.h: see types.h.
#ifndef TORCH_OPTIM_SHAPE_H
#define TORCH_OPTIM_SHAPE_H
#include <torch/types.h>

#include <tuple>
#include <vector>

namespace torch {
namespace optim {

class OptimizerOptions {
public:
    virtual ~OptimizerOptions() = default;
    virtual double get_lr() const;
    virtual void set_lr(double lr);
};

class SGDOptions : public OptimizerOptions {
public:
    SGDOptions &momentum(double value);
    SGDOptions &weight_decay(double value);
};

class RMSpropOptions : public OptimizerOptions {
public:
    RMSpropOptions &momentum(double value);
    RMSpropOptions &weight_decay(double value);
};

class AdagradOptions : public OptimizerOptions {
public:
    AdagradOptions &weight_decay(double value);
};

class AdamOptions : public OptimizerOptions {
public:
    std::tuple<double, double> &betas();
    AdamOptions &weight_decay(double value);
};

class AdamWOptions : public OptimizerOptions {
public:
    std::tuple<double, double> &betas();
    AdamWOptions &weight_decay(double value);
};

class OptimizerParamGroup {
public:
    OptimizerOptions &options();
};

class Optimizer {
public:
    std::vector<OptimizerParamGroup> &param_groups();
};

class LRScheduler {
public:
    explicit LRScheduler(Optimizer &optimizer);
    virtual ~LRScheduler() = default;
    void step();

protected:
    virtual std::vector<double> get_lrs() = 0;
    std::vector<double> get_current_lrs() const;
};

} // namespace optim
} // namespace torch
#endif
