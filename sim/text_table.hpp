// Rows of text in aligned columns, for people.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace csim {

/// Columns are as wide as their widest cell; two blanks part them; the last column is not padded.
class TextTable {
  public:
    explicit TextTable(std::vector<std::string> titles) : rows_{std::move(titles)} {}
    void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
    void write(std::ostream& out) const;

  private:
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace csim
