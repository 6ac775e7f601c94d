/* _lrs.c: liblrs for Python.
 *
 * In: what __init__.py gives: bytes, numbers, indices of outputs and inputs that it has looked up.
 * Out: numbers, bytes, tuples. What can be wrong in a program, in params or in a saved state is returned as data; __init__.py
 * makes exceptions of it. Only wrong types and a lack of memory are exceptions from here.
 * May call: lrs.h, and Python's limited API of 3.10.
 *
 * Programs and plans are capsules. A State holds its plan's capsule, which holds its program. All work on a state is done under
 * the lock of the interpreter, but that of fill, which works on a copy.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <lrs/lrs.h>
#include <stdlib.h>
#include <string.h>

#define PROGRAM "lrs program"
#define PLAN "lrs plan"
#define CHUNK 32768 /* values of fill between two looks at signals */

/* ---- conversions ----------------------------------------------------------------------------- */

/* Any int, also one of numpy's or an integral tensor. What JAX says of a number that is traced is its own class of TypeError, and stays. */
static int as_whole(PyObject *object, int64_t *out, const char *what) {
    PyObject *number = PyNumber_Index(object);
    if (!number) {
        PyObject *type = PyErr_Occurred(); /* borrowed */
        if (type == PyExc_TypeError) {
            PyErr_Clear();
            PyErr_Format(PyExc_TypeError, "%s is a whole number, and not %R", what, object);
        }
        return 0;
    }
    *out = PyLong_AsLongLong(number);
    Py_DECREF(number);
    if (*out == -1 && PyErr_Occurred()) {
        PyErr_Format(PyExc_OverflowError, "%s is a whole number from -2**63 to 2**63 - 1: this one is out of range", what);
        return 0;
    }
    return 1;
}

/* Converters for "O&". */
static int as_step(PyObject *object, void *out) {
    return as_whole(object, out, "a step");
}

static int as_stride(PyObject *object, void *out) {
    return as_whole(object, out, "the stride");
}

static int as_count(PyObject *object, void *out) {
    return as_whole(object, out, "a number of points");
}

/* A tensor that is part of a graph warns when it becomes a number: what is detached does not. A new reference. */
static PyObject *detached(PyObject *object) {
    PyObject *asked = PyFloat_Check(object) ? NULL : PyObject_GetAttrString(object, "requires_grad");
    PyErr_Clear(); /* other numbers have no such attribute */
    int is_tracked = asked && PyObject_IsTrue(asked) == 1;
    Py_XDECREF(asked);
    if (is_tracked) {
        return PyObject_CallMethod(object, "detach", NULL);
    }
    Py_INCREF(object);
    return object;
}

/* A converter for "O&": a float, whatever can be one, or None for no metric. */
static int as_metric(PyObject *object, void *out) {
    double v = Py_NAN;
    if (object != Py_None) {
        PyObject *number = detached(object);
        if (!number) {
            return 0;
        }
        v = PyFloat_AsDouble(number);
        Py_DECREF(number);
        if (v == -1 && PyErr_Occurred()) {
            return 0;
        }
    }
    *(double *)out = v;
    return 1;
}

/* metric(object) -> the float that it is, NaN for None */
static PyObject *module_metric(PyObject *module, PyObject *object) {
    (void)module;
    double v;
    return as_metric(object, &v) ? PyFloat_FromDouble(v) : NULL;
}

/* step(object) -> the int that it is */
static PyObject *module_step(PyObject *module, PyObject *object) {
    (void)module;
    int64_t step;
    return as_step(object, &step) ? PyLong_FromLongLong(step) : NULL;
}

/* Texts of the library: UTF-8, unless the program's own text was not. */
static PyObject *text_or_none(const char *s) {
    if (!s) {
        Py_RETURN_NONE;
    }
    return PyUnicode_DecodeUTF8(s, (Py_ssize_t)strlen(s), "replace");
}

/* Puts a new reference into a tuple; 0 when there is none. */
static int put(PyObject *tuple, Py_ssize_t i, PyObject *value) {
    return value && PyTuple_SetItem(tuple, i, value) == 0;
}

/* ---- programs and plans ---------------------------------------------------------------------- */

