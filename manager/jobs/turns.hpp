// Lets one at a time do what must not be done at the same time, in order of asking.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace csim {

class Turns {
  public:
    /// Held while it is somebody's turn; the next one follows when it is dropped.
    using Turn = std::shared_ptr<void>;

    Turns() : queues_(std::make_shared<Queues>()) {}

    /// Calls `run` with the turn, inside this call if `key` is free. `run` must ignore turns that come too
    /// late.
    void take(const std::string& key, std::function<void(Turn)> run);

  private:
    using Queues = std::map<std::string, std::deque<std::function<void(Turn)>>>;
    static void start(const std::shared_ptr<Queues>& queues, const std::string& key);
    std::shared_ptr<Queues> queues_;
};

}  // namespace csim
