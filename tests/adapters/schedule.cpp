// lrs/schedule.hpp: its values are those of lrs.h, copies are runs of their own, what is wrong is thrown. Prints the
// rates of the file that it is given, for run.py to compare, and says on stderr what is not as it should be.
#include <lrs/schedule.hpp>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <new>

static int failures;
static bool out_of_memory;

void *operator new(std::size_t size)
{
    void *p = out_of_memory ? nullptr : std::malloc(size);
    if (!p)
        throw std::bad_alloc();
    return p;
}

void operator delete(void *p) noexcept
{
    std::free(p);
}

void operator delete(void *p, std::size_t) noexcept
{
    std::free(p);
}

static void check(bool right, const char *what)
{
    if (!right) {
        std::fprintf(stderr, "not so: %s\n", what);
        failures++;
    }
}

template <class F> static std::string thrown(int status, F f)
{
    try {
        f();
    } catch (const lrs::Error &e) {
        check(e.status() == status, e.what());
        return e.what();
    }
    return "nothing was thrown";
}

static bool has(const std::string &text, const char *part)
{
    return text.find(part) != std::string::npos;
}

static void copies()
{
    auto a = lrs::Schedule::compile("hold 1; on plateau(patience=0) *0.5");
    check(a.observe(0, 2.0) == 0 && a.lr(0) == 1, "the first metric is the best one");
    auto b = a;
    check(b.observe(1, 2.0) == 1 && b.lr(1) == 0.5, "the second one is no better");
    check(a.lr(1) == 1, "a copy is a run of its own");
    check(b.observe(1, 2.0) == 0 && b.lr(1) == 0.5, "a step is observed once");
    check(b.observe(2, std::nan("")) == 0, "NaN is no metric");
    a = b;
    check(a.lr(1) == 0.5, "assignment takes the state");
    lrs::Schedule c = std::move(b);
    check(c.lr(1) == 0.5, "so does moving");
    check(b.lr(1) == 0.5 && b.outputs().size() == 1 && b.observe(5, 2.0) == 1 && b.lr(5) == 0.25 && c.lr(5) == 0.5, "which leaves a schedule");
    c.restore(lrs::Schedule::compile("hold 1; on plateau(patience=0) *0.5").save());
    check(c.lr(1) == 1 && a.lr(1) == 0.5, "a state that was saved comes back");
}

// What fails for want of memory changes nothing: a state of another size than the plan's would be read past its end.
static void assignments()
{
    std::string text = "hold 1\n";
    for (int i = 0; i < 20; i++)
        text += "on plateau(patience=" + std::to_string(i) + ") *0.5\n";
    const auto large = lrs::Schedule::compile(text), small = lrs::Schedule::compile("hold 0.25");
    auto s = small;
    bool is_thrown = false;
    out_of_memory = true;
    try {
        s = large;
    } catch (const std::bad_alloc &) {
        is_thrown = true;
    }
    out_of_memory = false;
    check(is_thrown, "a copy needs memory");
    check(s.lr(5) == 0.25 && s.hash() == small.hash() && s.save() == small.save(), "it is the schedule that it was");
    s = large;
    check(s.lr(5) == 1 && s.save() == large.save(), "assignment of a larger one");
    const auto &same = s;
    s = same;
    check(s.save() == large.save(), "assignment to itself");
    s = lrs::Schedule::compile("hold 0.25");
    check(s.lr(5) == 0.25 && s.save() == small.save(), "assignment by moving");
}

static void names()
{
    auto s = lrs::Schedule::compile("param peak = 0.1 in 0.01..1\ninput train_loss\ninput val_loss\nunit epoch\nhold peak\n"
                                    "on plateau(val_loss, patience=0) *0.5\non (train_loss > 9) stop\nschedule momentum = 1 - lr\n"
                                    "schedule lr[\"head\"] = 2*lr\n", {{"peak", 0.25}});
    check(s.outputs() == std::vector<std::string>{"lr", "momentum", "lr[\"head\"]"}, "outputs");
    check(s.inputs() == std::vector<std::string>{"train_loss", "val_loss"}, "inputs");
    check(s.params().size() == 1 && s.params()[0].first == "peak" && s.params()[0].second == 0.25, "params");
    check(s.unit() == "epoch", "unit");
    const char *later = "param total = 7\nwarmup 10 -> 1; then cosine until total -> 0";
    check(lrs::Schedule::compile(later).warnings().find("never runs") != std::string::npos, "warnings");
    check(lrs::Schedule::compile(later, {{"total", 1000}}).warnings().find("never runs") == std::string::npos, "warnings are about the params that are given");
    check(s.hash() == lrs::Schedule::compile("param peak = 0.1 in 0.01..1\ninput train_loss\ninput val_loss\nunit epoch\nhold peak\n"
                                             "on plateau(val_loss, patience=0) *0.5\non (train_loss > 9) stop\nschedule momentum = 1 - lr\n"
                                             "schedule lr[\"head\"] = 2*lr\n").hash(), "the hash is of the program");
    check(s.value(0, "momentum") == 0.75 && s.value(0, "lr[\"head\"]") == 0.5 && s.value(0, 1) == 0.75, "outputs by name");
    check(std::isnan(s.value(0, 9)), "there are three outputs");
    check(s.observe(0, {{"val_loss", 1.0}, {"train_loss", 1.0}}) == 0 && s.observe(1, {{"val_loss", 1.0}}) == 1 && s.lr(1) == 0.125, "metrics by name");
    std::string said = thrown(LRS_E_ARG, [&] { s.observe(2, {{"a_typo", 1.0}, {"val_loss", 1.0}}); });
    check(said == "there is no input `a_typo`; there is `train_loss`, `val_loss`", said.c_str());
    check(s.lr(2) == 0.125, "a call that fails changes nothing");
    const std::vector<std::pair<std::string, double>> pairs{{"peak", 0.5}};
    check(lrs::Numbers(pairs.begin(), pairs.end()) == lrs::Numbers{{"peak", 0.5}}, "numbers are made as a map is");
    thrown(LRS_E_ARG, [&] { s.value(0, "weight_decay"); });
    check(!s.stopped() && s.observe(3, {{"train_loss", 10.0}}) == 1 && s.stopped(), "stop");
}

