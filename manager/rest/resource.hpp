// A resource of the REST API as a table: fields, filters, orders, methods. Lists, pages, schemas and nested
// objects all come from the table; only writing is code of the resource. Source: the manager API, §1.2, §1.5
// and §1.6.
#pragma once

#include "manager/model/model.hpp"
#include "manager/rest/reply.hpp"
#include "manager/rest/target.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace csim {

class JobEngine;
class Resource;

enum class FieldType { string, integer, floating, boolean, datetime, list, dict, to_one, to_many };

/// Who asks.
struct Caller {
    const UserRow* user = nullptr;  ///< nullptr: nobody in particular
    bool superuser() const { return user != nullptr && user->group_id == 1; }
    bool administrator() const { return user != nullptr && user->group_id <= 2; }
};

struct RestContext {
    Model& model;
    JobEngine& engine;
    const std::map<std::string, std::unique_ptr<Resource>, std::less<>>& resources;
    Caller caller;
    RestTarget target;
    Json body = Json::object();
    bool nested = false;  ///< the object stands inside another one
    bool detail = false;  ///< the reply is one object
    /// What is worked out once for a whole reply, by whoever needs it.
    std::map<std::string, std::shared_ptr<void>, std::less<>> worked_out = {};

    /// The value kept under `name`, made by `make` when it is asked for first.
    template <class T, class Make>
    T& once(const char* name, Make&& make) {
        auto& kept = worked_out[name];
        if (!kept) kept = std::make_shared<T>(make());
        return *static_cast<T*>(kept.get());
    }
};

using Key = std::int64_t;
using Keys = std::vector<Key>;
using Value = std::function<Json(RestContext&, Key)>;

struct Field {
    static constexpr unsigned nullable = 1, readonly = 2, unique = 4, blank = 8, top_only = 16,
                              absent_if_nested = 32;

    std::string name;
    FieldType type = FieldType::string;
    unsigned flags = 0;
    Value value;               ///< of a plain field
    std::string related = {};  ///< the resource of a relation
    bool full = false;         ///< relations: whole objects instead of URIs by default
    std::function<Keys(RestContext&, Key)> related_keys = {};
    std::string help = {};
};

struct Filter {
    std::set<std::string> lookups{"exact"};
    Value value = {};                    ///< empty: the field of the same name
    FieldType type = FieldType::string;  ///< how `value` compares
};

/// The keys that an index has for the text of a filter, in the default order.
using Seek = std::function<Keys(RestContext&, const std::string& text)>;

/// A list reply before its objects are made.
struct ListPlan {
    Json meta;
    Keys shown;
};

class Resource {
  public:
    explicit Resource(std::string name) : name_(std::move(name)) {}
    virtual ~Resource() = default;

    const std::string& name() const { return name_; }
    std::string uri(Key key) const { return "/api/" + name_ + "/" + key_text(key) + "/"; }

    /// Whole replies to the four shapes of a request.
    ListPlan plan_list(RestContext& context);
    ApiReply list_reply(RestContext& context, ListPlan plan);
    ApiReply get_detail(RestContext& context, Key key);
    Json schema() const;
    Json to_json(RestContext& context, Key key);
    Json nested_json(RestContext& context, Key key);

    /// The attribute `name` of an object as text, by which figures are grouped. Throws RestStop with 400.
    std::string group_of(RestContext& context, const std::string& name, Key key);
    /// The keys that a list with the request's filters would show, before it is cut into pages.
    Keys selected(RestContext& context);
    /// All keys that the caller may see, in the default order.
    virtual Keys keys(RestContext& context) = 0;
    /// A part of keys() without making the whole, for lists without filters. Nothing: make the whole.
    struct Slice {
        Keys keys;
        std::size_t total = 0;
    };
    virtual std::optional<Slice> slice(RestContext&, std::size_t, std::size_t) { return std::nullopt; }
    /// True if the caller may see this one.
    virtual bool has(RestContext& context, Key key) = 0;
    /// Key in the last segment of a URI. Throws RestStop for what cannot be one.
    virtual Key parse_key(const std::string& text) const;
    virtual std::string key_text(Key key) const { return std::to_string(key); }
    /// Applies filters that are code, such as `category`.
    virtual void narrow(RestContext&, Keys&) {}
    /// Paths below the resource that are neither keys nor `schema`; nothing: there is none of that name.
    virtual std::optional<ApiReply> special(
        RestContext&, const std::string& method, const std::vector<std::string>& path
    );

    virtual ApiReply post_list(RestContext&);
    virtual ApiReply put_list(RestContext&);
    virtual ApiReply patch_list(RestContext&);
    virtual ApiReply delete_list(RestContext&);
    virtual ApiReply post_detail(RestContext&, Key);
    virtual ApiReply put_detail(RestContext&, Key);
    virtual ApiReply patch_detail(RestContext&, Key);
    virtual ApiReply delete_detail(RestContext&, Key);
    /// May the caller write here with that method? The usual rule: administrators only.
    virtual bool may_write(RestContext& context, const std::string&) const {
        return context.caller.administrator();
    }
    virtual bool may_read(RestContext&) const { return true; }
    /// Replaces the list envelope for resources that are one object.
    virtual std::optional<ApiReply> whole(RestContext&) { return std::nullopt; }

    const std::vector<std::string>& list_methods() const { return list_methods_; }
    const std::vector<std::string>& detail_methods() const { return detail_methods_; }
    const std::vector<Watched>& watches() const { return watches_; }

  protected:
    std::vector<Field> fields_;
    std::map<std::string, Filter> filters_;
    std::map<std::string, Seek> seeks_;  ///< indexes by parameter; what they find is filtered all the same
    std::vector<std::string> ordering_;
    std::vector<std::string> list_methods_{"get"};
    std::vector<std::string> detail_methods_{"get"};
    std::vector<Watched> watches_;
    bool newest_first_ = false;  ///< the default order is by falling key

  private:
    const Field* find_field(std::string_view name) const;
    Json field_json(RestContext& context, const Field& field, Key key);
    bool expanded(const RestContext& context, const Field& field) const;
    void filter(RestContext& context, Keys& keys);
    void apply_filter(
        RestContext& context, Keys& keys, const std::string& name, const std::string& parameter
    );
    void order(RestContext& context, Keys& keys);
    Keys candidates(RestContext& context);
    std::optional<Keys> by_id(RestContext& context, const std::string& list);
    std::optional<Slice> quick_slice(RestContext& context);
    ListPlan page(RestContext& context, const Keys& keys);
    Json meta_of(RestContext& context, std::int64_t total);

    std::string name_;
};

}  // namespace csim
