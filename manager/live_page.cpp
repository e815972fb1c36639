// The page people see when they open the manager in a browser: what runs where, what is wrong, and what is
// being done, as it changes. One document without anything from elsewhere.
#include "manager/manager_server.hpp"

namespace csim {

namespace {

constexpr const char* style = R"css(
:root { color-scheme: light dark; --bg: #f6f7f9; --card: #fff; --text: #1b2430; --soft: #5f6b7a; --line: #e1e5ea;
  --good: #1a7f37; --busy: #9a6700; --bad: #c4242e; --calm: #57606a; --accent: #2157c4; --tint: #eef1f5; }
@media (prefers-color-scheme: dark) { :root { --bg: #0f141b; --card: #171e27; --text: #e4e9ef; --soft: #93a0af;
  --line: #2a333f; --good: #4ac26b; --busy: #d4a72c; --bad: #ff7b72; --calm: #8b98a7; --accent: #79a8ff; --tint: #1f2833; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--text); font: 14px/1.5 system-ui, "Segoe UI", sans-serif; }
header { display: flex; flex-wrap: wrap; gap: .4rem 1.4rem; align-items: baseline; padding: 1rem 1.5rem .6rem; }
h1 { font-size: 1.15rem; margin: 0; font-weight: 650; } header .where { color: var(--soft); }
#link { margin-left: auto; color: var(--soft); } #link::before { content: "● "; color: var(--good); }
#link.lost::before { color: var(--bad); }
main { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); gap: 1rem; padding: 0 1.5rem 2rem; align-items: start; }
@media (max-width: 62rem) { main { grid-template-columns: minmax(0, 1fr); } }
.column { display: grid; gap: 1rem; min-width: 0; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; overflow: hidden; }
h2 { font-size: .95rem; margin: 0; padding: .7rem 1rem; border-bottom: 1px solid var(--line); display: flex; gap: .6rem; }
h2 small { color: var(--soft); font-weight: 400; } .scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; padding: .32rem 1rem; vertical-align: top; }
th { color: var(--soft); font-weight: 500; font-size: .82rem; } tr + tr td { border-top: 1px solid var(--line); }
td.text { overflow-wrap: break-word; } td.soft, .soft { color: var(--soft); } .number { font-variant-numeric: tabular-nums; white-space: nowrap; }
.tag { display: inline-block; padding: 0 .5rem; border-radius: 99px; background: var(--tint); color: var(--calm); white-space: nowrap; }
.good { color: var(--good); } .busy { color: var(--busy); } .bad { color: var(--bad); } .calm { color: var(--calm); }
.none { padding: .8rem 1rem; color: var(--soft); margin: 0; }
.tiles { grid-column: 1 / -1; display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .8rem; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: .6rem 1rem; }
.tile b { display: block; font-size: 1.5rem; line-height: 1.3; font-variant-numeric: tabular-nums; }
.tags { display: flex; flex-wrap: wrap; gap: .25rem; margin: 0; padding: 0; list-style: none; }
.chip { padding: 0 .45rem; border-radius: 5px; border: 1px solid var(--line); white-space: nowrap; font-size: .92em; }
.chip.busy { border-color: currentColor; } .chip.soft { border-style: dashed; }
.fixed { table-layout: fixed; min-width: 28rem; } tr.down td:not(:nth-child(2)) { opacity: .5; }
.moved { animation: moved 4s ease-out; border-radius: 4px; } @keyframes moved { from { background: var(--busy); color: var(--card); } }
h3 { margin: 0; padding: .6rem 1rem .2rem; font-size: .92rem; display: flex; gap: .6rem; align-items: baseline; }
)css";

constexpr const char* body = R"html(<header><h1>cluster-sim manager</h1><span class="where" id="where"></span>
<span id="link">connecting</span></header>
<main><div class="tiles" id="tiles"></div>
<div class="column">
<section><h2>File systems <small id="filesystems-note"></small></h2><div id="filesystems"><p class="none">Loading</p></div></section>
<section><h2>Hosts <small id="hosts-note"></small></h2><div class="scroll" id="hosts"><p class="none">Loading</p></div></section>
</div><div class="column">
<section><h2>Active alerts <small id="alerts-note"></small></h2><div class="scroll" id="alerts"><p class="none">Loading</p></div></section>
<section><h2>Commands <small>newest first</small></h2><div class="scroll" id="commands"><p class="none">Loading</p></div></section>
</div></main>
<noscript><p class="none">This page follows the manager by script. The same facts are at <a href="/api/host/">/api/host/</a>.</p></noscript>
)html";

constexpr const char* script = R"js(
"use strict";
const at = id => document.getElementById(id), known = {};
function make(tag, kind, text) {
  const element = document.createElement(tag);
  if (kind) element.className = kind;
  if (text !== undefined && text !== null) element.textContent = text;
  return element;
}
const kinds = { managed: "good", monitored: "good", working: "good", mounted: "good", available: "good", done: "good",
  running: "busy", failed: "bad", cancelled: "bad", ERROR: "bad", CRITICAL: "bad", unmounted: "bad", unavailable: "bad",
  stopped: "bad", WARNING: "busy", INFO: "calm", "no power": "bad", "no contact": "bad", offline: "bad" };
function tag(text, busy) { return make("span", "tag " + (busy ? "busy" : kinds[text] || "calm"), busy ? text + " …" : text); }
const locked = object => !!(object.locks && object.locks.write.length);
const count = (number, one, many) => number + " " + (number === 1 ? one : many);
function size(bytes) {
  if (typeof bytes !== "number" || !(bytes >= 0)) return "";
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]; let unit = 0;
  while (bytes >= 1024 && unit < units.length - 1) { bytes /= 1024; ++unit; }
  return bytes.toFixed(unit && bytes < 10 ? 1 : 0) + " " + units[unit];
}
function clock(text) {
  if (!text) return "";
  const when = new Date(/[Z+]/.test(text.slice(10)) ? text : text + "Z");
  const day = when.toDateString() === new Date().toDateString() ? "" : when.toLocaleDateString() + " ";
  return day + when.toLocaleTimeString([], { hour12: false });
}
function table(place, heads, rows, none) {
  if (!rows.length) return at(place).replaceChildren(make("p", "none", none));
  at(place).replaceChildren(grid(heads, rows));
}
// Heads with a width keep their columns where they are, whatever comes and goes in them.
function grid(heads, rows) {
  const made = make("table"), head = made.createTHead().insertRow(), body = made.createTBody();
  for (const text of heads) {
    const [name, width] = text.split("|"), th = make("th", "", name);
    if (width) { th.style.width = width; made.className = "fixed"; }
    head.append(th);
  }
  for (const cells of rows) {
    const row = body.insertRow();
    if (cells.kind) row.className = cells.kind;
    for (const cell of cells) {
      const td = row.insertCell();
      if (cell instanceof Node) td.append(cell); else { td.className = "text"; td.textContent = cell ?? ""; }
    }
  }
  return made;
}
function shown(reply) {
  const { total_count: total } = reply.meta, here = reply.objects.length;
  return total > here ? "the first " + here + " of " + total : String(total);
}
function tiles() {
  const number = name => known[name] ? known[name].meta.total_count : "–";
  const running = known.commands ? known.commands.objects.filter(command => !command.complete).length : "–";
  const facts = [["Hosts", number("hosts")], ["File systems", number("filesystems")], ["Targets", number("targets")],
    ["Active alerts", number("alerts")], ["Commands running", running]];
  at("tiles").replaceChildren(...facts.map(([name, value]) => {
    const tile = make("div", "tile"); tile.append(make("b", "", value), make("span", "soft", name)); return tile;
  }));
}
// Where each target was seen last, and when it moved: drawing anew does not end what is being pointed out.
const places = new Map(), pointed = 4000;
function place(target) {
  const before = places.get(target.id), now = performance.now();
  const seen = before && before.host === target.active_host ? before : { host: target.active_host, moved: before ? now : -Infinity };
  places.set(target.id, seen);
  const made = placed(target);
  if (now - seen.moved < pointed) { made.classList.add("moved"); made.style.animationDelay = (seen.moved - now) + "ms"; }
  return made;
}
function placed(target) {
  if (!target.active_host) return make("span", "soft", "nowhere");
  const elsewhere = target.primary_server && target.active_host !== target.primary_server;
  const text = target.active_host_name + (elsewhere ? " (for " + target.primary_server_name + ")" : "");
  return make("span", elsewhere ? "busy" : "", text);
}
function targetRows(targets) {
  const order = { MGT: 0, MDT: 1, OST: 2 };
  return targets.sort((a, b) => order[a.kind] - order[b.kind] || (a.index ?? 0) - (b.index ?? 0))
    .map(target => [target.name, tag(target.state, locked(target)), place(target), target.volume_name || ""]);
}
const targetHeads = ["Target|26%", "State|19%", "Runs on|29%", "Volume|26%"];
const drawn = {};
// What did not change is not drawn anew: a selection stays, and nothing flickers.
function unchanged(part, ...facts) {
  const text = JSON.stringify(facts), same = drawn[part] === text;
  drawn[part] = text;
  return same;
}
function showFilesystems() {
  const list = known.filesystems, targets = known.targets ? known.targets.objects : [];
  tiles();
  if (!list || unchanged("filesystems", list, targets)) return;
  at("filesystems-note").textContent = shown(list) + (known.targets ? ", targets: " + shown(known.targets) : "");
  const parts = [], seen = new Set();
  for (const filesystem of list.objects) {
    const head = make("h3"), own = targets.filter(target => target.filesystem_id === filesystem.id ||
      (target.filesystems || []).some(of => of.id === filesystem.id));
    own.forEach(target => seen.add(target.id));
    const room = size(filesystem.bytes_total);
    const note = count(own.length, "target", "targets") + (room ? ", " + size(filesystem.bytes_free) + " of " + room + " free" : "");
    head.append(make("span", "", filesystem.label || filesystem.name), tag(filesystem.state, locked(filesystem)), make("small", "soft", note));
    const box = make("div", "scroll"); box.append(grid(targetHeads, targetRows(own)));
    parts.push(head, box);
  }
  const rest = targets.filter(target => !seen.has(target.id));
  if (rest.length) {
    const box = make("div", "scroll"); box.append(grid(targetHeads, targetRows(rest)));
    parts.push(make("h3", "", "Other targets"), box);
  }
  if (!parts.length) parts.push(make("p", "none", "There is no file system yet."));
  at("filesystems").replaceChildren(...parts);
}
const objects = name => known[name] ? known[name].objects : [];
function condition(host) {
  const outlets = objects("outlets").filter(outlet => outlet.host === host.resource_uri), found = [tag(host.state, locked(host))];
  if (outlets.length && outlets.every(outlet => outlet.has_power === false)) found.push(tag("no power"));
  for (const [type, text] of [["HostOfflineAlert", "offline"], ["HostContactAlert", "no contact"]])
    if (objects("alerts").some(alert => alert.alert_type === type && alert.alert_item === host.resource_uri)) found.push(tag(text));
  const box = make("span", "tags"); box.append(...found); return box;
}
function carries(host) {
  const list = make("ul", "tags"), add = (text, kind) => list.append(make("li", "chip " + kind, text));
  for (const target of objects("targets")) if (target.active_host === host.resource_uri)
    add(target.name, target.primary_server === host.resource_uri ? "" : "busy");
  for (const mount of host.client_mounts || []) add(mount.mountpoint + ": " + mount.filesystem_name + " " + mount.state, "soft");
  return list;
}
function showHosts() {
  const reply = known.hosts;
  if (!reply || unchanged("hosts", reply, known.targets, known.outlets, known.alerts)) return;
  at("hosts-note").textContent = shown(reply);
  table("hosts", ["Host|16%", "State|25%", "Carries|29%", "NIDs|18%", "Booted|12%"], reply.objects.map(host => {
    const state = condition(host), cells = [make("span", "number", host.label), state, carries(host),
      (host.nids || []).join(", "), make("span", "number soft", clock(host.boot_time))];
    cells.kind = /no power|no contact/.test(state.textContent) ? "down" : "";
    return cells;
  }),
    "No server has registered yet. cluster-sim setup and cluster-sim register bring some.");
}
function showAlerts(reply) {
  at("alerts-note").textContent = shown(reply);
  table("alerts", ["|22%", "Since|19%", "What|59%"], reply.objects.map(alert => [tag(alert.severity), make("span", "number soft", clock(alert.begin)),
    alert.message]), "All is well.");
}
function showCommands(reply) {
  table("commands", ["|22%", "Began|19%", "What|59%"], reply.objects.map(command => {
    const state = !command.complete ? "running" : command.errored ? "failed" : command.cancelled ? "cancelled" : "done";
    return [tag(state), make("span", "number soft", clock(command.created_at)), command.message];
  }), "Nothing has been asked for yet.");
}
const pause = seconds => new Promise(done => setTimeout(done, seconds * 1000));
function linked(text, lost) { at("link").textContent = text; at("link").className = lost ? "lost" : ""; }
async function fetched(path) {
  const reply = await fetch(path, { headers: { Accept: "application/json" } });
  if (reply.status === 401 || reply.status === 403) throw new Error("reading needs a log-in");
  if (!reply.ok && reply.status !== 304) throw new Error("the manager answers " + reply.status);
  linked("live", false);
  return reply.status === 200 ? reply.json() : null;
}
async function follow(name, path, show) {
  for (let seen = "0";;) {
    try {
      const reply = await fetched(path + "&last_modified=" + encodeURIComponent(seen));
      if (reply) { seen = reply.meta.last_modified || "0"; known[name] = reply; show(reply); tiles(); }
      refresh();
      // Changes come in bursts; nobody reads faster than this.
      await pause(reply && !reply.meta.last_modified ? 3 : .4);
    } catch (error) { linked(error.message, true); await pause(3); }
  }
}
let refreshing = false, again = false;
async function refresh() {
  again = true;
  if (refreshing) return;
  for (refreshing = true; again; ) {
    again = false;
    for (const [name, path] of [["filesystems", "/api/filesystem/?limit=50"], ["targets", "/api/target/?limit=400"],
      ["outlets", "/api/power_control_device_outlet/?limit=400"]]) {
      try { known[name] = await fetched(path) || known[name]; } catch (error) { linked(error.message, true); }
    }
    showFilesystems();
    showHosts();
  }
  refreshing = false;
}
at("where").textContent = location.host;
tiles();
follow("hosts", "/api/host/?limit=200&order_by=fqdn", showHosts);
follow("alerts", "/api/alert/?active=true&limit=30&order_by=-begin", showAlerts);
follow("commands", "/api/command/?limit=15&order_by=-created_at", showCommands);
setInterval(() => { if (!document.hidden) refresh(); }, 5000);
)js";

}  // namespace

const std::string& live_page() {
    static const std::string page =
        std::string(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>cluster-sim "
            "manager</title>\n"
        ) +
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n" +
        "<link rel=\"icon\" href=\"data:,\">\n<style>" + style + "</style></head><body>\n" + body +
        "<script>" + script + "</script></body></html>\n";
    return page;
}

}  // namespace csim
