// Images and their aliases: imported, listed, exported, and what instances of them begin with.
#pragma once

#include "runtime/lxd_host/lxd_context.hpp"
#include "runtime/simulated/node_files.hpp"

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace csim {

struct LxdImage {
    std::string fingerprint, filename, architecture = "x86_64";
    std::map<std::string, std::string> properties;
    std::shared_ptr<const FileTree> base;             ///< of instances
    std::shared_ptr<const std::string> archive;       ///< as it was imported
    std::shared_ptr<const std::string> root_archive;  ///< of a split image, the second part
    std::vector<std::string> profiles{"default"};
    bool is_public = false, auto_update = false;
    SimTime created, uploaded, last_used;
};

class LxdImages {
  public:
    explicit LxdImages(LxdContext& context);
    ~LxdImages();  ///< waits for what is being unpacked
    LxdImages(const LxdImages&) = delete;

    void add_routes(LxdRoutes& routes);
    /// How to come by the files of an instance "c1" or a snapshot "c1/snap0"; refuses as the daemon does.
    using FilesOf = std::function<NodeFiles(const std::string& name)>;
    void publish_from(FilesOf files_of) { files_of_ = std::move(files_of); }
    /// A small system of its own under this alias.
    void add_built_in(const std::string& alias);
    /// By alias, or by a fingerprint or a beginning of it that only one has. Refuses as the daemon does.
    LxdImage& by_alias(const std::string& alias);
    LxdImage& by_fingerprint(const std::string& beginning);
    /// The first whose properties hold all of these. Refuses.
    LxdImage& by_properties(const std::map<std::string, std::string>& wanted);

  private:
    struct Alias {
        std::string target, description;
    };
    struct Upload;
    struct Unpacked;
    Json shown(const LxdImage& image) const;
    Json shown(const std::string& name, const Alias& alias) const;
    std::string etag(const LxdImage& image) const;
    Alias& alias(const std::string& name);
    LxdReply list(LxdCall& call);
    LxdReply import(LxdCall& call);
    LxdReply made_of_json(LxdCall& call);
    LxdReply fetch(Upload upload, const std::string& name);
    LxdReply publish(LxdCall& call, Upload upload, const std::string& name);
    /// Reads what was uploaded or packed on a thread of its own; the operation ends with its image.
    LxdReply unpack(Upload upload, std::function<std::pair<std::string, std::string>()> parts);
    LxdReply change(LxdCall& call, bool whole);
    LxdReply remove(LxdCall& call);
    LxdReply export_one(LxdCall& call);
    void add_alias_routes(LxdRoutes& routes);
    LxdReply create_alias(LxdCall& call);
    LxdReply change_alias(LxdCall& call);
    void arrived(const std::string& operation, Upload upload, Result<LxdImage> image);

    LxdContext& context_;
    FilesOf files_of_;
    std::map<std::string, LxdImage> images_;
    std::map<std::string, Alias> aliases_;
    std::vector<std::thread> unpacking_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

/// What a file or its parts hold. Blocks while it is unpacked. Fails with one sentence.
Result<LxdImage> read_image(std::string archive, std::string root_archive);
/// "metadata" and "rootfs" of a multipart body. Fails with bad_argument.
Result<std::pair<std::string, std::string>> split_parts(
    const std::string& content_type, std::string_view body
);

}  // namespace csim
