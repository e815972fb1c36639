#include "benchmark/report/outputs.hpp"

#include "benchmark/report/html_report.hpp"
#include "core/result.hpp"

#include <nlohmann/json.hpp>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace csim {
namespace {

namespace fs = std::filesystem;

void write_file(const fs::path& path, const std::string& text) {
    const fs::path aside = path.string() + ".new";
    {
        std::ofstream file(aside, std::ios::binary);
        file << text;
        file.close();
        if (!file) throw Fatal("cannot write " + path.string() + ": " + std::strerror(errno));
    }
    std::error_code failed;
    fs::rename(aside, path, failed);
    if (failed) throw Fatal("cannot write " + path.string() + ": " + failed.message());
}

void check_file(const std::string& option, const std::string& name) {
    if (name.empty()) return;
    const fs::path path(name);
    const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
    if (fs::is_directory(path)) throw Fatal(option + ": " + name + " is a folder, name a file");
    if (!fs::is_directory(folder)) throw Fatal(option + ": there is no folder " + folder.string());
    if (::access(folder.c_str(), W_OK) != 0)
        throw Fatal(option + ": the folder " + folder.string() + " cannot be written to");
}

std::string samples_csv(const Json& report) {
    std::string text =
        "at_s,phase,valid,servers,sessions,requests,errors,timeouts,p50_ms,p99_ms,max_ms,"
        "manager_cpu,manager_rss,manager_descriptors,own_cpu,send_lateness_ms,simulator_lag_ms\n";
    for (const Json& each : report.value("intervals", Json::array())) {
        const auto add = [&](const Json& value, char end = ',') {
            text += value.is_string() ? value.get<std::string>() : value.dump();
            text += end;
        };
        for (const char* key :
             {"at", "phase", "valid", "servers", "sessions", "requests", "errors", "timeouts", "p50_ms",
              "p99_ms", "max_ms"})
            add(each.at(key));
        for (const char* key : {"busiest_thread", "resident_bytes", "descriptors"})
            add(each.at("manager").at(key));
        for (const char* key : {"cpu_cores", "send_lateness_ms"}) add(each.at("own").at(key));
        add(each.at("own").at("simulator_lag_ms"), '\n');
    }
    return text;
}

}  // namespace

void check_outputs(const OutputOptions& options) {
    check_file("--json", options.json);
    check_file("--html", options.html);
    if (options.folder.empty()) return;
    std::error_code failed;
    fs::create_directories(options.folder, failed);
    if (failed || !fs::is_directory(options.folder))
        throw Fatal("--out: cannot make the folder " + options.folder + ": " + failed.message());
    if (::access(options.folder.c_str(), W_OK) != 0)
        throw Fatal("--out: the folder " + options.folder + " cannot be written to");
}

void write_outputs(const OutputOptions& options, const Json& report, const std::vector<std::string>& log) {
    const std::string text = report.dump(2) + "\n";
    if (!options.json.empty()) write_file(options.json, text);
    if (!options.html.empty()) write_file(options.html, html_report(report));
    if (options.folder.empty()) return;
    const fs::path folder(options.folder);
    write_file(folder / "report.json", text);
    write_file(folder / "report.html", html_report(report));
    Json configuration;
    for (const char* key : {"routine", "parameters", "manager", "seed", "version", "machine", "started"})
        configuration[key] = report.value(key, Json());
    write_file(folder / "configuration.json", configuration.dump(2) + "\n");
    write_file(folder / "samples.csv", samples_csv(report));
    std::string lines;
    for (const std::string& line : log) lines += line + "\n";
    write_file(folder / "log.txt", lines);
}

}  // namespace csim
