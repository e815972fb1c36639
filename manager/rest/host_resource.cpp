// `host`: servers, their states and actions, and their newest figures.
// Source: the manager API, §2.4.
#include "manager/jobs/job_engine.hpp"
#include "manager/rest/metrics.hpp"
#include "manager/rest/resource_set.hpp"
#include "manager/rest/stateful_part.hpp"
#include "manager/rest/table_resource.hpp"

#include <algorithm>
#include <cctype>

namespace csim {

namespace {

ApiReply failure(Json error) {
    return reply_with(400, Json{{"error", std::move(error)}, {"traceback", nullptr}});
}

bool in_use(const Model& model, Key filesystem) {
    const FilesystemRow* row = model.filesystems.find(filesystem);
    return row != nullptr && (row->status.state == "available" || row->status.state == "unavailable");
}

/// Hosts with a copytool of a file system that is in use.
std::set<Key> copytool_hosts(const Model& model) {
    std::set<Key> hosts;
    model.copytools.each([&](const CopytoolRow& row) {
        if (in_use(model, row.filesystem_id)) hosts.insert(row.host_id);
    });
    return hosts;
}

/// The host can run a target of a file system in use, or copies for one.
Json serves_filesystem(RestContext& context, Key key) {
    const Model& model = context.model;
    auto active = [&](std::int64_t id) { return in_use(model, id); };
    for (Key id : model.target_index.on_host(key)) {
        const auto& of_mgt = model.target_index.filesystems_of_mgt(id);
        if (active(model.targets.at(id).filesystem_id)) return true;
        if (std::any_of(of_mgt.begin(), of_mgt.end(), active)) return true;
    }
    return context.once<std::set<Key>>("copytool hosts", [&] { return copytool_hosts(model); }).contains(key);
}

Json client_mounts(RestContext& context, Key key) {
    Json list = Json::array();
    context.model.client_mounts.each([&](const ClientMountRow& row) {
        if (row.host_id != key) return;
        list.push_back(
            {{"filesystem_name", context.model.display_text({Kind::filesystem, row.filesystem_id})},
             {"mountpoint", row.mountpoint},
             {"state", row.status.state}}
        );
    });
    return list;
}

class HostResource final : public TableResource<HostRow> {
  public:
    HostResource() : TableResource("host", &Model::hosts) {
        list_methods_ = {"get", "post", "put"};
        detail_methods_ = {"get", "put", "delete"};
        watches_ = {
            Watched::lnet_configuration, Watched::network_interface, Watched::server_profile,
            Watched::filesystem, Watched::host};
        ordering_ = {"fqdn"};
        filters_["id"] = {{"exact", "in"}};
        filters_["fqdn"] = {{"exact", "startswith", "in"}};
        seeks_["fqdn"] = [](RestContext& context, const std::string& text) {
            const HostRow* host = context.model.host_by_fqdn(text);
            return host == nullptr ? Keys{} : Keys{host->id};
        };
        stateful::add_fields(fields_, Kind::host, of(host_label));
        add_plain_fields();
        add_relations();
    }

    void narrow(RestContext& context, Keys& keys) override {
        const RestTarget& target = context.target;
        const Model& model = context.model;
        auto keep_with = [&](auto wanted) {
            std::erase_if(keys, [&](Key key) {
                const auto& targets = model.target_index.on_host(key);
                return std::none_of(targets.begin(), targets.end(), wanted);
            });
        };
        if (const std::string* filesystem = target.find("filesystem_id")) {
            const auto members = model.members_of(id_in_text(*filesystem).value_or(0));
            keep_with([&](Key id) { return std::find(members.begin(), members.end(), id) != members.end(); });
        }
        if (const std::string* role = target.find("role"); role != nullptr && !role->empty()) {
            // MGS, MDS and OSS carry MGTs, MDTs and OSTs.
            std::string kind = *role;
            for (char& c : kind) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
            kind.back() = 'T';
            keep_with([&](Key id) { return model.targets.at(id).kind == kind; });
        }
        const std::string* worker = target.find("worker");
        if (worker == nullptr || worker->empty()) return;
        std::erase_if(keys, [&](Key key) {
            return !context.model.profile_of(context.model.hosts.at(key)).worker;
        });
    }

    ApiReply post_list(RestContext& context) override {
        const Json& objects = member(context.body, "objects");
        const char* why = "ssh deployment is not supported; register the server with a token instead";
        if (!objects.is_array()) return failure(why);
        Json replies = Json::array();
        for (std::size_t i = 0; i < objects.size(); ++i) {
            replies.push_back(Json{{"command_and_host", nullptr}, {"error", why}, {"traceback", nullptr}});
        }
        return reply_with(400, Json{{"objects", std::move(replies)}});
    }

    ApiReply put_detail(RestContext& context, Key key) override {
        const Json& address = member(context.body, "address");
        if (address.is_string()) key = by_address(context.model, address.get<std::string>()).value_or(key);
        return put_one(context, key);
    }

