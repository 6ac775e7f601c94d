// lrs/torch.hpp against the libtorch that it is compiled with. run.py puts the program of docs/embedding.md beside it
// as torch_train.cpp.
//
//   torch page         runs that program
//   torch rates FILE   prints kind*1000 + step,lr for every kind of optimizer, for run.py to compare
//   torch              checks the rest, and says what is not as it should be
#define main page_main
#include "torch_train.cpp"
#undef main

#include <cmath>
#include <cstring>
#include <functional>
#include <memory>
#include <sstream>

namespace {

namespace optim = torch::optim;
using lrs::torch::Scheduler;

int failures, checks;

void check(bool right, const std::string &what)
{
    checks++;
    if (!right) {
        std::printf("not so: %s\n", what.c_str());
        failures++;
    }
}

template <class F> std::string thrown(F f)
{
    try {
        f();
    } catch (const lrs::Error &e) {
        return e.what();
    }
    return "nothing was thrown";
}

void says(const std::string &said, const std::string &expected)
{
    check(said == expected, "it says: " + said + "\n     and not: " + expected);
}

std::vector<torch::Tensor> weights()
{
    return {torch::ones({2}, torch::requires_grad())};
}

const std::pair<const char *, std::function<std::unique_ptr<optim::Optimizer>()>> kinds[] = {
    {"SGD", [] { return std::make_unique<optim::SGD>(weights(), optim::SGDOptions(1)); }},
    {"Adam", [] { return std::make_unique<optim::Adam>(weights()); }},
    {"AdamW", [] { return std::make_unique<optim::AdamW>(weights()); }},
    {"RMSprop", [] { return std::make_unique<optim::RMSprop>(weights()); }},
    {"Adagrad", [] { return std::make_unique<optim::Adagrad>(weights()); }},
    {"LBFGS", [] { return std::make_unique<optim::LBFGS>(weights()); }},
};

double rate(optim::Optimizer &optimizer, std::size_t group = 0)
{
    return optimizer.param_groups()[group].options().get_lr();
}

template <class Options> Options &options(optim::Optimizer &optimizer)
{
    return static_cast<Options &>(optimizer.param_groups()[0].options());
}

// The rate that each update is made with, once a loop has called optimizer.step() and scheduler.step() in turn.
void rates(const char *file)
{
    int kind = 0;
    for (const auto &made : kinds) {
        auto optimizer = made.second();
        Scheduler scheduler(*optimizer, lrs::Schedule::load(file));
        for (int step = 0; step < 310; step++, scheduler.step())
            std::printf("%d,%.17g\n", 1000 * kind + step, rate(*optimizer));
        kind++;
    }
}

void outputs()
{
    const char *text = "warmup 4 -> 0.4\nschedule momentum = 0.5 + lr\nschedule weight_decay = 0.1*lr\n";
    {
        optim::SGD optimizer(weights(), optim::SGDOptions(1));
        Scheduler scheduler(optimizer, lrs::Schedule::compile(text));
        check(options<optim::SGDOptions>(optimizer).momentum() == 0.5, "the momentum of step 0 is set at construction");
        scheduler.step();
        check(options<optim::SGDOptions>(optimizer).momentum() == scheduler.schedule().value(1, "momentum"), "SGD momentum");
        check(options<optim::SGDOptions>(optimizer).weight_decay() == scheduler.schedule().value(1, "weight_decay"), "SGD weight decay");
        check(rate(optimizer) == 0.1, "SGD lr");
    }
    {
        optim::RMSprop optimizer(weights());
        Scheduler scheduler(optimizer, lrs::Schedule::compile(text));
        scheduler.step();
        check(options<optim::RMSpropOptions>(optimizer).momentum() == 0.6, "RMSprop momentum");
        check(options<optim::RMSpropOptions>(optimizer).weight_decay() == scheduler.schedule().value(1, "weight_decay"), "RMSprop weight decay");
    }
    {
        optim::AdamW optimizer(weights());
        Scheduler scheduler(optimizer, lrs::Schedule::compile(text));
        scheduler.step();
        check(options<optim::AdamWOptions>(optimizer).betas() == std::make_tuple(0.6, 0.999), "AdamW: the momentum is the first of the betas");
        check(options<optim::AdamWOptions>(optimizer).weight_decay() == scheduler.schedule().value(1, "weight_decay"), "AdamW weight decay");
    }
    {
        optim::Adam optimizer(weights());
        Scheduler scheduler(optimizer, lrs::Schedule::compile("hold 0.1\nschedule beta1 = 0.8 + lr\nschedule beta2 = 0.99\nschedule wd = 1\n"));
        check(options<optim::AdamOptions>(optimizer).betas() == std::make_tuple(0.8 + 0.1, 0.99), "Adam betas");
        check(options<optim::AdamOptions>(optimizer).weight_decay() == 0, "an output of another name is not used");
        check(scheduler.schedule().value(0, "wd") == 1, "and can be asked for");
    }
    {
        optim::Adagrad optimizer(weights());
        Scheduler scheduler(optimizer, lrs::Schedule::compile("hold 0.1\nschedule weight_decay = lr/10\n"));
        check(options<optim::AdagradOptions>(optimizer).weight_decay() == scheduler.schedule().value(0, "weight_decay"), "Adagrad weight decay");
        says(thrown([&] { Scheduler s(optimizer, lrs::Schedule::compile(text)); }), "`momentum` sets what no parameter group of the optimizer has");
    }
    {
        optim::LBFGS optimizer(weights());
        says(thrown([&] { Scheduler s(optimizer, lrs::Schedule::compile("hold 0.1\nschedule weight_decay = 1\n")); }),
             "`weight_decay` sets what no parameter group of the optimizer has");
        says(thrown([&] { Scheduler s(optimizer, lrs::Schedule::compile("schedule rate = 1\n")); }),
             "no output of the schedule sets anything of the optimizer: name one `lr`");
        check(rate(optimizer) == 1, "a constructor that fails changes nothing");
    }
}

void groups()
{
    std::vector<optim::OptimizerParamGroup> two = {optim::OptimizerParamGroup(weights()), optim::OptimizerParamGroup(weights())};
    optim::SGD optimizer(two, optim::SGDOptions(1));
    auto head = lrs::Schedule::compile("warmup 4 -> 0.4\nschedule lr[\"head\"] = 10*lr\n");
    Scheduler scheduler(optimizer, head, {"body", "head"});
    scheduler.step();
    check(scheduler.get_last_lr() == std::vector<double>{0.1, 1.0}, "a group by its name");
    optimizer.add_param_group(optim::OptimizerParamGroup(weights()));
    scheduler.step();
    check(scheduler.get_last_lr() == std::vector<double>{0.2, 2.0, 0.2}, "a group that was added later");

    Scheduler index(optimizer, lrs::Schedule::compile("hold 0.1\nschedule lr[\"2\"] = 3*lr\n"));
    check(index.get_last_lr() == std::vector<double>{0.1, 0.1, 3 * 0.1}, "a group by its index");
    optimizer.param_groups()[0].options().set_lr(7);
    Scheduler momentum(optimizer, lrs::Schedule::compile("schedule momentum = 0.5\n"));
    momentum.step();
    check(momentum.get_last_lr() == std::vector<double>{7, 0.1, 3 * 0.1}, "without an output lr the rates stay as they are");
    check(options<optim::SGDOptions>(optimizer).momentum() == 0.5, "and the momentum is set");

    says(thrown([&] { Scheduler s(optimizer, head); }), "`lr[\"head\"]` is for a parameter group that the optimizer does not have; give the names of "
                                                        "its 3 groups to the constructor of the scheduler");
    says(thrown([&] { Scheduler s(optimizer, head, {"a", "b", "head", "d"}); }), "there are 4 names, and the optimizer has 3 parameter groups");
}

void protocol()
{
    optim::SGD optimizer(weights(), optim::SGDOptions(1));
    Scheduler scheduler(optimizer, lrs::Schedule::compile("warmup 10 shift=1 -> 1"));
    check(scheduler.current_step() == 0 && rate(optimizer) == 0.1, "the rate of step 0 is set at construction");
    optim::LRScheduler &base = scheduler;
    base.step();
    check(scheduler.current_step() == 1 && rate(optimizer) == 0.2, "a step through the class of libtorch");
    options<optim::SGDOptions>(optimizer).lr(5);
    scheduler.step();
    check(rate(optimizer) == 0.3 && scheduler.get_last_lr() == std::vector<double>{0.3}, "what stands in the optimizer does not matter");
    Scheduler later(optimizer, lrs::Schedule::compile("warmup 10 shift=1 -> 1"), {}, 6);
    check(later.current_step() == 7 && rate(optimizer) == 0.8, "last_step");

    // Two evaluations, one at a step and one after it.
    Scheduler rule(optimizer, lrs::Schedule::compile("input val_loss\ninput accuracy\nhold 1\non plateau(val_loss, patience=0) *0.5\non (accuracy > 0.9) stop"));
    check(rule.step(2.0) == 0 && rate(optimizer) == 1, "the first metric");
    check(rule.observe({{"val_loss", 2.0}}) == 0 && rate(optimizer) == 1, "this step has been observed");
    check(rule.step({{"val_loss", 2.0}, {"accuracy", 0.5}}) == 1 && rate(optimizer) == 0.5, "the second one");
    rule.step();
    check(rule.observe(2.0) == 1 && rate(optimizer) == 0.25 && rule.current_step() == 3, "observing sets the rates anew");
    check(!rule.stopped() && rule.observe({{"accuracy", 0.95}}) == 1 && rule.stopped(), "stop");
    std::string said = thrown([&] { rule.step({{"loss", 1.0}}); });
    check(said == "there is no input `loss`; there is `val_loss`, `accuracy`" && rule.current_step() == 3, said);
}

// The schedulers of libtorch itself are an independent source: its StepLR, one step late, and its ReduceLROnPlateau.
void libtorch()
{
    optim::SGD mine(weights(), optim::SGDOptions(0.5)), theirs(weights(), optim::SGDOptions(0.5));
    Scheduler scheduler(mine, lrs::Schedule::compile("use torch\ntorch.StepLR(step_size=3, gamma=0.5) from 0.5"));
    optim::StepLR step_lr(theirs, 3, 0.5);
    for (int step = 0; step < 20; step++, scheduler.step()) {
        check(rate(mine) == 0.5 * std::pow(0.5, step / 3), "StepLR, as in Python");
        check(step == 0 || rate(theirs) == rate(mine), "libtorch's StepLR, called once more than in Python, at step " + std::to_string(step));
        if (step == 0)
            step_lr.step(); // changes nothing: the step that the constructor in Python makes
        step_lr.step();
    }

    optim::SGD a(weights(), optim::SGDOptions(1)), b(weights(), optim::SGDOptions(1));
    Scheduler plateau(a, lrs::Schedule::compile("hold 1\non plateau(patience=2, cooldown=1) *0.5"));
    optim::ReduceLROnPlateauScheduler reduce(b, optim::ReduceLROnPlateauScheduler::min, 0.5f, 2, 1e-4, optim::ReduceLROnPlateauScheduler::rel, 1);
    int acted = 0;
    for (float metric : {4.f, 3.f, 3.f, 3.f, 3.f, 3.f, 3.f, 3.f, 2.f, 2.f, 2.f, 2.f, 5.f, 5.f, 1.f, 1.f, 1.f, 1.f, 1.f, 1.f}) {
        acted += plateau.step(static_cast<double>(metric));
        reduce.step(metric);
        check(rate(a) == rate(b), "libtorch's ReduceLROnPlateau");
    }
    check(acted >= 3, "the rule acts in this test");
}

// A run of 60 updates of a small network, or its second half from a checkpoint.
struct Run {
    torch::nn::Sequential model{torch::nn::Linear(4, 8), torch::nn::Tanh(), torch::nn::Linear(8, 1)};
    std::unique_ptr<optim::AdamW> optimizer = std::make_unique<optim::AdamW>(model->parameters());
    std::unique_ptr<Scheduler> scheduler;
    std::vector<double> rates, losses;

