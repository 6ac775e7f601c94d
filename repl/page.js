/* page.js: the page that `lrsc plot -o NAME.html` writes: the picture, drawn anew whenever something moves.
 * In: `figure`, which draw_html.c writes before this text: the engines of the schedules (`lrsc --emit=js`), the curves, the axis.
 * Out: the document's body. All values come from the engines, at whole steps. Nothing is loaded. */
(() => {
"use strict";

/* ---- numbers --------------------------------------------------------------------------------- */

const power10 = (e) => Number("1e" + e);
const scaled = (m, e) => (e < 0 ? m / power10(-e) : m * power10(e));
const decade = (v) => Number(v.toExponential().split("e")[1]);

/* Four digits: 0.1, 3e-4, 12345. */
function short(v) {
    if (!Number.isFinite(v) || v === 0)
        return Number.isNaN(v) ? "nan" : v === 0 ? "0" : v > 0 ? "inf" : "-inf";
    if (Math.abs(v) >= 1e-3 && Math.abs(v) < 1e6)
        return Math.abs(v) < 9999.5 ? String(Number(v.toPrecision(4))) : v.toFixed(0);
    const [m, e] = v.toExponential(3).split("e");
    return Number(m) + "e" + Number(e);
}

/* The shortest text that reads back as the same double: 0.25, 2.841669522504333e-5. */
const exact = (v) => (!Number.isFinite(v) ? (Number.isNaN(v) ? "nan" : v > 0 ? "inf" : "-inf") : v !== 0 && Math.abs(v) < 1e-3 ? v.toExponential() : String(v));

/* 1, 2 or 5 times a power of ten, so that at most `most` of them are in a span. */
function niceStep(span, most) {
    for (let e = decade(span) - 2;; e++)
        for (const m of [1, 2, 5])
            if (span / scaled(m, e) + 1 <= most + 1e-9)
                return [m, e];
}

function ticksLinear(low, high, most) {
    const [m, e] = niceStep(high - low, Math.max(most, 2)), unit = scaled(m, e), at = [];
    for (let k = Math.ceil(low / unit - 1e-9); k <= high / unit + 1e-9; k++)
        at.push(scaled(k * m, e) + 0);
    const top = decade(Math.max(...at.map(Math.abs), unit)), digits = Math.max(-e, 0);
    const label = (v) => (v === 0 ? "0" : digits > 4 || top >= 6 ? scaled(v, -top).toFixed(Math.max(top - e, 0)) + "e" + top : v.toFixed(digits));
    return at.map((v) => [v, label(v)]);
}

function ticksLog(low, high, most) {
    const few = high < low * 100 ? [1, 2, 5] : [1], first = decade(low), last = decade(high);
    for (let every = 1;; every++) {
        const at = [];
        for (let e = first; e <= last; e++)
            for (const m of few)
                if (e % every === 0 && scaled(m, e) >= low * (1 - 1e-9) && scaled(m, e) <= high * (1 + 1e-9))
                    at.push([scaled(m, e), m + "e" + e]);
        if (at.length < 2 && every === 1)
            return ticksLinear(low, high, most);
        if (at.length <= Math.max(most, 3) || every > 700)
            return at;
    }
}

function ticksSteps(low, high, most, whole) {
    let [m, e] = niceStep(high - low || 1, most);
    if (whole && e < 0)
        [m, e] = [1, 0];
    const unit = scaled(m, e), size = Math.max(Math.abs(low), Math.abs(high)), at = [];
    const [scale, suffix] = [[1e12, "T"], [1e9, "B"], [1e6, "M"], [1e3, "k"]].find(([s]) => size >= s && unit >= s / 10 && (s > 1e3 || size >= 1e4 || unit >= 1e3)) || [1, ""];
    const digits = Math.max(-decade(unit / scale), 0);
    for (let k = Math.ceil(low / unit); k * unit <= high; k++)
        at.push([k * unit, k === 0 ? "0" : (k * unit / scale).toFixed(digits) + suffix]);
    return at;
}

/* ---- curves ---------------------------------------------------------------------------------- */

/* A run for each time between two observations after which a rule acted: what a rule changes, it changes from its step on. What was
 * recorded after a `stop` is not observed, but for the other inputs of its step. */
function open(curve) {
    const engine = figure.engines[curve.engine], opened = {runs: [{from: -Infinity, run: engine.schedule.create(curve.values)}], events: []};
    const live = engine.schedule.create(curve.values);
    let stop = Infinity;
    for (const [step, input, metric] of engine.metrics) {
        if (step > stop)
            break;
        const before = live.values(step);
        if (live.observe(step, metric, input) === 0)
            continue;
        const run = engine.schedule.create(curve.values), after = live.values(step), stops = live.stopped && stop === Infinity;
        if (stops)
            stop = step;
        run.load(live.save());
        if (opened.runs[opened.runs.length - 1].from === step)
            opened.runs.pop();
        opened.runs.push({from: step, run});
        opened.events.push({step, before, after, stops, rules: after.length ? engine.schedule.outputs.map((_, k) => ruleAt(live, step, k)) : []});
    }
    return opened;
}

function ruleAt(run, step, output) {
    const why = run.explain(step, output);
    return why.ruleStep === BigInt(step) ? why.rule : null;
}

function eventText(rule, before, after, stops) {
    if (stops)
        return after === before ? "stop" : eventText(rule, before, after, false) + "; stop";
    const text = (rule || "rule").replace(/^on /, ""), factor = after / before;
    const name = text.match(/^[^( \n]*/)[0];
    return before === 0 || !Number.isFinite(factor) ? text.match(/^[^(\n]*/)[0].trim() : after === before ? name : name + " x" + short(factor);
}

function runAt(curve, step) {
    const runs = curve.opened.runs;
    let low = 0, high = runs.length - 1;
    while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (runs[middle].from <= step)
            low = middle;
        else
            high = middle - 1;
    }
    return runs[low].run;
}

const valueAt = (curve, output, step) => runAt(curve, step).value(step, output);

/* first, first + stride, ... */
function fill(curve, output, first, n, stride) {
    const y = new Float64Array(n), runs = curve.opened.runs;
    for (let i = 0; i < n;) {
        const at = first + i * stride, k = runs.findIndex((r, j) => r.from <= at && !(j + 1 < runs.length && runs[j + 1].from <= at));
        const until = k + 1 < runs.length ? Math.ceil((runs[k + 1].from - first) / stride) : n, many = Math.min(until, n) - i;
        y.set(runs[k].run.fill(output, at, many, stride), i);
        i += many;
    }
    return y;
}

const MOST_PHASES = 5000;

/* What runs from step to step: [{first, last, text}]. */
function phasesOf(curve, output, first, last) {
    const run = curve.opened.runs[curve.opened.runs.length - 1].run, found = [];
    for (let step = first; found.length < MOST_PHASES;) {
        const why = run.explain(step, output), next = Math.max(Math.ceil(why.end), 0), over = next <= step;
        if (over && found.length && step === last) {
            found[found.length - 1].last = last;
            break;
        }
        const end = over || next > last ? last : next - 1;
        found.push({first: step, last: end, text: over || !why.phase ? "end" : why.phase});
        if (end >= last)
            break;
        step = end + 1;
    }
    return found;
}

const MOST_STEPS = 60000; /* of a curve that are looked at each time */

/* [[step, value], ...] for a width in pixels: of each column the first, last, least and greatest value. */
function measure(curve, output, first, last, width) {
    const stride = Math.max(1, Math.ceil((last - first + 1) / MOST_STEPS)), n = Math.floor((last - first) / stride) + 1;
    const y = fill(curve, output, first, n, stride), points = [], each = Math.max(n / width, 1);
    for (let c = 0; c * each < n; c++) {
        const from = Math.floor(c * each), to = Math.min(Math.floor((c + 1) * each), n), keep = new Set([from, to - 1]);
        let low = from, high = from;
        for (let i = from; i < to; i++) {
            low = y[i] < y[low] || Number.isNaN(y[low]) ? i : low;
            high = y[i] > y[high] || Number.isNaN(y[high]) ? i : high;
        }
        for (const i of [...keep.add(low).add(high)].sort((a, b) => a - b))
            points.push([first + i * stride, y[i]]);
    }
    if (stride > 1) { /* between what was looked at, the sides of each phase */
        for (const p of phasesOf(curve, output, first, last))
            points.push([p.first, valueAt(curve, output, p.first)], [p.last, valueAt(curve, output, p.last)]);
        points.push([last, valueAt(curve, output, last)]);
        points.sort((a, b) => a[0] - b[0]);
    }
    return points;
}

/* ---- the document ---------------------------------------------------------------------------- */

const SVG = "http://www.w3.org/2000/svg";

function make(name, attributes, ...children) {
    const svg = ["svg", "g", "line", "path", "rect", "circle", "text", "title"].includes(name);
    const e = svg ? document.createElementNS(SVG, name) : document.createElement(name);
    for (const [k, v] of Object.entries(attributes || {}))
        if (typeof v === "function")
            e.addEventListener(k, v);
        else if (v !== false && v !== null)
            e.setAttribute(k, v === true ? "" : v);
    e.append(...children);
    return e;
}

const state = {log: figure.log, first: figure.first, last: figure.last, cursor: null, drag: null, chosen: 0};
const curves = figure.curves.map((c, i) => ({...c, number: i, start: {...c.values}, shown: true, points: null, opened: null}));
const color = (c) => `var(--c${c.number % figure.dashes.length})`;
const dash = (c) => figure.dashes[(c.number + Math.floor(c.number / figure.dashes.length)) % figure.dashes.length];
const shown = () => curves.filter((c) => c.shown);
const reach = {first: Math.min(figure.first, 0), last: figure.last + 3 * (figure.last - figure.first)};

curves.forEach((c) => {
    c.opened = open(c);
});

const chart = make("div", {id: "chart", tabindex: 0, role: "group", "aria-label": figure.description, "aria-describedby": "keys"});
const legend = make("fieldset", {id: "legend"}, make("legend", {}, figure.title));
const readout = make("table", {id: "readout", "aria-live": "polite"});
const params = make("section", {id: "params"});
const logBox = make("input", {type: "checkbox", id: "log", change: () => { state.log = logBox.checked; draw(); }});
logBox.checked = state.log;

/* ---- drawing --------------------------------------------------------------------------------- */

const EDGE = 16, BELOW = 22, BAND = 21, ZEROS = 16, HEAD = 22, GAP = 14;
const view = {wide: 0, left: 0, right: 0, panels: []};
const xOf = (step) => view.left + (state.last > state.first ? (step - state.first) / (state.last - state.first) : 0.5) * (view.right - view.left);
const stepOf = (x) => Math.min(Math.max(Math.round(state.first + (x - view.left) / (view.right - view.left) * (state.last - state.first)), state.first), state.last);

function axisOf(points, log) {
    let low = Infinity, high = -Infinity, zeros = false, negative = false;
    for (const list of points)
        for (const [, v] of list)
            if (log && !(v > 0)) {
                zeros = zeros || v <= 0;
                negative = negative || v < 0;
            } else if (Number.isFinite(v)) {
                low = Math.min(low, v);
                high = Math.max(high, v);
            }
    if (!(low <= high))
        [low, high] = log ? [0.1, 1] : [0, 1];
    if (!log && low > 0 && low < 0.5 * high)
        low = 0;
    if (!(high - low > Math.max(Math.abs(low), Math.abs(high)) * 1e-12)) {
        const room = log ? 0 : Math.abs(low) * 0.1 || 1;
        [low, high] = log ? [low * 0.9, high * 1.1] : [low - room, high + room];
    }
    return {low, high, zeros, negative, log};
}

function text(x, y, cls, anchor, content) {
    return make("text", {x, y, class: cls, "text-anchor": anchor}, content);
}

const ruler = document.createElement("canvas").getContext("2d");
const letters = (s) => {
    ruler.font = "12px " + getComputedStyle(document.body).fontFamily;
    return ruler.measureText(s).width;
};

function drawValues(g, p) {
    const ticks = state.log ? ticksLog(p.axis.low, p.axis.high, p.high / 38) : ticksLinear(p.axis.low, p.axis.high, p.high / 38);
    for (const [v, label] of ticks) {
        const y = Math.floor(p.y(v)) + 0.5;
        g.append(make("line", {class: "grid", x1: view.left, x2: view.right, y1: y, y2: y}), text(view.left - 9, p.y(v) + 4, "dim", "end", label));
    }
    if (p.axis.zeros)
        g.append(text(view.left - 9, p.zeros + 4, "dim", "end", p.axis.negative ? "\u2264 0" : "0"));
}

function drawSteps(g, p) {
    const y = Math.floor(p.bottom) + 0.5;
    let free = -Infinity;
    g.append(make("line", {class: "axis", x1: view.left, x2: view.right, y1: y, y2: y}), text(view.left - 15, y + 17, "dim", "end", figure.xName));
    for (const [v, label] of ticksSteps(state.first * figure.xScale, state.last * figure.xScale, (view.right - view.left) / 90 + 2, figure.xScale === 1)) {
        const x = xOf(v / figure.xScale), half = letters(label) / 2, at = Math.min(Math.max(x, view.left + half - 7), view.wide - half - 3);
        g.append(make("line", {class: "axis", x1: x, x2: x, y1: y, y2: y + 5}));
        if (at - half > free) {
            g.append(text(at, y + 17, "dim", "middle", label));
            free = at + half + 5;
        }
    }
}

function pathOf(points, p) {
    let d = "", pen = false, alone = false;
    for (const [step, v] of points) {
        const ok = Number.isFinite(v) && (!state.log || v > 0);
        if (ok)
            d += (pen ? "L" : "M") + xOf(step).toFixed(2) + " " + p.y(v).toFixed(2);
        else if (alone)
            d += "h.01";
        alone = ok && !pen;
        pen = ok;
    }
    return alone ? d + "h.01" : d;
}

function drawCurve(g, p, c, points) {
    g.append(make("path", {class: "curve", d: pathOf(points, p), style: `stroke:${color(c)};stroke-dasharray:${dash(c)}`}));
    if ((view.right - view.left) / (state.last - state.first || 1) >= 9)
        for (const [step, v] of points)
            if (Number.isFinite(v) && (!state.log || v > 0))
                g.append(make("circle", {cx: xOf(step), cy: p.y(v), r: 2.75, style: `fill:${color(c)}`}));
    if (p.axis.zeros)
        g.append(make("path", {class: "zeros", d: points.filter(([, v]) => v <= 0).map(([s]) => `M${xOf(s).toFixed(2)} ${p.zeros}h.01`).join(""), style: `stroke:${color(c)}`}));
}

function drawEvents(g, p, c, k) {
    let last = -Infinity, free = -Infinity;
    for (const e of c.opened.events) {
        const x = xOf(e.step), before = e.before[k], after = e.after[k];
        if (e.step < state.first || e.step > state.last || x - last < 4)
            continue;
        const y = Number.isFinite(after) && (!state.log || after > 0) ? p.y(after) : p.axis.zeros ? p.zeros : p.bottom, said = eventText(e.rules[k], before, after, e.stops);
        const mark = make("circle", {class: "mark", cx: x, cy: y, r: 4.5, style: `fill:${color(c)}`});
        mark.append(make("title", {}, `${figure.unit} ${e.step}: ${said}, from ${short(before)} to ${short(after)}`));
        g.append(mark);
        if (x > free) {
            const start = x + 7 + letters(said) < view.right;
            g.append(text(start ? x + 7 : x - 7, y - 7, "label", start ? "start" : "end", said));
            free = x + letters(said) + 12;
        }
        last = x;
    }
}

function drawPhases(g, p, rows) {
    g.append(text(view.left - 15, p.bottom + BELOW + 17, "dim", "end", "phases"));
    rows.forEach(({curve, phases}, i) => {
        const y = p.bottom + BELOW + 4 + i * BAND;
        phases.forEach((f, j) => {
            const from = xOf(f.first), to = j + 1 < phases.length ? xOf(phases[j + 1].first) : view.right, word = f.text.match(/^[^\s(;]*/)[0];
            if (to - from < 1.5)
                return;
            g.append(make("rect", {class: "band", x: from + 0.5, y, width: to - from - 1, height: 18, rx: 3, style: `fill:${color(curve)}`}, make("title", {}, `${f.text}: ${figure.unit} ${f.first} to ${f.last}`)));
            const fits = [f.text, word].find((t) => letters(t) < to - from - 6);
            if (fits)
                g.append(text((from + to) / 2, y + 13, "label inside", "middle", fits));
        });
    });
}

function rowsOf(members) {
    const rows = [];
    for (const {curve, output} of figure.phases ? members : []) {
        const phases = phasesOf(curve, output, state.first, state.last), key = JSON.stringify(phases);
        if (!rows.some((r) => r.key === key) && rows.length < 4)
            rows.push({curve, phases, key});
    }
    return rows;
}

function layout() {
    const wide = Math.max(chart.clientWidth, 280);
    let y = 10;
    Object.assign(view, {wide, left: 66, right: wide - EDGE, panels: []});
    for (const name of figure.panels) {
        const members = shown().map((curve) => ({curve, output: figure.engines[curve.engine].schedule.outputs.indexOf(name)})).filter((m) => m.output >= 0);
        const points = members.map((m) => measure(m.curve, m.output, state.first, state.last, view.right - view.left));
        const axis = axisOf(points, state.log), rows = rowsOf(members), high = figure.panels.length > 2 ? 170 : figure.panels.length > 1 ? 220 : 320;
        const top = y + (figure.panels.length > 1 ? HEAD : 0), base = top + high, f = state.log ? Math.log10 : (v) => v, room = !state.log && axis.low === 0 ? 0 : 6;
        const bottom = base + (axis.zeros ? ZEROS : 0), low = f(axis.low), range = f(axis.high) - low;
        view.panels.push({name, members, points, axis, rows, top, high, bottom, head: y, zeros: bottom - 8, y: (v) => base - room - (f(v) - low) / range * (high - room - 8)});
        y = bottom + BELOW + 6 + rows.length * BAND + GAP;
    }
    return y;
}

function draw() {
    const height = layout(), svg = make("svg", {width: view.wide, height, viewBox: `0 0 ${view.wide} ${height}`, role: "img", "aria-label": figure.description});
    for (const p of view.panels) {
        const g = make("g", {class: "panel"});
        if (figure.panels.length > 1)
            g.append(text(0, p.head + 12, "name", "start", p.name));
        drawValues(g, p);
        drawSteps(g, p);
        if (p.rows.length)
            drawPhases(g, p, p.rows);
        p.members.forEach(({curve}, i) => drawCurve(g, p, curve, p.points[i]));
        p.members.forEach(({curve, output}) => drawEvents(g, p, curve, output));
        svg.append(g);
    }
    view.over = make("g", {class: "over"});
    svg.append(view.over);
    chart.replaceChildren(svg);
    drawCursor();
}

/* ---- what is pointed at ---------------------------------------------------------------------- */

function drawCursor() {
    view.over.replaceChildren();
    if (state.drag) {
        const [a, b] = [state.drag.from, state.drag.to].sort((x, y) => x - y), last = view.panels[view.panels.length - 1];
        view.over.append(make("rect", {class: "drag", x: a, y: view.panels[0].top, width: b - a, height: last.bottom - view.panels[0].top}));
    }
    if (state.cursor !== null) {
        const x = xOf(state.cursor);
        for (const p of view.panels) {
            view.over.append(make("line", {class: "cursor", x1: x, x2: x, y1: p.top, y2: p.bottom}));
            for (const {curve, output} of p.members) {
                const v = valueAt(curve, output, state.cursor);
                if (Number.isFinite(v) && (!state.log || v > 0))
                    view.over.append(make("circle", {class: "mark", cx: x, cy: p.y(v), r: 4, style: `fill:${color(curve)}`}));
            }
        }
    }
    drawReadout();
}

function drawReadout() {
    const step = state.cursor === null ? state.first : state.cursor, rows = [];
    for (const p of view.panels)
        for (const {curve, output} of p.members) {
            const v = valueAt(curve, output, step), why = runAt(curve, step).explain(step, output);
            const name = [curves.length > 1 ? curve.label : null, figure.panels.length > 1 || curves.length === 1 ? p.name : null].filter(Boolean).join(" ");
            rows.push(make("tr", {}, make("th", {scope: "row"}, make("i", {style: `background:${color(curve)}`}), name),
                make("td", {class: "value", title: Number.isFinite(v) ? v.toPrecision(17) : "", "data-curve": curve.number, "data-output": p.name}, exact(v)),
                make("td", {class: "phase"}, why.phase && step < Math.ceil(why.end) ? why.phase : "end")));
        }
    const at = figure.xScale === 1 ? "" : ` = ${short(step * figure.xScale)} ${figure.xName}`;
    readout.replaceChildren(make("caption", {}, figure.unit + " ", make("output", {id: "step"}, String(step)), at), ...rows);
}

function look(first, last) {
    const span = Math.min(Math.max(Math.round(last - first), 1), reach.last - reach.first);
    state.first = Math.round(Math.min(Math.max(first, reach.first), reach.last - span));
    state.last = state.first + span;
    if (state.cursor !== null)
        state.cursor = Math.min(Math.max(state.cursor, state.first), state.last);
    draw();
}

function zoom(factor, around) {
    const at = around === null ? (state.first + state.last) / 2 : around;
    look(at - (at - state.first) * factor, at + (state.last - at) * factor);
}

const reset = () => look(figure.first, figure.last);
const xIn = (event) => event.clientX - chart.getBoundingClientRect().left;

chart.addEventListener("pointermove", (event) => {
    state.cursor = stepOf(xIn(event));
    if (state.drag)
        state.drag.to = Math.min(Math.max(xIn(event), view.left), view.right);
    drawCursor();
});
chart.addEventListener("pointerdown", (event) => {
    if (event.button === 0 && event.pointerType === "mouse") {
        const x = Math.min(Math.max(xIn(event), view.left), view.right);
        state.drag = {from: x, to: x};
        chart.setPointerCapture(event.pointerId);
    }
});
chart.addEventListener("pointerup", () => {
    const drag = state.drag;
    state.drag = null;
    if (drag && Math.abs(drag.to - drag.from) > 5)
        look(stepOf(Math.min(drag.from, drag.to)), stepOf(Math.max(drag.from, drag.to)));
    else if (drag)
        drawCursor();
});
chart.addEventListener("dblclick", reset);
chart.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(Math.exp(Math.min(Math.max(event.deltaY, -300), 300) / 400), stepOf(xIn(event)));
}, {passive: false});
chart.addEventListener("keydown", (event) => {
    const step = state.cursor === null ? state.first : state.cursor, page = Math.max(1, Math.round((state.last - state.first) / 40));
    const to = {ArrowLeft: step - 1, ArrowRight: step + 1, PageUp: step - page, PageDown: step + page, Home: state.first, End: state.last}[event.key];
    const act = {"+": () => zoom(0.5, state.cursor), "-": () => zoom(2, state.cursor), 0: reset, Escape: reset, l: () => logBox.click()}[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey || (to === undefined && !act))
        return;
    event.preventDefault();
    if (act) {
        act();
    } else {
        state.cursor = Math.min(Math.max(to, state.first), state.last);
        drawCursor();
    }
});

/* ---- params ---------------------------------------------------------------------------------- */

/* From where to where a slider goes, and whether by factors. */
function spanOf(q, value) {
    const at = q.def === null ? value : q.def;
    if (q.lo !== null)
        return {lo: q.lo, hi: q.hi, log: q.log && q.lo > 0};
    return at > 0 ? {lo: at / 10, hi: at * 10, log: true} : at < 0 ? {lo: at * 10, hi: at / 10, log: false} : {lo: 0, hi: 1, log: false};
}

const SLIDER = 1000;

function valueOfSlider(q, span, position) {
    const part = position / SLIDER, v = span.log ? span.lo * (span.hi / span.lo) ** part : span.lo + (span.hi - span.lo) * part;
    const whole = Number.isInteger(q.def) && (q.unit !== null || Math.abs(q.def) >= 10 || (q.lo !== null && Number.isInteger(q.lo) && Number.isInteger(q.hi)));
    const rounded = Number(v.toPrecision(3));
    const near = whole ? Math.round(rounded) : rounded;
    return Math.min(Math.max(near, span.lo), span.hi);
}

function sliderOfValue(span, v) {
    const part = span.log ? Math.log(v / span.lo) / Math.log(span.hi / span.lo) : (v - span.lo) / (span.hi - span.lo);
    return Math.round(Math.min(Math.max(part, 0), 1) * SLIDER) || 0;
}

/* Takes the value, or says why not. */
function setParam(curve, name, v, said) {
    const old = curve.values[name];
    try {
        curve.values[name] = v;
        curve.opened = open(curve);
        said.textContent = "";
    } catch (error) {
        curve.values[name] = old;
        said.textContent = error.message;
        return false;
    }
    draw();
    return true;
}

function paramRow(curve, q) {
    const span = spanOf(q, curve.values[q.name]), id = `param-${q.name}`, fixed = figure.fixed.includes(q.name);
    const said = make("span", {class: "error", role: "alert"});
    const slider = make("input", {type: "range", id, min: 0, max: SLIDER, step: 1, disabled: fixed, "data-param": q.name});
    const entry = make("input", {type: "text", inputmode: "decimal", size: 10, disabled: fixed, "aria-label": `${q.name}, number`, "data-number": q.name});
    const show = () => {
        entry.value = exact(curve.values[q.name]);
        slider.value = sliderOfValue(span, curve.values[q.name]);
        slider.setAttribute("aria-valuetext", entry.value + (q.unit ? " " + q.unit : ""));
    };
    slider.addEventListener("input", () => {
        if (setParam(curve, q.name, valueOfSlider(q, span, Number(slider.value)), said))
            entry.value = exact(curve.values[q.name]);
        slider.setAttribute("aria-valuetext", entry.value);
    });
    entry.addEventListener("change", () => {
        const v = entry.value.trim() === "" ? NaN : Number(entry.value);
        if (Number.isNaN(v))
            said.textContent = `${entry.value} is not a number`;
        else if (setParam(curve, q.name, v, said))
            show();
    });
    show();
    return make("div", {class: "param"}, make("label", {for: id}, q.name), slider, entry, make("span", {class: "unit"}, fixed ? "sets the axis" : q.unit || ""), said);
}

function drawParams() {
    const curve = curves[state.chosen], list = figure.engines[curve.engine].schedule.params;
    params.replaceChildren();
    params.hidden = !curves.some((c) => figure.engines[c.engine].schedule.params.length);
    const choice = make("select", {id: "choice", change: () => { state.chosen = Number(choice.value); drawParams(); }},
        ...curves.map((c) => make("option", {value: c.number}, c.label)));
    choice.value = state.chosen;
    const back = make("button", {type: "button", id: "defaults", click: () => {
        curve.values = {...curve.start};
        curve.opened = open(curve);
        drawParams();
        draw();
    }}, "back to the start");
    params.append(make("h2", {}, "Params"), ...(curves.length > 1 ? [make("label", {class: "of"}, "of ", choice)] : []), back, ...list.map((q) => paramRow(curve, q)));
}

/* ---- the page -------------------------------------------------------------------------------- */

for (const c of curves) {
    const box = make("input", {type: "checkbox", "data-toggle": c.number, change: () => { c.shown = box.checked; draw(); }});
    box.checked = true;
    legend.append(make("label", {}, box, make("i", {style: `background:${color(c)}`}), c.label));
}
document.body.append(make("main", {},
    curves.length > 1 ? legend : make("h1", {}, figure.title),
    make("div", {id: "tools"}, make("label", {}, logBox, "logarithmic"), make("button", {type: "button", id: "reset", click: reset}, "whole range"),
        make("span", {id: "keys"}, "Drag or turn the wheel to zoom, double-click for all. Keys: \u2190 \u2192 a step, + \u2212 zoom, 0 all, l logarithmic.")),
    chart, readout, params));
drawParams();
draw();
new ResizeObserver(() => { if (Math.max(chart.clientWidth, 280) !== view.wide) draw(); }).observe(chart);
})();
