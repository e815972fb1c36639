#include "vcluster/tada/sqlite.hpp"

#include <dlfcn.h>

namespace csim {
namespace {

constexpr int ok = 0, row_ready = 100, done = 101, patience_ms = 10'000;
/// The library copies the text before it returns.
void* const copy_text = reinterpret_cast<void*>(static_cast<std::intptr_t>(-1));

}  // namespace

/// The library's functions by name; their types are part of its stable interface.
struct SqliteDatabase::Library {
    void* handle = ::dlopen("libsqlite3.so.0", RTLD_NOW | RTLD_LOCAL);

    Library() {
        if (handle == nullptr)
            throw Fatal(
                "test results are stored with SQLite, and its library is not here; install libsqlite3-0"
            );
        find(open, "sqlite3_open"), find(close, "sqlite3_close"), find(busy_timeout, "sqlite3_busy_timeout");
        find(message, "sqlite3_errmsg"), find(prepare, "sqlite3_prepare_v2"), find(bind, "sqlite3_bind_text");
        find(step, "sqlite3_step"), find(finalize, "sqlite3_finalize"), find(columns, "sqlite3_column_count");
        find(column, "sqlite3_column_text");
    }
    ~Library() {
        if (handle != nullptr) ::dlclose(handle);
    }
    Library(const Library&) = delete;

    template <class Function>
    void find(Function& function, const char* name) {
        function = reinterpret_cast<Function>(::dlsym(handle, name));
        if (function == nullptr) throw Fatal(std::string("the SQLite library here has no ") + name);
    }

    int (*open)(const char*, void**);
    int (*close)(void*);
    int (*busy_timeout)(void*, int);
    const char* (*message)(void*);
    int (*prepare)(void*, const char*, int, void**, const char**);
    int (*bind)(void*, int, const char*, int, void*);
    int (*step)(void*);
    int (*finalize)(void*);
    int (*columns)(void*);
    const unsigned char* (*column)(void*, int);
};

SqliteDatabase::SqliteDatabase(const std::string& path) : library_(std::make_shared<Library>()) {
    if (library_->open(path.c_str(), &database_) != ok) {
        const std::string why = database_ != nullptr ? library_->message(database_) : "no memory";
        library_->close(database_);
        throw Fatal("cannot open the data base " + path + ": " + why);
    }
    library_->busy_timeout(database_, patience_ms);
}

SqliteDatabase::~SqliteDatabase() {
    library_->close(database_);
}

void SqliteDatabase::run(const std::string& text, const std::vector<std::string>& values, const Row& row) {
    void* statement = nullptr;
    const auto fail = [&] {
        const std::string why = library_->message(database_);
        library_->finalize(statement);
        throw Fatal("the data base refuses: " + why);
    };
    if (library_->prepare(database_, text.c_str(), static_cast<int>(text.size()), &statement, nullptr) != ok)
        fail();
    for (std::size_t i = 0; i < values.size(); ++i)
        if (library_->bind(
                statement, static_cast<int>(i + 1), values[i].data(), static_cast<int>(values[i].size()),
                copy_text
            ) != ok)
            fail();
    for (int state = 0; (state = library_->step(statement)) != done;) {
        if (state != row_ready) fail();
        if (!row) continue;
        std::vector<std::string> columns;
        for (int i = 0; i < library_->columns(statement); ++i) {
            const unsigned char* column = library_->column(statement, i);
            columns.emplace_back(column != nullptr ? reinterpret_cast<const char*>(column) : "");
        }
        row(columns);
    }
    library_->finalize(statement);
}

}  // namespace csim