    explicit Run(const std::string &text)
    {
        scheduler = std::make_unique<Scheduler>(*optimizer, lrs::Schedule::compile(text));
    }

    void train(const torch::Tensor &x, const torch::Tensor &y, int until)
    {
        while (scheduler->current_step() < until) {
            std::int64_t step = scheduler->current_step();
            rates.push_back(rate(*optimizer));
            optimizer->zero_grad();
            auto loss = torch::mse_loss(model->forward(x), y);
            loss.backward();
            losses.push_back(loss.item<double>());
            optimizer->step();
            if (step % 4 == 3)
                scheduler->step(step < 20 ? losses.back() : 1e3); // the loss gets no better after step 20
            else
                scheduler->step();
        }
    }
};

void resume()
{
    const std::string text = "warmup 5 shift=1 -> 0.02\nthen cosine until 60 -> 0.001\non plateau(patience=1) *0.5\nschedule weight_decay = lr\n";
    torch::manual_seed(7);
    auto x = torch::randn({32, 4}), y = torch::sin(x.sum(1, true));
    Run whole(text);
    torch::save(whole.model, "start.pt");
    whole.train(x, y, 60);
    check(whole.losses.back() < whole.losses.front(), "it learns");

    for (bool as_bytes : {true, false}) {
        Run first(text), second(text);
        torch::load(first.model, "start.pt");
        first.train(x, y, 33);
        torch::save(first.model, "model.pt");
        torch::save(*first.optimizer, "optimizer.pt");
        torch::save(*first.scheduler, "scheduler.pt");
        std::string bytes = first.scheduler->save();

        torch::load(second.model, "model.pt");
        torch::load(*second.optimizer, "optimizer.pt");
        if (as_bytes)
            second.scheduler->restore(bytes);
        else
            torch::load(*second.scheduler, "scheduler.pt");
        check(second.scheduler->current_step() == 33 && second.scheduler->save() == bytes, "the state comes back");
        check(rate(*second.optimizer) == rate(*first.optimizer), "and with it what stands in the optimizer");
        second.train(x, y, 60);

        std::vector<double> rates = first.rates, losses = first.losses;
        rates.insert(rates.end(), second.rates.begin(), second.rates.end());
        losses.insert(losses.end(), second.losses.begin(), second.losses.end());
        check(rates == whole.rates && losses == whole.losses, "a run that was resumed is the one that was not interrupted, bit for bit");
        for (std::size_t i = 0; i < whole.model->parameters().size(); i++)
            check(torch::equal(whole.model->parameters()[i], second.model->parameters()[i]), "the weights too");
    }

    // The same rates by the formulas of warm-up, cosine and ReduceLROnPlateau, over the losses that the run had.
    double best = INFINITY, factor = 1;
    int bad = 0, acted = 0;
    for (int step = 0; step < 60; step++) {
        double plain = step < 5 ? 0.02 * (step + 1) / 5 : 0.001 + 0.019 * (1 + std::cos(3.14159265358979323846 * (step - 5) / 55)) / 2;
        double rate = whole.rates[static_cast<std::size_t>(step)], metric = step < 20 ? whole.losses[static_cast<std::size_t>(step)] : 1e3;
        check(std::abs(rate - plain * factor) < 1e-12 * rate, "the rate at step " + std::to_string(step));
        if (step % 4 == 3 && metric < best * (1 - 1e-4)) {
            best = metric;
            bad = 0;
        } else if (step % 4 == 3 && ++bad > 1) {
            factor *= 0.5;
            bad = 0;
            acted++;
        }
    }
    check(acted >= 4, "the rule acts before and after the checkpoint");
}

void errors()
{
    optim::SGD optimizer(weights(), optim::SGDOptions(1));
    says(thrown([&] { Scheduler s(optimizer, lrs::Schedule::compile("warmup 5 -> 0.1; cosin 9 -> 0", {}, "run.lrs")); }),
         "run.lrs:1:18: error: there is no law `cosin` [LRS0207]\n    1 | warmup 5 -> 0.1; cosin 9 -> 0\n      |                  ^~~~~\n"
         "      |                  cosine\n      = help: did you mean `cosine`?");
    Scheduler scheduler(optimizer, lrs::Schedule::compile("warmup 10 shift=1 -> 1"));
    scheduler.step();
    std::string bytes = scheduler.save();
    for (std::size_t i = 0; i < bytes.size(); i++) {
        std::string damaged = bytes;
        damaged[i] = static_cast<char>(damaged[i] ^ 4);
        check(thrown([&] { scheduler.restore(damaged); }) != "nothing was thrown", "a byte is damaged");
        check(thrown([&] { scheduler.restore(bytes.substr(0, i)); }) != "nothing was thrown", "a state is cut short");
    }
    optim::SGD other(weights(), optim::SGDOptions(1));
    std::string of_other = Scheduler(other, lrs::Schedule::compile("hold 1")).save();
    check(thrown([&] { scheduler.restore(of_other); }).find("the state is of another program") == 0, "a state of another schedule");
    torch::serialize::OutputArchive empty;
    empty.write("other", torch::ones({3}));
    std::stringstream stream;
    empty.save_to(stream);
    torch::serialize::InputArchive archive;
    archive.load_from(stream);
    says(thrown([&] { scheduler.load(archive); }), "this archive has no state of an lrs::torch::Scheduler");
    check(scheduler.current_step() == 1 && rate(optimizer) == 0.2 && scheduler.save() == bytes, "all of this changed nothing");
}

} // namespace

int main(int argc, char **argv)
{
    torch::set_num_threads(1);
    if (argc == 2 && std::strcmp(argv[1], "page") == 0)
        return page_main();
    if (argc == 3) {
        rates(argv[2]);
        return 0;
    }
    outputs();
    groups();
    protocol();
    libtorch();
    resume();
    errors();
    std::printf("libtorch %s: %d checks, %d failures\n", TORCH_VERSION, checks, failures);
    return failures != 0;
}
