// torch.hpp: a schedule of lrs as a scheduler of libtorch, the C++ side of PyTorch. Header-only, C++17; the program
// links liblrs and libtorch.
//
//     lrs::torch::Scheduler scheduler(optimizer, lrs::Schedule::load("wsd.lrs"));
//     for (auto &batch : *loader) {
//         train(batch);
//         optimizer.step();
//         scheduler.step();          // or scheduler.step(val_loss), after an evaluation
//     }
//
// It follows torch.optim.lr_scheduler of Python: its constructor sets the rates of step 0, so that update k is made
// with the value of step k, counted from 0. The schedulers of libtorch itself do not: their constructors leave the
// optimizer alone, and their values come one call of step() later than those of the same schedulers in Python.
//
// The value of a step never depends on what stands in the optimizer, so that nothing has to be replayed when a run is
// resumed.
//
// In a file that says `using namespace lrs;` the name torch is ambiguous: do not say it.
#ifndef LRS_TORCH_HPP
#define LRS_TORCH_HPP

#include <lrs/schedule.hpp>

#include <torch/optim.h>
#include <torch/serialize/archive.h>
#include <torch/types.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace lrs {
namespace torch {

class Scheduler : public ::torch::optim::LRScheduler {
public:
    // The optimizer must live as long as the scheduler does.
    //
    // The output `lr` is the rate of all parameter groups, `lr["head"]` that of the group named head; so with
    // `momentum` (the first of the betas, where a group has no momentum), `beta1`, `beta2` and `weight_decay`. Other
    // outputs are not used; schedule().value() has them.
    // groups: the names of the optimizer's parameter groups, in their order; one that has none goes by its index,
    // `lr["1"]`.
    // last_step: the last step that is done; -1 at the start of a run.
    explicit Scheduler(::torch::optim::Optimizer &optimizer, Schedule schedule, std::vector<std::string> groups = {},
                       std::int64_t last_step = -1)
        : LRScheduler(optimizer), optimizer_(optimizer), schedule_(std::move(schedule)), groups_(std::move(groups)),
          step_(last_step + 1)
    {
        for (std::size_t i = 0; i < schedule_.outputs().size(); i++)
            add_target(i, schedule_.outputs()[i]);
        check_targets();
        write();
    }

    // Two schedulers of one optimizer would undo each other's work.
    Scheduler(const Scheduler &) = delete;
    Scheduler &operator=(const Scheduler &) = delete;

    // One step more: after optimizer.step(). A call through a reference to LRScheduler does the same.
    void step() { LRScheduler::step(); }

    // With a metric, which is observed at the new step, before its rate is taken. How many rules acted.
    int step(double metric)
    {
        int acted = schedule_.observe(step_ + 1, metric);
        step();
        return acted;
    }
    int step(const Numbers &metrics)
    {
        int acted = schedule_.observe(step_ + 1, metrics);
        step();
        return acted;
    }

    // Observes a metric at the present step, and sets the rates anew: for those who evaluate between two steps.
    int observe(double metric)
    {
        int acted = schedule_.observe(step_, metric);
        write();
        return acted;
    }
    int observe(const Numbers &metrics)
    {
        int acted = schedule_.observe(step_, metrics);
        write();
        return acted;
    }

    // The step that the optimizer is set up for: 0 after the construction.
    std::int64_t current_step() const noexcept { return step_; }
    // The rates of the parameter groups, as they are.
    std::vector<double> get_last_lr() const { return get_current_lrs(); }
    // True once a rule said `stop`.
    bool stopped() const noexcept { return schedule_.stopped(); }
    const Schedule &schedule() const noexcept { return schedule_; }

    // ---- checkpoints: as bytes, or in files by torch::save(scheduler, "scheduler.pt") and torch::load

    std::string save() const
    {
        std::string bytes;
        for (std::uint64_t word : {static_cast<std::uint64_t>(step_), ~static_cast<std::uint64_t>(step_)})
            for (int shift = 0; shift < 64; shift += 8)
                bytes += static_cast<char>(static_cast<unsigned char>(word >> shift & 255));
        return bytes + schedule_.save();
    }

    // Goes on from what save() gave, of the same schedule with the same params, and sets what it sets in the groups.
    // Any bytes are safe to try; when it throws, nothing has changed.
    void restore(const std::string &bytes)
    {
        std::uint64_t words[2] = {0, 0};
        for (std::size_t i = 0; i < 16 && i < bytes.size(); i++)
            words[i / 8] |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << i % 8 * 8;
        if (bytes.size() < 16 || words[0] != ~words[1])
            throw Error(LRS_E_STATE, "this is not a saved state of an lrs::torch::Scheduler, or it is damaged");
        schedule_.restore(bytes.substr(16));
        step_ = static_cast<std::int64_t>(words[0]);
        write();
    }

    void save(::torch::serialize::OutputArchive &archive) const
    {
        std::string bytes = save();
        auto tensor = ::torch::empty({static_cast<std::int64_t>(bytes.size())}, ::torch::kUInt8);
        std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char *>(tensor.data_ptr<std::uint8_t>()));
        archive.write("lrs", tensor, /*is_buffer=*/true);
    }

