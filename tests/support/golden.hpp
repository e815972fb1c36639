// Expected output kept in files under tests/golden/. CSIM_UPDATE_GOLDEN=1 rewrites them; the diff is then for
// people.
#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace csim {

/// Checks that `actual` is what `tests/golden/<name>` holds.
inline void check_golden(const std::string& name, const std::string& actual) {
    const std::filesystem::path path = std::filesystem::path(CSIM_SOURCE_DIR) / "tests/golden" / name;
    if (std::getenv("CSIM_UPDATE_GOLDEN")) {
        std::filesystem::create_directories(path.parent_path());
        std::ofstream(path) << actual;
        return;
    }
    std::ifstream in(path);
    REQUIRE_MESSAGE(in.good(), "no golden file " << name << "; make it with CSIM_UPDATE_GOLDEN=1");
    const std::string expected{std::istreambuf_iterator<char>(in), {}};
    INFO("golden file " << name);
    CHECK(actual == expected);
}

}  // namespace csim
