#include "apps/shell/ready_file.hpp"

#include "core/result.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>

namespace csim::shell {

void announce_ready(const std::string& url, const std::string& ready_file) {
    if (!ready_file.empty()) {
        const std::string beside = ready_file + ".new";
        std::ofstream(beside) << url << "\n";
        std::error_code failed;
        std::filesystem::rename(beside, ready_file, failed);
        if (failed) throw Fatal("cannot write the ready file " + ready_file + ": " + failed.message());
    }
    std::cout << "ready " << url << std::endl;
}

}  // namespace csim::shell
