// `corosync_configuration`, `pacemaker_configuration`, `ha_cluster`.
// Source: the manager API, §2.14 and §2.20.
#include "manager/jobs/job_engine.hpp"
#include "manager/rest/resource_set.hpp"
#include "manager/rest/stateful_part.hpp"
#include "manager/rest/table_resource.hpp"

#include <set>

namespace csim {

namespace {

/// What the two configurations have in common.
template <class Row>
class HaResource : public TableResource<Row> {
  public:
    HaResource(const char* name, Table<Row> Model::*table, Kind kind, const char* label)
        : TableResource<Row>(name, table), kind_(kind) {
        this->list_methods_ = {"get", "put"};
        this->detail_methods_ = {"get", "put"};
        stateful::add_fields(this->fields_, kind, [label](RestContext&, Key) { return Json(label); });
        this->fields_.push_back(field("not_deleted", FieldType::boolean, [](RestContext&, Key) {
            return Json(true);
        }));
        auto host = [table](RestContext& context, Key key) {
            return Keys{(context.model.*table).at(key).host_id};
        };
        this->fields_.push_back(relation("host", FieldType::to_one, "host", host));
        const Value by_host = this->of([](const Row& row) { return row.host_id; });
        this->filters_["id"] = {{"exact", "in"}};
        this->filters_["host"] = {{"exact"}, by_host};
        this->filters_["host__id"] = {{"exact", "in"}, by_host};
        this->filters_["host__fqdn"] = {{"exact", "startswith"}, [table](RestContext& context, Key key) {
                                            const auto& row = (context.model.*table).at(key);
                                            return Json(context.model.hosts.at(row.host_id).fqdn);
                                        }};
    }

    ApiReply put_detail(RestContext& context, Key key) override {
        return stateful::put_state(context, {kind_, key});
    }

  private:
    Kind kind_;
};

class CorosyncResource final : public HaResource<CorosyncRow> {
  public:
    CorosyncResource()
        : HaResource(
              "corosync_configuration", &Model::corosyncs, Kind::corosync_configuration,
              "corosync2 configuration"
          ) {
        using enum FieldType;
        auto port = [](const CorosyncRow& row) {
            return row.mcast_port ? Json(*row.mcast_port) : Json(nullptr);
        };
        fields_.push_back(field("mcast_port", integer, of(port), Field::nullable));
        fields_.push_back(field("corosync_reported_up", boolean, of([](const CorosyncRow& row) {
                                    return row.reported_up;
                                })));
        fields_.push_back(field("record_type", string, [](RestContext&, Key) {
            return Json("Corosync2Configuration");
        }));
        auto rings = [](RestContext& context, Key key) {
            Json uris = Json::array();
            for (Key id : context.model.corosyncs.at(key).interfaces) {
                uris.push_back("/api/network_interface/" + std::to_string(id) + "/");
            }
            return uris;
        };
        fields_.push_back(field("network_interfaces", list, rings, Field::nullable));
    }

    ApiReply put_detail(RestContext& context, Key key) override {
        if (!member(context.body, "state").is_null()) return HaResource::put_detail(context, key);
        return reply_with(202, stateful::command_json(context, change_port(context, key)));
    }

    ApiReply put_list(RestContext& context) override {
        const Json body = context.body;
        const Json& objects = member(body, "objects");
        Json replies = Json::array();
        bool failed = !objects.is_array();
        for (const Json& object : objects.is_array() ? objects : Json::array()) {
            Json row{{"command", nullptr}, {"error", nullptr}, {"traceback", nullptr}};
            context.body = object;
            const Json& id = member(object, "id");
            const Key key = id.is_number_integer() ? id.get<Key>() : 0;
            if (!has(context, key)) {
                row["error"] = "There is no such corosync configuration";
            } else {
                try {
                    row["command"] = stateful::command_json(context, change_port(context, key));
                } catch (const RestStop& stopped) {
                    row["error"] = stopped.reply.body.value_or(Json(nullptr));
                }
            }
            failed = failed || !row["error"].is_null();
            replies.push_back(std::move(row));
        }
        return reply_with(failed ? 400 : 202, Json{{"objects", std::move(replies)}});
    }

  private:
    /// Stops what runs over corosync, changes the port, and brings both back to the states they had.
    static std::int64_t change_port(RestContext& context, Key key) {
        const Json& port = member(context.body, "mcast_port");
        const bool valid =
            port.is_number_integer() && port.get<std::int64_t>() > 0 && port.get<std::int64_t>() < 65536;
        if (!valid) stop_text("error", "mcast_port must be a port number");
        const Json& uris = member(context.body, "network_interfaces");
        std::vector<std::int64_t> rings;
        for (const Json& uri : uris.is_array() ? uris : Json::array()) {
            auto id = uri.is_string() ? id_in_uri("network_interface", uri.get<std::string>()) : std::nullopt;
            if (!id || !context.model.interfaces.find(*id))
                stop_text("error", "network_interfaces names no interface");
            rings.push_back(*id);
        }
        if (rings.empty() || rings.size() > 2) stop_text("error", "One or two network interfaces are needed");
        const HostRow& host = context.model.hosts.at(context.model.corosyncs.at(key).host_id);
        const ObjectRef corosync{Kind::corosync_configuration, key};
        std::vector<ObjectRef> restore{corosync};
        if (host.pacemaker_id) restore.push_back({Kind::pacemaker_configuration, *host.pacemaker_id});
        const Json args{{"mcast_port", port}, {"network_interfaces", rings}};
        auto started = context.engine.run_jobs_preserving(
            "Update Corosync Configuration on host " + host.fqdn,
            {{"ConfigureCorosync2Job", corosync, args.dump()}}, restore
        );
        if (!started) stop_text("error", started.error().detail);
        return *started;
    }
};

/// Hosts that see each other as peers, as one object per cluster.
class ClusterResource final : public Resource {
  public:
    ClusterResource() : Resource("ha_cluster") {
        detail_methods_ = {};
        auto peers = [](RestContext& context, Key key) {
            Keys keys = context.model.hosts.at(key).peers;
            keys.push_back(key);
            std::sort(keys.begin(), keys.end());
            return keys;
        };
        fields_.push_back(relation("peers", FieldType::to_many, "host", peers, true));
    }

    /// The first host of each cluster stands for it.
    Keys keys(RestContext& context) override {
        Keys firsts;
        context.model.hosts.each([&](const HostRow& host) {
            if (!host.peers.empty() && host.id < host.peers.front()) firsts.push_back(host.id);
        });
        return firsts;
    }
    bool has(RestContext& context, Key key) override {
        const HostRow* host = context.model.hosts.find(key);
        return !context.detail && host != nullptr && !host->peers.empty() && key < host->peers.front();
    }
};

}  // namespace

void add_ha_resources(ResourceList& list, ResourceServices&) {
    list.push_back(std::make_unique<CorosyncResource>());
    list.push_back(std::make_unique<HaResource<PacemakerRow>>(
        "pacemaker_configuration", &Model::pacemakers, Kind::pacemaker_configuration,
        "pacemaker configuration"
    ));
    list.push_back(std::make_unique<ClusterResource>());
}

}  // namespace csim
