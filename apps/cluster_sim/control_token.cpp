#include "apps/cluster_sim/control_token.hpp"

#include "core/result.hpp"

#include <algorithm>
#include <fstream>

namespace csim {

std::string read_control_token(const std::string& word, const std::string& file) {
    std::string token = word;
    if (!file.empty()) {
        std::ifstream in(file);
        if (!std::getline(in, token) || token.empty()) {
            throw Fatal("--control_token_file " + file + " cannot be read, or its first line is empty", 2);
        }
    }
    const bool plain = std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < 0x7f; });
    if (!plain) throw Fatal("a control token is one word of ASCII letters, digits and signs", 2);
    return token;
}

}  // namespace csim
