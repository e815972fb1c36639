// `lnet_configuration`, `network_interface`, `nid`.
// Source: the manager API, §2.11 to §2.13.
#include "manager/jobs/job_engine.hpp"
#include "manager/rest/nid_requests.hpp"
#include "manager/rest/resource_set.hpp"
#include "manager/rest/stateful_part.hpp"
#include "manager/rest/table_resource.hpp"

namespace csim {

namespace {

Keys nids_of_host(const Model& model, std::int64_t host) {
    Keys keys;
    for (Key id : model.interfaces_of(host)) {
        if (model.interfaces.at(id).nid) keys.push_back(id);
    }
    return keys;
}

Keys lnet_of_host(RestContext& context, const std::string& text) {
    const HostRow* host = context.model.hosts.find(id_in_text(text).value_or(0));
    return host == nullptr ? Keys{} : Keys{host->lnet_id};
}

Keys interfaces_of_host(RestContext& context, const std::string& text) {
    const auto& found = context.model.interfaces_of(id_in_text(text).value_or(0));
    return Keys(found.begin(), found.end());
}

class LNetResource final : public TableResource<LNetRow> {
  public:
    LNetResource() : TableResource("lnet_configuration", &Model::lnets) {
        list_methods_ = {"get", "put"};
        detail_methods_ = {"get", "put"};
        watches_ = {Watched::lnet_configuration, Watched::host, Watched::nid};
        stateful::add_fields(fields_, Kind::lnet_configuration, [](RestContext&, Key) {
            return Json("lnet configuration");
        });
        fields_.push_back(field("not_deleted", FieldType::boolean, [](RestContext&, Key) {
            return Json(true);
        }));
        auto host = [](RestContext& context, Key key) { return Keys{context.model.lnets.at(key).host_id}; };
        fields_.push_back(relation("host", FieldType::to_one, "host", host, true));
        auto nids = [](RestContext& context, Key key) {
            return nids_of_host(context.model, context.model.lnets.at(key).host_id);
        };
        fields_.push_back(relation("nids", FieldType::to_many, "nid", nids, false, Field::nullable));
        filters_["id"] = {{"exact", "in"}};
        filters_["host"] = {{"exact"}, of([](const LNetRow& row) { return row.host_id; })};
        filters_["host__id"] = {{"exact", "in"}, of([](const LNetRow& row) { return row.host_id; })};
        for (const char* name : {"host", "host__id"}) seeks_[name] = lnet_of_host;
        filters_["host__fqdn"] = {
            {"exact", "startswith"}, [](RestContext& context, Key key) {
                return Json(context.model.hosts.at(context.model.lnets.at(key).host_id).fqdn);
            }};
    }

