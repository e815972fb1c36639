// The page people see when they open the manager in a browser: hosts and commands as they change.
#include "manager/manager_server.hpp"

namespace csim {

const std::string& live_page() {
    static const std::string page = R"html(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>cluster-sim manager</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: #1c2733; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 2rem; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #d8dee4; }
th { color: #57606a; font-weight: 600; }
.busy { color: #9a6700; } .bad { color: #cf222e; } .good { color: #1a7f37; }
@media (prefers-color-scheme: dark) { body { background: #0d1117; color: #e6edf3; } th, td { border-color: #30363d; } }
</style></head><body>
<h1>Hosts <small id="total"></small></h1>
<table><thead><tr><th>Host</th><th>State</th><th>Profile</th><th>NIDs</th><th>Booted</th></tr></thead><tbody id="hosts"></tbody></table>
<h1>Commands</h1>
<table><thead><tr><th>Number</th><th>Message</th><th>State</th><th>Began</th></tr></thead><tbody id="commands"></tbody></table>
<script>
"use strict";
function cell(row, text, kind) {
  const td = row.insertCell(); td.textContent = text; if (kind) td.className = kind;
}
function showHosts(reply) {
  const body = document.getElementById("hosts"); body.replaceChildren();
  document.getElementById("total").textContent = "(" + reply.meta.total_count + ")";
  for (const host of reply.objects) {
    const row = body.insertRow(), busy = host.locks.write.length > 0;
    cell(row, host.label); cell(row, host.state + (busy ? " …" : ""), busy ? "busy" : "");
    cell(row, host.server_profile.ui_name); cell(row, host.nids.join(", ")); cell(row, host.boot_time || "");
  }
}
function showCommands(reply) {
  const body = document.getElementById("commands"); body.replaceChildren();
  for (const command of reply.objects) {
    const state = !command.complete ? "running" : command.errored ? "failed" : command.cancelled ? "cancelled" : "done";
    const row = body.insertRow();
    cell(row, command.id); cell(row, command.message);
    cell(row, state, { running: "busy", failed: "bad", cancelled: "bad", done: "good" }[state]); cell(row, command.created_at);
  }
}
async function follow(path, show) {
  let seen = "0";
  for (;;) {
    try {
      const reply = await fetch(path + "&last_modified=" + encodeURIComponent(seen));
      if (reply.status === 200) { const json = await reply.json(); seen = json.meta.last_modified; show(json); }
      await new Promise(done => setTimeout(done, reply.status < 400 ? 200 : 5000));
    } catch (error) { await new Promise(done => setTimeout(done, 3000)); }
  }
}
follow("/api/host/?limit=100", showHosts);
follow("/api/command/?limit=20&order_by=-created_at", showCommands);
</script></body></html>
)html";
    return page;
}

}  // namespace csim
