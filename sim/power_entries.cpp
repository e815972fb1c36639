#include "sim/power_entries.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

namespace csim {

struct PowerEntries::Work {
    struct Outlet {
        std::string path;    ///< below the manager's URL
        std::string method;  ///< PATCH one that is there, POST one that is missing
        Json body;
    };
    std::vector<PowerStripStatus> strips;
    std::string pdu_password;
    std::size_t strip = 0;
    std::map<std::string, std::string> host_uris;  ///< by fqdn
    Json type;                                     ///< null until it is known
    std::vector<Json> devices;
    std::deque<Outlet> outlets;  ///< of the present strip, still to be told
    PowerEntriesMade made;
    UniqueFunction<void(Result<PowerEntriesMade>)> done;

    int outlets_max() const {
        int most = 0;
        for (const PowerStripStatus& each : strips) {
            for (const OutletStatus& outlet : each.outlets) most = std::max(most, outlet.outlet);
        }
        return most;
    }
    void plan_outlets(const Json& device);
};

namespace {

constexpr const char* fence_agent = "fence_apc";
constexpr const char* make = "Fake";
constexpr const char* model = "PDU";

std::string text_at(const Json& object, const char* key) {
    if (!object.is_object()) return "";
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::int64_t number_at(const Json& object, const char* key) {
    if (!object.is_object()) return 0;
    const auto found = object.find(key);
    return found != object.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

/// URIs begin with a slash that the base path of the manager has already.
std::string below_base(std::string uri) {
    uri.erase(0, uri.find_first_not_of('/'));
    return uri;
}

/// The manager's own words, in one line of bearable length.
std::string excerpt(std::string text) {
    constexpr std::size_t longest = 200;
    std::replace(text.begin(), text.end(), '\n', ' ');
    if (text.size() > longest) text = text.substr(0, longest) + "…";
    return text;
}

Error objection(const std::string& path, const RestReply& reply) {
    return Error{
        reply.status == 401 || reply.status == 403 ? Errc::refused : Errc::conflict,
        "power entries: the manager answered " + std::to_string(reply.status) + " to " + path + ": " +
            excerpt(reply.text)};
}

}  // namespace

/// Nothing is planned for an outlet that feeds the right host already.
void PowerEntries::Work::plan_outlets(const Json& device) {
    std::map<std::string, Json> present;
    const auto listed = device.is_object() ? device.find("outlets") : device.end();
    if (device.is_object() && listed != device.end() && listed->is_array()) {
        for (const Json& each : *listed) present[text_at(each, "identifier")] = each;
    }
    for (const OutletStatus& outlet : strips[strip].outlets) {
        const auto host = host_uris.find(outlet.server);
        if (host == host_uris.end()) continue;
        const std::string identifier = std::to_string(outlet.outlet);
        const auto known = present.find(identifier);
        if (known == present.end()) {
            outlets.push_back(
                {"api/power_control_device_outlet/",
                 "POST",
                 {{"device", text_at(device, "resource_uri")},
                  {"identifier", identifier},
                  {"host", host->second}}}
            );
        } else if (text_at(known->second, "host") != host->second) {
            outlets.push_back(
                {below_base(text_at(known->second, "resource_uri")), "PATCH", {{"host", host->second}}}
            );
        }
    }
}

PowerEntries::PowerEntries(
    HttpsClient& client, const std::string& base_path, std::string username, std::string password,
    Duration timeout
)
    : rest_(client, base_path, timeout), username_(std::move(username)), password_(std::move(password)) {}

PowerEntries::~PowerEntries() = default;

void PowerEntries::create(
    std::vector<PowerStripStatus> strips, const std::string& pdu_password,
    UniqueFunction<void(Result<PowerEntriesMade>)> done
) {
    auto work = std::make_shared<Work>();
    work->pdu_password = pdu_password;
    work->strips = std::move(strips);
    work->done = std::move(done);
    if (work->outlets_max() == 0) return work->done(work->made);
    rest_.login(username_, password_, [this, work](Result<Nothing> in) {
        if (!in) return work->done(in.error());
        fetch_hosts(work);
    });
}

void PowerEntries::send(
    const std::shared_ptr<Work>& work, const char* method, const std::string& path, const Json& body,
    UniqueFunction<void(const Json&)> then
) {
    rest_.request(
        method, path, body.is_null() ? "" : body.dump(),
        [work, path, then = std::move(then)](Result<RestReply> reply) mutable {
            if (!reply) return work->done(reply.error());
            if (!reply->ok()) return work->done(objection(path, *reply));
            then(reply->json());
        }
    );
}

void PowerEntries::fetch_all(
    const std::shared_ptr<Work>& work, const std::string& resource, std::vector<Json> so_far,
    UniqueFunction<void(std::vector<Json>)> then
) {
    const std::string path = "api/" + resource + "/?limit=0&offset=" + std::to_string(so_far.size());
    send(
        work, "GET", path, Json(),
        [=, this, so_far = std::move(so_far), then = std::move(then)](const Json& page) mutable {
            const Json objects = page.is_object() ? page.value("objects", Json()) : Json();
            if (!objects.is_array())
                return work->done(Error{
                    Errc::corrupt, "power entries: the manager's " + resource + " is no list"});
            for (const Json& each : objects) so_far.push_back(each);
            const auto total = static_cast<std::size_t>(number_at(page.value("meta", Json()), "total_count"));
            if (objects.empty() || so_far.size() >= total) return then(std::move(so_far));
            fetch_all(work, resource, std::move(so_far), std::move(then));
        }
    );
}

void PowerEntries::fetch_hosts(std::shared_ptr<Work> work) {
    fetch_all(work, "host", {}, [this, work](const std::vector<Json>& hosts) {
        for (const Json& host : hosts) work->host_uris[text_at(host, "fqdn")] = text_at(host, "resource_uri");
        fetch_types(work);
    });
}

void PowerEntries::fetch_types(std::shared_ptr<Work> work) {
    fetch_all(work, "power_control_type", {}, [this, work](const std::vector<Json>& types) {
        for (const Json& each : types) {
            if (text_at(each, "agent") == fence_agent && text_at(each, "make") == make &&
                text_at(each, "model") == model)
                work->type = each;
        }
        if (number_at(work->type, "max_outlets") >= work->outlets_max()) return fetch_devices(work);
        make_type(work);
    });
}

/// One that is there but too small is made larger.
void PowerEntries::make_type(std::shared_ptr<Work> work) {
    const bool grows = !work->type.is_null();
    const Json body{
        {"agent", fence_agent},
        {"make", make},
        {"model", model},
        {"default_username", "apc"},
        {"default_password", "apc"},
        {"max_outlets", work->outlets_max()}};
    const std::string path =
        grows ? below_base(text_at(work->type, "resource_uri")) : "api/power_control_type/";
    send(work, grows ? "PUT" : "POST", path, body, [this, work, grows](const Json& made) {
        if (!grows) work->type = made;
        fetch_devices(work);
    });
}

void PowerEntries::fetch_devices(std::shared_ptr<Work> work) {
    fetch_all(work, "power_control_device", {}, [this, work](std::vector<Json> devices) {
        work->devices = std::move(devices);
        next_strip(work);
    });
}

void PowerEntries::next_strip(std::shared_ptr<Work> work) {
    if (work->strip == work->strips.size()) return work->done(work->made);
    const PowerStripStatus& strip = work->strips[work->strip];
    for (const Json& each : work->devices) {
        if (text_at(each, "address") != strip.address || number_at(each, "port") != strip.port) continue;
        work->plan_outlets(each);
        return next_outlet(work);
    }
    make_device(work);
}

void PowerEntries::make_device(std::shared_ptr<Work> work) {
    const PowerStripStatus& strip = work->strips[work->strip];
    Json body{
        {"device_type", text_at(work->type, "resource_uri")},
        {"name", strip.name},
        {"address", strip.address},
        {"port", strip.port}};
    if (!work->pdu_password.empty()) body.update({{"username", "apc"}, {"password", work->pdu_password}});
    send(work, "POST", "api/power_control_device/", body, [this, work](const Json& made) {
        ++work->made.devices;
        work->plan_outlets(made);
        next_outlet(work);
    });
}

void PowerEntries::next_outlet(std::shared_ptr<Work> work) {
    if (work->outlets.empty()) {
        ++work->strip;
        return next_strip(work);
    }
    const Work::Outlet outlet = std::move(work->outlets.front());
    work->outlets.pop_front();
    send(work, outlet.method.c_str(), outlet.path, outlet.body, [this, work](const Json&) {
        ++work->made.outlets;
        next_outlet(work);
    });
}

}  // namespace csim
