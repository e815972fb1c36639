#include "vcluster/model/shell_syntax.hpp"

#include "vcluster/model/shell_tokens.hpp"

#include <algorithm>

namespace csim::model {
namespace {

class Parser {
  public:
    explicit Parser(const std::string& text) : text_(text), tokens_(shell_tokens(text)) {}

    ShellListPtr whole() {
        ShellListPtr list = list_until({});
        if (!at_end()) refuse(peek());
        return list;
    }

  private:
    const ShellToken& peek() const { return tokens_[at_]; }
    bool at_end() const { return peek().kind == ShellToken::Kind::end; }
    bool is(std::string_view op) const { return peek().kind == ShellToken::Kind::op && peek().text == op; }
    bool is_word(std::string_view word) const {
        return peek().kind == ShellToken::Kind::word && peek().text == word;
    }
    [[noreturn]] void refuse(const ShellToken& token) const {
        throw ShellRefusal{token.line, token.kind == ShellToken::Kind::end ? "end of text" : token.text};
    }
    void expect_word(std::string_view word) {
        if (!is_word(word)) refuse(peek());
        ++at_;
    }
    void skip_lines() {
        while (is("\n") || is(";")) ++at_;
    }

    ShellListPtr list_until(const std::vector<std::string>& ends) {
        auto list = std::make_shared<ShellList>();
        skip_lines();
        while (!at_end() && !is(")") && !ends_here(ends)) {
            list->items.push_back(item());
            skip_lines();
        }
        return list;
    }
    bool ends_here(const std::vector<std::string>& ends) const {
        return std::any_of(ends.begin(), ends.end(), [this](const auto& each) { return is_word(each); });
    }

    ShellItem item() {
        ShellItem made;
        const std::size_t begin = peek().begin;
        made.parts.emplace_back("", pipeline());
        while (is("&&") || is("||")) {
            const std::string op = peek().text;
            ++at_;
            while (is("\n")) ++at_;
            made.parts.emplace_back(op, pipeline());
        }
        made.source = text_.substr(begin, peek().begin - begin);
        if (is("&")) {
            made.background = true;
            ++at_;
        } else if (!at_end() && !is(";") && !is("\n") && !is(")")) {
            refuse(peek());
        }
        return made;
    }

    ShellPipeline pipeline() {
        ShellPipeline made;
        if (is_word("!")) {
            made.negated = true;
            ++at_;
        }
        made.commands.push_back(command());
        while (is("|")) {
            ++at_;
            while (is("\n")) ++at_;
            made.commands.push_back(command());
        }
        return made;
    }

    ShellCommand command() {
        ShellCommand made;
        made.line = peek().line;
        for (const char* word :
             {"case", "function", "select", "until", "time", "coproc", "then", "do", "done", "fi", "else",
              "elif", "esac", "}"})
            if (is_word(word)) refuse(peek());
        if (is_word("if")) return compound(branch(std::move(made)));
        if (is_word("for")) return compound(each(std::move(made)));
        if (is_word("while")) return compound(loop(std::move(made)));
        if (is_word("{")) {
            ++at_;
            made.kind = ShellCommand::Kind::group;
            made.body = list_until({"}"});
            expect_word("}");
            return compound(std::move(made));
        }
        if (is("(")) {
            ++at_;
            made.kind = ShellCommand::Kind::subshell;
            made.body = list_until({});
            if (!is(")")) refuse(peek());
            ++at_;
            return compound(std::move(made));
        }
        return simple(std::move(made));
    }

    ShellCommand simple(ShellCommand made) {
        for (;;) {
            if (peek().kind == ShellToken::Kind::word) {
                made.words.push_back({peek().text, peek().line});
                ++at_;
                if (is("(")) refuse(peek());
            } else if (!redirect(made)) {
                break;
            }
        }
        if (made.words.empty() && made.redirects.empty()) refuse(peek());
        return made;
    }
    ShellCommand compound(ShellCommand made) {
        while (redirect(made)) {
        }
        return made;
    }
    bool redirect(ShellCommand& made) {
        if (peek().kind != ShellToken::Kind::redirect) return false;
        ShellRedirect redirect{peek().text, {}, peek().literal};
        const bool bare = redirect.op == "2>&1" || redirect.op == "1>&2";
        if (redirect.op == "<<") redirect.target = {peek().here, peek().line};
        ++at_;
        if (!bare && redirect.op != "<<") {
            if (peek().kind != ShellToken::Kind::word) refuse(peek());
            redirect.target = {peek().text, peek().line};
            ++at_;
        }
        made.redirects.push_back(std::move(redirect));
        return true;
    }

    ShellCommand branch(ShellCommand made) {
        made.kind = ShellCommand::Kind::branch;
        do {
            ++at_;
            ShellListPtr condition = list_until({"then"});
            expect_word("then");
            made.branches.emplace_back(condition, list_until({"elif", "else", "fi"}));
        } while (is_word("elif"));
        if (is_word("else")) {
            ++at_;
            made.body = list_until({"fi"});
        }
        expect_word("fi");
        return made;
    }
    ShellCommand each(ShellCommand made) {
        made.kind = ShellCommand::Kind::each;
        ++at_;
        if (peek().kind != ShellToken::Kind::word) refuse(peek());
        made.variable = peek().text;
        ++at_;
        expect_word("in");
        while (peek().kind == ShellToken::Kind::word) {
            made.words.push_back({peek().text, peek().line});
            ++at_;
        }
        skip_lines();
        expect_word("do");
        made.body = list_until({"done"});
        expect_word("done");
        return made;
    }
    ShellCommand loop(ShellCommand made) {
        made.kind = ShellCommand::Kind::loop;
        ++at_;
        ShellListPtr condition = list_until({"do"});
        expect_word("do");
        made.branches.emplace_back(condition, list_until({"done"}));
        expect_word("done");
        return made;
    }

    const std::string& text_;
    std::vector<ShellToken> tokens_;
    std::size_t at_ = 0;
};

}  // namespace

Result<ShellListPtr> parse_shell(const std::string& text) {
    try {
        return Parser(text).whole();
    } catch (const ShellRefusal& refusal) {
        std::string token = refusal.token == "\n" ? "end of line" : refusal.token;
        return Error{
            Errc::bad_argument,
            "cluster-sim: shell: line " + std::to_string(refusal.line) + ": '" + token + "' not modelled"};
    }
}

}  // namespace csim::model
