// schedule.hpp: schedules of lrs in C++17, over liblrs. Header-only; the program links liblrs (-llrs).
//
//     lrs::Schedule s = lrs::Schedule::load("wsd.lrs", {{"peak", 1e-3}});
//     for (int64_t step = 0; step < 10000; step++)
//         train(s.lr(step));
//
// A Schedule is a program whose params have values, and the state of one run. It is a value: a copy is a run of its
// own, which goes on from where the other one is, and nothing has to be freed. Copies share the program. Several
// threads may read one Schedule; one at a time changes it.
//
// What goes wrong is thrown as lrs::Error; a text that does not compile says there what lrsc would print. The functions
// under "values" throw nothing, and nothing is printed anywhere.
#ifndef LRS_SCHEDULE_HPP
#define LRS_SCHEDULE_HPP

#include <lrs/lrs.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <initializer_list>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace lrs {

// what() is for people; status() is one of the LRS_E_* of lrs.h.
class Error : public std::runtime_error {
public:
    Error(int status, const std::string &what) : std::runtime_error(what), status_(status) {}
    int status() const noexcept { return status_; }

private:
    int status_;
};

// Names with numbers: params and their values, or inputs and their metrics. A map, but that a list with a name twice is an
// error, where std::map drops the second one.
class Numbers : public std::map<std::string, double> {
public:
    using map::map;
    Numbers() = default;
    Numbers(const std::map<std::string, double> &numbers) : map(numbers) {}
    Numbers(std::initializer_list<value_type> numbers)
    {
        for (const value_type &number : numbers)
            if (!insert(number).second)
                throw Error(LRS_E_ARG, "`" + number.first + "` is given twice");
    }
};

class Schedule {
public:
    Schedule(const Schedule &) = default; // moving is copying: there is no Schedule without a program (docs/decisions/0036)
    ~Schedule() = default;
    // The copy is made before anything changes: when memory runs out, this one stays as it is.
    Schedule &operator=(Schedule other) noexcept
    {
        shared_.swap(other.shared_);
        words_.swap(other.words_);
        return *this;
    }

    // The text of a program, with params that are not to have their defaults. name: what messages call the text. `use
    // "file.lrs"` is refused, so that a text from a stranger reaches nothing.
    static Schedule compile(const std::string &text, const Numbers &params = {}, const std::string &name = "<text>")
    {
        return Schedule(text, params, name, false);
    }

    // A file. `use "file.lrs"` is taken from beside it.
    static Schedule load(const std::string &path, const Numbers &params = {})
    {
        std::unique_ptr<std::FILE, Free> file(std::fopen(path.c_str(), "rb"));
        std::string text;
        char part[4096];
        for (std::size_t n; file && (n = std::fread(part, 1, sizeof part, file.get())) > 0;)
            text.append(part, n);
        int why = errno; // before anything else sets it
        if (!file || std::ferror(file.get()))
            throw Error(LRS_E_IO, "cannot read `" + path + "`: " + std::generic_category().message(why));
        return Schedule(text, params, path, true);
    }

    // ---- values: bit for bit those of every other engine

    // The rate at any step, in the state as it is: the output `lr`, or the first where there is none of that name.
    double lr(std::int64_t step) const noexcept { return lrs_value(plan(), state(), 0, step); }
    // An output by its place in outputs(); NaN when there is none.
    double value(std::int64_t step, std::size_t output) const noexcept
    {
        return lrs_value(plan(), state(), output, step);
    }
    // Those of n steps from `first` on.
    void fill(std::int64_t first, std::size_t n, double *out, std::size_t output = 0) const noexcept
    {
        lrs_fill(plan(), state(), output, first, n, out);
    }
    // A metric that was measured at a step: rules may act on it. How many have. A NaN, and a step that is not after the
    // last one that this input was observed at, change nothing.
    int observe(std::int64_t step, double metric, std::size_t input = 0) noexcept
    {
        return lrs_observe(plan(), state(), input, step, metric);
    }
    // True once a rule said `stop`.
    bool stopped() const noexcept { return lrs_stopped(state()) != 0; }

    // ---- the same by name

    double value(std::int64_t step, const std::string &output) const
    {
        return value(step, place(outputs(), output, "output"));
    }
    int observe(std::int64_t step, const Numbers &metrics)
    {
        std::vector<std::pair<std::size_t, double>> given;
        int acted = 0;
        for (const auto &metric : metrics) // all are looked up before the first one changes anything
            given.emplace_back(place(inputs(), metric.first, "input"), metric.second);
        for (const auto &metric : given)
            acted += observe(step, metric.second, metric.first);
        return acted;
    }

    // ---- what it is

    const std::vector<std::string> &outputs() const noexcept { return shared_->outputs; }
    const std::vector<std::string> &inputs() const noexcept { return shared_->inputs; }
    // The params in the order of the file, and the values that they have here.
    const std::vector<std::pair<std::string, double>> &params() const noexcept { return shared_->params; }
    // What a step counts: "step", "epoch", "sample" or "token".
    const std::string &unit() const noexcept { return shared_->unit; }
    // The number that saved states carry.
    std::uint64_t hash() const noexcept { return shared_->hash; }
    // What lrsc would print: warnings and notes; "" when there are none.
    const std::string &warnings() const noexcept { return shared_->warnings; }
    // For the functions of lrs.h that are not here: lrs_explain_at, lrs_detector_at, lrs_jit.
    const lrs_plan *plan() const noexcept { return shared_->plan.get(); }
    const lrs_state *state() const noexcept { return reinterpret_cast<const lrs_state *>(words_.data()); }
    lrs_state *state() noexcept { return reinterpret_cast<lrs_state *>(words_.data()); }

