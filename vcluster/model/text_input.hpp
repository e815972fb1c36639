// What programs read that pass text on.
#pragma once

#include "vcluster/model/programs.hpp"

#include <sstream>

namespace csim::model {

/// The lines of a text, without their ends.
inline std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

/// What is in the files named, or on standard input. A file that is missing is told, and the status
/// becomes 1.
inline std::vector<std::pair<std::string, std::string>> inputs(
    Call& call, const std::vector<std::string>& files, int& status
) {
    if (files.empty()) return {{"", call.in->rest()}};
    std::vector<std::pair<std::string, std::string>> all;
    for (const std::string& each : files) {
        NodeFile file;
        const int wrong = each == "-" ? 0 : call.node.read(call.path(each), file);
        if (wrong != 0)
            status = call.fail(1, call.name() + ": " + each + ": " + reason(wrong));
        else
            all.emplace_back(each, each == "-" ? call.in->rest() : file.content);
    }
    return all;
}

}  // namespace csim::model
