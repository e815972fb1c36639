// Pushes: whoever waits for a topic is answered when somebody publishes under its name.
#include "connections/sink/sink_impl.hpp"

namespace csim::connections {

void Sink::Impl::publish(const std::string& topic, const std::string& body) {
    auto waiting = std::move(topics[topic]);
    topics.erase(topic);
    for (const auto& [fd, generation] : waiting) {
        if (!alive(fd) || slot(fd).generation != generation || !slot(fd).live) continue;
        std::vector<Pending> due;
        auto& pending = slot(fd).live->pending;
        for (std::size_t i = 0; i < pending.size();) {
            if (pending[i].answer.topic != topic) {
                ++i;
                continue;
            }
            due.push_back(std::move(pending[i]));
            pending.erase(pending.begin() + static_cast<std::ptrdiff_t>(i));
        }
        for (Pending& each : due) {
            each.answer.body = body;
            if (alive(fd)) send_reply(fd, each);
        }
        if (alive(fd)) go_on(fd);
    }
}

}  // namespace csim::connections
