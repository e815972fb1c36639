// The programs that unpack what was packed.
#include "runtime/lxd_host/tar_archive.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace csim {
namespace {

struct Packer {
    std::string_view magic;
    const char* program;
};

constexpr Packer packers[] = {
    {"\x1f\x8b", "gzip"},
    {"\xfd"
     "7zXZ",
     "xz"},
    {"BZh", "bzip2"},
    {"\x28\xb5\x2f\xfd", "zstd"},
};

/// A file without a name, gone with its descriptor.
class MemoryFile {
  public:
    MemoryFile() : fd_(::memfd_create("cluster-sim-unpack", MFD_CLOEXEC)) {}
    ~MemoryFile() {
        if (fd_ >= 0) ::close(fd_);
    }
    MemoryFile(const MemoryFile&) = delete;
    int fd() const { return fd_; }
    bool write(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto n = ::write(fd_, bytes.data(), bytes.size());
            if (n <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(n));
        }
        return ::lseek(fd_, 0, SEEK_SET) == 0;
    }
    std::string all() {
        std::string bytes(static_cast<std::size_t>(std::max<off_t>(0, ::lseek(fd_, 0, SEEK_END))), '\0');
        std::size_t done = 0;
        for (ssize_t n = 1; done < bytes.size() && n > 0;
             done += static_cast<std::size_t>(std::max<ssize_t>(0, n)))
            n = ::pread(fd_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
        bytes.resize(done);
        return bytes;
    }

  private:
    int fd_;
};

/// Its wait status, or -errno. The limit is the kernel's: whoever writes more is killed.
int run(const char* program, int in, int out, std::size_t bytes_max) {
    const pid_t child = ::fork();
    if (child < 0) return -errno;
    if (child == 0) {
        const rlimit most{bytes_max, bytes_max};
        ::setrlimit(RLIMIT_FSIZE, &most);
        ::dup2(in, 0);
        ::dup2(out, 1);
        const int null = ::open("/dev/null", O_WRONLY);
        ::dup2(null, 2);
        ::execlp(program, program, "-dc", nullptr);
        ::_exit(127);
    }
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

}  // namespace

Result<std::string> unpacked(std::string bytes, std::size_t bytes_max) {
    for (const Packer& packer : packers) {
        if (!bytes.starts_with(packer.magic)) continue;
        MemoryFile in, out;
        if (in.fd() < 0 || out.fd() < 0 || !in.write(bytes))
            return Error{Errc::io, std::string("there is no memory to unpack it: ") + std::strerror(errno)};
        const int status = run(packer.program, in.fd(), out.fd(), bytes_max);
        if (status < 0) return Error{Errc::io, std::string("cannot run ") + packer.program};
        if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ)
            return Error{Errc::exhausted, "unpacked it is too large"};
        if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
            return Error{Errc::io, std::string("the program ") + packer.program + " is not installed"};
        if (status != 0) return Error{Errc::corrupt, std::string(packer.program) + " cannot unpack it"};
        return out.all();
    }
    return bytes;
}

}  // namespace csim