static void errors(const char *file)
{
    std::string said = thrown(LRS_E_SOURCE, [] { lrs::Schedule::compile("warmup 5 -> 0.1; cosin 9 -> 0", {}, "mine.lrs"); });
    check(said == "mine.lrs:1:18: error: there is no law `cosin` [LRS0207]\n    1 | warmup 5 -> 0.1; cosin 9 -> 0\n"
                  "      |                  ^~~~~\n      |                  cosine\n      = help: did you mean `cosine`?", said.c_str());
    said = thrown(LRS_E_SOURCE, [] { lrs::Schedule::compile("../wsd.lrs"); });
    check(has(said, "this is the name of a file") && has(said, "`load`"), said.c_str());
    said = thrown(LRS_E_PARAM, [] { lrs::Schedule::compile("param peak = 0.1 in 0.01..1\nhold peak", {{"peak", 2}}); });
    check(has(said, "<text>: ") && has(said, "`peak`") && has(said, "0.01..1"), said.c_str());
    said = thrown(LRS_E_PARAM, [] { lrs::Schedule::compile("hold 1", {{"peak", 2}}); });
    check(has(said, "peak"), said.c_str());
    said = thrown(LRS_E_IO, [] { lrs::Schedule::load("/no/such/file.lrs"); });
    check(said == "cannot read `/no/such/file.lrs`: No such file or directory", said.c_str());
    said = thrown(LRS_E_IO, [] { lrs::Schedule::load("/"); });
    check(said == "cannot read `/`: Is a directory", said.c_str());
    said = thrown(LRS_E_ARG, [] { lrs::Schedule::compile("param peak = 1\nhold peak", {{"peak", 2}, {"peak", 3}}); });
    check(said == "`peak` is given twice", said.c_str());
    const std::map<std::string, double> map{{"peak", 2}};
    check(lrs::Schedule::compile("param peak = 1\nhold peak", map).lr(0) == 2, "a map is as good");
    said = thrown(LRS_E_SOURCE, [] { lrs::Schedule::compile("use \"common.lrs\"\nhold 1"); });
    check(has(said, "LRS"), said.c_str());

    auto s = lrs::Schedule::load(file);
    std::string saved = s.save();
    thrown(LRS_E_STATE, [&] { s.restore(saved.substr(1)); });
    said = thrown(LRS_E_STATE, [&] { s.restore(""); });
    check(said == "the saved state is cut short", said.c_str());
    saved[saved.size() / 2] ^= 1;
    said = thrown(LRS_E_STATE, [&] { s.restore(saved); });
    check(said == "the saved state is damaged: its length, checksum or contents are wrong", said.c_str());
    const auto constant = lrs::Schedule::compile("hold 1");
    said = thrown(LRS_E_MISMATCH, [&] { s.restore(constant.save()); });
    char wanted[100];
    std::snprintf(wanted, sizeof wanted, "the state is of another program: %016llx, and this one is %016llx", (unsigned long long)constant.hash(), (unsigned long long)s.hash());
    check(has(said, wanted), said.c_str());
    const char *text = "param a = 1\nparam peak = 0.1\nparam c = 2\nhold a*peak*c";
    auto other = lrs::Schedule::compile(text, {{"peak", 0.3}, {"c", 1e-3}});
    said = thrown(LRS_E_MISMATCH, [&] { other.restore(lrs::Schedule::compile(text).save()); });
    check(said == "the state is of a run with other params: `peak` was 0.1 and is 0.3, `c` was 2 and is 0.001. Give the values of that run", said.c_str());
    check(lrs::Schedule::compile("hold 1").warnings().empty(), "nothing to warn of");
    check(has(lrs::Schedule::compile("hold 5000").warnings(), "warning: "), "a warning");
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    copies();
    assignments();
    names();
    errors(argv[1]);
    std::string text = thrown(LRS_E_SOURCE, [] { lrs::Schedule::compile(std::string("hold 1\0x", 8)); });
    check(text != "nothing was thrown", "a text has its length, whatever bytes are in it");

    auto s = lrs::Schedule::load(argv[1]);
    std::vector<double> bulk(300);
    s.fill(-5, bulk.size(), bulk.data());
    for (int step = -5; step < 295; step++) {
        check(s.lr(step) == bulk[static_cast<std::size_t>(step + 5)], "fill has the values of lr");
        std::printf("%d,%.17g\n", step, s.lr(step));
    }
    return failures != 0;
}
