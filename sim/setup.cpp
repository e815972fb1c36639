#include "sim/setup.hpp"

#include <string>

namespace csim {
namespace {

/// One number and the range it must be in.
struct Bound {
    const char* option;
    int value;
    int low;
    int high;
};

Error out_of_range(const Bound& bound) {
    return Error{
        Errc::bad_argument, std::string("--") + bound.option + " is " + std::to_string(bound.value) +
                                "; it must be between " + std::to_string(bound.low) + " and " +
                                std::to_string(bound.high)};
}

Error not_divisible(const char* what, int count, const char* by, int divisor) {
    return Error{
        Errc::bad_argument, std::string(what) + " (" + std::to_string(count) + ") must be a multiple of " +
                                by + " (" + std::to_string(divisor) + ")"};
}

}  // namespace

Result<Nothing> check(const Setup& setup) {
    const Bound bounds[] = {
        {"server_count", setup.server_count, 1, servers_max},
        {"worker_count", setup.worker_count, 0, workers_max},
        {"nid_count", setup.nid_count, 1, nids_max},
        {"volume_count", setup.volumes(), 0, volumes_max},
        {"cluster_size", setup.cluster_size, 1, servers_max},
        {"psu_count", setup.psu_count, 1, psus_max},
        {"su_size", setup.su_size, 0, servers_max},
    };
    for (const Bound& bound : bounds) {
        if (bound.value < bound.low || bound.value > bound.high) return out_of_range(bound);
    }
    if (setup.su_size == 0) return Nothing{};
    if (setup.server_count % setup.su_size != 0) {
        return not_divisible("--server_count", setup.server_count, "--su_size", setup.su_size);
    }
    const int units = setup.server_count / setup.su_size;
    if (setup.volumes() % units != 0) {
        return not_divisible("--volume_count", setup.volumes(), "the number of scalable units", units);
    }
    return Nothing{};
}

}  // namespace csim
