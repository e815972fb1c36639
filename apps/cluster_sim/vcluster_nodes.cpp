// `cluster-sim vcluster`: programs and files on nodes.
#include "apps/cluster_sim/vcluster_options.hpp"
#include "core/duration_text.hpp"
#include "core/result.hpp"
#include "vcluster/cluster.hpp"
#include "vcluster/node_shell.hpp"

#include <fstream>
#include <iostream>
#include <iterator>
#include <unistd.h>

namespace csim {
namespace {

/// NAME:NODE taken apart; a cluster and one of its nodes.
struct Place {
    Cluster cluster;
    const PlannedNode& node;
};

Place place_of(const std::string& where) {
    const auto colon = where.find(':');
    Cluster cluster = Cluster::get(ClusterStore(), where.substr(0, colon));
    const PlannedNode& node = cluster.node(colon == std::string::npos ? "" : where.substr(colon + 1));
    return {std::move(cluster), node};
}

std::string standard_input() {
    return {std::istreambuf_iterator<char>(std::cin), {}};
}

}  // namespace

int vcluster_exec(const VclusterOptions& o) {
    RunRequest request;
    for (const std::string& each : o.env) {
        const auto equals = each.find('=');
        if (equals == 0 || equals == std::string::npos)
            throw Fatal("--env is NAME=VALUE, not '" + each + "'", 2);
        request.env[each.substr(0, equals)] = each.substr(equals + 1);
    }
    const bool text = o.command.size() == 1 && o.command[0].find_first_of(" \t\n;|&<>$") != std::string::npos;
    if (text)
        request.shell = o.command[0];
    else
        request.command = o.command;
    request.user = o.user;
    request.folder = o.folder;
    request.detached = o.detach;
    if (o.limit != "30s") {
        const auto limit = parse_duration(o.limit);
        if (!limit || *limit <= Duration::zero())
            throw Fatal("--timeout is a span of time such as 10s, not '" + o.limit + "'", 2);
        request.limit = *limit;
    }
    if (o.input) request.input = standard_input();
    Place place = place_of(o.where);
    const ExecResult ran = place.cluster.run(place.node, request);
    place.cluster.commit();
    std::cout << ran.out << std::flush;
    std::cerr << ran.err << std::flush;
    return ran.status;
}

int vcluster_read(const VclusterOptions& o) {
    Place place = place_of(o.where);
    std::cout << place.cluster.read(place.node, o.path).content << std::flush;
    return 0;
}

int vcluster_write(const VclusterOptions& o) {
    NodeFile file;
    if (o.mode.empty() || o.mode.find_first_not_of("01234567") != std::string::npos || o.mode.size() > 4)
        throw Fatal("--mode is octal, such as 644, not '" + o.mode + "'", 2);
    file.mode = static_cast<unsigned>(std::stoul(o.mode, nullptr, 8));
    if (o.from.empty()) {
        file.content = standard_input();
    } else {
        std::ifstream in(o.from, std::ios::binary);
        if (!in) throw Fatal("cannot read " + o.from);
        file.content.assign(std::istreambuf_iterator<char>(in), {});
    }
    Place place = place_of(o.where);
    place.cluster.write(place.node, o.path, std::move(file), o.folders);
    place.cluster.commit();
    return 0;
}

int vcluster_shell(const VclusterOptions& o) {
    const auto colon = o.where.find(':');
    const std::string node = colon == std::string::npos ? "" : o.where.substr(colon + 1);
    return node_shell(ClusterStore(), o.where.substr(0, colon), node, std::cin, std::cout, ::isatty(0) != 0);
}

}  // namespace csim
