// `package`: versions of packages, and on which hosts they are.
// Source: the manager API, §2.19.
#include "manager/rest/fields.hpp"
#include "manager/rest/resource_set.hpp"

#include <algorithm>
#include <map>

namespace csim {

namespace {

struct PackageEntry {
    std::string name;
    PackageVersion version;
    Keys available, installed;  ///< hosts
};

/// Every version that any host of interest knows. Made anew for each request: nobody asks often.
std::vector<PackageEntry> entries(const RestContext& context) {
    std::map<std::pair<std::string, PackageVersion>, PackageEntry> found;
    const std::string* wanted = context.target.find("host");
    context.model.packages.each([&](const HostPackagesRow& row) {
        if (wanted != nullptr && *wanted != std::to_string(row.id)) return;
        for (const auto& [name, state] : row.packages) {
            for (const auto& version : state.available) found[{name, version}].available.push_back(row.id);
            for (const auto& version : state.installed) found[{name, version}].installed.push_back(row.id);
        }
    });
    std::vector<PackageEntry> list;
    for (auto& [key, entry] : found) {
        entry.name = key.first;
        entry.version = key.second;
        list.push_back(std::move(entry));
    }
    return list;
}

class PackageResource final : public Resource {
  public:
    PackageResource() : Resource("package") {
        using enum FieldType;
        detail_methods_ = {};
        ordering_ = {"name"};
        filters_["host"] = {{"exact"}};
        fields_.push_back(field("name", string, of([](const PackageEntry& e) { return Json(e.name); })));
        fields_.push_back(field("epoch", integer, of([](const PackageEntry& e) {
                                    return Json(std::get<0>(e.version));
                                })));
        fields_.push_back(field("version", string, of([](const PackageEntry& e) {
                                    return Json(std::get<1>(e.version));
                                })));
        fields_.push_back(field("release", string, of([](const PackageEntry& e) {
                                    return Json(std::get<2>(e.version));
                                })));
        fields_.push_back(field("arch", string, of([](const PackageEntry& e) {
                                    return Json(std::get<3>(e.version));
                                })));
        auto hosts = [](Keys PackageEntry::*which) {
            return [which](RestContext& context, Key key) {
                return all(context).at(static_cast<std::size_t>(key - 1)).*which;
            };
        };
        constexpr unsigned nullable = Field::nullable;
        fields_.push_back(
            relation("available_hosts", to_many, "host", hosts(&PackageEntry::available), false, nullable)
        );
        fields_.push_back(
            relation("installed_hosts", to_many, "host", hosts(&PackageEntry::installed), false, nullable)
        );
        fields_.push_back(field(
            "resource_uri", string, [this](RestContext&, Key key) { return Json(uri(key)); }, Field::readonly
        ));
    }

    /// A package has a number only within one reply.
    Keys keys(RestContext& context) override {
        Keys found(all(context).size());
        for (std::size_t i = 0; i < found.size(); ++i) found[i] = static_cast<Key>(i + 1);
        return found;
    }
    /// Packages have no numbers of their own; they are only listed.
    bool has(RestContext& context, Key key) override {
        return !context.detail && key >= 1 && key <= static_cast<Key>(all(context).size());
    }

  private:
    static std::vector<PackageEntry>& all(RestContext& context) {
        return context.once<std::vector<PackageEntry>>("packages", [&] { return entries(context); });
    }
    static Value of(Json (*get)(const PackageEntry&)) {
        return [get](RestContext& context, Key key) {
            return get(all(context).at(static_cast<std::size_t>(key - 1)));
        };
    }
};

}  // namespace

void add_package_resource(ResourceList& list) {
    list.push_back(std::make_unique<PackageResource>());
}

}  // namespace csim
