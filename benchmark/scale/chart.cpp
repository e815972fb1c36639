#include "benchmark/scale/chart.hpp"

#include "benchmark/scale/scale_report.hpp"

#include <algorithm>
#include <iomanip>
#include <sstream>

namespace csim {
namespace {

constexpr double panel_width = 360, panel_height = 220, margin = 60;
constexpr const char* simulator_colour = "#1f5fa8";
constexpr const char* manager_colour = "#c2571a";

/// One panel: bars of both sides for each size.
class Panel {
  public:
    Panel(std::ostream& out, double left, const char* title, int digits)
        : out_(out), left_(left), title_(title), digits_(digits) {}

    void add(int servers, double simulator, double manager) {
        groups_.push_back({servers, simulator, manager});
        most_ = std::max({most_, simulator, manager});
    }

    void draw() const {
        text(left_ + panel_width / 2, margin - 24, title_, "middle", "bold");
        line(left_, margin, left_, margin + panel_height);
        line(left_, margin + panel_height, left_ + panel_width, margin + panel_height);
        const double step = panel_width / static_cast<double>(std::max<std::size_t>(groups_.size(), 1));
        for (std::size_t i = 0; i < groups_.size(); ++i) {
            const double middle = left_ + step * (static_cast<double>(i) + 0.5);
            bar(middle - step * 0.3, step * 0.28, groups_[i].simulator, simulator_colour);
            bar(middle + step * 0.02, step * 0.28, groups_[i].manager, manager_colour);
            text(middle, margin + panel_height + 18, std::to_string(groups_[i].servers), "middle");
        }
    }

  private:
    struct Group {
        int servers;
        double simulator, manager;
    };

    void bar(double x, double width, double value, const char* colour) const {
        const double height = most_ > 0 ? panel_height * 0.9 * value / most_ : 0;
        const double top = margin + panel_height - height;
        out_ << "<rect x=\"" << x << "\" y=\"" << top << "\" width=\"" << width << "\" height=\"" << height
             << "\" fill=\"" << colour << "\"/>\n";
        std::ostringstream number;
        number << std::fixed << std::setprecision(digits_) << value;
        text(x + width / 2, top - 4, number.str(), "middle");
    }
    void line(double x1, double y1, double x2, double y2) const {
        out_ << "<line x1=\"" << x1 << "\" y1=\"" << y1 << "\" x2=\"" << x2 << "\" y2=\"" << y2
             << "\" stroke=\"#444\"/>\n";
    }
    void text(double x, double y, const std::string& what, const char* anchor, const char* weight = "normal")
        const {
        out_ << "<text x=\"" << x << "\" y=\"" << y << "\" text-anchor=\"" << anchor << "\" font-weight=\""
             << weight << "\">" << what << "</text>\n";
    }

    std::ostream& out_;
    double left_;
    std::string title_;
    int digits_;
    std::vector<Group> groups_;
    double most_ = 0;
};

void legend(std::ostream& out, double x, double y, const char* colour, const char* what) {
    out << "<rect x=\"" << x << "\" y=\"" << y - 10 << "\" width=\"12\" height=\"12\" fill=\"" << colour
        << "\"/>\n<text x=\"" << x + 18 << "\" y=\"" << y << "\">" << what << "</text>\n";
}

}  // namespace

std::string chart_of(const std::vector<SizeResult>& results) {
    std::ostringstream out;
    const double width = 2 * panel_width + 3 * margin;
    const double height = panel_height + 2 * margin + 24;
    out << "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" << width << "\" height=\"" << height
        << "\" font-family=\"sans-serif\" font-size=\"11\">\n<rect width=\"100%\" height=\"100%\" "
           "fill=\"#fff\"/>\n";
    Panel cpu(out, margin, "CPU per server, ms a minute", 2);
    Panel memory(out, 2 * margin + panel_width, "memory per server, kB", 0);
    for (const SizeResult& of : results) {
        cpu.add(of.servers, cpu_each(of) * 1e3, manager_cpu_each(of) * 1e3);
        memory.add(
            of.servers, of.resident_bytes / 1e3 / of.servers, of.manager_resident_bytes / 1e3 / of.servers
        );
    }
    cpu.draw();
    memory.draw();
    const double below = height - 16;
    legend(out, margin, below, simulator_colour, "cluster-sim");
    legend(out, margin + 120, below, manager_colour, "cluster-sim-manager");
    out << "<text x=\"" << width - margin << "\" y=\"" << below
        << "\" text-anchor=\"end\">servers</text>\n</svg>\n";
    return out.str();
}

}  // namespace csim
