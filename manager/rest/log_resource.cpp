// `log`: what servers wrote to their logs.
// Source: the manager API, §2.18.
#include "manager/rest/fields.hpp"
#include "manager/rest/resource_set.hpp"

#include <algorithm>
#include <cctype>

namespace csim {

namespace {

struct Mention {
    std::size_t begin = 0, end = 0;
    std::string label;
    std::string uri;
};

bool word_character(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '@' || c == '.' || c == '-' || c == '_';
}

/// The host that `word`, such as `10.0.0.1@tcp`, is a NID of.
std::optional<Mention> nid_mention(const Model& model, std::string_view word) {
    const auto at = word.find('@');
    if (at == std::string_view::npos) return std::nullopt;
    std::optional<Mention> found;
    const std::string_view address = word.substr(0, at);
    model.interfaces.each([&](const InterfaceRow& row) {
        if (found || !row.nid || row.inet4_address != address) return;
        const std::string nid = nid_text(row);
        // Lustre leaves the number of network 0 out.
        const bool short_form = row.nid->lnd_network == 0 && nid.substr(0, nid.size() - 1) == word;
        if (nid != word && !short_form) return;
        const HostRow& host = model.hosts.at(row.host_id);
        found = Mention{0, 0, host_label(host), resource_uri({Kind::host, host.id})};
    });
    return found;
}

std::optional<Mention> target_mention(const Model& model, std::string_view word) {
    const bool possible = word.find("-MDT") != std::string_view::npos || word.find("-OST") != word.npos;
    if (!possible) return std::nullopt;
    std::optional<Mention> found;
    model.targets.each([&](const TargetRow& row) {
        if (found || row.name.empty() || row.name == "MGS" || !word.starts_with(row.name)) return;
        const std::string_view rest = word.substr(row.name.size());
        if (!rest.empty() && std::isalnum(static_cast<unsigned char>(rest.front())) != 0) return;
        found = Mention{0, row.name.size(), row.name, resource_uri({Kind::target, row.id})};
    });
    return found;
}

/// Where the text speaks of something that the manager knows.
Json substitutions(const Model& model, const std::string& text) {
    Json list = Json::array();
    for (std::size_t begin = 0; begin < text.size();) {
        if (!word_character(text[begin])) {
            ++begin;
            continue;
        }
        std::size_t end = begin;
        while (end < text.size() && word_character(text[end])) ++end;
        std::string_view word = std::string_view(text).substr(begin, end - begin);
        while (word.ends_with('.')) word.remove_suffix(1);
        auto found = nid_mention(model, word);
        if (found) found->end = word.size();
        if (!found) found = target_mention(model, word);
        if (found) {
            list.push_back(Json{
                {"start", begin},
                {"end", begin + found->end},
                {"label", found->label},
                {"resource_uri", found->uri}});
        }
        begin = end;
    }
    return list;
}

class LogResource final : public Resource {
  public:
    LogResource() : Resource("log") {
        using enum FieldType;
        ordering_ = {"datetime", "fqdn"};
        add_identity(fields_, *this);
        fields_.push_back(field("datetime", datetime, of([](const LogLine& l) { return instant(l.at); })));
        fields_.push_back(field("fqdn", string, of([](const LogLine& l) { return l.fqdn; })));
        fields_.push_back(field("severity", integer, of([](const LogLine& l) { return l.severity; })));
        fields_.push_back(field("facility", integer, of([](const LogLine& l) { return l.facility; })));
        fields_.push_back(field("tag", string, of([](const LogLine& l) { return l.tag; })));
        fields_.push_back(field("message", string, of([](const LogLine& l) { return l.message; })));
        fields_.push_back(field("message_class", string, of([](const LogLine& l) { return l.message_class; }))
        );
        auto mentions = [](RestContext& context, Key key) {
            return substitutions(context.model, context.model.log.find(key)->message);
        };
        fields_.push_back(field("substitutions", list, mentions, Field::nullable));
        const std::set<std::string> searched{"contains", "exact", "startswith", "endswith"};
        for (const char* name : {"fqdn", "message", "tag", "message_class"}) filters_[name] = {searched};
        filters_["message_class"].lookups.insert("in");
        filters_["datetime"] = {{"exact", "gte", "lte", "gt", "lt"}};
    }

    /// Newest first. Who is no administrator sees what Lustre said only.
    Keys keys(RestContext& context) override {
        Keys keys;
        keys.reserve(context.model.log.size());
        const bool all = context.caller.administrator();
        std::optional<SimTime> last;
        bool sorted = true;
        context.model.log.each([&](const LogLine& line) {
            if (!all && !line.message_class.starts_with("LUSTRE")) return;
            sorted = sorted && (!last || *last <= line.at);
            last = line.at;
            keys.push_back(line.id);
        });
        std::reverse(keys.begin(), keys.end());
        if (sorted) return keys;
        std::stable_sort(keys.begin(), keys.end(), [&](Key a, Key b) {
            return context.model.log.find(b)->at < context.model.log.find(a)->at;
        });
        return keys;
    }
    bool has(RestContext& context, Key key) override {
        const LogLine* line = context.model.log.find(key);
        const bool all = context.caller.administrator();
        return line != nullptr && (all || line->message_class.starts_with("LUSTRE"));
    }

    void narrow(RestContext& context, Keys& keys) override {
        const std::string* id = context.target.find("host_id");
        if (id == nullptr) return;
        const HostRow* host = context.model.hosts.find(id_in_text(*id).value_or(0));
        if (host == nullptr) return keys.clear();
        std::erase_if(keys, [&](Key key) { return context.model.log.find(key)->fqdn != host->fqdn; });
    }

  private:
    template <class Get>
    static Value of(Get get) {
        return [get](RestContext& context, Key key) { return Json(get(*context.model.log.find(key))); };
    }
};

}  // namespace

void add_log_resource(ResourceList& list) {
    list.push_back(std::make_unique<LogResource>());
}

}  // namespace csim
