// What simulated nodes of a cluster begin with, and what a specification may say about the model.
#include "core/duration_text.hpp"
#include "core/utc.hpp"
#include "vcluster/model/planned_faults.hpp"
#include "vcluster/model/programs.hpp"

namespace csim::model {
namespace {

NodeFile folder(unsigned mode = 0755, unsigned uid = 0, unsigned gid = 0) {
    NodeFile made;
    made.type = NodeFile::Type::directory;
    made.mode = mode;
    made.uid = uid, made.gid = gid;
    return made;
}

NodeFile file(std::string content, unsigned mode = 0644) {
    NodeFile made;
    made.content = std::move(content);
    made.mode = mode;
    return made;
}

}  // namespace

std::shared_ptr<const FileTree> cluster_base() {
    static const auto tree = [] {
        auto made = std::make_shared<FileTree>();
        for (const char* path :
             {"/",
              "/bin",
              "/dev",
              "/etc",
              "/etc/munge",
              "/etc/profile.d",
              "/etc/ld.so.conf.d",
              "/etc/slurm",
              "/etc/ssh",
              "/home",
              "/opt",
              "/opt/ovis",
              "/opt/ovis/bin",
              "/opt/ovis/sbin",
              "/opt/ovis/lib",
              "/proc",
              "/root",
              "/run",
              "/sbin",
              "/sys",
              "/usr",
              "/usr/bin",
              "/usr/sbin",
              "/var",
              "/var/lib",
              "/var/lib/munge",
              "/var/log",
              "/var/log/munge",
              "/var/run",
              "/var/spool",
              "/run/munge"})
            (*made)[path] = folder();
        NodeFile run;
        run.type = NodeFile::Type::symlink;
        run.content = "/run";
        (*made)["/var/run"] = run;
        for (const char* path : {"/etc/munge", "/var/lib/munge", "/var/log/munge"})
            (*made)[path] = folder(0700, 101, 101);
        (*made)["/run/munge"] = folder(0755, 101, 101);
        (*made)["/root"] = folder(0700);
        (*made)["/tmp"] = folder(01777);
        (*made)["/etc/os-release"] =
            file("NAME=\"cluster-sim\"\nID=cluster-sim\nPRETTY_NAME=\"simulated node\"\n");
        (*made)["/etc/passwd"] = file(
            "root:x:0:0:root:/root:/bin/bash\nmunge:x:101:101::/nonexistent:/usr/sbin/nologin\n"
            "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
        );
        (*made)["/etc/group"] = file("root:x:0:\nmunge:x:101:\nnogroup:x:65534:\n");
        (*made)["/dev/null"] = file("", 0666);
        for (const std::string& name : program_names()) (*made)["/usr/bin/" + name] = file("", 0755);
        for (const char* name : {"sshd", "munged", "slurmctld", "slurmd", "ldmsd"})
            (*made)["/usr/sbin/" + std::string(name)] = file("", 0755);
        // The library that tells metric daemons of jobs is only looked for, never read.
        (*made)["/opt/ovis/lib/ovis-ldms"] = folder();
        (*made)["/opt/ovis/lib/ovis-ldms/libslurm_notifier.so"] = file("", 0755);
        for (const char* name : {"bash", "sh"}) (*made)["/bin/" + std::string(name)] = file("", 0755);
        return std::shared_ptr<const FileTree>(std::move(made));
    }();
    return tree;
}

namespace {

Error wrong(const std::string& key, const std::string& why) {
    return {Errc::bad_argument, "/sim/" + key + ": " + why};
}

}  // namespace

Result<ModelOptions> read_model_options(const Json& sim) {
    ModelOptions options;
    for (const auto& [key, value] : sim.items()) {
        if (key == "latency" || key == "job_default_seconds") {
            Result<Duration> span = Error{Errc::bad_argument, ""};
            if (value.is_string()) span = parse_duration(value.get<std::string>());
            if (value.is_number_integer()) span = std::chrono::seconds(value.get<std::int64_t>());
            if (!span || *span < Duration::zero())
                return wrong(key, "expected a span of time such as \"200us\"");
            (key == "latency" ? options.latency : options.job_default) = *span;
        } else if (key == "epoch") {
            const auto at = value.is_string() ? parse_utc(value.get<std::string>()) : wrong(key, "");
            if (!at) return wrong(key, "expected an instant such as \"2020-01-01T00:00:00\"");
            options.epoch = *at;
        } else if (key == "ldmsd_strict") {
            if (!value.is_boolean()) return wrong(key, "expected true or false");
            options.ldmsd_strict = value.get<bool>();
        } else if (key == "seed") {
            if (!value.is_number_unsigned()) return wrong(key, "expected a whole number");
            options.seed = value.get<std::uint64_t>();
        } else if (key == "faults") {
            if (const auto faults = read_planned_faults(value); !faults) return faults.error();
        } else {
            return wrong(
                key, "unknown; known: epoch, faults, job_default_seconds, latency, ldmsd_strict, seed"
            );
        }
    }
    return options;
}

}  // namespace csim::model