static void free_program(PyObject *capsule) {
    lrs_program_free(PyCapsule_GetPointer(capsule, PROGRAM));
}

static void free_plan(PyObject *capsule) {
    lrs_plan_free(PyCapsule_GetPointer(capsule, PLAN));
}

static PyObject *diagnostic(const lrs_diagnostics *all, size_t i) {
    lrs_diagnostic d = {.size = sizeof d};
    lrs_diagnostics_get(&d, all, i);
    return Py_BuildValue("iiN N nnii NN", d.severity, d.code, text_or_none(d.message), text_or_none(d.file), (Py_ssize_t)d.begin,
                         (Py_ssize_t)d.end, d.line, d.column, text_or_none(d.fix), text_or_none(d.help));
}

/* What the compiler said: (tuple of diagnostics, rendered text). */
static PyObject *said(const lrs_diagnostics *all) {
    size_t n = lrs_diagnostics_count(all), size = all ? lrs_diagnostics_render(all, 0, NULL, 0) : 0;
    char *text = malloc(size + 1);
    if (!text) {
        return PyErr_NoMemory();
    }
    text[0] = '\0';
    if (all) {
        lrs_diagnostics_render(all, 0, text, size + 1);
    }
    PyObject *list = PyTuple_New((Py_ssize_t)n), *pair = NULL;
    for (size_t i = 0; list && i < n; i++) {
        if (!put(list, (Py_ssize_t)i, diagnostic(all, i))) {
            Py_CLEAR(list);
        }
    }
    if (list) {
        pair = Py_BuildValue("NN", list, text_or_none(text));
    }
    free(text);
    return pair;
}

/* Zeros for what is in a tuple, and one more; NULL: it is none, as `what` says, or there is no memory. */
static void *array_for(PyObject *object, const char *what, size_t size, Py_ssize_t *n) {
    if (!PyTuple_Check(object)) {
        PyErr_SetString(PyExc_TypeError, what);
        return NULL;
    }
    *n = PyTuple_Size(object);
    void *at = calloc((size_t)*n + 1, size);
    if (!at) {
        PyErr_NoMemory();
    }
    return at;
}

/* A converter for "O&": a tuple of bytes, as NUL-terminated texts of the tuple, which must outlive them. free() is the caller's. */
typedef struct texts {
    const char **at;
    Py_ssize_t n;
} texts;

static int as_texts(PyObject *object, void *out) {
    texts *all = out;
    if (!object) { /* of PyArg_ParseTuple: a later argument was wrong */
        free(all->at);
        return 0;
    }
    all->at = array_for(object, "a tuple of bytes", sizeof *all->at, &all->n);
    if (!all->at) {
        return 0;
    }
    for (Py_ssize_t i = 0; i < all->n; i++) {
        char *text;
        if (PyBytes_AsStringAndSize(PyTuple_GetItem(object, i), &text, NULL) < 0) { /* with a NUL inside it is refused */
            free(all->at);
            return 0;
        }
        all->at[i] = text;
    }
    return Py_CLEANUP_SUPPORTED;
}

/* A converter for "O&": a tuple of (name, text), all bytes, as sources, likewise. One object is one text, by its pointer. */
typedef struct used {
    lrs_source *at;
    Py_ssize_t n;
} used;

static int as_sources(PyObject *object, void *out) {
    used *all = out;
    if (!object) {
        free(all->at);
        return 0;
    }
    all->at = array_for(object, "a tuple of sources", sizeof *all->at, &all->n);
    if (!all->at) {
        return 0;
    }
    for (Py_ssize_t i = 0; i < all->n; i++) {
        Py_ssize_t len;
        PyObject *pair = PyTuple_GetItem(object, i);
        if (!PyTuple_Check(pair)) {
            PyErr_SetString(PyExc_TypeError, "a source is a tuple of a name and a text");
        } else if (PyArg_ParseTuple(pair, "yy#", &all->at[i].name, &all->at[i].text, &len)) {
            all->at[i].len = (size_t)len;
            continue;
        }
        free(all->at);
        return 0;
    }
    return Py_CLEANUP_SUPPORTED;
}

