// `user`, `group`.
// Source: the manager API, §2.26.
#include "manager/rest/resource_set.hpp"
#include "manager/rest/table_resource.hpp"

#include <algorithm>

namespace csim {

namespace {

std::string full_name(const UserRow& user) {
    if (user.first_name.empty() || user.last_name.empty()) return user.first_name + user.last_name;
    return user.first_name + " " + user.last_name;
}

std::string text(const Json& body, const char* name) {
    const Json& value = member(body, name);
    return value.is_string() ? value.get<std::string>() : "";
}

Keys subscriptions_of(const Model& model, Key user) {
    Keys found;
    model.subscriptions.each([&](const SubscriptionRow& row) {
        if (row.user_id == user) found.push_back(row.id);
    });
    return found;
}

/// Takes a text that must be one if it is there.
std::string checked_text(const Json& body, const char* name) {
    const Json& value = member(body, name);
    if (value.is_null()) return {};
    if (!value.is_string()) stop_field(name, "Must be text");
    if (value.get_ref<const std::string&>().size() > 254)
        stop_field(name, "Ensure this value has at most 254 characters");
    return value.get<std::string>();
}

/// The group that `groups` names, by URI or as an object; nothing if there is no such list.
std::optional<std::int64_t> group_in(const Json& body) {
    const Json& groups = member(body, "groups");
    if (!groups.is_array() || groups.empty()) return std::nullopt;
    std::int64_t best = 0;
    for (const Json& group : groups) {
        std::optional<std::int64_t> id;
        if (group.is_string()) id = id_in_uri("group", group.get<std::string>());
        if (group.is_object() && member(group, "id").is_number_integer())
            id = group["id"].get<std::int64_t>();
        if (!id || *id < 1 || *id > 3) stop_field("groups", "There is no such group");
        best = best == 0 ? *id : std::min(best, *id);
    }
    return best;
}

class UserResource final : public TableResource<UserRow> {
  public:
    explicit UserResource(ResourceServices& services)
        : TableResource("user", &Model::users), services_(services) {
        using enum FieldType;
        list_methods_ = {"get", "post"};
        detail_methods_ = {"get", "put", "delete"};
        whole_table_ = false;
        ordering_ = {"username", "email"};
        add_identity(fields_, *this);
        fields_.push_back(
            field("username", string, of([](const UserRow& u) { return u.username; }), Field::unique)
        );
        fields_.push_back(field("first_name", string, of([](const UserRow& u) { return u.first_name; })));
        fields_.push_back(field("last_name", string, of([](const UserRow& u) { return u.last_name; })));
        fields_.push_back(field("full_name", string, of(full_name)));
        fields_.push_back(field("email", string, of([](const UserRow& u) { return u.email; })));
        fields_.push_back(field("is_superuser", boolean, of([](const UserRow& u) { return u.group_id == 1; }))
        );
        auto group = [](RestContext& context, Key key) { return Keys{context.model.users.at(key).group_id}; };
        fields_.push_back(relation("groups", to_many, "group", group, true, Field::nullable));
        auto subscriptions = [](RestContext& context, Key key) {
            return subscriptions_of(context.model, key);
        };
        fields_.push_back(relation(
            "alert_subscriptions", to_many, "alert_subscription", subscriptions, true, Field::nullable
        ));
        for (const char* name : {"password1", "password2", "new_password1", "new_password2"}) {
            fields_.push_back(always_null(name, 0));
        }
        filters_["username"] = {{"exact"}};
    }

    Keys keys(RestContext& context) override {
        if (context.caller.superuser()) return context.model.users.ids();
        return context.caller.user == nullptr ? Keys{} : Keys{context.caller.user->id};
    }
    bool has(RestContext& context, Key key) override {
        const auto visible = keys(context);
        return std::find(visible.begin(), visible.end(), key) != visible.end();
    }
    /// Everybody may change their own record; has() shows no other.
    bool may_write(RestContext& context, const std::string& method) const override {
        return method == "put" ? context.caller.user != nullptr : context.caller.superuser();
    }