    ApiReply put_list(RestContext& context) override {
        const Json body = context.body;
        const Json& objects = member(body, "objects");
        if (!objects.is_array()) return put_addressed(context);
        Json replies = Json::array();
        bool failed = false;
        for (const Json& object : objects) {
            context.body = object;
            const ApiReply reply = put_addressed(context);
            Json result = reply.body.value_or(Json(nullptr));
            failed = failed || reply.status == 400;
            Json row{{"command_and_host", nullptr}, {"error", nullptr}, {"traceback", nullptr}};
            row[reply.status == 400 ? "error" : "command_and_host"] =
                reply.status == 400 ? result["error"] : result;
            replies.push_back(std::move(row));
        }
        return reply_with(failed ? 400 : 202, Json{{"objects", std::move(replies)}});
    }

    ApiReply delete_detail(RestContext& context, Key key) override {
        return stateful::remove(context, {Kind::host, key});
    }

    std::optional<ApiReply> special(
        RestContext& context, const std::string& method, const std::vector<std::string>& path
    ) override {
        if (method != "get") return std::nullopt;
        return metrics_reply(context, *this, path, own_metrics(Kind::host));
    }

  private:
    static std::optional<Key> by_address(const Model& model, const std::string& address) {
        if (const HostRow* host = model.host_by_node(address)) return host->id;
        std::optional<Key> found;
        model.hosts.each([&](const HostRow& host) {
            if (!found && host.address == address) found = host.id;
        });
        return found;
    }

    static ApiReply put_addressed(RestContext& context) {
        const Json& address = member(context.body, "address");
        auto key = address.is_string() ? by_address(context.model, address.get<std::string>()) : std::nullopt;
        if (!key) return failure("There is no host of that address");
        return put_one(context, *key);
    }

    static ApiReply put_one(RestContext& context, Key key) {
        if (!member(context.body, "state").is_string()) {
            return failure("State data not present for host " + host_label(context.model.hosts.at(key)));
        }
        try {
            return stateful::put_state(context, {Kind::host, key});
        } catch (const RestStop& stopped) {
            return failure(*stopped.reply.body);
        }
    }

    void add_plain_fields() {
        using enum FieldType;
        constexpr unsigned readonly = Field::readonly;
        fields_.push_back(field("address", string, of([](const HostRow& h) { return h.address; })));
        fields_.push_back(field("fqdn", string, of([](const HostRow& h) { return h.fqdn; }), readonly));
        fields_.push_back(field("nodename", string, of([](const HostRow& h) { return h.nodename; }), readonly)
        );
        fields_.push_back(field(
            "boot_time", datetime, of([](const HostRow& h) { return instant(h.boot_time); }),
            readonly | Field::nullable
        ));
        fields_.push_back(
            field("needs_update", boolean, of([](const HostRow& h) { return h.needs_update; }), readonly)
        );
        fields_.push_back(field("install_method", string, of([](const HostRow& h) {
                                    return h.install_method;
                                })));
        fields_.push_back(field("properties", string, of([](const HostRow& h) { return h.properties; })));
        fields_.push_back(field("member_of_active_filesystem", boolean, serves_filesystem, readonly));
        fields_.push_back(field("client_mounts", list, client_mounts, readonly | Field::nullable));
        for (const char* name : {"root_pw", "private_key", "private_key_passphrase"})
            fields_.push_back(always_null(name));
        auto nids = [](RestContext& context, Key key) {
            Json texts = Json::array();
            for (Key id : context.model.interfaces_of(key)) {
                std::string text = nid_text(context.model.interfaces.at(id));
                if (!text.empty()) texts.push_back(std::move(text));
            }
            return texts;
        };
        fields_.push_back(field("nids", list, nids, readonly | Field::nullable));
    }

    void add_relations() {
        auto on_host = [](auto get) {
            return [get](RestContext& context, Key key) -> Keys {
                const HostRow* host = context.model.hosts.find(key);
                return host == nullptr ? Keys{} : none_or(get(*host));
            };
        };
        using Maybe = std::optional<std::int64_t>;
        constexpr FieldType one = FieldType::to_one;
        fields_.push_back(relation(
            "lnet_configuration", one, "lnet_configuration",
            on_host([](const HostRow& h) { return Maybe(h.lnet_id); })
        ));
        fields_.push_back(relation(
            "corosync_configuration", one, "corosync_configuration",
            on_host([](const HostRow& h) { return h.corosync_id; }), false, Field::nullable
        ));
        fields_.push_back(relation(
            "pacemaker_configuration", one, "pacemaker_configuration",
            on_host([](const HostRow& h) { return h.pacemaker_id; }), false, Field::nullable
        ));
        auto profile = [](RestContext& context, Key key) -> Keys {
            return {context.model.profile_of(context.model.hosts.at(key)).id};
        };
        fields_.push_back(relation("server_profile", one, "server_profile", profile, true));
    }
};

}  // namespace

void add_host_resources(ResourceList& list, ResourceServices&) {
    list.push_back(std::make_unique<HostResource>());
}

}  // namespace csim