/* What the program has read, as as_sources takes it. */
static PyObject *sources_of(const lrs_program *p) {
    size_t n = lrs_program_sources(p);
    PyObject *tuple = PyTuple_New((Py_ssize_t)n);
    for (size_t i = 0; tuple && i < n; i++) {
        lrs_source s, other;
        PyObject *text = NULL;
        lrs_program_source(&s, p, i);
        for (size_t k = 0; k < i && !text; k++) {
            lrs_program_source(&other, p, k);
            if (other.text == s.text) {
                text = PyTuple_GetItem(PyTuple_GetItem(tuple, (Py_ssize_t)k), 1);
                Py_INCREF(text);
            }
        }
        text = text ? text : PyBytes_FromStringAndSize(s.text, (Py_ssize_t)s.len);
        if (!text || !put(tuple, (Py_ssize_t)i, Py_BuildValue("yN", s.name, text))) {
            Py_CLEAR(tuple);
        }
    }
    return tuple;
}

/* Numbers by their names; NULL with an exception. */
static lrs_binding *bindings(const texts *names, PyObject *values) {
    if (names->n != PyTuple_Size(values)) {
        PyErr_SetString(PyExc_ValueError, "as many names as values");
        return NULL;
    }
    lrs_binding *all = calloc((size_t)names->n + 1, sizeof *all);
    if (!all) {
        PyErr_NoMemory();
        return NULL;
    }
    for (Py_ssize_t i = 0; i < names->n; i++) {
        all[i].name = names->at[i];
        all[i].value = PyFloat_AsDouble(PyTuple_GetItem(values, i));
    }
    if (PyErr_Occurred()) {
        free(all);
        return NULL;
    }
    return all;
}

/* (program or None, sentence, diagnostics, rendered, sources); takes the program and the diagnostics */
static PyObject *compiled(lrs_program *program, int status, lrs_diagnostics *diags) {
    PyObject *capsule = NULL;
    if (program) {
        capsule = PyCapsule_New(program, PROGRAM, free_program);
        if (!capsule) {
            lrs_program_free(program);
        }
    } else {
        Py_INCREF(Py_None);
        capsule = Py_None;
    }
    PyObject *pair = capsule ? said(diags) : NULL, *sources = pair ? sources_of(program) : NULL, *result = NULL;
    lrs_diagnostics_free(diags);
    if (sources) {
        result = Py_BuildValue("OsOOO", capsule, lrs_strerror(status), PyTuple_GetItem(pair, 0), PyTuple_GetItem(pair, 1), sources);
    }
    Py_XDECREF(sources);
    Py_XDECREF(pair);
    Py_XDECREF(capsule);
    return result;
}

/* compile(text, name, include_dirs, sources, use_files, names of params, their values)
 * -> (program or None, sentence, diagnostics, rendered, sources) */
static PyObject *module_compile(PyObject *module, PyObject *args) {
    (void)module;
    const char *text, *name;
    Py_ssize_t len;
    int use_files;
    texts dirs = {0}, names = {0};
    used sources = {0};
    PyObject *values;
    if (!PyArg_ParseTuple(args, "y#yO&O&pO&O!", &text, &len, &name, as_texts, &dirs, as_sources, &sources, &use_files, as_texts, &names,
                          &PyTuple_Type, &values)) {
        return NULL;
    }
    lrs_binding *params = bindings(&names, values);
    PyObject *result = NULL;
    if (params) {
        lrs_options options = {.size = sizeof options, .name = name, .include_dirs = dirs.at, .ninclude_dirs = (size_t)dirs.n};
        options.use_files = use_files;
        options.sources = sources.at;
        options.nsources = (size_t)sources.n;
        options.params = params;
        options.nparams = (size_t)names.n;
        lrs_program *program;
        lrs_diagnostics *diags;
        int status;
        Py_BEGIN_ALLOW_THREADS
        status = lrs_compile(&program, text, (size_t)len, &options, &diags);
        Py_END_ALLOW_THREADS
        if (status == LRS_E_NOMEM) {
            lrs_diagnostics_free(diags);
            PyErr_NoMemory();
        } else {
            result = compiled(program, status, diags);
        }
    }
    free(params);
    free(dirs.at);
    free(names.at);
    free(sources.at);
    return result;
}