    void load(::torch::serialize::InputArchive &archive)
    {
        ::torch::Tensor tensor;
        if (!archive.try_read("lrs", tensor, /*is_buffer=*/true) || tensor.scalar_type() != ::torch::kUInt8)
            throw Error(LRS_E_STATE, "this archive has no state of an lrs::torch::Scheduler");
        tensor = tensor.cpu().contiguous();
        const char *data = reinterpret_cast<const char *>(tensor.data_ptr<std::uint8_t>());
        restore(std::string(data, data + tensor.numel()));
    }

protected:
    // What LRScheduler::step() asks for, once a step: moves to the next one.
    std::vector<double> get_lrs() override
    {
        step_++;
        write();
        return get_current_lrs(); // which it sets once more
    }

private:
    using Options = ::torch::optim::OptimizerOptions;

    // What an output sets.
    enum class Kind { lr, momentum, beta1, beta2, weight_decay };
    struct Target {
        std::size_t output;
        Kind kind;
        bool of_all;
        std::string group; // when it is not for all
    };

    void add_target(std::size_t output, const std::string &name)
    {
        static const std::pair<const char *, Kind> kinds[] = {
            {"lr", Kind::lr}, {"momentum", Kind::momentum}, {"beta1", Kind::beta1}, {"beta2", Kind::beta2},
            {"weight_decay", Kind::weight_decay}};
        std::size_t bracket = name.find("[\"");
        bool all = bracket == std::string::npos;
        std::string group = all ? "" : name.substr(bracket + 2, name.size() - bracket - 4);
        for (const auto &kind : kinds)
            if (name.substr(0, bracket) == kind.first)
                targets_.push_back({output, kind.second, all, group});
    }

    // Every output that has a place in an optimizer finds one in this.
    void check_targets() const
    {
        std::size_t n = optimizer_.param_groups().size();
        if (groups_.size() > n)
            throw Error(LRS_E_ARG, "there are " + std::to_string(groups_.size()) + " names, and the optimizer has " +
                                       std::to_string(n) + " parameter groups");
        if (targets_.empty())
            throw Error(LRS_E_ARG, "no output of the schedule sets anything of the optimizer: name one `lr`");
        for (const Target &target : targets_) {
            bool is_group = target.of_all, is_set = false;
            for (std::size_t i = 0; i < n; i++)
                if (is_for(target, i)) {
                    is_group = true;
                    is_set = is_set || put(optimizer_.param_groups()[i].options(), target.kind, nullptr);
                }
            const std::string &name = schedule_.outputs()[target.output];
            if (!is_group)
                throw Error(LRS_E_ARG, "`" + name + "` is for a parameter group that the optimizer does not have; give the "
                                           "names of its " + std::to_string(n) + " groups to the constructor of the scheduler");
            if (!is_set)
                throw Error(LRS_E_ARG, "`" + name + "` sets what no parameter group of the optimizer has");
        }
    }

    bool is_for(const Target &target, std::size_t group) const
    {
        return target.of_all || target.group == (group < groups_.size() ? groups_[group] : std::to_string(group));
    }

    // Those for all groups first, so that those for one go before them.
    void write()
    {
        auto &groups = optimizer_.param_groups();
        for (bool all : {true, false})
            for (const Target &target : targets_) {
                double value = target.of_all == all ? schedule_.value(step_, target.output) : 0;
                for (std::size_t i = 0; target.of_all == all && i < groups.size(); i++)
                    if (is_for(target, i))
                        put(groups[i].options(), target.kind, &value);
            }
    }

    // Sets it where these options have it, or with NULL only says whether they do.
    static bool put(Options &options, Kind kind, const double *value)
    {
        namespace optim = ::torch::optim;
        switch (kind) {
        case Kind::lr:
            if (value)
                options.set_lr(*value);
            return true;
        case Kind::momentum:
            return put_momentum<optim::SGDOptions>(options, value) ||
                   put_momentum<optim::RMSpropOptions>(options, value) || put(options, Kind::beta1, value);
        case Kind::beta1:
            return put_beta<optim::AdamOptions, 0>(options, value) || put_beta<optim::AdamWOptions, 0>(options, value);
        case Kind::beta2:
            return put_beta<optim::AdamOptions, 1>(options, value) || put_beta<optim::AdamWOptions, 1>(options, value);
        case Kind::weight_decay:
            return put_decay<optim::SGDOptions>(options, value) || put_decay<optim::AdamOptions>(options, value) ||
                   put_decay<optim::AdamWOptions>(options, value) || put_decay<optim::RMSpropOptions>(options, value) ||
                   put_decay<optim::AdagradOptions>(options, value);
        }
        return false;
    }

    template <class T> static bool put_momentum(Options &options, const double *value)
    {
        auto *known = dynamic_cast<T *>(&options);
        if (known && value)
            known->momentum(*value);
        return known != nullptr;
    }

    template <class T, std::size_t place> static bool put_beta(Options &options, const double *value)
    {
        auto *known = dynamic_cast<T *>(&options);
        if (known && value)
            std::get<place>(known->betas()) = *value;
        return known != nullptr;
    }

    template <class T> static bool put_decay(Options &options, const double *value)
    {
        auto *known = dynamic_cast<T *>(&options);
        if (known && value)
            known->weight_decay(*value);
        return known != nullptr;
    }

    ::torch::optim::Optimizer &optimizer_;
    Schedule schedule_;
    std::vector<std::string> groups_;
    std::vector<Target> targets_;
    std::int64_t step_;
};

inline ::torch::serialize::OutputArchive &operator<<(::torch::serialize::OutputArchive &archive,
                                                     const Scheduler &scheduler)
{
    scheduler.save(archive);
    return archive;
}

inline ::torch::serialize::InputArchive &operator>>(::torch::serialize::InputArchive &archive, Scheduler &scheduler)
{
    scheduler.load(archive);
    return archive;
}

} // namespace torch
} // namespace lrs
#endif
