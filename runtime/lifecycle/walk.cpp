// Source of the lines: the published trace of one run. Outer lines have no colon after the time, the
// library's have one; the start call has no line of its own for its return.
#include "runtime/lifecycle/walk.hpp"

namespace csim {

void Lifecycle::Walk::go(std::function<void(InstanceEnd)> ended) {
    ended_ = std::move(ended);
    trace(" Cloning {}");
    begin(NodePhase::create);
    NodeSpec spec;
    spec.name = record_.name;
    runtime_.create(std::move(spec), limit(NodePhase::create), then(&Walk::prepare));
}

void Lifecycle::Walk::prepare() {
    trace(" Starting {}");
    later(options_.client.prepare, &Walk::init);
}

void Lifecycle::Walk::init() {
    trace(": {} container_init() ->");
    later(options_.client.init, &Walk::initialised);
}

void Lifecycle::Walk::initialised() {
    trace(": {} container_init() <-");
    later(options_.client.after_init, &Walk::ask_state);
}

void Lifecycle::Walk::ask_state() {
    trace(": {} c.start() ->");
    later(options_.client.state_check, &Walk::start);
}

void Lifecycle::Walk::start() {
    trace(": {} not running, calling c.start() ->");
    begin(NodePhase::start);
    runtime_.start(record_.name, limit(NodePhase::start), then(&Walk::running));
}

void Lifecycle::Walk::running() {
    trace(": {} state=running");
    later(options_.client.after_boot, &Walk::run_commands);
}

void Lifecycle::Walk::run_commands() {
    trace(" Running " + std::to_string(options_.commands.size()) + " commands");
    begin(NodePhase::exec);
    run_command(0);
}

void Lifecycle::Walk::run_command(std::size_t index) {
    if (index == options_.commands.size()) {
        phase_ended(true);
        return options_.overlay ? finish() : stop();
    }
    ExecSpec spec;
    spec.command = options_.commands[index];
    const auto self = shared_from_this();
    runtime_.exec(record_.name, spec, limit(NodePhase::exec), [self, index](NodeResult<ExecResult> result) {
        if (!self->went_well(result ? std::nullopt : std::optional(result.error()))) return;
        self->put(result->out + result->err);
        self->run_command(index + 1);
    });
}

void Lifecycle::Walk::stop() {
    trace(" Stopping {}");
    begin(NodePhase::stop);
    runtime_.stop(record_.name, 0s, limit(NodePhase::stop), then(&Walk::stopped));
}

void Lifecycle::Walk::stopped() {
    trace(" {} STOPPED");
    later(options_.client.after_stop, &Walk::destroy);
}

void Lifecycle::Walk::destroy() {
    trace(" {} Deleting {}");
    begin(NodePhase::destroy);
    runtime_.destroy(record_.name, limit(NodePhase::destroy), then(&Walk::finish));
}

void Lifecycle::Walk::finish() {
    if (!options_.overlay) put("Deleted " + record_.name + "\n");
    trace(" {} DONE");
    ended_(InstanceEnd::ok);
}

void Lifecycle::Walk::trace(const std::string& line) {
    std::string text = stamp_text(timeline_.now()) + line;
    for (std::size_t at; (at = text.find("{}")) != std::string::npos;) text.replace(at, 2, record_.name);
    put(text + "\n");
}

void Lifecycle::Walk::put(std::string lines) {
    record_.trace += lines;
    if (!options_.on_lines || lines.empty()) return;
    if (lines.back() != '\n') lines += '\n';
    options_.on_lines(lines);
}

void Lifecycle::Walk::phase_ended(bool well) {
    record_.phases.back().ended = timeline_.now();
    record_.phases.back().well = well;
    ++phases_ended_;
}

void Lifecycle::Walk::later(Duration span, Step step) {
    if (span == Duration::zero()) return (this->*step)();
    timeline_.after(span, [self = shared_from_this(), step] { (*self.*step)(); });
}

void Lifecycle::Walk::begin(NodePhase phase) {
    record_.phases.push_back({phase, timeline_.now(), timeline_.now()});
}

NodeRuntime::Answer<Done> Lifecycle::Walk::then(Step step) {
    return [self = shared_from_this(), step](NodeResult<Done> result) {
        if (!self->went_well(result ? std::nullopt : std::optional(result.error()))) return;
        self->phase_ended(true);
        (*self.*step)();
    };
}

bool Lifecycle::Walk::went_well(const std::optional<NodeError>& error) {
    if (!error) return true;
    phase_ended(false);
    record_.error = error;
    ended_(error->kind == NodeError::Kind::timeout ? InstanceEnd::wedged : InstanceEnd::failed);
    return false;
}

}  // namespace csim