static PyObject *param(const lrs_program *p, size_t i) {
    lrs_param_info d = {.size = sizeof d};
    lrs_program_param(&d, p, i);
    return Py_BuildValue("NNiiiddd", text_or_none(d.name), text_or_none(d.unit), d.has_default, d.has_range, d.is_log, d.def,
                         d.lo, d.hi);
}

static PyObject *output_name(const lrs_program *p, size_t i) {
    return text_or_none(lrs_program_output_name(p, i));
}

static PyObject *input_name(const lrs_program *p, size_t i) {
    return text_or_none(lrs_program_input_name(p, i));
}

static PyObject *all_of(const lrs_program *p, size_t n, PyObject *(*one)(const lrs_program *, size_t)) {
    PyObject *tuple = PyTuple_New((Py_ssize_t)n);
    for (size_t i = 0; tuple && i < n; i++) {
        if (!put(tuple, (Py_ssize_t)i, one(p, i))) {
            Py_CLEAR(tuple);
        }
    }
    return tuple;
}

static PyObject *output_is_read(const lrs_program *p, size_t i) {
    return PyBool_FromLong(lrs_program_output_is_read(p, i));
}

/* describe(program) -> (hash, unit, outputs, inputs, params, whether each output is read by the program) */
static PyObject *module_describe(PyObject *module, PyObject *capsule) {
    (void)module;
    const lrs_program *p = PyCapsule_GetPointer(capsule, PROGRAM);
    if (!p) {
        return NULL;
    }
    return Py_BuildValue("KNNNNN", (unsigned long long)lrs_program_hash(p), text_or_none(lrs_program_unit(p)),
                         all_of(p, lrs_program_outputs(p), output_name), all_of(p, lrs_program_inputs(p), input_name),
                         all_of(p, lrs_program_params(p), param), all_of(p, lrs_program_outputs(p), output_is_read));
}

/* bind(program, names, values) -> (plan or None, sentence); the names are a tuple of bytes */
static PyObject *module_bind(PyObject *module, PyObject *args) {
    (void)module;
    PyObject *capsule, *values;
    texts names = {0};
    if (!PyArg_ParseTuple(args, "OO&O!", &capsule, as_texts, &names, &PyTuple_Type, &values)) {
        return NULL;
    }
    const lrs_program *program = PyCapsule_GetPointer(capsule, PROGRAM);
    lrs_binding *params = program ? bindings(&names, values) : NULL;
    Py_ssize_t n = names.n;
    free(names.at); /* the texts are those of the tuple */
    if (!params) {
        return NULL;
    }
    char error[1000] = "";
    lrs_plan *plan;
    int status = lrs_bind(&plan, program, params, (size_t)n, error, sizeof error);
    free(params);
    if (status == LRS_E_NOMEM) {
        return PyErr_NoMemory();
    }
    if (status) {
        return Py_BuildValue("ON", Py_None, text_or_none(error[0] ? error : lrs_strerror(status)));
    }
    PyObject *result = PyCapsule_New(plan, PLAN, free_plan);
    if (!result) {
        lrs_plan_free(plan);
        return NULL;
    }
    return Py_BuildValue("Ns", result, "");
}

/* plan_params(plan, n) -> the values of params 0..n-1 */
static PyObject *module_plan_params(PyObject *module, PyObject *args) {
    (void)module;
    PyObject *capsule;
    Py_ssize_t n;
    if (!PyArg_ParseTuple(args, "On", &capsule, &n)) {
        return NULL;
    }
    const lrs_plan *plan = PyCapsule_GetPointer(capsule, PLAN);
    PyObject *tuple = plan ? PyTuple_New(n) : NULL;
    for (Py_ssize_t i = 0; tuple && i < n; i++) {
        if (!put(tuple, i, PyFloat_FromDouble(lrs_plan_param(plan, (size_t)i)))) {
            Py_CLEAR(tuple);
        }
    }
    return tuple;
}

