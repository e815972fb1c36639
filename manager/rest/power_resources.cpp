// `power_control_type`, `power_control_device`, `power_control_device_outlet`.
// Source: the manager API, §2.21 to §2.23. Differs: no types are there from the start.
#include "manager/rest/power_requests.hpp"
#include "manager/rest/resource_set.hpp"
#include "manager/rest/table_resource.hpp"

namespace csim {

namespace {

ApiReply created(Resource& resource, RestContext& context, Key key) {
    ApiReply reply = reply_with(201, resource.to_json(context, key));
    reply.headers.emplace_back("Location", resource.uri(key));
    return reply;
}

Json text_or_null(const std::optional<std::string>& text) {
    return text ? Json(*text) : Json(nullptr);
}

class TypeResource final : public TableResource<PowerTypeRow> {
  public:
    explicit TypeResource(PowerControl& power)
        : TableResource("power_control_type", &Model::power_types), power_(power) {
        using enum FieldType;
        list_methods_ = {"get", "post"};
        detail_methods_ = {"get", "put", "delete"};
        ordering_ = {"name", "make", "model"};
        for (const char* name : {"name", "make"}) filters_[name] = {{"exact"}};
        add_identity(fields_, *this);
        constexpr unsigned nullable = Field::nullable;
        fields_.push_back(field("name", string, of(power_type_name), Field::readonly));
        fields_.push_back(field("agent", string, of([](const PowerTypeRow& row) { return row.agent; })));
        fields_.push_back(field(
            "make", string, of([](const PowerTypeRow& row) { return text_or_null(row.make); }), nullable
        ));
        fields_.push_back(field(
            "model", string, of([](const PowerTypeRow& row) { return text_or_null(row.model); }), nullable
        ));
        fields_.push_back(field("max_outlets", integer, of([](const PowerTypeRow& row) {
                                    return row.max_outlets;
                                })));
        fields_.push_back(field("default_port", integer, of([](const PowerTypeRow& row) {
                                    return row.default_port;
                                })));
        auto options = [](const PowerTypeRow& row) { return text_or_null(row.default_options); };
        fields_.push_back(field("default_options", string, of(options), nullable));
        add_template("poweron_template", &FenceTemplates::poweron_template);
        add_template("poweroff_template", &FenceTemplates::poweroff_template);
        add_template("powercycle_template", &FenceTemplates::powercycle_template);
        add_template("monitor_template", &FenceTemplates::monitor_template);
        add_template("outlet_query_template", &FenceTemplates::outlet_query_template);
        add_template("outlet_list_template", &FenceTemplates::outlet_list_template);
    }

    ApiReply post_list(RestContext& context) override {
        PowerTypeRow row = power_requests::type_from(context.model, context.body, {}, true);
        row.id = context.model.next_id(name());
        return created(*this, context, context.model.power_types.insert(std::move(row)).id);
    }

    ApiReply put_detail(RestContext& context, Key key) override {
        PowerTypeRow row = context.model.power_types.at(key);
        row = power_requests::type_from(context.model, context.body, std::move(row), false);
        context.model.power_types.edit(key, [&](PowerTypeRow& edited) { edited = std::move(row); });
        return reply_with(200, to_json(context, key));
    }

    ApiReply delete_detail(RestContext&, Key key) override {
        power_.remove_type(key);
        return bare_reply(204);
    }

