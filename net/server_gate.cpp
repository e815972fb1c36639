#include "net/server_gate.hpp"

#include "net/server_connection.hpp"

namespace csim {

void ServerGate::deliver(std::vector<Arrival> batch) {
    inbox_.post([self = shared_from_this(), batch = std::move(batch)]() mutable {
        for (Arrival& arrival : batch)
            if (!self->shut_)
                self->handler_(std::move(arrival.request), *arrival.peer, std::move(arrival.responder));
    });
}

void ServerGate::reply(std::shared_ptr<Responder::State> to, HttpReply reply) {
    const std::lock_guard lock(mutex_);
    if (shut_) return;
    reactor_.post([to = std::move(to), reply = std::move(reply)] {
        if (to->connection != nullptr) to->connection->answer(reply);
    });
}

void ServerGate::client_gone(std::shared_ptr<Responder::State> state) {
    state->gone = true;
    inbox_.post([self = shared_from_this(), state = std::move(state)] {
        auto then = std::move(state->when_gone);
        if (then && !self->shut_) then();
    });
}

void ServerGate::crowded() {
    if (!when_crowded_) return;
    inbox_.post([self = shared_from_this()] {
        if (!self->shut_) self->when_crowded_();
    });
}

void ServerGate::shut() {
    const std::lock_guard lock(mutex_);
    shut_ = true;
}

Responder::Responder(std::shared_ptr<State> state) : state_(std::move(state)) {}
Responder::Responder(Responder&&) noexcept = default;

Responder& Responder::operator=(Responder&& other) noexcept {
    Responder old(std::move(*this));
    state_ = std::move(other.state_);
    return *this;
}

Responder::~Responder() {
    if (state_)
        reply(HttpReply{500, {{"Content-Type", "text/plain"}}, "The request was dropped unanswered.\n"});
}

void Responder::reply(HttpReply reply) {
    const auto state = std::exchange(state_, nullptr);
    if (state) state->when_gone = {};
    if (state && !state->gone) state->gate->reply(state, std::move(reply));
}

void Responder::on_gone(UniqueFunction<void()> then) {
    if (state_ == nullptr) return;
    if (state_->gone) return then();
    state_->when_gone = std::move(then);
}

bool Responder::gone() const {
    return state_ == nullptr || state_->gone;
}

}  // namespace csim
