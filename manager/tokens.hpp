// Registration tokens: who may register, how often, until when.
// Source: the agent protocol, §2.1, §2.5 and §2.7. Differs: a token that is expired or cancelled loses no
// credit, and taking a credit is one step.
#pragma once

#include "core/result.hpp"
#include "core/timeline.hpp"
#include "core/unique_function.hpp"
#include "state/document.hpp"

#include <boost/describe.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace csim {

struct Token {
    std::int64_t id = 0;
    std::string secret;  ///< 32 upper-case hexadecimal digits
    SimTime expiry;
    std::int64_t credits = 1;
    bool cancelled = false;
    std::string profile;  ///< the name of a server profile
};
BOOST_DESCRIBE_STRUCT(Token, (), (id, secret, expiry, credits, cancelled, profile))

struct TokenDraft {
    std::string profile;                  ///< mandatory, checked by the caller
    std::optional<std::int64_t> credits;  ///< 1
    std::optional<SimTime> expiry;        ///< 60 s from now
};

/// Makes `count` unguessable bytes. See random_bytes() for the one from the system.
using ByteSource = UniqueFunction<std::string(std::size_t count)>;
ByteSource random_bytes();

class Tokens {
  public:
    Tokens(Timeline& timeline, Documents& documents, ByteSource bytes);
    ~Tokens();

    const Token& create(TokenDraft draft);
    /// Not cancelled, not expired, with credits left.
    bool live(const Token& token) const;
    /// All live tokens by id.
    std::vector<const Token*> live_tokens() const;
    const Token* find(std::int64_t id) const;
    /// The only change that a token allows. Errors: not_found.
    Result<Nothing> set_cancelled(std::int64_t id, bool cancelled);

    /// The token, if it is live now. Errors: refused.
    Result<Token> check(std::string_view secret) const;
    /// The same, taking one credit.
    Result<Token> consume(std::string_view secret);

  private:
    using TokenDocument = Document<Token>;
    TokenDocument* find_live(std::string_view secret) const;
    void keep(std::unique_ptr<TokenDocument> token);

    Timeline& timeline_;
    Documents& documents_;
    ByteSource bytes_;
    std::map<std::int64_t, std::unique_ptr<TokenDocument>> tokens_;
    std::map<std::string, std::int64_t, std::less<>> by_secret_;
    std::int64_t last_id_ = 0;
};

}  // namespace csim
