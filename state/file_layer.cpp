#include "state/file_layer.hpp"

#include <algorithm>
#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace csim {

namespace {

namespace fs = std::filesystem;
using Path = FileLayer::Path;

Error failure(std::string_view operation, const Path& path, int code = errno) {
    auto kind = Errc::io;
    if (code == ENOENT) kind = Errc::not_found;
    if (code == ENOSPC || code == EDQUOT || code == EMFILE || code == ENFILE) kind = Errc::exhausted;
    const auto reason = std::error_code(code, std::generic_category()).message();
    return {kind, "cannot " + std::string(operation) + " " + path.string() + ": " + reason};
}

class Descriptor {
  public:
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&&) = delete;
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    int operator*() const { return number_; }
    explicit operator bool() const { return number_ >= 0; }

  private:
    int number_;
};

Descriptor open_file(const Path& path, int flags, mode_t mode = 0) {
    return Descriptor(::open(path.c_str(), flags | O_CLOEXEC, mode));
}

Result<Nothing> write_all(int number, const Path& path, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(number, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return failure("write", path);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return Nothing{};
}

class SystemFile final : public OpenFile {
  public:
    SystemFile(Descriptor descriptor, Path path)
        : descriptor_(std::move(descriptor)), path_(std::move(path)) {}
    Result<Nothing> write(std::string_view bytes) override { return write_all(*descriptor_, path_, bytes); }
    Result<Nothing> sync() override {
        if (::fdatasync(*descriptor_) != 0) return failure("sync", path_);
        return Nothing{};
    }

  private:
    Descriptor descriptor_;
    Path path_;
};

class SystemLock final : public FileLock {
  public:
    explicit SystemLock(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

  private:
    Descriptor descriptor_;
};

Result<std::string> read_rest(const Descriptor& descriptor, const Path& path) {
    struct stat status {};
    if (::fstat(*descriptor, &status) != 0) return failure("read", path);
    // One byte more than expected, so that the usual file ends with one read() that finds its end.
    std::string text(static_cast<std::size_t>(status.st_size) + 1, '\0');
    std::size_t size = 0;
    while (true) {
        const auto got = ::read(*descriptor, text.data() + size, text.size() - size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failure("read", path);
        size += static_cast<std::size_t>(got);
        if (got == 0) break;
        if (size == text.size()) text.resize(text.size() * 2);
    }
    text.resize(size);
    return text;
}

Result<Nothing> sync_with(int (*sync)(int), const Path& folder) {
    const auto descriptor = open_file(folder, O_RDONLY | O_DIRECTORY);
    if (!descriptor) return failure("open", folder);
    if (sync(*descriptor) != 0) return failure("sync", folder);
    return Nothing{};
}

FileLayer::Child child_of(const Path& folder, const dirent& entry) {
    FileLayer::Child child{entry.d_name, entry.d_type == DT_DIR, entry.d_type == DT_REG};
    if (entry.d_type != DT_LNK && entry.d_type != DT_UNKNOWN) return child;
    std::error_code ignored;
    child.regular = fs::is_regular_file(folder / child.name, ignored);
    child.folder = fs::symlink_status(folder / child.name, ignored).type() == fs::file_type::directory;
    return child;
}

class SystemFiles final : public FileLayer {
  public:
    Result<std::string> read(const Path& file) override {
        const auto descriptor = open_file(file, O_RDONLY);
        if (!descriptor) return failure("open", file);
        return read_rest(descriptor, file);
    }

    Result<std::vector<Child>> children(const Path& folder) override {
        const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder.c_str()), ::closedir);
        if (!open) return failure("open", folder);
        std::vector<Child> found;
        errno = 0;
        while (const auto* entry = ::readdir(open.get())) {
            const std::string_view name = entry->d_name;
            if (name != "." && name != "..") found.push_back(child_of(folder, *entry));
            errno = 0;
        }
        if (errno != 0) return failure("list", folder);
        std::sort(found.begin(), found.end(), [](auto& a, auto& b) { return a.name < b.name; });
        return found;
    }

    Result<std::unique_ptr<OpenFile>> append(const Path& file) override {
        return opened(file, O_WRONLY | O_CREAT | O_APPEND, 0600);
    }

    Result<std::unique_ptr<OpenFile>> create(const Path& file, Readers readers) override {
        return opened(file, O_WRONLY | O_CREAT | O_TRUNC, readers == Readers::owner ? 0600 : 0666);
    }

    Result<Nothing> truncate(const Path& file, std::uint64_t size_bytes) override {
        const auto descriptor = open_file(file, O_WRONLY);
        if (!descriptor) return failure("open", file);
        if (::ftruncate(*descriptor, static_cast<off_t>(size_bytes)) != 0) return failure("shorten", file);
        if (::fsync(*descriptor) != 0) return failure("sync", file);
        return Nothing{};
    }

    Result<Nothing> rename(const Path& from, const Path& to) override {
        if (::rename(from.c_str(), to.c_str()) != 0) return failure("replace", to);
        return Nothing{};
    }

    Result<Nothing> remove(const Path& file) override {
        if (::unlink(file.c_str()) != 0 && errno != ENOENT) return failure("remove", file);
        return Nothing{};
    }

    Result<Nothing> make_folders(const Path& folder) override {
        std::error_code code;
        fs::create_directories(folder, code);
        if (code) return failure("create", folder, code.value());
        return Nothing{};
    }

    Result<Nothing> remove_empty_folder(const Path& folder) override {
        if (::rmdir(folder.c_str()) == 0 || errno == ENOTEMPTY || errno == EEXIST || errno == ENOENT)
            return Nothing{};
        return failure("remove", folder);
    }

    Result<Nothing> sync_folder(const Path& folder) override { return sync_with(::fsync, folder); }
    Result<Nothing> sync_all(const Path& folder) override { return sync_with(::syncfs, folder); }

    Result<std::unique_ptr<FileLock>> lock(const Path& file, std::string_view holder) override {
        auto descriptor = open_file(file, O_RDWR | O_CREAT, 0666);
        if (!descriptor) return failure("open", file);
        if (::flock(*descriptor, LOCK_EX | LOCK_NB) != 0) {
            if (errno != EWOULDBLOCK) return failure("lock", file);
            auto present = read_rest(descriptor, file);
            if (!present.has_value()) return present.error();
            return Error{Errc::conflict, *present};
        }
        if (::ftruncate(*descriptor, 0) != 0) return failure("write", file);
        const auto written = write_all(*descriptor, file, holder);
        if (!written.has_value()) return written.error();
        return std::unique_ptr<FileLock>(std::make_unique<SystemLock>(std::move(descriptor)));
    }

  private:
    static Result<std::unique_ptr<OpenFile>> opened(const Path& file, int flags, mode_t mode) {
        auto descriptor = open_file(file, flags, mode);
        if (!descriptor) return failure("open", file);
        return std::unique_ptr<OpenFile>(std::make_unique<SystemFile>(std::move(descriptor), file));
    }
};

}  // namespace

FileLayer& system_files() {
    static SystemFiles files;
    return files;
}

}  // namespace csim
