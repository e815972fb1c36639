// What a running shell knows, and how it runs a tree.
#pragma once

#include "vcluster/model/programs.hpp"
#include "vcluster/model/shell_syntax.hpp"

namespace csim::model {

struct ShellIo {
    InputPtr in;
    SinkPtr out, err;
};

/// One shell: variables, where it is, its last status. Subshells are copies.
class Shell {
  public:
    explicit Shell(Call& call);

    Task<int> run(ShellListPtr list, ShellIo io);
    const ShellIo& io() const { return io_; }
    std::vector<std::string> positional;  ///< $0, $1 …
    /// It has said exit, or has been killed: nothing more runs.
    bool over() const { return exiting_ || call_.process.ended; }

  private:
    using Words = std::vector<std::string>;

    Task<int> run_item(const ShellItem& item, ShellIo io);
    Task<int> run_pipeline(const ShellPipeline& pipeline, ShellIo io);
    Task<int> run_command(const ShellCommand& command, ShellIo io);
    Task<int> run_simple(const ShellCommand& command, ShellIo io);
    Task<int> run_compound(const ShellCommand& command, ShellIo io);
    Task<int> run_external(Words words, Environment env, ShellIo io);
    void launch_behind(const ShellItem& item, ShellIo io);
    /// Nonzero, with a complaint, if a file cannot be opened.
    Task<int> redirect(const std::vector<ShellRedirect>& redirects, ShellIo& io);
    bool is_builtin(const std::string& name) const;
    Task<int> run_builtin(Words words, ShellIo io);
    int change_folder(const Words& words, ShellIo& io);
    int set_options(const Words& words, ShellIo& io);
    int read_line(const Words& words, ShellIo& io);
    int print_formatted(const Words& words, ShellIo& io);

    // In shell_expand.cpp.
    Task<Words> expand(std::vector<ShellWord> words);
    Task<std::string> expand_text(std::string raw, int line);
    struct Piece;
    Task<std::vector<Piece>> pieces(std::string raw, int line);
    Task<std::string> dollar(std::string raw, int line);
    std::string variable(const std::string& name, int line);
    Words glob(const std::string& pattern) const;

    Call& call_;
    ShellIo io_;
    Environment variables_;
    std::set<std::string> exported_;
    std::string folder_;
    int last_status_ = 0;
    int last_background_ = 0;
    bool exiting_ = false, stop_on_error_ = false, trace_ = false, strict_ = false;
    bool in_condition_ = false;
    std::string complaint_;  ///< of an expansion that failed
};

/// `test`, `[` and `[[`. 2 when something is not modelled.
int shell_test(Node& node, const std::string& folder, std::vector<std::string> words, Sink& err);
/// Whether the text matches a pattern with * ? and [ ].
bool glob_matches(std::string_view pattern, std::string_view text);

}  // namespace csim::model