/* jax_module(plan) -> the text of a module for JAX */
static PyObject *module_jax_module(PyObject *module, PyObject *capsule) {
    (void)module;
    const lrs_plan *plan = PyCapsule_GetPointer(capsule, PLAN);
    size_t n = plan ? lrs_plan_jax(plan, NULL, 0) : 0;
    char *text = n ? malloc(n + 1) : NULL;
    if (plan && !text) {
        return PyErr_NoMemory();
    }
    PyObject *result = NULL;
    if (text) {
        result = PyUnicode_DecodeUTF8(text, (Py_ssize_t)lrs_plan_jax(plan, text, n + 1), "replace");
    }
    free(text);
    return result;
}

/* ---- State ----------------------------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyObject *capsule;    /* owned: of plan */
    const lrs_plan *plan; /* of the capsule */
    lrs_state *state;     /* owned */
    size_t outputs, inputs;
} State;

static State *of(PyObject *self) {
    return (State *)self;
}

/* State(plan, outputs, inputs) */
static PyObject *state_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    PyObject *capsule;
    Py_ssize_t outputs, inputs;
    if ((kwargs && PyDict_Size(kwargs)) || PyTuple_Size(args) != 3 || !PyCapsule_IsValid(PyTuple_GetItem(args, 0), PLAN)) {
        PyErr_SetString(PyExc_TypeError, "a Schedule is made by lrs.compile(text) or lrs.load(file)");
        return NULL;
    }
    if (!PyArg_ParseTuple(args, "Onn", &capsule, &outputs, &inputs)) {
        return NULL;
    }
    allocfunc alloc = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    PyObject *self = alloc(type, 0);
    if (!self) {
        return NULL;
    }
    State *s = of(self);
    s->plan = PyCapsule_GetPointer(capsule, PLAN);
    Py_INCREF(capsule);
    s->capsule = capsule;
    s->outputs = (size_t)outputs;
    s->inputs = (size_t)inputs;
    if (lrs_state_new(&s->state, s->plan)) {
        Py_DECREF(self);
        return PyErr_NoMemory();
    }
    return self;
}

static void state_dealloc(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    lrs_state_free(of(self)->state, of(self)->plan);
    Py_XDECREF(of(self)->capsule);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(self);
    Py_DECREF(type);
}

static int has_output(const State *s, Py_ssize_t output) {
    if (output < 0 || (size_t)output >= s->outputs) {
        PyErr_SetString(PyExc_IndexError, "no such output");
        return 0;
    }
    return 1;
}

static PyObject *state_call(PyObject *self, PyObject *args, PyObject *kwargs) {
    int64_t step;
    if ((kwargs && PyDict_Size(kwargs)) || PyTuple_Size(args) != 1) {
        PyErr_SetString(PyExc_TypeError, "a Schedule is called with one step");
        return NULL;
    }
    if (!as_step(PyTuple_GetItem(args, 0), &step)) {
        return NULL;
    }
    return PyFloat_FromDouble(lrs_value(of(self)->plan, of(self)->state, 0, step));
}

static PyObject *state_value(PyObject *self, PyObject *args) {
    int64_t step;
    Py_ssize_t output;
    if (!PyArg_ParseTuple(args, "O&n", as_step, &step, &output) || !has_output(of(self), output)) {
        return NULL;
    }
    return PyFloat_FromDouble(lrs_value(of(self)->plan, of(self)->state, (size_t)output, step));
}

static PyObject *state_values(PyObject *self, PyObject *object) {
    int64_t step;
    if (!as_step(object, &step)) {
        return NULL;
    }
    State *s = of(self);
    double few[16], *values = s->outputs <= 16 ? few : malloc(s->outputs * sizeof *values);
    if (!values) {
        return PyErr_NoMemory();
    }
    lrs_values(s->plan, s->state, step, values);
    PyObject *tuple = PyTuple_New((Py_ssize_t)s->outputs);
    for (size_t i = 0; tuple && i < s->outputs; i++) {
        if (!put(tuple, (Py_ssize_t)i, PyFloat_FromDouble(values[i]))) {
            Py_CLEAR(tuple);
        }
    }
    if (values != few) {
        free(values);
    }
    return tuple;
}

