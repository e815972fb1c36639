// Hashing and the two kinds of sessions.
#include "manager/rest/accounts.hpp"

#include "manager/rest/target.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cassert>

namespace csim {

namespace {

// Anonymous visitors that never come back must not fill the memory.
constexpr std::size_t anonymous_max = 10'000;
// Low, because a test cluster's manager checks passwords on the world's thread.
constexpr int rounds = 2'000;
constexpr std::size_t salt_digits = 32;

std::string to_hex(std::string_view bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (unsigned char byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

std::string derive(const std::string& salt, const std::string& password) {
    unsigned char key[32];
    const auto* salt_bytes = reinterpret_cast<const unsigned char*>(salt.data());
    [[maybe_unused]] const int made = PKCS5_PBKDF2_HMAC(
        password.data(), static_cast<int>(password.size()), salt_bytes, static_cast<int>(salt.size()), rounds,
        EVP_sha256(), sizeof key, key
    );
    assert(made == 1);
    return salt + to_hex({reinterpret_cast<const char*>(key), sizeof key});
}

bool same_secret(const std::string& left, const std::string& right) {
    return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

std::vector<std::string> cookie_fields(const HttpFields& headers) {
    std::vector<std::string> values;
    for (const auto& [name, value] : headers) {
        const bool is_cookie = equal_ignoring_case(name, "cookie");
        if (is_cookie) values.push_back(value);
    }
    return values;
}

}  // namespace

const std::vector<std::string>& group_names() {
    static const std::vector<std::string> names{
        "superusers", "filesystem_administrators", "filesystem_users"};
    return names;
}

Accounts::Accounts(Model& model, ByteSource bytes, AccountDefaults defaults)
    : model_(model), bytes_(std::move(bytes)), defaults_(std::move(defaults)) {}

std::string Accounts::token() {
    return to_hex(bytes_(16));
}

std::string Accounts::hash(const std::string& password) {
    return derive(to_hex(bytes_(salt_digits / 2)), password);
}

void Accounts::recover() {
    model_.logins.each([&](const LoginRow& login) { login_by_session_[login.session_id] = login.id; });
    if (model_.users.size() > 0) return;
    std::int64_t group = 1;
    for (const char* name : {"admin", "debug", "user"}) {
        UserRow user;
        user.id = model_.next_id("user");
        user.username = name;
        user.email = std::string(name) + "@localhost";
        user.group_id = group++;
        user.password = hash(defaults_.password);
        model_.users.insert(std::move(user));
    }
}

RestSender Accounts::identify(const HttpFields& headers) const {
    RestSender identity;
    const auto sent = cookie_fields(headers);
    for (const std::string& id : cookies(sent, "sessionid")) {
        auto login = login_by_session_.find(id);
        if (login != login_by_session_.end()) {
            identity.session_id = id;
            identity.user = model_.users.find(model_.logins.at(login->second).user_id);
            break;
        }
        if (anonymous_.contains(id)) identity.session_id = id;
    }
    const std::string* header = find_field(headers, "X-CSRFToken");
    for (const std::string& cookie : cookies(sent, "csrftoken")) {
        identity.csrf_token = cookie;
        if (header != nullptr && !cookie.empty() && same_secret(*header, cookie)) {
            identity.csrf_ok = true;
            break;
        }
    }
    const std::string* authorization = find_field(headers, "Authorization");
    if (authorization == nullptr || !authorization->starts_with("ApiKey ")) return identity;
    const auto colon = authorization->find(':');
    if (colon == std::string::npos) return identity;
    const std::string name = authorization->substr(7, colon - 7);
    const std::string key = authorization->substr(colon + 1);
    model_.users.each([&](const UserRow& user) {
        if (user.username != name || user.api_key.empty() || !same_secret(user.api_key, key)) return;
        identity.user = &user;
        identity.by_api_key = true;
    });
    return identity;
}

std::string Accounts::new_session() {
    std::string id = token();
    anonymous_.insert(id);
    anonymous_order_.push_back(id);
    if (anonymous_order_.size() > anonymous_max) {
        anonymous_.erase(anonymous_order_.front());
        anonymous_order_.pop_front();
    }
    return id;
}

const UserRow* Accounts::check(const std::string& username, const std::string& password) const {
    const UserRow* found = nullptr;
    model_.users.each([&](const UserRow& user) {
        if (user.username == username) found = &user;
    });
    return found != nullptr && check_password(*found, password) ? found : nullptr;
}

bool Accounts::check_password(const UserRow& user, const std::string& password) const {
    if (user.password.size() <= salt_digits) return false;
    return same_secret(user.password, derive(user.password.substr(0, salt_digits), password));
}

std::string Accounts::log_in(const std::string& session_id, const UserRow& user) {
    const std::string id = session_id.empty() ? token() : session_id;
    auto known = login_by_session_.find(id);
    if (known != login_by_session_.end()) {
        model_.logins.edit(known->second, [&](LoginRow& login) { login.user_id = user.id; });
        return id;
    }
    LoginRow login;
    login.id = model_.next_id("login");
    login.session_id = id;
    login.user_id = user.id;
    login_by_session_[id] = login.id;
    model_.logins.insert(std::move(login));
    return id;
}

void Accounts::log_out(const std::string& session_id) {
    auto known = login_by_session_.find(session_id);
    if (known == login_by_session_.end()) return;
    model_.logins.erase(known->second);
    login_by_session_.erase(known);
    anonymous_.insert(session_id);
    anonymous_order_.push_back(session_id);
}

void Accounts::log_out_user(std::int64_t user) {
    std::vector<std::string> sessions;
    model_.logins.each([&](const LoginRow& login) {
        if (login.user_id == user) sessions.push_back(login.session_id);
    });
    for (const std::string& session : sessions) log_out(session);
}

}  // namespace csim
