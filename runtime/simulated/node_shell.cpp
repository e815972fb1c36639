#include "runtime/simulated/node_shell.hpp"

#include <cctype>
#include <cstdlib>

namespace csim {
namespace {

/// A word or an operator of the shell's language.
struct Token {
    std::string text;
    bool is_operator = false;
};

class Reader {
  public:
    Reader(const std::string& text, const std::map<std::string, std::string>& variables, int last_status)
        : text_(text), variables_(variables), last_status_(last_status) {}

    std::vector<Token> tokens() {
        while (at_ < text_.size()) step();
        end_word();
        return std::move(tokens_);
    }

  private:
    void step() {
        const char c = text_[at_];
        if (c == '\'' || c == '"') return quoted(c);
        if (c == '$') return variable();
        if (c == '\\' && at_ + 1 < text_.size()) {
            add(text_[at_ + 1]);
            at_ += 2;
            return;
        }
        for (const char* op : {">&2", "1>&2", "&&", "||", ">>", ";", "\n", ">", "<"})
            if (text_.compare(at_, std::string_view(op).size(), op) == 0) return operation(op);
        if (std::isspace(static_cast<unsigned char>(c))) {
            end_word();
        } else {
            add(c);
        }
        ++at_;
    }
    void quoted(char mark) {
        in_word_ = true;
        for (++at_; at_ < text_.size() && text_[at_] != mark;) {
            if (mark == '"' && text_[at_] == '$') {
                variable();
            } else {
                add(text_[at_++]);
            }
        }
        ++at_;
    }
    void variable() {
        std::string name;
        for (++at_; at_ < text_.size() &&
                    (std::isalnum(static_cast<unsigned char>(text_[at_])) || text_[at_] == '_');)
            name += text_[at_++];
        if (name.empty() && at_ < text_.size() && text_[at_] == '?') {
            ++at_;
            word_ += std::to_string(last_status_);
        }
        const auto found = variables_.find(name);
        if (found != variables_.end()) word_ += found->second;
        in_word_ = in_word_ || !word_.empty();
    }
    void operation(const std::string& op) {
        end_word();
        tokens_.push_back({op == "\n" ? ";" : op == "1>&2" ? ">&2" : op, true});
        at_ += op.size();
    }
    void add(char c) {
        word_ += c;
        in_word_ = true;
    }
    void end_word() {
        if (in_word_) tokens_.push_back({word_, false});
        word_.clear();
        in_word_ = false;
    }

    const std::string& text_;
    const std::map<std::string, std::string>& variables_;
    int last_status_;
    std::size_t at_ = 0;
    std::string word_;
    bool in_word_ = false;
    std::vector<Token> tokens_;
};

struct Statement {
    std::vector<std::string> words;
    std::string redirect;  ///< ">", ">>", ">&2" or nothing
    std::string file;
    std::string input;        ///< the file that stands for its input; empty: the shell's own
    std::string after = ";";  ///< what stands before it: it runs always, after success, after failure
};

std::vector<Statement> statements_of(const std::vector<Token>& tokens) {
    std::vector<Statement> all(1);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const Token& token = tokens[i];
        if (!token.is_operator) {
            all.back().words.push_back(token.text);
        } else if (token.text == ">&2") {
            all.back().redirect = token.text;
        } else if (token.text == "<") {
            if (i + 1 < tokens.size()) all.back().input = tokens[++i].text;
        } else if (token.text.starts_with(">")) {
            all.back().redirect = token.text;
            if (i + 1 < tokens.size()) all.back().file = tokens[++i].text;
        } else {
            all.emplace_back().after = token.text;
        }
    }
    return all;
}

std::string in_folder(const ExecSpec& spec, const std::string& path) {
    return path.starts_with("/") ? path : spec.folder + "/" + path;
}

void deliver(
    const CommandScene& scene, const ExecSpec& spec, const Statement& statement, ExecResult& from,
    ExecResult& to
) {
    to.err += from.err;
    to.status = from.status;
    if (statement.redirect == ">&2") {
        to.err += from.out;
    } else if (statement.redirect.empty()) {
        to.out += from.out;
    } else {
        NodeFile file;
        file.content = from.out;
        const std::string path = in_folder(spec, statement.file);
        if (scene.files.write(path, std::move(file), statement.redirect == ">>")) return;
        to.err += "sh: can't create " + statement.file + ": nonexistent directory\n";
        to.status = 1;
    }
}

}  // namespace

CommandRun run_shell(const CommandScene& scene, const ExecSpec& spec) {
    const bool inline_text = spec.command.size() > 2 && spec.command[1] == "-c";
    const std::string& text = inline_text ? spec.command[2] : spec.input;
    CommandRun whole;
    for (const Statement& statement : statements_of(Reader(text, spec.environment, 0).tokens())) {
        if (statement.words.empty()) continue;
        if (statement.after == "&&" && whole.result.status != 0) continue;
        if (statement.after == "||" && whole.result.status == 0) continue;
        if (statement.words[0] == "exit") {
            if (statement.words.size() > 1) whole.result.status = std::atoi(statement.words[1].c_str()) & 255;
            return whole;
        }
        ExecSpec part = spec;
        part.command = statement.words;
        if (!statement.input.empty()) {
            const auto file = scene.files.read(in_folder(spec, statement.input));
            if (!file) {
                whole.result.err += "sh: can't open " + statement.input + ": no such file\n";
                whole.result.status = 2;
                continue;
            }
            part.input = file->content;
        }
        if (statement.words[0] == "sh" && statement.words.size() < 3) continue;
        CommandRun run = run_command(scene, part);
        whole.takes += run.takes;
        deliver(scene, spec, statement, run.result, whole.result);
    }
    return whole;
}

}  // namespace csim
