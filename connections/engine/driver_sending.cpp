// What requests consist of, and pings.
#include "connections/engine/driver_impl.hpp"
#include "connections/http/h1_reply.hpp"

#include <algorithm>
#include <cctype>

namespace csim::connections {

void Driver::Impl::prepare_requests() {
    for (const Target& each : plan.targets) paths.emplace_back(plan.path.empty() ? each.path : plan.path);
    body = FilledText(plan.body);
    std::string lines;
    for (const std::string& each : plan.headers) {
        lines.append(each).append("\r\n");
        const H1Field field = split_field(each);
        std::string name(field.name);
        for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        h2_fields.emplace_back(std::move(name), FilledText(field.value));
    }
    fields = FilledText(lines);
}

bool Driver::Impl::send_h1(Slot& slot, std::uint32_t i) {
    Live& live = *slot.live;
    const RequestValues values = values_of(i);
    live.reply.reset(plan.method == "HEAD");
    filled_body.clear();
    body.append(values, filled_body);
    scratch.clear();
    scratch.append(plan.method).append(" ");
    paths[index_of(i) % paths.size()].append(values, scratch);
    scratch.append(" HTTP/1.1\r\nHost: ")
        .append(authorities[index_of(i) % authorities.size()])
        .append("\r\n");
    fields.append(values, scratch);
    if (!filled_body.empty() || plan.method == "POST" || plan.method == "PUT")
        scratch.append("Content-Length: ").append(std::to_string(filled_body.size())).append("\r\n");
    scratch.append("\r\n").append(filled_body);
    live.channel.write(scratch);
    return true;
}

bool Driver::Impl::send_h2(Slot& slot, std::uint32_t i) {
    Live& live = *slot.live;
    const RequestValues values = values_of(i);
    const auto fill = [&](const FilledText& from, std::string& to) {
        to.clear();
        from.append(values, to);
    };
    fill(paths[index_of(i) % paths.size()], filled_path);
    fill(body, filled_body);
    filled_fields.resize(h2_fields.size());
    for (std::size_t k = 0; k < h2_fields.size(); ++k) {
        filled_fields[k].first = h2_fields[k].first;
        fill(h2_fields[k].second, filled_fields[k].second);
    }
    const std::string& authority = authorities[index_of(i) % authorities.size()];
    live.stream = live.h2->request(plan.method, authority, filled_path, filled_body, filled_fields);
    if (live.stream < 0) {
        live.outstanding = false;
        part(i, Reason::stream_ids_used_up);
        return false;
    }
    scratch.clear();
    live.h2->drain(scratch);
    live.channel.write(scratch);
    return true;
}

Nanos Driver::Impl::next_ping(const Slot& slot) const {
    if (plan.h2_ping.count() == 0 || !slot.over_h2) return INT64_MAX;
    if (slot.live && slot.live->h2 && slot.live->h2->pinging())
        return slot.pinged_at + plan.timeout_request.count();
    return std::max(slot.pinged_at, slot.free_at) + plan.h2_ping.count();
}

/// False: the connection is lost.
bool Driver::Impl::ping_if_due(std::uint32_t i) {
    Slot& slot = slots[i];
    if (draining || now < next_ping(slot)) return true;
    Live& live = wake(i);
    if (live.h2->pinging()) return lose(i, Reason::request_timeout), false;
    slot.pinged_at = now;
    ++totals[Count::pings];
    live.h2->ping();
    flush_h2(i);
    return slot.state == State::ready;
}

}  // namespace csim::connections
