#include "apps/cluster_sim/vcluster_guard.hpp"

#include "vcluster/cluster.hpp"

#include <boost/asio/buffer.hpp>

#include <iostream>
#include <unistd.h>

namespace csim {

ClusterGuard::ClusterGuard(boost::asio::io_context& loop, std::function<void()> on_end)
    : input_(loop), on_end_(std::move(on_end)) {
    boost::system::error_code failure;
    input_.assign(::dup(STDIN_FILENO), failure);
    if (failure) throw Fatal("--guard watches standard input, which must be a pipe: " + failure.message(), 2);
    read();
}

void ClusterGuard::read() {
    input_.async_read_some(
        boost::asio::buffer(ignored_),
        [this](const boost::system::error_code& failure, std::size_t) {
            if (failure == boost::asio::error::operation_aborted) return;
            if (!failure) return read();
            end();
        }
    );
}

void ClusterGuard::end() {
    ended_ = true;
    end_if_idle();
}

void ClusterGuard::end_if_idle() {
    if (ended_ && under_way_ == 0) on_end_();
}

RpcDone ClusterGuard::watched(const RpcCall& call, RpcDone done) {
    ++under_way_;
    return [this, method = call.method, done = std::move(done)](RpcOutcome outcome) mutable {
        --under_way_;
        if (method == "vcluster.create" && !outcome.fault)
            made_.insert(outcome.value.at("name").get<std::string>());
        done(std::move(outcome));
        end_if_idle();
    };
}

int ClusterGuard::remove_all(const ClusterStore& store) {
    int status = 0;
    for (const std::string& name : made_) {
        std::vector<std::string> complaints;
        try {
            complaints = remove_cluster(store, name).complaints;
        } catch (const Fatal& failure) {
            complaints.push_back(failure.what());
        }
        for (const std::string& each : complaints) std::cerr << "cluster-sim: " << each << "\n";
        if (!complaints.empty()) status = 1;
    }
    return status;
}

}  // namespace csim
