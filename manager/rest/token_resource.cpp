// `registration_token`.
// Source: the manager API, §2.3.
#include "manager/rest/fields.hpp"
#include "manager/rest/resource_set.hpp"

#include <algorithm>

namespace csim {

namespace {

class TokenResource final : public Resource {
  public:
    explicit TokenResource(ResourceServices& services) : Resource("registration_token"), services_(services) {
        using enum FieldType;
        list_methods_ = {"get", "post"};
        detail_methods_ = {"get", "patch"};
        add_identity(fields_, *this);
        fields_.push_back(field("secret", string, of([](const Token& t) { return Json(t.secret); })));
        fields_.push_back(field("expiry", datetime, of([](const Token& t) {
                                    return Json(utc_text(t.expiry));
                                })));
        fields_.push_back(field("credits", integer, of([](const Token& t) { return Json(t.credits); })));
        fields_.push_back(field("cancelled", boolean, of([](const Token& t) { return Json(t.cancelled); })));
        const std::string url = services.manager_url;
        auto command = [url](const Token& t) {
            return Json(
                "curl -k " + url + "agent/setup/" + t.secret + "/?profile_name=" + t.profile + " | python"
            );
        };
        fields_.push_back(field("register_command", string, of(command)));
        auto profile = [this](RestContext&, Key key) {
            const ServerProfile* found = find_profile(services_.tokens.find(key)->profile);
            return found == nullptr ? Keys{} : Keys{found->id};
        };
        fields_.push_back(relation("profile", to_one, "server_profile", profile));
    }

    Keys keys(RestContext& context) override {
        Keys keys;
        if (!context.caller.administrator()) return keys;
        for (const Token* token : services_.tokens.live_tokens()) keys.push_back(token->id);
        return keys;
    }
    bool has(RestContext&, Key key) override {
        const Token* token = services_.tokens.find(key);
        return token != nullptr && !token->cancelled;
    }
    bool may_read(RestContext& context) const override { return context.caller.administrator(); }

    ApiReply post_list(RestContext& context) override {
        const Json& body = context.body;
        for (const auto& entry : body.items()) {
            const std::string& name = entry.key();
            if (name != "expiry" && name != "credits" && name != "profile")
                stop_field(name, "Forbidden during creation");
        }
        TokenDraft draft;
        const Json& profile = member(body, "profile");
        if (!profile.is_string()) stop_field("profile", "Mandatory");
        draft.profile = profile_name(profile.get<std::string>());
        const Json& credits = member(body, "credits");
        if (!credits.is_null()) {
            if (!credits.is_number_integer() || credits.get<std::int64_t>() < 1)
                stop_field("credits", "Must be a whole number above zero");
            draft.credits = credits.get<std::int64_t>();
        }
        const Json& expiry = member(body, "expiry");
        if (!expiry.is_null()) {
            auto at = expiry.is_string() ? parse_utc(expiry.get<std::string>()) : Result<SimTime>(Error{});
            if (!at) stop_field("expiry", "Must be a date and time such as 2024-05-01T13:00:00+00:00");
            draft.expiry = *at;
        }
        const Key key = services_.tokens.create(std::move(draft)).id;
        ApiReply reply = reply_with(201, to_json(context, key));
        reply.headers.emplace_back("Location", uri(key));
        return reply;
    }

    ApiReply patch_detail(RestContext& context, Key key) override {
        const Token& token = *services_.tokens.find(key);
        auto unchanged = [&](const char* name, const Json& present) {
            const Json& wish = member(context.body, name);
            if (!wish.is_null() && wish != present) stop_field(name, "May not be modified after creation");
        };
        unchanged("secret", token.secret);
        unchanged("expiry", utc_text(token.expiry));
        unchanged("credits", token.credits);
        const Json& cancelled = member(context.body, "cancelled");
        if (!cancelled.is_null() && !cancelled.is_boolean()) stop_field("cancelled", "Must be true or false");
        if (cancelled.is_boolean()) (void)services_.tokens.set_cancelled(key, cancelled.get<bool>());
        return reply_with(202, to_json(context, key));
    }

  private:
    template <class Get>
    Value of(Get get) {
        return [this, get](RestContext&, Key key) { return get(*services_.tokens.find(key)); };
    }

    /// By URI, or by bare name.
    static std::string profile_name(std::string text) {
        static constexpr std::string_view prefix = "/api/server_profile/";
        if (text.starts_with(prefix)) text.erase(0, prefix.size());
        if (text.ends_with('/')) text.pop_back();
        if (find_profile(text) == nullptr) stop_field("profile", "There is no server profile '" + text + "'");
        return text;
    }

    ResourceServices& services_;
};

}  // namespace

void add_token_resources(ResourceList& list, ResourceServices& services) {
    list.push_back(std::make_unique<TokenResource>(services));
}

}  // namespace csim