static PyObject *state_get_lr(PyObject *self, PyObject *args, PyObject *kwargs) {
    if (kwargs && PyDict_Size(kwargs)) { /* Schedule knows the names of the inputs */
        PyObject *named = PyObject_GetAttrString(self, "_get_lr_named"), *value = named ? PyObject_Call(named, args, kwargs) : NULL;
        Py_XDECREF(named);
        return value;
    }
    int64_t step;
    double metric = Py_NAN;
    if (!PyArg_ParseTuple(args, "O&|O&:get_lr", as_step, &step, as_metric, &metric)) {
        return NULL;
    }
    return PyFloat_FromDouble(lrs_get_lr(of(self)->plan, of(self)->state, step, metric));
}

static PyObject *state_observe(PyObject *self, PyObject *args) {
    int64_t step;
    Py_ssize_t input;
    double metric;
    if (!PyArg_ParseTuple(args, "O&nO&", as_step, &step, &input, as_metric, &metric)) {
        return NULL;
    }
    if (input < 0 || (size_t)input >= of(self)->inputs) {
        PyErr_SetString(PyExc_IndexError, "no such input");
        return NULL;
    }
    return PyLong_FromLong(lrs_observe(of(self)->plan, of(self)->state, (size_t)input, step, metric));
}

/* Up to CHUNK values from *step on, which becomes the step after them. */
static void fill_chunk(const lrs_plan *plan, const lrs_state *s, size_t output, int64_t *step, int64_t stride, size_t n,
                       double *out) {
    if (stride == 1) {
        lrs_fill(plan, s, output, *step, n, out);
        *step = *step > INT64_MAX - (int64_t)n ? INT64_MAX : *step + (int64_t)n;
        return;
    }
    for (size_t i = 0; i < n; i++) {
        out[i] = lrs_value(plan, s, output, *step);
        *step = *step > INT64_MAX - stride ? INT64_MAX : *step + stride;
    }
}

/* The values as bytes: doubles in the order of the machine. */
static PyObject *fill_bytes(const State *s, const lrs_state *state, size_t output, int64_t step, int64_t stride, Py_ssize_t n,
                            double *chunk) {
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, n * (Py_ssize_t)sizeof *chunk);
    char *to = bytes ? PyBytes_AsString(bytes) : NULL;
    while (to && n > 0) {
        size_t m = n < CHUNK ? (size_t)n : CHUNK;
        Py_BEGIN_ALLOW_THREADS
        fill_chunk(s->plan, state, output, &step, stride, m, chunk);
        memcpy(to, chunk, m * sizeof *chunk);
        Py_END_ALLOW_THREADS
        to += m * sizeof *chunk;
        n -= (Py_ssize_t)m;
        if (n > 0 && PyErr_CheckSignals()) {
            Py_CLEAR(bytes);
            break;
        }
    }
    return bytes;
}

/* _fill(first, stride, n, output): of a copy of the state, so that others may change it meanwhile */
static PyObject *state_fill(PyObject *self, PyObject *args) {
    int64_t first, stride;
    Py_ssize_t n, output;
    const State *s = of(self);
    if (!PyArg_ParseTuple(args, "O&O&nn", as_step, &first, as_stride, &stride, &n, &output) || !has_output(s, output)) {
        return NULL;
    }
    if (n < 0 || stride < 1) {
        PyErr_SetString(PyExc_ValueError, n < 0 ? "n is below 0" : "the stride is below 1");
        return NULL;
    }
    if ((size_t)n > PY_SSIZE_T_MAX / sizeof(double) - 64) {
        return PyErr_NoMemory();
    }
    size_t size = lrs_state_size(s->plan);
    lrs_state *state = malloc(size);
    double *chunk = malloc((n < CHUNK ? (size_t)n + 1 : CHUNK) * sizeof *chunk);
    PyObject *bytes = NULL;
    if (state && chunk) {
        memcpy(state, s->state, size);
        bytes = fill_bytes(s, state, (size_t)output, first, stride, n, chunk);
    } else {
        PyErr_NoMemory();
    }
    free(state);
    free(chunk);
    return bytes;
}

