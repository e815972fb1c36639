// Who may use the manager: users, their passwords, and the sessions they are known by.
// Source: the manager API, §1.3 and §1.4. Differs: passwords are kept as salted PBKDF2 hashes; a session
// keeps its id across a login and does not expire.
#pragma once

#include "manager/model/model.hpp"
#include "manager/tokens.hpp"
#include "net/http.hpp"

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace csim {

/// Users of a new manager, and their common password.
struct AccountDefaults {
    std::string password = "lustre";
};

/// What a request's fields say about its sender.
struct RestSender {
    const UserRow* user = nullptr;
    bool by_api_key = false;
    std::string session_id;  ///< a valid one; empty if none was sent
    bool csrf_ok = false;    ///< the header repeats a cookie
    std::string csrf_token;  ///< from the cookie; may be empty
};

class Accounts {
  public:
    Accounts(Model& model, ByteSource bytes, AccountDefaults defaults);

    /// Makes the default users if there are none. Call once, after the model was loaded.
    void recover();

    RestSender identify(const HttpFields& headers) const;
    /// A session for somebody who has none yet, not remembered beyond this process.
    std::string new_session();
    std::string new_csrf_token() { return token(); }
    /// The user, if the password is right.
    const UserRow* check(const std::string& username, const std::string& password) const;
    bool check_password(const UserRow& user, const std::string& password) const;
    /// Binds the session to the user; makes one if `session_id` is empty. Returns its id.
    std::string log_in(const std::string& session_id, const UserRow& user);
    void log_out(const std::string& session_id);
    void log_out_user(std::int64_t user);

    std::string hash(const std::string& password);

  private:
    std::string token();

    Model& model_;
    ByteSource bytes_;
    AccountDefaults defaults_;
    std::set<std::string, std::less<>> anonymous_;
    std::deque<std::string> anonymous_order_;
    std::map<std::string, std::int64_t, std::less<>> login_by_session_;
};

/// The three groups, by number: superusers, filesystem_administrators, filesystem_users.
const std::vector<std::string>& group_names();

}  // namespace csim
