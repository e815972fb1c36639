// The REST API as a function from requests to replies. Knows no sockets; replies that acknowledge a change
// wait until the change is on disk. Source: the manager API, §1.
#pragma once

#include "core/unique_function.hpp"
#include "manager/jobs/job_engine.hpp"
#include "manager/rest/accounts.hpp"
#include "manager/rest/long_polls.hpp"
#include "manager/rest/resource.hpp"
#include "net/http.hpp"

#include <map>
#include <memory>
#include <string>

namespace csim {

struct RestOptions {
    bool allow_anonymous_read = true;
};

class RestApi {
  public:
    using Done = UniqueFunction<void(HttpReply)>;
    using Resources = std::map<std::string, std::unique_ptr<Resource>, std::less<>>;

    RestApi(Model& model, JobEngine& engine, Accounts& accounts, RestOptions options);
    ~RestApi();

    void add(std::unique_ptr<Resource> resource);

    /// True if the target is the API's to answer.
    static bool owns(std::string_view target);
    /// Names a request that is not answered yet; 0 names none.
    using Ticket = std::uint64_t;
    /// Answers through `done` once, inside this call or later. The ticket is 0 unless the request waits for a
    /// change, or for a long list to be made.
    Ticket handle(const HttpRequest& request, Done done);
    /// Forgets a request unanswered, because whoever asked is gone. Harmless when it was answered.
    void abandon(Ticket ticket);

    const Resources& resources() const { return resources_; }
    std::size_t waiting() const { return polls_.waiting(); }
    /// Long lists that are being made.
    std::size_t making() const { return making_.size(); }
    std::uint64_t requests() const { return requests_; }

  private:
    struct Request;
    struct Making;
    ApiReply answer(Request& request);
    ApiReply answer_or_refuse(Request& request);
    Ticket finish(std::shared_ptr<Request> request, ApiReply reply, Done done);
    void make_more(Ticket ticket);
    bool make_part(Making& making);
    void find_caller(Request& request);
    ApiReply dispatch(Request& request, Resource& resource);
    ApiReply show_list(Request& request, Resource& resource);
    ApiReply call_list(Request& request, Resource& resource);
    ApiReply call_detail(Request& request, Resource& resource, const std::string& key);
    ApiReply session(Request& request);
    ApiReply log_in(Request& request);
    ApiReply catalogue() const;
    void check_access(const Request& request, const Resource& resource) const;
    std::optional<Ticket> wait_for_change(std::shared_ptr<Request> request, Done& done);
    ApiReply changed_reply(Request& request, const Resource& resource);
    static Json parse_body(const HttpRequest& request);

    Model& model_;
    JobEngine& engine_;
    Accounts& accounts_;
    RestOptions options_;
    LongPolls polls_;
    Resources resources_;
    std::map<Ticket, std::unique_ptr<Making>> making_;
    Ticket last_making_ = 0;
    std::uint64_t requests_ = 0;
};

}  // namespace csim
