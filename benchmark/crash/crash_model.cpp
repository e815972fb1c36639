#include "benchmark/crash/crash_model.hpp"

#include <nlohmann/json.hpp>

namespace csim {

namespace {

constexpr std::uint64_t server_count = 20;
constexpr std::uint64_t device_count = 50;
constexpr std::uint64_t certificate_count = 5;
const EntryName counter{"counter.json", ""};

std::string numbered(const std::string& prefix, std::uint64_t number, const std::string& suffix) {
    return prefix + std::to_string(number) + suffix;
}

}  // namespace

void stage_change(StateStore& store, std::uint64_t number) {
    store.put(counter, Json{{"last", number}});
    const EntryName server{numbered("fake_server_test", number % server_count, ".json"), ""};
    if (number % 11 == 0) {
        store.erase(server);
    } else {
        store.put(server, Json{{"change", number}, {"padding", std::string(number % 300, 'x')}});
    }
    const EntryName device{"devices.json", numbered("devices/FAKEDEVICE", number % device_count, "")};
    if (number % 13 == 0) {
        store.erase(device);
    } else {
        store.put(device, Json{{"change", number}, {"size", 35184372088832}});
    }
    if (number % 7 != 0) return;
    const EntryName certificate{numbered("test", number % certificate_count, "_crypto/self.crt"), ""};
    if (number % 3 == 0) {
        store.erase(certificate);
    } else {
        store.put(certificate, "-----BEGIN-----\n" + std::to_string(number) + "\n");
    }
}

std::uint64_t last_change(const StateStore& store) {
    const auto value = store.load(counter);
    return value ? value->at("last").get<std::uint64_t>() : 0;
}

std::optional<std::string> difference(const StateStore& store, const StateStore& model) {
    const auto names = model.documents("");
    if (store.documents("") != names) return "the folder's documents are not those of the model";
    for (const auto& name : names) {
        const auto found = store.load({name, ""});
        const auto expected = model.load({name, ""});
        if (*found != *expected) return name + " is " + found->dump() + " and should be " + expected->dump();
    }
    return std::nullopt;
}

}  // namespace csim
