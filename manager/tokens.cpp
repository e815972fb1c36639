#include "manager/tokens.hpp"

#include "state/document_of.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <cassert>

namespace csim {
namespace {

constexpr const char* tokens_document = "registration_tokens.json";
constexpr const char* tokens_section = "tokens";
constexpr Duration default_life = std::chrono::seconds(60);
constexpr std::size_t secret_bytes = 16;

/// Entries sort by key as text; equal widths make that the order of ids.
EntryName token_entry(std::int64_t id) {
    const std::string digits = std::to_string(id);
    const std::size_t width = 9;
    const std::string zeros(width - std::min(width, digits.size()), '0');
    return {tokens_document, std::string(tokens_section) + "/" + zeros + digits};
}

std::string hexadecimal(const std::string& bytes) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string text;
    for (const char byte : bytes) {
        text.push_back(digits[static_cast<unsigned char>(byte) >> 4]);
        text.push_back(digits[static_cast<unsigned char>(byte) & 15]);
    }
    return text;
}

}  // namespace

ByteSource random_bytes() {
    return [](std::size_t count) {
        std::string bytes(count, '\0');
        const int made = RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count));
        if (made != 1) throw Fatal("The system has no random numbers for a secret.");
        return bytes;
    };
}

Tokens::Tokens(Timeline& timeline, Documents& documents, ByteSource bytes)
    : timeline_(timeline), documents_(documents), bytes_(std::move(bytes)) {
    for (auto& [key, json] : documents.store().load_section(tokens_document, tokens_section)) {
        auto token = from_json_value<Token>(json, Strictness::saved);
        if (!token)
            throw Fatal("Token " + key + " in registration_tokens.json is damaged: " + token.error().detail);
        const EntryName name = token_entry(token->id);
        keep(std::make_unique<TokenDocument>(TokenDocument::Loaded{}, documents, name, *std::move(token)));
    }
}

Tokens::~Tokens() = default;

void Tokens::keep(std::unique_ptr<TokenDocument> token) {
    const std::int64_t id = (*token)->id;
    by_secret_.emplace((*token)->secret, id);
    last_id_ = std::max(last_id_, id);
    tokens_.emplace(id, std::move(token));
}

const Token& Tokens::create(TokenDraft draft) {
    Token token;
    token.id = last_id_ + 1;
    token.secret = hexadecimal(bytes_(secret_bytes));
    token.expiry = draft.expiry.value_or(timeline_.now() + default_life);
    token.credits = draft.credits.value_or(1);
    token.profile = std::move(draft.profile);
    const std::int64_t id = token.id;
    keep(std::make_unique<TokenDocument>(documents_, token_entry(id), std::move(token)));
    return **tokens_.at(id);
}

bool Tokens::live(const Token& token) const {
    return !token.cancelled && token.credits > 0 && token.expiry >= timeline_.now();
}

std::vector<const Token*> Tokens::live_tokens() const {
    std::vector<const Token*> found;
    for (const auto& [id, token] : tokens_) {
        if (live(**token)) found.push_back(&**token);
    }
    return found;
}

const Token* Tokens::find(std::int64_t id) const {
    const auto found = tokens_.find(id);
    return found == tokens_.end() ? nullptr : &**found->second;
}

Result<Nothing> Tokens::set_cancelled(std::int64_t id, bool cancelled) {
    const auto found = tokens_.find(id);
    if (found == tokens_.end())
        return Error{Errc::not_found, "There is no registration token " + std::to_string(id)};
    found->second->edit([&](Token& token) { token.cancelled = cancelled; });
    return Nothing{};
}

Tokens::TokenDocument* Tokens::find_live(std::string_view secret) const {
    const auto id = by_secret_.find(secret);
    if (id == by_secret_.end()) return nullptr;
    TokenDocument* token = tokens_.at(id->second).get();
    return live(**token) ? token : nullptr;
}

Result<Token> Tokens::check(std::string_view secret) const {
    const TokenDocument* token = find_live(secret);
    if (token == nullptr)
        return Error{Errc::refused, "The registration token is unknown, used up, expired or cancelled"};
    return **token;
}

Result<Token> Tokens::consume(std::string_view secret) {
    TokenDocument* found = find_live(secret);
    if (found == nullptr) return check(secret);
    found->edit([](Token& token) { --token.credits; });
    return **found;
}

}  // namespace csim