    // ---- checkpoints

    // The state as bytes: the same on every machine, and for a schedule that was compiled to an object.
    std::string save() const
    {
        std::string bytes(lrs_state_save(plan(), state(), nullptr, 0), '\0');
        lrs_state_save(plan(), state(), &bytes[0], bytes.size());
        return bytes;
    }

    // Goes on from what save() gave, of the same program with the same params. Any bytes are safe to try; when it
    // throws, which says what differs, nothing has changed.
    void restore(const std::string &bytes)
    {
        std::vector<char> error(2000);
        int status = lrs_state_load(plan(), state(), bytes.data(), bytes.size(), error.data(), error.size());
        if (status)
            throw Error(status, error.data());
    }

private:
    struct Free {
        void operator()(lrs_program *p) const { lrs_program_free(p); }
        void operator()(lrs_plan *p) const { lrs_plan_free(p); }
        void operator()(lrs_diagnostics *d) const { lrs_diagnostics_free(d); }
        void operator()(std::FILE *f) const { std::fclose(f); }
    };

    // What copies have in common. It does not change once it is made.
    struct Shared {
        std::unique_ptr<lrs_plan, Free> plan;
        std::vector<std::string> outputs, inputs;
        std::vector<std::pair<std::string, double>> params;
        std::string unit, warnings;
        std::uint64_t hash;
    };

    Schedule(const std::string &text, const Numbers &params, const std::string &name, bool use_files)
    {
        std::vector<lrs_binding> bindings;
        for (const auto &param : params)
            bindings.push_back({param.first.c_str(), param.second});
        lrs_options options{};
        options.size = sizeof options;
        options.name = name.c_str();
        options.use_files = use_files;
        options.params = bindings.data(); // what warnings are about
        options.nparams = bindings.size();
        lrs_program *made_program = nullptr;
        lrs_diagnostics *made_diagnostics = nullptr;
        int status = lrs_compile(&made_program, text.data(), text.size(), &options, &made_diagnostics);
        std::unique_ptr<lrs_program, Free> program(made_program);
        std::unique_ptr<lrs_diagnostics, Free> diagnostics(made_diagnostics);
        std::string said = rendered(diagnostics.get());
        if (status)
            throw Error(status, status == LRS_E_SOURCE ? said : lrs_strerror(status));

        std::vector<char> error(2000);
        lrs_plan *made_plan = nullptr;
        status = lrs_bind(&made_plan, program.get(), bindings.data(), bindings.size(), error.data(), error.size());
        std::unique_ptr<lrs_plan, Free> plan(made_plan);
        if (status)
            throw Error(status, name + ": " + (error[0] ? error.data() : lrs_strerror(status)));

        auto shared = std::make_shared<Shared>();
        const lrs_program *p = program.get();
        for (std::size_t i = 0; i < lrs_program_outputs(p); i++)
            shared->outputs.push_back(lrs_program_output_name(p, i));
        for (std::size_t i = 0; i < lrs_program_inputs(p); i++)
            shared->inputs.push_back(lrs_program_input_name(p, i));
        for (std::size_t i = 0; i < lrs_program_params(p); i++) {
            lrs_param_info info{};
            info.size = sizeof info;
            lrs_program_param(&info, p, i);
            shared->params.emplace_back(info.name, lrs_plan_param(plan.get(), i));
        }
        shared->unit = lrs_program_unit(p);
        shared->hash = lrs_program_hash(p);
        shared->warnings = std::move(said);
        words_.resize((lrs_state_size(plan.get()) + 7) / 8);
        lrs_state_init(state(), plan.get());
        shared->plan = std::move(plan);
        shared_ = std::move(shared);
    }

    static std::string rendered(const lrs_diagnostics *diagnostics)
    {
        if (!diagnostics)
            return {};
        std::string text(lrs_diagnostics_render(diagnostics, 0, nullptr, 0) + 1, '\0');
        lrs_diagnostics_render(diagnostics, 0, &text[0], text.size());
        text.resize(text.size() - 1);
        while (!text.empty() && text.back() == '\n')
            text.pop_back();
        return text;
    }

    static std::size_t place(const std::vector<std::string> &names, const std::string &name, const char *what)
    {
        std::string all;
        for (std::size_t i = 0; i < names.size(); i++) {
            if (names[i] == name)
                return i;
            all += (i ? ", `" : "`") + names[i] + "`";
        }
        throw Error(LRS_E_ARG, "there is no " + std::string(what) + " `" + name + "`; there is " + all);
    }

    std::shared_ptr<const Shared> shared_;
    std::vector<std::uint64_t> words_; // the state: 8-byte aligned
};

} // namespace lrs
#endif