static PyObject *state_explain(PyObject *self, PyObject *args) {
    int64_t step;
    Py_ssize_t output;
    if (!PyArg_ParseTuple(args, "O&n", as_step, &step, &output) || !has_output(of(self), output)) {
        return NULL;
    }
    lrs_explanation e = {.size = sizeof e};
    lrs_explain_at(&e, of(self)->plan, of(self)->state, (size_t)output, step);
    return Py_BuildValue("dddnNddNiNLNddL", e.value, e.base, e.scale, (Py_ssize_t)e.phase, text_or_none(e.phase_text),
                         e.phase_start, e.phase_end, text_or_none(e.law), e.fired, text_or_none(e.rule_text),
                         (long long)e.rule_step, text_or_none(e.inner_text), e.inner_start, e.inner_end, (long long)e.round);
}

/* All detectors, as a tuple of tuples. */
static PyObject *state_detectors(PyObject *self, PyObject *unused) {
    (void)unused;
    const State *s = of(self);
    size_t n = lrs_plan_detectors(s->plan);
    PyObject *tuple = PyTuple_New((Py_ssize_t)n);
    for (size_t i = 0; tuple && i < n; i++) {
        lrs_detector d = {.size = sizeof d};
        lrs_detector_at(&d, s->plan, s->state, i);
        PyObject *one = Py_BuildValue("NNKLddLdLLL", text_or_none(d.kind), text_or_none(d.rule_text), (unsigned long long)d.inputs,
                                      (long long)d.seen_step, d.best, d.smoothed, (long long)d.bad, d.patience,
                                      (long long)d.cooling, (long long)d.fired, (long long)d.fired_step);
        if (!put(tuple, (Py_ssize_t)i, one)) {
            Py_CLEAR(tuple);
        }
    }
    return tuple;
}

static PyObject *state_save(PyObject *self, PyObject *unused) {
    (void)unused;
    const State *s = of(self);
    size_t n = lrs_state_save(s->plan, s->state, NULL, 0);
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)n);
    if (bytes) {
        lrs_state_save(s->plan, s->state, PyBytes_AsString(bytes), n);
    }
    return bytes;
}

/* _load(bytes) -> "" or a sentence */
static PyObject *state_load(PyObject *self, PyObject *args) {
    const char *bytes;
    Py_ssize_t n;
    if (!PyArg_ParseTuple(args, "y#", &bytes, &n)) {
        return NULL;
    }
    char sentence[2000];
    lrs_state_load(of(self)->plan, of(self)->state, bytes, (size_t)n, sentence, sizeof sentence);
    return PyUnicode_DecodeUTF8(sentence, (Py_ssize_t)strlen(sentence), "replace"); /* it may have been cut */
}

static PyObject *state_reset(PyObject *self, PyObject *unused) {
    (void)unused;
    lrs_state_init(of(self)->state, of(self)->plan);
    Py_RETURN_NONE;
}

static PyObject *state_stopped(PyObject *self, void *unused) {
    (void)unused;
    return PyBool_FromLong(lrs_stopped(of(self)->state));
}

static PyMethodDef state_methods[] = {
    {"get_lr", (PyCFunction)(void (*)(void))state_get_lr, METH_VARARGS | METH_KEYWORDS,
     "get_lr(step, metric=None, **metrics): feeds metrics as observe does, then gives the value of the first output."},
    {"values", state_values, METH_O, "values(step): the values of all outputs at a step, in the order of outputs."},
    {"reset", state_reset, METH_NOARGS, "reset(): forgets all observations."},
    {"_value", state_value, METH_VARARGS, NULL},
    {"_observe", state_observe, METH_VARARGS, NULL},
    {"_fill", state_fill, METH_VARARGS, NULL},
    {"_explain", state_explain, METH_VARARGS, NULL},
    {"_detectors", state_detectors, METH_NOARGS, NULL},
    {"_save", state_save, METH_NOARGS, NULL},
    {"_load", state_load, METH_VARARGS, NULL},
    {0},
};

static PyGetSetDef state_getset[] = {
    {"stopped", state_stopped, NULL, "True once a rule said `stop`.", NULL},
    {0},
};

static PyType_Slot state_slots[] = {
    {Py_tp_doc, "A schedule with its state, in C; lrs.Schedule is built on it."},
    {Py_tp_new, state_new},
    {Py_tp_dealloc, state_dealloc},
    {Py_tp_call, state_call},
    {Py_tp_methods, state_methods},
    {Py_tp_getset, state_getset},
    {0, NULL},
};