    ApiReply post_list(RestContext& context) override {
        UserRow user;
        check_texts(context.body);
        user.username = text(context.body, "username");
        if (user.username.empty()) stop_field("username", "This field is mandatory");
        context.model.users.each([&](const UserRow& other) {
            if (other.username == user.username) stop_field("username", "That name is taken");
        });
        const std::string password = text(context.body, "password1");
        if (password.empty()) stop_field("password1", "This field is mandatory");
        if (password != text(context.body, "password2")) stop_field("password2", "The two passwords differ");
        user.group_id = group_in(context.body).value_or(3);
        take_names(user, context.body);
        user.password = services_.accounts.hash(password);
        user.id = context.model.next_id("user");
        const Key key = context.model.users.insert(std::move(user)).id;
        ApiReply reply = reply_with(201, to_json(context, key));
        reply.headers.emplace_back("Location", uri(key));
        return reply;
    }

    ApiReply put_detail(RestContext& context, Key key) override {
        const Json& body = context.body;
        for (const char* name : {"id", "new_password1", "new_password2"}) {
            if (!body.is_object() || !body.contains(name)) stop_field(name, "This field is mandatory");
        }
        check_texts(body);
        const auto group = group_in(body);
        const UserRow& present = context.model.users.at(key);
        if (group && *group != present.group_id && !context.caller.superuser()) stop(403);
        if (group && *group != 1 && last_superuser(context.model, present))
            stop_field("groups", "The last superuser stays one");
        const std::string password = new_password(context, present);
        const std::string hashed = password.empty() ? std::string() : services_.accounts.hash(password);
        context.model.users.edit(key, [&](UserRow& user) {
            take_names(user, body);
            if (group) user.group_id = *group;
            if (!hashed.empty()) user.password = hashed;
        });
        return reply_with(200, to_json(context, key));
    }

    ApiReply delete_detail(RestContext& context, Key key) override {
        if (context.caller.user->id == key) stop_field("id", "Cannot delete currently authenticated user");
        services_.accounts.log_out_user(key);
        for (Key subscription : subscriptions_of(context.model, key))
            context.model.subscriptions.erase(subscription);
        context.model.users.erase(key);
        return bare_reply(204);
    }

  private:
    static bool last_superuser(const Model& model, const UserRow& user) {
        int superusers = 0;
        model.users.each([&](const UserRow& other) { superusers += other.group_id == 1; });
        return user.group_id == 1 && superusers == 1;
    }

    static void check_texts(const Json& body) {
        for (const char* name :
             {"username", "first_name", "last_name", "email", "password1", "password2", "new_password1",
              "new_password2", "old_password"})
            (void)checked_text(body, name);
    }

    static void take_names(UserRow& user, const Json& body) {
        auto take = [&](const char* name, std::string& into) {
            if (member(body, name).is_string()) into = text(body, name);
        };
        take("first_name", user.first_name);
        take("last_name", user.last_name);
        take("email", user.email);
    }

    /// The password that the request sets; empty: none. Both spellings of the two fields count.
    std::string new_password(RestContext& context, const UserRow& user) const {
        for (const char* prefix : {"new_password", "password"}) {
            const std::string first = text(context.body, (prefix + std::string("1")).c_str());
            const std::string second = text(context.body, (prefix + std::string("2")).c_str());
            if (first.empty() && second.empty()) continue;
            if (first != second) stop_field(prefix + std::string("2"), "The two passwords differ");
            const bool own = context.caller.user->id == user.id;
            const bool must_prove = own || !context.caller.superuser();
            if (must_prove && !services_.accounts.check_password(user, text(context.body, "old_password"))) {
                stop_field("old_password", "The present password is needed and must be right");
            }
            return first;
        }
        return {};
    }

    ResourceServices& services_;
};

class GroupResource final : public Resource {
  public:
    GroupResource() : Resource("group") {
        ordering_ = {"name"};
        filters_["name"] = {{"exact", "iexact"}};
        add_identity(fields_, *this);
        auto name = [](RestContext&, Key key) {
            return Json(group_names().at(static_cast<std::size_t>(key - 1)));
        };
        fields_.push_back(field("name", FieldType::string, name, Field::unique));
    }
    Keys keys(RestContext&) override { return {1, 2, 3}; }
    bool has(RestContext&, Key key) override { return key >= 1 && key <= 3; }
};

}  // namespace

void add_user_resources(ResourceList& list, ResourceServices& services) {
    list.push_back(std::make_unique<UserResource>(services));
    list.push_back(std::make_unique<GroupResource>());
}

}  // namespace csim
