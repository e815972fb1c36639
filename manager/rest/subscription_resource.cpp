// `alert_subscription`: which types of alert a user wants to hear of.
// Source: the manager API, §2.17. Differs: a user has one subscription of a type; asking again returns it.
#include "manager/model/alerts.hpp"
#include "manager/rest/resource_set.hpp"
#include "manager/rest/table_resource.hpp"

namespace csim {

namespace {

class SubscriptionResource final : public TableResource<SubscriptionRow> {
  public:
    SubscriptionResource() : TableResource("alert_subscription", &Model::subscriptions) {
        using enum FieldType;
        list_methods_ = {"get", "post", "patch"};
        detail_methods_ = {"get", "patch", "put", "delete"};
        whole_table_ = false;
        add_identity(fields_, *this);
        auto user = [](RestContext& context, Key key) {
            return Keys{context.model.subscriptions.at(key).user_id};
        };
        fields_.push_back(relation("user", to_one, "user", user));
        auto type = [](RestContext& context, Key key) {
            return Keys{context.model.subscriptions.at(key).alert_type};
        };
        fields_.push_back(relation("alert_type", to_one, "alert_type", type, true));
    }

    /// Everybody sees their own; superusers see all.
    Keys keys(RestContext& context) override {
        Keys found;
        context.model.subscriptions.each([&](const SubscriptionRow& row) {
            if (visible(context, row)) found.push_back(row.id);
        });
        return found;
    }
    bool has(RestContext& context, Key key) override {
        const SubscriptionRow* row = context.model.subscriptions.find(key);
        return row != nullptr && visible(context, *row);
    }

    ApiReply post_list(RestContext& context) override {
        const SubscriptionRow wish = checked(context, context.body, {});
        return created(insert(context.model, wish));
    }

    /// Some are made and some are deleted in one request: `{"objects": […], "deleted_objects": [uri…]}`.
    ApiReply patch_list(RestContext& context) override {
        std::vector<SubscriptionRow> made;
        std::vector<Key> ended;
        const Json& objects = member(context.body, "objects");
        if (!objects.is_array()) stop_field("objects", "This field is mandatory");
        for (const Json& object : objects) made.push_back(checked(context, object, {}));
        const Json& deleted = member(context.body, "deleted_objects");
        for (const Json& uri : deleted.is_array() ? deleted : Json::array()) {
            auto id = uri.is_string() ? id_in_uri(name(), uri.get<std::string>()) : std::nullopt;
            if (!id || !has(context, *id)) stop_field("deleted_objects", "There is no such subscription");
            ended.push_back(*id);
        }
        for (const SubscriptionRow& row : made) insert(context.model, row);
        for (Key key : ended) context.model.subscriptions.erase(key);
        return bare_reply(202);
    }

    ApiReply put_detail(RestContext& context, Key key) override {
        change(context, key);
        return reply_with(200, to_json(context, key));
    }
    ApiReply patch_detail(RestContext& context, Key key) override {
        change(context, key);
        return reply_with(202, to_json(context, key));
    }
    ApiReply delete_detail(RestContext& context, Key key) override {
        context.model.subscriptions.erase(key);
        return bare_reply(204);
    }

  private:
    static bool visible(const RestContext& context, const SubscriptionRow& row) {
        const UserRow* user = context.caller.user;
        return user != nullptr && (context.caller.superuser() || user->id == row.user_id);
    }

    static void take(const Json& body, const char* name, std::int64_t& into) {
        const Json& value = member(body, name);
        const Json& uri = value.is_object() ? member(value, "resource_uri") : value;
        if (uri.is_null() && into != 0) return;
        if (uri.is_null()) stop_field(name, "This field is mandatory");
        const auto id = uri.is_string() ? id_in_uri(name, uri.get<std::string>()) : std::nullopt;
        if (!id) stop_field(name, std::string("Must be the URI of a ") + name);
        into = *id;
    }

    static SubscriptionRow checked(RestContext& context, const Json& body, SubscriptionRow row) {
        take(body, "user", row.user_id);
        take(body, "alert_type", row.alert_type);
        if (context.model.users.find(row.user_id) == nullptr) stop_field("user", "There is no such user");
        if (row.alert_type < 1 || row.alert_type > static_cast<Key>(alert_type_names().size()))
            stop_field("alert_type", "There is no such alert type");
        if (!visible(context, row)) stop(403);
        return row;
    }

    static Key insert(Model& model, SubscriptionRow row) {
        Key present = 0;
        model.subscriptions.each([&](const SubscriptionRow& other) {
            if (other.user_id == row.user_id && other.alert_type == row.alert_type) present = other.id;
        });
        if (present != 0) return present;
        row.id = model.next_id("alert_subscription");
        return model.subscriptions.insert(row).id;
    }

    void change(RestContext& context, Key key) {
        const SubscriptionRow row = checked(context, context.body, context.model.subscriptions.at(key));
        context.model.subscriptions.edit(key, [&](SubscriptionRow& edited) { edited = row; });
    }

    /// The reply has no body: clients know the object by its place.
    ApiReply created(Key key) const {
        ApiReply reply = bare_reply(201);
        reply.headers.emplace_back("Location", uri(key));
        return reply;
    }
};

}  // namespace

void add_subscription_resource(ResourceList& list) {
    list.push_back(std::make_unique<SubscriptionResource>());
}

}  // namespace csim
