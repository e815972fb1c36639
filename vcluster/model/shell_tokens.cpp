#include "vcluster/model/shell_tokens.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace csim::model {
namespace {

class Lexer {
  public:
    explicit Lexer(const std::string& text) : text_(text) {}

    std::vector<ShellToken> all() {
        while (at_ < text_.size()) step();
        add(ShellToken::Kind::end, "", text_.size());
        return std::move(tokens_);
    }

  private:
    ShellToken& add(ShellToken::Kind kind, std::string text, std::size_t begin) {
        ShellToken token;
        token.kind = kind;
        token.text = std::move(text);
        token.line = line_;
        token.begin = begin;
        tokens_.push_back(std::move(token));
        return tokens_.back();
    }
    bool starts(std::string_view what) const { return text_.compare(at_, what.size(), what) == 0; }

    void step() {
        const char c = text_[at_];
        if (starts("\\\n")) {
            at_ += 2;
            ++line_;
        } else if (c == '\n') {
            add(ShellToken::Kind::op, "\n", at_);
            ++at_;
            ++line_;
            read_here_texts();
        } else if (c == ' ' || c == '\t' || c == '\r') {
            ++at_;
        } else if (c == '#') {
            at_ = std::min(text_.find('\n', at_), text_.size());
        } else if (!redirection() && !operation()) {
            word();
        }
    }

    bool redirection() {
        static constexpr std::array<std::string_view, 10> ops{"2>&1", "1>&2", ">&2", "2>>", "2>",
                                                              "&>",   ">>",   "<<",  ">",   "<"};
        for (const std::string_view op : ops) {
            if (!starts(op)) continue;
            if (op == "<<" && (starts("<<<") || starts("<<-")))
                throw ShellRefusal{line_, text_.substr(at_, 3)};
            if ((op == ">" || op == "<") && (starts(">&") || starts(">(") || starts("<(") || starts("<&")))
                throw ShellRefusal{line_, text_.substr(at_, 2)};
            add(ShellToken::Kind::redirect, std::string(op == ">&2" ? "1>&2" : op), at_);
            at_ += op.size();
            if (op == "<<") here_end();
            return true;
        }
        return false;
    }
    void here_end() {
        while (at_ < text_.size() && text_[at_] == ' ') ++at_;
        std::string end;
        const std::size_t token = tokens_.size() - 1;
        while (at_ < text_.size() && std::string_view(" \t\n;|&").find(text_[at_]) == std::string_view::npos
        ) {
            if (text_[at_] == '\'' || text_[at_] == '"') {
                tokens_[token].literal = true;
            } else {
                end += text_[at_];
            }
            ++at_;
        }
        waiting_.emplace_back(token, end);
    }
    void read_here_texts() {
        for (const auto& [token, end] : std::exchange(waiting_, {})) {
            for (;;) {
                if (at_ >= text_.size()) throw ShellRefusal{line_, "<<" + end};
                const auto stop = std::min(text_.find('\n', at_), text_.size());
                const std::string row = text_.substr(at_, stop - at_);
                at_ = std::min(stop + 1, text_.size());
                ++line_;
                if (row == end) break;
                tokens_[token].here += row + "\n";
            }
        }
    }

    bool operation() {
        static constexpr std::array<std::string_view, 7> ops{"&&", "||", ";;", ";", "|", "(", ")"};
        for (const std::string_view op : ops) {
            if (!starts(op)) continue;
            if (starts("((")) throw ShellRefusal{line_, "(("};
            add(ShellToken::Kind::op, std::string(op), at_);
            at_ += op.size();
            return true;
        }
        if (text_[at_] != '&') return false;
        add(ShellToken::Kind::op, "&", at_++);
        return true;
    }

    void word() {
        const std::size_t begin = at_;
        const int line = line_;
        while (at_ < text_.size() &&
               std::string_view(" \t\n\r;|&()<>").find(text_[at_]) == std::string_view::npos) {
            const char c = text_[at_];
            if (c == '`') throw ShellRefusal{line_, "`"};
            const std::size_t end = c == '\\'                             ? std::min(at_ + 2, text_.size())
                                    : (c == '\'' || c == '"' || c == '$') ? end_of_quoted(text_, at_, line_)
                                                                          : at_ + 1;
            line_ += static_cast<int>(std::count(
                text_.begin() + static_cast<std::ptrdiff_t>(at_),
                text_.begin() + static_cast<std::ptrdiff_t>(end), '\n'
            ));
            at_ = end;
        }
        add(ShellToken::Kind::word, text_.substr(begin, at_ - begin), begin).line = line;
    }

    const std::string& text_;
    std::size_t at_ = 0;
    int line_ = 1;
    std::vector<ShellToken> tokens_;
    std::vector<std::pair<std::size_t, std::string>> waiting_;
};

std::size_t end_of_substitution(const std::string& text, std::size_t at, int line) {
    if (text.compare(at, 3, "$((") == 0) throw ShellRefusal{line, "$(("};
    int depth = 0;
    for (std::size_t i = at + 1; i < text.size(); ++i) {
        if (text[i] == '\\') {
            ++i;
        } else if (text[i] == '\'' || text[i] == '"') {
            i = end_of_quoted(text, i, line) - 1;
        } else if (text[i] == '(') {
            ++depth;
        } else if (text[i] == ')' && --depth == 0) {
            return i + 1;
        }
    }
    throw ShellRefusal{line, "$("};
}

}  // namespace

std::size_t end_of_quoted(const std::string& text, std::size_t at, int line) {
    const char c = text[at];
    if (c == '$') {
        if (at + 1 < text.size() && text[at + 1] == '(') return end_of_substitution(text, at, line);
        if (at + 1 >= text.size() || text[at + 1] != '{') return at + 1;
        const auto end = text.find('}', at);
        if (end == std::string::npos) throw ShellRefusal{line, "${"};
        return end + 1;
    }
    for (std::size_t i = at + 1; i < text.size(); ++i) {
        if (text[i] == c) return i + 1;
        if (c == '"' && text[i] == '\\') ++i;
        if (c == '"' && text[i] == '$') i = end_of_quoted(text, i, line) - 1;
    }
    throw ShellRefusal{line, std::string(1, c)};
}

std::vector<ShellToken> shell_tokens(const std::string& text) {
    return Lexer(text).all();
}

}  // namespace csim::model
