// `help`: what configuration parameters mean.
// Source: the manager API, §2.27.
#include "manager/rest/conf_param_rules.hpp"
#include "manager/rest/fields.hpp"
#include "manager/rest/resource_set.hpp"

#include <sstream>

namespace csim {

namespace {

struct HelpText {
    std::string_view key;
    std::string_view text;
};

constexpr HelpText help_texts[] = {
    {"lov.stripesize", "Bytes that a file puts on one OST before it goes on to the next"},
    {"lov.stripecount", "How many OSTs a new file is spread over; -1: all of them"},
    {"lov.qos_prio_free", "Weight of free space when OSTs are chosen for new files, in percent"},
    {"lov.qos_threshold_rr",
     "Difference of free space, in percent, from which OSTs are no longer taken in turn"},
    {"mdt.MDS.mds.threads_min", "Fewest service threads of the metadata server"},
    {"mdt.MDS.mds.threads_max", "Most service threads of the metadata server"},
    {"mdt.MDS.mds_readpage.threads_min", "Fewest threads that read directories"},
    {"mdt.MDS.mds_readpage.threads_max", "Most threads that read directories"},
    {"mdt.MDS.mds_setattr.threads_min", "Fewest threads that set attributes"},
    {"mdt.MDS.mds_setattr.threads_max", "Most threads that set attributes"},
    {"mdt.hsm_control", "State of the HSM coordinator: enabled, shutdown, disabled or purge"},
    {"osc.active", "Whether clients use the OST: 1 yes, 0 no"},
    {"osc.max_dirty_mb", "Dirty data that a client may hold for the OST, in MB"},
    {"osc.max_pages_per_rpc", "Pages in one request to the OST"},
    {"osc.max_rpcs_in_flight", "Requests that a client may have under way to the OST"},
    {"ost.read_cache_enable", "Whether data that was read is cached: 1 yes, 0 no"},
    {"ost.writethrough_cache_enable", "Whether data that was written is cached: 1 yes, 0 no"},
    {"ost.readcache_max_filesize", "Largest file that is kept in the read cache, in bytes"},
    {"ost.sync_journal", "Whether the journal is written before a write is acknowledged: 1 yes, 0 no"},
    {"ost.sync_on_lock_cancel",
     "When the journal is written as a lock is given back: always, blocking or never"},
    {"ost.OSS.ost.threads_min", "Fewest service threads of the object server"},
    {"ost.OSS.ost.threads_max", "Most service threads of the object server"},
    {"ost.OSS.ost_io.threads_min", "Fewest threads for bulk reads and writes"},
    {"ost.OSS.ost_io.threads_max", "Most threads for bulk reads and writes"},
    {"ost.OSS.ost_create.threads_min", "Fewest threads that create objects"},
    {"ost.OSS.ost_create.threads_max", "Most threads that create objects"},
    {"llite.max_cached_mb", "File data that a client caches, in MB"},
    {"llite.max_read_ahead_mb", "Data that a client reads ahead over all files, in MB"},
    {"llite.max_read_ahead_whole_mb", "Size up to which a file is read ahead as a whole, in MB"},
    {"llite.statahead_max", "Files whose attributes are fetched ahead when a directory is listed"},
    {"sys.at_min", "Least time that a request is given, in seconds"},
    {"sys.at_max", "Most time that a request is given, in seconds; 0: no adaptive timeouts"},
    {"sys.at_history", "Span over which the slowest request is remembered, in seconds"},
    {"sys.at_early_margin", "How long before its time is up a server asks for more, in seconds"},
    {"sys.at_extra", "Extra time that a server asks for, in seconds"},
    {"sys.timeout", "Time after which a server counts as gone, in seconds, without adaptive timeouts"},
    {"sys.ldlm_timeout", "Time that a client has to give a lock back, in seconds"},
};

Json text_of(std::string_view key) {
    for (const HelpText& row : help_texts) {
        if (row.key == key) return std::string(row.text);
    }
    return nullptr;
}

Json of_kind(const std::string& kind) {
    const bool known = kind == "OST" || kind == "MDT" || kind == "FS";
    if (!known) stop_field("kind", "Must be one of ['OST', 'MDT', 'FS']");
    Json texts = Json::object();
    const std::string level = kind == "FS" ? "Filesystem" : kind;
    for (const std::string& key : conf_params::keys(level)) texts[key] = text_of(key);
    return texts;
}

Json of_keys(const std::string& keys) {
    Json texts = Json::object();
    std::istringstream parts(keys);
    for (std::string key; std::getline(parts, key, ',');) {
        Json text = text_of(key);
        if (text.is_null()) stop_field("keys", "There is no parameter '" + key + "'");
        texts[key] = std::move(text);
    }
    return texts;
}

class HelpResource final : public Resource {
  public:
    HelpResource() : Resource("help") { detail_methods_ = {}; }
    Keys keys(RestContext&) override { return {}; }
    bool has(RestContext&, Key) override { return false; }

    std::optional<ApiReply> special(
        RestContext& context, const std::string& method, const std::vector<std::string>& path
    ) override {
        if (path.size() != 1 || path[0] != "conf_param" || method != "get") return std::nullopt;
        if (const std::string* keys = context.target.find("keys")) return reply_with(200, of_keys(*keys));
        const std::string* kind = context.target.find("kind");
        if (kind == nullptr) stop_field("kind", "This field is mandatory");
        return reply_with(200, of_kind(*kind));
    }
};

}  // namespace

void add_help_resource(ResourceList& list) {
    list.push_back(std::make_unique<HelpResource>());
}

}  // namespace csim
