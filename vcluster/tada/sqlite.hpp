// The few things that are needed of SQLite. The library is found when the program runs, not when it is built:
// whoever stores no test results needs none.
#pragma once

#include "core/result.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace csim {

class SqliteDatabase {
  public:
    /// Makes the file if need be. Waits up to 10 s for others who write. Throws Fatal: without the library,
    /// or when the file cannot be opened.
    explicit SqliteDatabase(const std::string& path);
    ~SqliteDatabase();
    SqliteDatabase(const SqliteDatabase&) = delete;

    /// A statement with `?` in the places of `values`, each a text. `row` gets the columns as texts; NULL is
    /// empty. Throws Fatal with what SQLite says.
    using Row = std::function<void(const std::vector<std::string>& columns)>;
    void run(const std::string& statement, const std::vector<std::string>& values = {}, const Row& row = {});

  private:
    struct Library;
    std::shared_ptr<Library> library_;
    void* database_ = nullptr;
};

}  // namespace csim
