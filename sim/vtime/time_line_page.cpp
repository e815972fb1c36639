#include "sim/vtime/time_line_page.hpp"

namespace csim {

const std::string& time_line_page() {
    static const std::string page = R"page(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>cluster-sim time line</title>
<meta name="viewport" content="width=device-width">
<style>
:root { color-scheme: light; --ink: #1d2430; --dim: #69748a; --line: #dfe4ec; --paper: #ffffff; --band: #f5f7fa; }
* { box-sizing: border-box; }
body { margin: 0; font: 13px/1.4 system-ui, "DejaVu Sans", sans-serif; color: var(--ink); background: var(--paper); }
header { padding: 12px 16px 8px; border-bottom: 1px solid var(--line); }
h1 { font-size: 17px; margin: 0 0 2px; font-weight: 600; }
#notes { color: var(--dim); }
#bar { display: flex; flex-wrap: wrap; gap: 6px 14px; align-items: center; margin-top: 8px; }
#bar button { font: inherit; padding: 3px 10px; border: 1px solid var(--line); border-radius: 4px; background: var(--band); cursor: pointer; }
.key { display: inline-flex; align-items: center; gap: 5px; color: var(--dim); }
.key i { width: 14px; height: 9px; border-radius: 2px; display: inline-block; }
#range { color: var(--dim); margin-left: auto; font-variant-numeric: tabular-nums; }
#wrap { position: relative; }
canvas { display: block; width: 100%; cursor: crosshair; }
#tip { position: fixed; pointer-events: none; background: #1d2430; color: #fff; padding: 6px 9px; border-radius: 4px;
  max-width: 420px; font-size: 12px; display: none; white-space: pre-line; z-index: 2; }
#over { position: sticky; top: 0; background: var(--paper); z-index: 1; border-bottom: 1px solid var(--line); }
</style></head><body>
<header><h1 id="title"></h1><div id="notes"></div>
<div id="bar"><button id="in">Zoom in</button><button id="out">Zoom out</button><button id="all">Whole run</button>
<span class="key">wheel over the top, or Ctrl and wheel: zoom; drag: move</span>
<span id="keys"></span><span id="range"></span></div></header>
<div id="over"><canvas id="head" aria-label="faults, alerts, commands"></canvas></div>
<div id="wrap"><canvas id="lanes" aria-label="lanes per server"></canvas></div>
<div id="tip"></div>
<script>
"use strict";
const D = /*DATA*/null;
const C = { up: "#4f9d69", booting: "#e0b23c", shutting_down: "#d98b3a", off: "#b9473f", none: "#e6eaf0",
  running: "#5b8bd0", gone: "#c9a6a3", resource: "#8a63b8", fault: "#c2513f", work: "#8a94a6", alert: "#d9913a", done: "#7aa7c7",
  failed: "#b9473f", cancelled: "#8c8c8c", manager: "#4a5568" };
const LEFT = 96, ROW = 30, EDGE = 10;
const end = Math.max(D.end, 1);
let from = 0, to = end;
const $ = id => document.getElementById(id);
$("title").textContent = D.title;
$("notes").textContent = D.notes.join(" · ");
for (const [name, colour] of [["up", C.up], ["booting", C.booting], ["shutting down", C.shutting_down], ["off", C.off],
    ["agent", C.running], ["sessions 0–7", "#2f7f8f"], ["resources", C.resource], ["fault", C.fault], ["workload", C.work], ["alert", C.alert],
    ["command", C.done], ["failed", C.failed]]) {
  const key = document.createElement("span"); key.className = "key"; key.style.marginRight = "10px";
  const box = document.createElement("i"); box.style.background = colour;
  key.append(box, name); $("keys").append(key);
}
// Overlapping spans of one kind go to rows of their own, up to a limit.
function stack(items, start, stop, max) {
  const free = [];
  for (const it of [...items].sort((a, b) => start(a) - start(b))) {
    let row = free.findIndex(t => t <= start(it));
    if (row < 0) { row = free.length < max ? free.length : 0; }
    free[row] = Math.max(free[row] || 0, stop(it) < 0 ? end : stop(it));
    it.row = row;
  }
  return Math.max(free.length, 1);
}
const faultRows = stack(D.faults, f => f[2], f => f[3], 6);
const workRows = stack(D.work, f => f[2], f => f[3], 3);
const alertRows = stack(D.alerts, a => a[3], a => a[4], 6);
const commandRows = stack(D.commands, c => c[1], c => c[2], 4);
const bands = [["faults", faultRows], ["workloads", workRows], ["alerts", alertRows], ["commands", commandRows], ["manager", 1]];
const RH = 9, headHeight = 22 + bands.reduce((h, b) => h + b[1] * RH + 7, 0) + 4;
let hits = [], headHits = [];
function clock(t) {
  const d = Math.floor(t / 86400), h = Math.floor(t / 3600) % 24, m = Math.floor(t / 60) % 60, s = Math.floor(t % 60);
  const two = n => String(n).padStart(2, "0");
  return (d ? d + "d " : "") + two(h) + ":" + two(m) + ":" + two(s);
}
function setup(canvas, height) {
  const ratio = window.devicePixelRatio || 1, width = document.documentElement.clientWidth;
  canvas.width = width * ratio; canvas.height = height * ratio; canvas.style.height = height + "px";
  const g = canvas.getContext("2d"); g.scale(ratio, ratio); g.clearRect(0, 0, width, height);
  g.font = "11px system-ui, 'DejaVu Sans', sans-serif"; g.textBaseline = "middle";
  return [g, width];
}
const scale = width => (width - LEFT - EDGE) / (to - from);
function steps(width) {
  const wanted = (to - from) / (width / 110);
  return [1, 5, 15, 30, 60, 300, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400].find(s => s >= wanted) || 172800;
}
function bar(g, list, width, y, h, a, b, colour, text) {
  const k = scale(width), x0 = Math.max(LEFT, LEFT + (a - from) * k);
  const x1 = Math.min(width - EDGE, LEFT + ((b < 0 ? end : b) - from) * k);
  if (x1 < LEFT || x0 > width - EDGE || x1 < x0) return;
  g.fillStyle = colour; g.fillRect(x0, y, Math.max(x1 - x0, 1.5), h);
  list.push([x0, y, Math.max(x1 - x0, 3), h, text]);
}
function grid(g, width, top, height, labels) {
  const s = steps(width), k = scale(width);
  for (let t = Math.ceil(from / s) * s; t <= to; t += s) {
    const x = LEFT + (t - from) * k;
    g.fillStyle = "#e3e8ef"; g.fillRect(x, top, 1, height);
    if (labels) { g.fillStyle = "#69748a"; g.textAlign = "center"; g.fillText(clock(t), Math.min(x, width - 34), 10); }
  }
  g.textAlign = "left";
}
function drawHead() {
  const [g, width] = setup($("head"), headHeight);
  headHits = []; grid(g, width, 18, headHeight, true);
  let y = 22;
  const label = name => { g.fillStyle = "#69748a"; g.fillText(name, 12, y + 5); };
  label("faults");
  const happened = (list, colour) => { for (const f of list) bar(g, headHits, width, y + f.row * RH, RH - 2, f[2], f[3], colour, f[0] + "\n" + f[1] + "\nfrom " + clock(f[2]) + (f[3] < 0 ? "" : " to " + clock(f[3]))); };
  happened(D.faults, C.fault);
  y += faultRows * RH + 7; label("workloads"); happened(D.work, C.work);
  y += workRows * RH + 7; label("alerts");
  for (const a of D.alerts) bar(g, headHits, width, y + a.row * RH, RH - 2, a[3], a[4], C.alert, a[0] + "\n" + a[1] + "\nfrom " + clock(a[3]) + (a[4] < 0 ? ", still active" : " to " + clock(a[4])));
  y += alertRows * RH + 7; label("commands");
  for (const c of D.commands) bar(g, headHits, width, y + c.row * RH, RH - 2, c[1], c[2], C[c[3]] || C.done, c[0] + "\n" + c[3] + "\nfrom " + clock(c[1]) + (c[2] < 0 ? "" : " to " + clock(c[2])));
  y += commandRows * RH + 7; label("manager");
  let alive = -1;
  for (const [t, how] of D.manager.concat([[end, "end"]])) {
    if (how === "started") { alive = t; continue; }
    if (alive >= 0) bar(g, headHits, width, y, RH - 2, alive, t, C.manager, "manager running\nfrom " + clock(alive) + " to " + clock(t));
    alive = -1;
  }
}
function lane(g, width, y, h, flat, colour, text) {
  for (let i = 0; i < flat.length; i += 2) {
    const stop = i + 2 < flat.length ? flat[i + 2] : end;
    if (stop < from || flat[i] > to) continue;
    const c = colour(flat[i + 1]);
    if (c) bar(g, hits, width, y, h, flat[i], stop, c, text(flat[i + 1]) + "\nfrom " + clock(flat[i]) + " to " + clock(stop));
  }
}
function sessionColour(n) {
  const part = Math.min(+n, 7) / 7;
  return n === "0" ? "#e8c9c6" : "rgb(" + [170 - 123 * part, 205 - 78 * part, 205 - 62 * part].map(Math.round).join(",") + ")";
}
function drawLanes() {
  const [g, width] = setup($("lanes"), D.servers.length * ROW + 12);
  hits = [];
  D.servers.forEach((s, i) => {
    const y = i * ROW + 4;
    if (i % 2) { g.fillStyle = "#f5f7fa"; g.fillRect(0, y - 2, width, ROW); }
  });
  grid(g, width, 0, D.servers.length * ROW + 8, false);
  D.servers.forEach((s, i) => {
    const y = i * ROW + 4;
    g.fillStyle = "#1d2430"; g.fillText(s.name, 12, y + 12);
    lane(g, width, y, 6, s.power, v => C[v] || C.none, v => s.name + " is " + v.replace("_", " "));
    lane(g, width, y + 7, 5, s.agent, v => v === "running" ? C.running : C.gone, v => s.name + ": agent " + v);
    lane(g, width, y + 13, 5, s.sessions, sessionColour, v => s.name + ": " + v + " sessions");
    lane(g, width, y + 19, 6, s.resources, v => v ? C.resource : null, v => s.name + " runs " + v);
  });
}
function draw() {
  drawHead(); drawLanes();
  $("range").textContent = clock(from) + " – " + clock(to) + " after " + D.start;
}
function zoom(factor, centre) {
  const span = Math.min(end, Math.max(5, (to - from) * factor)), part = (centre - from) / (to - from);
  from = Math.max(0, Math.min(end - span, centre - span * part)); to = from + span; draw();
}
function timeAt(x) { return from + (x - LEFT) / scale(document.documentElement.clientWidth); }
function show(event, list) {
  const box = event.target.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
  const hit = list.findLast(h => x >= h[0] - 1 && x <= h[0] + h[2] + 1 && y >= h[1] && y <= h[1] + h[3]);
  const tip = $("tip"); tip.style.display = hit ? "block" : "none";
  if (!hit) return;
  tip.textContent = hit[4];
  tip.style.left = Math.min(event.clientX + 14, window.innerWidth - tip.offsetWidth - 8) + "px";
  tip.style.top = Math.min(event.clientY + 14, window.innerHeight - tip.offsetHeight - 8) + "px";
}
let drag = null;
for (const [id, list] of [["head", () => headHits], ["lanes", () => hits]]) {
  const c = $(id);
  c.addEventListener("wheel", e => { if (id === "lanes" && !e.ctrlKey) return; e.preventDefault(); zoom(e.deltaY < 0 ? 0.8 : 1.25, timeAt(e.clientX)); }, { passive: false });
  c.addEventListener("mousedown", e => { drag = [e.clientX, from]; });
  c.addEventListener("mousemove", e => { if (!drag) show(e, list()); });
  c.addEventListener("mouseleave", () => { $("tip").style.display = "none"; });
}
window.addEventListener("mousemove", e => {
  if (!drag) return;
  const span = to - from;
  from = Math.max(0, Math.min(end - span, drag[1] - (e.clientX - drag[0]) / scale(document.documentElement.clientWidth)));
  to = from + span; draw();
});
window.addEventListener("mouseup", () => { drag = null; });
window.addEventListener("resize", draw);
$("in").onclick = () => zoom(0.5, (from + to) / 2);
$("out").onclick = () => zoom(2, (from + to) / 2);
$("all").onclick = () => { from = 0; to = end; draw(); };
if (location.hash.startsWith("#")) {
  const [a, b] = location.hash.slice(1).split("-").map(Number);
  if (b > a) { from = Math.max(0, a); to = Math.min(end, b); }
}
draw();
</script></body></html>
)page";
    return page;
}

}  // namespace csim
