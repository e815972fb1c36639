// What most tests of the programs need: a folder, a manager on a free port, a simulated cluster under it.
#pragma once

#include "core/json.hpp"
#include "tests/programs/program.hpp"
#include "tests/support/temp_folder.hpp"

#include <optional>
#include <string>
#include <vector>

namespace csim {

class BlockingRestClient;

using Words = std::vector<std::string>;
Words operator+(Words a, const Words& b);

class Stage {
  public:
    Stage();
    ~Stage();

    TempFolder folder;
    /// Words before the manager's own, such as a shell that limits it.
    Words manager_wrapper;

    /// Starts the manager on its state folder and waits until it serves; again on the same port when it has
    /// served before.
    void start_manager(const Words& more = {});
    Program& manager() { return *manager_; }
    const std::string& url() const { return url_; }
    std::uint16_t port() const { return port_; }

    /// `cluster-sim --config <folder>/cluster --url <manager> …`
    Words sim(const Words& more) const;
    /// Runs it to its end.
    Ended run_sim(const Words& more) const;
    void setup(int servers, int workers = 0);
    /// `register` with the manager's account, or `run`: serving at a free port, agents at once.
    Words register_words(const Words& more = {}) const;
    Words run_words(const Words& more = {}) const;
    /// Starts one of those and waits until its control port serves.
    Program serve(const Words& words);
    /// Waits until every host is as its profile wants, and nothing is under way.
    Ended watch_ready() const;

    /// A document of the manager's REST API, null if it cannot be had.
    Json rest(const std::string& path) const;
    Json post(const std::string& path, const Json& body) const;
    /// fqdn → state, as the manager says.
    std::map<std::string, std::string> host_states() const;
    /// The result of an operation of the running simulator, null if it fails.
    Json control(const std::string& operation, const Json& parameters) const;
    /// Sessions between all agents and the manager, 0 when nobody answers.
    int sessions_open() const;

  private:
    std::optional<Program> manager_;
    std::string url_;
    std::uint16_t port_ = 0;
    std::string control_url_;
};

std::string text_of(const std::filesystem::path& file);
/// Every file below `folder` with its content: what "changes nothing" is compared by. Lock files left out.
std::map<std::string, std::string> contents_of(const std::filesystem::path& folder);

/// The messages `cluster-sim: …` of a program's standard error, without the notes that always come.
std::vector<std::string> complaints(const std::string& err);

}  // namespace csim
