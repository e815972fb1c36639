// Programs that look at the cluster's network.
#include "vcluster/model/programs.hpp"

#include <cstdio>

namespace csim::model {
namespace {

std::string milliseconds(Duration span) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3f", static_cast<double>(span.count()) / 1e6);
    return text;
}

Task<int> ping(Call& call) {
    const Options options = parse_options(call.arguments, "c:W:i:nq4w:");
    if (!options.wrong.empty()) co_return option_not_modelled(call, options.wrong);
    if (options.operands.empty()) co_return call.fail(2, "ping: usage error: Destination address required");
    const std::string host = options.operands[0];
    const std::string address = call.node.resolve(host);
    if (address.empty()) co_return call.fail(2, "ping: " + host + ": Name or service not known");
    Node* other = address.starts_with("127.") ? &call.node : call.world.at_address(address);
    const int count = std::max(1, std::min(std::atoi(options.value("c", "4").c_str()), 100000));
    call.say("PING " + host + " (" + address + ") 56(84) bytes of data.\n");
    int received = 0;
    const Duration round_trip = other != nullptr ? 2 * call.world.latency(call.node, *other) : Duration{};
    for (int i = 1; i <= count; ++i) {
        if (i > 1) co_await Pause(call.world.timeline(), std::chrono::seconds(1));
        const bool answers = other != nullptr && call.world.linked(call.node, *other);
        if (answers) co_await Pause(call.world.timeline(), round_trip);
        if (!answers) continue;
        ++received;
        call.say(
            "64 bytes from " + host + " (" + address + "): icmp_seq=" + std::to_string(i) +
            " ttl=64 time=" + milliseconds(round_trip) + " ms\n"
        );
    }
    if (received == 0) {
        const auto patience = std::chrono::seconds(std::max(1, std::atoi(options.value("W", "10").c_str())));
        co_await Pause(call.world.timeline(), patience);
    }
    const std::string rtt = milliseconds(round_trip);
    call.say(
        "\n--- " + host + " ping statistics ---\n" + std::to_string(count) + " packets transmitted, " +
        std::to_string(received) + " received, " + std::to_string(100 * (count - received) / count) +
        "% packet loss, time " + std::to_string((count - 1) * 1000) + "ms\n"
    );
    if (received > 0) call.say("rtt min/avg/max/mdev = " + rtt + "/" + rtt + "/" + rtt + "/0.000 ms\n");
    co_return received > 0 ? 0 : 1;
}

int getent(Call& call) {
    if (call.arguments.size() < 3 || (call.arguments[1] != "hosts" && call.arguments[1] != "ahosts"))
        return option_not_modelled(call, call.arguments.size() > 1 ? call.arguments[1] : "");
    int status = 0;
    for (std::size_t i = 2; i < call.arguments.size(); ++i) {
        const std::string address = call.node.resolve(call.arguments[i]);
        if (address.empty()) {
            status = 2;
            continue;
        }
        const std::string gap(address.size() < 16 ? 16 - address.size() : 1, ' ');
        call.say(address + gap + call.arguments[i] + "\n");
    }
    return status;
}

int ip(Call& call) {
    std::string words;
    for (std::size_t i = 1; i < call.arguments.size(); ++i) words += " " + call.arguments[i];
    const std::string& address = call.node.address;
    const bool short_form = words.find(" -o") != std::string::npos;
    if (words.find(" a") != std::string::npos && short_form) {
        call.say(
            "1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever\n"
            "2: eth0    inet " +
            address + "/16 scope global eth0\\       valid_lft forever preferred_lft forever\n"
        );
    } else if (words.find(" a") != std::string::npos) {
        call.say(
            "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536\n    inet 127.0.0.1/8 scope host lo\n"
            "2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500\n    inet " +
            address + "/16 scope global eth0\n"
        );
    } else if (words.find(" l") != std::string::npos) {
        call.say(
            "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536\n2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500\n"
        );
    } else if (words.find(" r") != std::string::npos) {
        call.say(
            address.substr(0, address.find('.', address.find('.') + 1)) +
            ".0.0/16 dev eth0 proto kernel scope link src " + address + "\n"
        );
    } else {
        return option_not_modelled(call, words.empty() ? "" : words.substr(1));
    }
    return 0;
}

int ss(Call& call) {
    const Options options = parse_options(call.arguments, "ltn");
    if (!options.wrong.empty()) return option_not_modelled(call, options.wrong);
    call.say("State  Recv-Q Send-Q Local Address:Port Peer Address:Port\n");
    for (const auto& [port, each] : call.node.ports)
        call.say("LISTEN 0      128    0.0.0.0:" + std::to_string(port) + " 0.0.0.0:*\n");
    return 0;
}

Task<int> nc(Call& call) {
    const Options options = parse_options(call.arguments, "zw:v");
    if (!options.wrong.empty() || !options.has("z")) co_return option_not_modelled(call, options.wrong);
    if (options.operands.size() < 2) co_return call.fail(1, "nc: missing port number");
    const std::string address = call.node.resolve(options.operands[0]);
    Node* other = address.starts_with("127.") ? &call.node : call.world.at_address(address);
    if (other == nullptr) co_return call.fail(1, "nc: getaddrinfo: Name or service not known");
    co_await Pause(call.world.timeline(), 2 * call.world.latency(call.node, *other));
    const int port = std::atoi(options.operands[1].c_str());
    co_return call.world.linked(call.node, *other) && other->ports.contains(port) ? 0 : 1;
}

const Program rows[] = {
    {"getent", getent}, {"ip", ip}, {"nc", nullptr, nc}, {"ping", nullptr, ping}, {"ss", ss},
};

}  // namespace

std::span<const Program> network_programs() {
    return rows;
}

}  // namespace csim::model
