// A session with a manager's REST API: cookies, login, JSON in and out.
#pragma once

#include "core/json.hpp"
#include "net/https_client.hpp"

#include <map>
#include <memory>
#include <string>

namespace csim {

struct RestReply {
    unsigned status = 0;
    HttpFields headers;
    std::string text;

    bool ok() const { return status >= 200 && status < 300; }
    /// The body, null if it is empty or not JSON.
    Json json() const;
};

/// One user's session over one lane: requests run one after the other. Callbacks run on the client's inbox.
/// Source: the manager's API, §1.3 (session and CSRF).
class RestClient {
  public:
    using Done = UniqueFunction<void(Result<RestReply>)>;

    /// `client` outlives this. `base_path` is the path of the manager's URL, such as `/`.
    explicit RestClient(
        HttpsClient& client, std::string base_path = "/", Duration timeout = std::chrono::seconds(60)
    );
    ~RestClient();  ///< no callback runs afterwards
    RestClient(const RestClient&) = delete;

    /// Errors: refused (wrong user or password, with the manager's status), corrupt (it answered something
    /// else), or those of the connection.
    void login(std::string user, std::string password, UniqueFunction<void(Result<Nothing>)> done);

    /// `path` begins below the base path, such as `api/host/?limit=0`. A reply of any status is a value.
    void get(const std::string& path, Done done);
    void post(const std::string& path, const Json& body, Done done);
    void put(const std::string& path, const Json& body, Done done);
    void patch(const std::string& path, const Json& body, Done done);
    void remove(const std::string& path, Done done);
    void request(std::string method, const std::string& path, std::string body, Done done);
    /// Every request from now on carries `Authorization: Bearer <token>`.
    void authorize(std::string token) { bearer_ = std::move(token); }
    /// What requests carry as `Cookie`, for requests of the same user outside this lane.
    std::string cookie_field() const;

  private:
    void learn_cookies(const HttpFields& headers);

    HttpsClient& client_;
    const std::string base_path_;  ///< with the trailing slash
    const Duration timeout_;
    const HttpsClient::LaneId lane_;
    std::map<std::string, std::string> cookies_;
    std::string bearer_;
};

/// The same for programs that have nothing else to do meanwhile: calls wait for their answers.
class BlockingRestClient {
  public:
    explicit BlockingRestClient(
        HttpsClientOptions options, std::string base_path = "/", Duration timeout = std::chrono::seconds(60)
    );
    ~BlockingRestClient();

    Result<Nothing> login(const std::string& user, const std::string& password);
    void authorize(std::string token);
    Result<RestReply> get(const std::string& path);
    Result<RestReply> post(const std::string& path, const Json& body);
    Result<RestReply> put(const std::string& path, const Json& body);
    Result<RestReply> patch(const std::string& path, const Json& body);
    Result<RestReply> remove(const std::string& path);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace csim
