// Everything is checked before anything is made.
#include "manager/rest/filesystem_making.hpp"

#include "manager/jobs/job_engine.hpp"
#include "manager/rest/conf_param_rules.hpp"
#include "manager/rest/fields.hpp"
#include "manager/rest/target_making.hpp"

#include <algorithm>

namespace csim {

namespace {

using target_making::Wish;

struct FilesystemWish {
    std::string name;
    std::int64_t mgt_id = 0;  ///< an existing one; 0: `mgt` is made
    Wish mgt;
    std::vector<Wish> members;  ///< MDTs, then OSTs
    conf_params::Values params;
};

/// 400 `{"<part>": {"<field>": ["<text>"]}}`.
[[noreturn]] void stop_part(const char* part, const char* field, const std::string& text) {
    throw RestStop{reply_with(400, Json{{part, Json{{field, Json::array({text})}}}})};
}

void check_members(const Json& body) {
    Json missing = Json::object();
    for (const char* name : {"mgt", "mdts", "osts", "conf_params"}) {
        if (!body.is_object() || !body.contains(name))
            missing[name] = Json::array({"This field is mandatory"});
    }
    if (!member(body, "name").is_string()) missing["name"] = Json::array({"This field is mandatory"});
    if (!missing.empty()) throw RestStop{reply_with(400, std::move(missing))};
    for (const char* name : {"mdts", "osts"}) {
        if (!body[name].is_array() || body[name].empty()) stop_field(name, "This field is mandatory");
    }
}

std::string checked_name(const Json& body) {
    std::string name = body["name"].get<std::string>();
    if (name.empty()) stop_field("name", "Name '' too short (min 1 character)");
    if (name.size() > 8) stop_field("name", "Name '" + name + "' too long (max 8 characters)");
    if (name.find(' ') != std::string::npos) stop_field("name", "Name may not contain spaces");
    // A name becomes part of keys, labels and paths, where a slash or a dot would mean something else.
    const bool plain = std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '_' || c == '-';
    });
    if (!plain) stop_field("name", "Name may only contain letters, digits, '_' and '-'");
    return name;
}

class Checker {
  public:
    Checker(const Model& model, const Json& body) : model_(model), body_(body) {}

    FilesystemWish check() {
        check_members(body_);
        FilesystemWish wish;
        wish.name = checked_name(body_);
        check_mgt(wish);
        add_members(wish, "mdts", "MDT");
        add_members(wish, "osts", "OST");
        wish.params = conf_params::parse(body_["conf_params"], "Filesystem");
        return wish;
    }

  private:
    void check_mgt(FilesystemWish& wish) {
        const Json& given = body_["mgt"];
        const Json& id = member(given, "id");
        const Json& volume = member(given, "volume_id");
        if (!id.is_null() && !volume.is_null()) stop_field("mgt", "id and volume_id are mutually exclusive");
        if (id.is_null() && volume.is_null()) stop_part("mgt", "id", "One of id or volume_id must be set");
        if (id.is_null()) {
            wish.mgt = member_wish(given, "mgt", "MGT");
            if (auto fault = target_making::mgs_fault(model_, wish.mgt.volume_id))
                stop_part("mgt", "volume_id", *fault);
            return;
        }
        wish.mgt_id = id.is_number_integer() ? id.get<std::int64_t>() : 0;
        const TargetRow* mgt = model_.targets.find(wish.mgt_id);
        if (mgt == nullptr || mgt->kind != "MGT")
            stop_part("mgt", "id", "MGT with ID " + id.dump() + " not found");
        if (mgt->status.immutable) stop_part("mgt", "id", "MGT is unmanaged");
        for (std::int64_t other : model_.target_index.filesystems_of_mgt(wish.mgt_id)) {
            if (model_.filesystems.at(other).name != wish.name) continue;
            stop_part(
                "mgt", "name", "A file system with name '" + wish.name + "' already exists for this MGT"
            );
        }
    }

    void add_members(FilesystemWish& wish, const char* part, const char* kind) {
        const std::size_t first = wish.members.size();
        for (const Json& given : body_[part]) wish.members.push_back(member_wish(given, part, kind));
        auto begin = wish.members.begin() + static_cast<std::ptrdiff_t>(first);
        std::stable_partition(begin, wish.members.end(), [](const Wish& member) { return member.root; });
    }

    Wish member_wish(const Json& given, const char* part, const char* kind) {
        const Json& volume = member(given, "volume_id");
        if (volume.is_null()) stop_part(part, "volume_id", "This field is mandatory");
        Wish wish;
        try {
            wish = target_making::parse(given, kind);
        } catch (const RestStop& stopped) {
            throw RestStop{reply_with(400, Json{{part, stopped.reply.body.value_or(Json(nullptr))}})};
        }
        wish.volume_id = volume.is_number_integer() ? volume.get<std::int64_t>() : 0;
        const std::string text = volume.dump();
        if (model_.volumes.find(wish.volume_id) == nullptr) {
            stop_part(part, "volume_id", "Volume with ID " + text + " not found");
        }
        if (!taken_.insert(wish.volume_id).second) {
            stop_part(part, "volume_id", "Volume ID " + text + " specified for multiple targets!");
        }
        if (std::int64_t user = model_.target_index.of_volume(wish.volume_id)) {
            const std::string name = model_.targets.at(user).name;
            stop_part(part, "volume_id", "Volume with ID " + text + " is already in use by target " + name);
        }
        if (auto fault = target_making::inode_fault(model_, wish)) stop_part(part, "inode_count", *fault);
        if (auto fault = target_making::place_fault(model_, wish.volume_id))
            stop_part(part, "volume_id", *fault);
        return wish;
    }

    const Model& model_;
    const Json& body_;
    std::set<std::int64_t> taken_;
};

}  // namespace

MadeFilesystem make_filesystem(RestContext& context) {
    Model& model = context.model;
    FilesystemWish wish = Checker(model, context.body).check();
    const bool new_mgt = wish.mgt_id == 0;
    if (new_mgt) wish.mgt_id = target_making::make(model, wish.mgt);
    FilesystemRow row;
    row.id = model.next_id("filesystem");
    row.status.modified_at = model.now();
    row.name = wish.name;
    row.mgt_id = wish.mgt_id;
    const Key id = model.add_filesystem(std::move(row)).id;
    Keys made;
    for (Wish& member : wish.members) {
        member.filesystem_id = id;
        made.push_back(target_making::make(model, member));
    }
    (void)conf_params::note(model, {Kind::filesystem, id}, wish.params);
    auto started =
        context.engine.bring("Creating filesystem " + wish.name, {{{Kind::filesystem, id}, "available"}});
    if (started) return {id, *started};
    for (Key target : made) model.remove_target(target);
    model.remove_filesystem(id);
    if (new_mgt) model.remove_target(wish.mgt_id);
    stop_text("error", started.error().detail);
}

}  // namespace csim