static PyType_Spec state_spec = {"lrs._lrs.State", sizeof(State), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, state_slots};

/* ---- find ------------------------------------------------------------------------------------ */

static PyObject *suggestion(const lrs_suggestion *s) {
    return Py_BuildValue("dns", s->lr, (Py_ssize_t)s->index, s->reason == LRS_FIND_FOUND ? "" : lrs_find_reason(s->reason));
}

/* find(rates, losses, smooth, diverge, skip_start, skip_end): the first two are bytes, of as many doubles.
 * -> (first, end, diverged, bad_rate, five suggestions, bytes of the averages), or a sentence about an option. */
static PyObject *module_find(PyObject *module, PyObject *args) {
    (void)module;
    const char *rates, *losses;
    Py_ssize_t nrates, nlosses;
    lrs_find_options options = {.size = sizeof options};
    int64_t skip_start, skip_end;
    if (!PyArg_ParseTuple(args, "y#y#ddO&O&", &rates, &nrates, &losses, &nlosses, &options.smooth, &options.diverge, as_count,
                          &skip_start, as_count, &skip_end)) {
        return NULL;
    }
    options.skip_start = skip_start;
    options.skip_end = skip_end;
    size_t n = (size_t)nrates / sizeof(double);
    if (nrates != nlosses) {
        PyErr_SetString(PyExc_ValueError, "as many rates as losses");
        return NULL;
    }
    double *numbers = calloc(3 * n + 1, sizeof *numbers);
    if (!numbers) {
        return PyErr_NoMemory();
    }
    memcpy(numbers, rates, n * sizeof *numbers);
    memcpy(numbers + n, losses, n * sizeof *numbers);
    lrs_finding f = {.size = sizeof f};
    int status;
    Py_BEGIN_ALLOW_THREADS
    status = lrs_find(&f, numbers, numbers + n, n, &options, numbers + 2 * n);
    Py_END_ALLOW_THREADS
    PyObject *result = NULL;
    if (status == LRS_E_NOMEM) {
        PyErr_NoMemory();
    } else if (status) {
        result = PyUnicode_FromString(lrs_strerror(status));
    } else {
        result = Py_BuildValue("nnnnNNNNNy#", (Py_ssize_t)f.first, (Py_ssize_t)f.end, (Py_ssize_t)f.diverged,
                               (Py_ssize_t)f.bad_rate, suggestion(&f.valley), suggestion(&f.steepest), suggestion(&f.steep),
                               suggestion(&f.minimum), suggestion(&f.slide), (const char *)(numbers + 2 * n), nrates);
    }
    free(numbers);
    return result;
}

/* ---- the module ------------------------------------------------------------------------------ */

static PyMethodDef module_methods[] = {
    {"compile", module_compile, METH_VARARGS, NULL},     {"describe", module_describe, METH_O, NULL},
    {"bind", module_bind, METH_VARARGS, NULL},           {"find", module_find, METH_VARARGS, NULL},
    {"plan_params", module_plan_params, METH_VARARGS, NULL}, {"jax_module", module_jax_module, METH_O, NULL},
    {"metric", module_metric, METH_O, NULL},             {"step", module_step, METH_O, NULL},
    {0},
};

static int module_exec(PyObject *module) {
    PyObject *type = PyType_FromSpec(&state_spec);
    if (!type || PyModule_AddObjectRef(module, "State", type) < 0) {
        Py_XDECREF(type);
        return -1;
    }
    Py_DECREF(type);
    return PyModule_AddStringConstant(module, "version", lrs_version());
}

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, module_exec},
    {0, NULL},
};

static PyModuleDef module_def = {
    PyModuleDef_HEAD_INIT, .m_name = "lrs._lrs", .m_doc = "liblrs, as lrs/__init__.py needs it.", .m_methods = module_methods,
    .m_slots = module_slots,
};

PyMODINIT_FUNC PyInit__lrs(void);
PyMODINIT_FUNC PyInit__lrs(void) {
    return PyModuleDef_Init(&module_def);
}