  private:
    void add_template(const char* name, std::string FenceTemplates::*text) {
        fields_.push_back(field(name, FieldType::string, of([text](const PowerTypeRow& row) {
                                    return row.templates.*text;
                                })));
    }
    PowerControl& power_;
};

class DeviceResource final : public TableResource<PowerDeviceRow> {
  public:
    explicit DeviceResource(PowerControl& power)
        : TableResource("power_control_device", &Model::power_devices), power_(power) {
        using enum FieldType;
        list_methods_ = {"get", "post"};
        detail_methods_ = {"get", "put", "delete"};
        ordering_ = {"name"};
        filters_["name"] = {{"exact"}};
        add_identity(fields_, *this);
        fields_.push_back(
            field("name", string, of([](const PowerDeviceRow& row) { return row.name; }), Field::blank)
        );
        fields_.push_back(field("address", string, of([](const PowerDeviceRow& row) { return row.address; }))
        );
        fields_.push_back(
            field("port", integer, of([](const PowerDeviceRow& row) { return row.port; }), Field::blank)
        );
        fields_.push_back(field(
            "username", string, of([](const PowerDeviceRow& row) { return row.username; }), Field::blank
        ));
        auto options = [](const PowerDeviceRow& row) { return text_or_null(row.options); };
        fields_.push_back(field("options", string, of(options), Field::nullable));
        auto type = [](RestContext& context, Key key) {
            return Keys{context.model.power_devices.at(key).type_id};
        };
        fields_.push_back(relation("device_type", to_one, "power_control_type", type, true));
        auto outlets = [](RestContext& context, Key key) {
            const auto& ids = context.model.outlets_of_device(key);
            return Keys(ids.begin(), ids.end());
        };
        fields_.push_back(
            relation("outlets", to_many, "power_control_device_outlet", outlets, true, Field::nullable)
        );
    }

    ApiReply post_list(RestContext& context) override {
        PowerDeviceRow row = power_requests::device_from(context.model, power_, context.body, {}, true);
        row.id = context.model.next_id(name());
        const Key key = context.model.power_devices.insert(std::move(row)).id;
        power_.device_added(key);
        return created(*this, context, key);
    }

    ApiReply put_detail(RestContext& context, Key key) override {
        PowerDeviceRow row = context.model.power_devices.at(key);
        row = power_requests::device_from(context.model, power_, context.body, std::move(row), false);
        context.model.power_devices.edit(key, [&](PowerDeviceRow& edited) { edited = std::move(row); });
        power_.device_changed(key);
        return reply_with(200, to_json(context, key));
    }

    ApiReply delete_detail(RestContext&, Key key) override {
        power_.remove_device(key);
        return bare_reply(204);
    }

  private:
    PowerControl& power_;
};

class OutletResource final : public TableResource<PowerOutletRow> {
  public:
    explicit OutletResource(PowerControl& power)
        : TableResource("power_control_device_outlet", &Model::power_outlets), power_(power) {
        using enum FieldType;
        list_methods_ = {"get", "post"};
        detail_methods_ = {"get", "put", "patch", "delete"};
        add_identity(fields_, *this);
        fields_.push_back(field("identifier", string, of([](const PowerOutletRow& row) {
                                    return row.identifier;
                                })));
        auto has_power = [](const PowerOutletRow& row) {
            return row.has_power ? Json(*row.has_power) : Json(nullptr);
        };
        fields_.push_back(field("has_power", boolean, of(has_power), Field::nullable));
        auto device = [](RestContext& context, Key key) {
            return Keys{context.model.power_outlets.at(key).device_id};
        };
        fields_.push_back(relation("device", to_one, "power_control_device", device));
        auto host = [](RestContext& context, Key key) {
            return none_or(context.model.power_outlets.at(key).host_id);
        };
        fields_.push_back(relation("host", to_one, "host", host, false, Field::nullable));
    }

    ApiReply post_list(RestContext& context) override {
        const Key key = power_.add_outlet(power_requests::outlet_from(context.model, context.body, {}, true));
        return created(*this, context, key);
    }

    ApiReply patch_detail(RestContext& context, Key key) override { return change(context, key, 202); }
    ApiReply put_detail(RestContext& context, Key key) override { return change(context, key, 200); }

    ApiReply delete_detail(RestContext&, Key key) override {
        power_.remove_outlet(key);
        return bare_reply(204);
    }

  private:
    ApiReply change(RestContext& context, Key key, unsigned status) {
        const PowerOutletRow row = power_requests::outlet_from(
            context.model, context.body, context.model.power_outlets.at(key), false
        );
        context.model.power_outlets.edit(key, [&](PowerOutletRow& edited) {
            edited.identifier = row.identifier;
        });
        power_.assign(key, row.host_id);
        return reply_with(status, to_json(context, key));
    }

    PowerControl& power_;
};

}  // namespace

void add_power_resources(ResourceList& list, ResourceServices& services) {
    list.push_back(std::make_unique<TypeResource>(services.power));
    list.push_back(std::make_unique<DeviceResource>(services.power));
    list.push_back(std::make_unique<OutletResource>(services.power));
}

}  // namespace csim
