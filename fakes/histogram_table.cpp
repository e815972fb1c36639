// The request histograms of an OST.
// Source: the behaviour specification, appendix A.
#include "fakes/counter_table.hpp"

#include <array>
#include <string>

namespace csim {

namespace {

constexpr std::size_t buckets_max = 32;
using Counts = std::array<std::int64_t, buckets_max>;

enum class Buckets { from_one, from_zero, doubling, sizes };

struct HistogramRow {
    const char* name;
    const char* units;
    Buckets buckets;
    std::size_t size;
    Counts read;
    Counts write;
};

constexpr Counts discont_read = {187, 10, 6, 2, 4, 0, 2, 1, 0, 0, 1, 0, 0, 0, 1};
constexpr Counts discont_write = {13986, 288, 125, 222, 62, 47, 60, 135, 21, 16, 16, 15, 13, 14, 37, 111,
                                  2,     2,   3,   0,   1,  2,  2,  0,   0,  0,  0,  1,  0,  0,  1,  21};

constexpr std::array<HistogramRow, 7> rows = {{
    {"rpc_hist",
     "ios",
     Buckets::from_one,
     31,
     {337, 38, 35, 37, 37, 35, 24, 22, 14, 12, 13, 13, 12, 12, 24, 18,
      21,  20, 24, 24, 23, 22, 21, 11, 11, 10, 11, 7,  6,  7,  119},
     {109905, 775, 773, 773, 772, 768, 767, 767, 763, 495, 495, 496, 493, 493, 495,  496,
      494,    495, 358, 358, 357, 357, 358, 358, 358, 358, 356, 324, 324, 324, 13451}},
    {"discont_blocks", "rpcs", Buckets::from_zero, 32, discont_read, discont_write},
    {"discont_pages", "rpcs", Buckets::from_zero, 32, discont_read, discont_write},
    {"disk_iosize",
     "ios",
     Buckets::sizes,
     6,
     {95, 9, 7, 41, 84, 784},
     {3008, 1726, 1000, 13762, 4006, 114654}},
    {"io_time",
     "ios",
     Buckets::doubling,
     15,
     {70, 13, 2, 9, 13, 15, 4, 8, 24, 34, 9, 5, 3, 5, 0},
     {1006, 2277, 8197, 447, 404, 254, 83, 144, 326, 516, 486, 331, 274, 370, 88}},
    {"dio_frags",
     "ios",
     Buckets::from_one,
     31,
     {31, 67, 6, 5, 4, 0, 59, 4, 36, 0, 0, 0, 1, 0, 1},
     {56, 85, 157, 61, 224, 119, 30, 69, 13590, 213, 35, 189, 19, 27, 32, 261,
      3,  2,  2,   1,  1,   2,   2,  0,  0,     0,   0,  1,   0,  0,  22}},
    {"pages",
     "rpcs",
     Buckets::doubling,
     9,
     {17, 3, 9, 5, 14, 4, 62, 3, 97},
     {4, 6, 4, 6, 40, 88, 224, 433, 14398}},
}};

std::string bucket_name(Buckets buckets, std::size_t index) {
    const auto doubled = std::size_t{1} << index;
    switch (buckets) {
        case Buckets::from_one:
            return std::to_string(index + 1);
        case Buckets::from_zero:
            return std::to_string(index);
        case Buckets::sizes:
            return std::to_string(4 * doubled) + "K";
        case Buckets::doubling:
            break;
    }
    return doubled < 1024 ? std::to_string(doubled) : std::to_string(doubled / 1024) + "K";
}

/// One direction of a histogram, with the percentages that a reader would compute.
class Column {
  public:
    Column(const Counts& counts, std::size_t size, std::int64_t numerator, std::int64_t denominator)
        : counts_(counts) {
        for (std::size_t i = 0; i < size; ++i) {
            counts_[i] = counts_[i] * numerator / denominator;
            total_ += counts_[i];
        }
    }

    HistogramCell next() {
        const auto count = counts_[at_++];
        running_ += count;
        if (total_ == 0) return {count, 0, 0};
        return {count, 100 * count / total_, 100 * running_ / total_};
    }

  private:
    Counts counts_;
    std::int64_t total_ = 0;
    std::int64_t running_ = 0;
    std::size_t at_ = 0;
};

}  // namespace

Histograms scaled_histograms(std::int64_t numerator, std::int64_t denominator) {
    Histograms histograms;
    for (const auto& row : rows) {
        auto& histogram = histograms[row.name];
        histogram.units = row.units;
        Column read(row.read, row.size, numerator, denominator);
        Column write(row.write, row.size, numerator, denominator);
        for (std::size_t i = 0; i < row.size; ++i) {
            histogram.buckets[bucket_name(row.buckets, i)] = {read.next(), write.next()};
        }
    }
    return histograms;
}

}  // namespace csim
