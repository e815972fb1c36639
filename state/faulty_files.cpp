#include "state/faulty_files.hpp"

#include <unistd.h>

namespace csim {

namespace {

[[noreturn]] void die() {
    ::_exit(FaultyFiles::exit_status);
}

}  // namespace

class FaultyFiles::File final : public OpenFile {
  public:
    File(FaultyFiles& owner, std::unique_ptr<OpenFile> real) : owner_(owner), real_(std::move(real)) {}
    Result<Nothing> write(std::string_view bytes) override { return owner_.write(*real_, bytes); }
    Result<Nothing> sync() override {
        return owner_.synced([&] { return real_->sync(); });
    }

  private:
    FaultyFiles& owner_;
    std::unique_ptr<OpenFile> real_;
};

template <class Operation>
auto FaultyFiles::passed_on(Operation operation) -> decltype(operation()) {
    const auto number = ++count_;
    if (fault_.at == 0 || number < fault_.at) return operation();
    if (fault_.kind == Fault::Kind::fail) return fault_.error;
    if (fault_.kind != Fault::Kind::die_after) die();
    auto result = operation();
    die();
    return result;
}

Result<Nothing> FaultyFiles::write(OpenFile& file, std::string_view bytes) {
    const auto number = ++count_;
    bytes_written_ += bytes.size();
    if (fault_.at == 0 || number < fault_.at) return file.write(bytes);
    if (fault_.kind == Fault::Kind::die_before) die();
    const bool whole = fault_.kind == Fault::Kind::die_after;
    // A disk that failed once takes nothing more.
    const bool nothing = fault_.kind == Fault::Kind::fail && number > fault_.at;
    if (!nothing) (void)file.write(whole ? bytes : bytes.substr(0, fault_.bytes));
    if (fault_.kind != Fault::Kind::fail) die();
    return fault_.error;
}

Result<std::unique_ptr<OpenFile>> FaultyFiles::append(const Path& file) {
    auto real = passed_on([&] { return real_.append(file); });
    if (!real.has_value()) return real.error();
    return std::unique_ptr<OpenFile>(std::make_unique<File>(*this, std::move(*real)));
}

Result<std::unique_ptr<OpenFile>> FaultyFiles::create(const Path& file, Readers readers) {
    auto real = passed_on([&] { return real_.create(file, readers); });
    if (!real.has_value()) return real.error();
    return std::unique_ptr<OpenFile>(std::make_unique<File>(*this, std::move(*real)));
}

Result<Nothing> FaultyFiles::truncate(const Path& file, std::uint64_t size_bytes) {
    return passed_on([&] { return real_.truncate(file, size_bytes); });
}

Result<Nothing> FaultyFiles::rename(const Path& from, const Path& to) {
    return passed_on([&] { return real_.rename(from, to); });
}

Result<Nothing> FaultyFiles::remove(const Path& file) {
    return passed_on([&] { return real_.remove(file); });
}

Result<Nothing> FaultyFiles::make_folders(const Path& folder) {
    return passed_on([&] { return real_.make_folders(folder); });
}

Result<Nothing> FaultyFiles::remove_empty_folder(const Path& folder) {
    return passed_on([&] { return real_.remove_empty_folder(folder); });
}

Result<Nothing> FaultyFiles::sync_folder(const Path& folder) {
    return synced([&] { return real_.sync_folder(folder); });
}

Result<Nothing> FaultyFiles::sync_all(const Path& folder) {
    return synced([&] { return real_.sync_all(folder); });
}

Result<std::unique_ptr<FileLock>> FaultyFiles::lock(const Path& file, std::string_view holder) {
    return passed_on([&] { return real_.lock(file, holder); });
}

}  // namespace csim