    ApiReply put_detail(RestContext& context, Key key) override {
        return stateful::put_state(context, {Kind::lnet_configuration, key});
    }
};

class InterfaceResource final : public TableResource<InterfaceRow> {
  public:
    InterfaceResource() : TableResource("network_interface", &Model::interfaces) {
        using enum FieldType;
        add_identity(fields_, *this);
        fields_.push_back(field("name", string, of([](const InterfaceRow& r) { return r.name; })));
        fields_.push_back(field("inet4_address", string, of([](const InterfaceRow& r) {
                                    return r.inet4_address;
                                })));
        fields_.push_back(field("inet4_prefix", integer, of([](const InterfaceRow& r) {
                                    return r.inet4_prefix;
                                })));
        fields_.push_back(field("type", string, of([](const InterfaceRow& r) { return r.type; })));
        fields_.push_back(field("state_up", boolean, of([](const InterfaceRow& r) { return r.state_up; })));
        fields_.push_back(field("lnd_types", list, of([](const InterfaceRow& r) { return lnd_types(r); })));
        auto host = [](RestContext& context, Key key) {
            return Keys{context.model.interfaces.at(key).host_id};
        };
        fields_.push_back(relation("host", to_one, "host", host));
        auto nid = [](RestContext& context, Key key) {
            return context.model.interfaces.at(key).nid ? Keys{key} : Keys{};
        };
        fields_.push_back(relation("nid", to_one, "nid", nid, true, Field::nullable));
        filters_["id"] = {{"exact", "in"}};
        filters_["host"] = {{"exact"}, of([](const InterfaceRow& r) { return r.host_id; })};
        filters_["host__id"] = {{"exact", "in"}, of([](const InterfaceRow& r) { return r.host_id; })};
        for (const char* name : {"host", "host__id"}) seeks_[name] = interfaces_of_host;
    }
};

class NidResource final : public TableResource<InterfaceRow> {
  public:
    NidResource() : TableResource("nid", &Model::interfaces) {
        using enum FieldType;
        list_methods_ = {"get", "post", "delete"};
        detail_methods_ = {"get", "post", "put", "delete"};
        whole_table_ = false;
        constexpr unsigned nullable = Field::nullable;
        fields_.push_back(field(
            "lnd_network", integer, of([](const InterfaceRow& r) { return r.nid->lnd_network; }), nullable
        ));
        fields_.push_back(
            field("lnd_type", string, of([](const InterfaceRow& r) { return r.nid->lnd_type; }), nullable)
        );
        auto self = [this](RestContext&, Key key) { return Json(uri(key)); };
        fields_.push_back(field("resource_uri", string, self, Field::readonly));
        fields_.push_back(relation(
            "network_interface", to_one, "network_interface", [](RestContext&, Key key) { return Keys{key}; }
        ));
        auto lnet = [](RestContext& context, Key key) { return Keys{lnet_of(context, key)}; };
        fields_.push_back(relation("lnet_configuration", to_one, "lnet_configuration", lnet));
        const Value by_lnet = [](RestContext& context, Key key) { return Json(lnet_of(context, key)); };
        const Value by_interface = [](RestContext&, Key key) { return Json(key); };
        filters_["id"] = {{"exact", "in"}, by_interface};
        filters_["lnet_configuration"] = {{"exact"}, by_lnet};
        filters_["lnet_configuration__id"] = {{"exact", "in"}, by_lnet};
        filters_["network_interface"] = {{"exact"}, by_interface};
        filters_["network_interface__id"] = {{"exact", "in"}, by_interface};
        for (const char* name : {"lnet_configuration", "lnet_configuration__id"}) seeks_[name] = nids_of_lnet;
    }

    Keys keys(RestContext& context) override {
        Keys found = context.model.interfaces.ids();
        std::erase_if(found, [&](Key key) { return !context.model.interfaces.at(key).nid; });
        return found;
    }
    bool has(RestContext& context, Key key) override {
        const InterfaceRow* row = context.model.interfaces.find(key);
        return row != nullptr && row->nid;
    }

    ApiReply post_list(RestContext& context) override { return nid_requests::post(context, true); }
    ApiReply post_detail(RestContext& context, Key) override { return nid_requests::post(context, true); }
    ApiReply put_detail(RestContext& context, Key) override { return nid_requests::post(context, false); }
    ApiReply delete_list(RestContext& context) override {
        return nid_requests::remove(context, keys(context));
    }
    ApiReply delete_detail(RestContext& context, Key key) override {
        return nid_requests::remove(context, {key});
    }

  private:
    static Keys nids_of_lnet(RestContext& context, const std::string& text) {
        const LNetRow* lnet = context.model.lnets.find(id_in_text(text).value_or(0));
        return lnet == nullptr ? Keys{} : nids_of_host(context.model, lnet->host_id);
    }
    static Key lnet_of(RestContext& context, Key key) {
        return context.model.hosts.at(context.model.interfaces.at(key).host_id).lnet_id;
    }
};

}  // namespace

void add_network_resources(ResourceList& list, ResourceServices&) {
    list.push_back(std::make_unique<LNetResource>());
    list.push_back(std::make_unique<InterfaceResource>());
    list.push_back(std::make_unique<NidResource>());
}

}  // namespace csim
