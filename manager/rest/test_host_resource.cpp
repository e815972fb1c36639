// `test_host`: can a server be managed?
// Source: the manager API, §2.5 and §1.9. Differs: the server's own contact is what is tested; there is no
// ssh.
#include "manager/jobs/job_engine.hpp"
#include "manager/rest/fields.hpp"
#include "manager/rest/resource_set.hpp"
#include "manager/rest/stateful_part.hpp"

namespace csim {

namespace {

class TestHostResource final : public Resource {
  public:
    TestHostResource() : Resource("test_host") {
        list_methods_ = {"post"};
        detail_methods_ = {};
    }
    Keys keys(RestContext&) override { return {}; }
    bool has(RestContext&, Key) override { return false; }

    ApiReply post_list(RestContext& context) override {
        const Json& objects = member(context.body, "objects");
        if (!objects.is_array()) {
            Json row = test(context, context.body);
            if (row["error"].is_null()) return reply_with(202, std::move(row["command"]));
            row.erase("command");
            return reply_with(400, std::move(row));
        }
        Json rows = Json::array();
        bool failed = false;
        for (const Json& object : objects) {
            rows.push_back(test(context, object));
            failed = failed || !rows.back()["error"].is_null();
        }
        return reply_with(failed ? 400 : 202, Json{{"objects", std::move(rows)}});
    }

  private:
    static const HostRow* find(const Model& model, const std::string& address) {
        if (const HostRow* host = model.host_by_node(address)) return host;
        const HostRow* found = nullptr;
        model.hosts.each([&](const HostRow& host) {
            if (found == nullptr && host.address == address) found = &host;
        });
        return found;
    }

    static Json test(RestContext& context, const Json& wish) {
        Json row{{"command", nullptr}, {"error", nullptr}, {"traceback", nullptr}};
        const Json& address = member(wish, "address");
        if (!address.is_string() || address.get_ref<const std::string&>().empty()) {
            row["error"] = Json{{"address", Json::array({"This field is mandatory"})}};
            return row;
        }
        const auto& text = address.get_ref<const std::string&>();
        const HostRow* host = find(context.model, text);
        if (host == nullptr) {
            row["error"] = "There is no server '" + text +
                           "' to test: servers register themselves with a token, and ssh is not supported";
            return row;
        }
        auto started = context.engine.run_jobs(
            "Testing connection to host " + text,
            {{"TestHostConnectionJob", {Kind::host, host->id}, Json{{"address", text}}.dump()}}
        );
        if (!started) {
            row["error"] = started.error().detail;
            return row;
        }
        row["command"] = stateful::command_json(context, *started);
        return row;
    }
};

}  // namespace

void add_test_host_resource(ResourceList& list) {
    list.push_back(std::make_unique<TestHostResource>());
}

}  // namespace csim
