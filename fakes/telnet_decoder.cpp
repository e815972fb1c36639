#include "fakes/telnet_decoder.hpp"

namespace csim {
namespace {

constexpr std::size_t line_max = 256;

constexpr unsigned char nul = 0, bell_erase = 8, line_feed = 10, carriage_return = 13, escape = 27, del = 127;

// RFC 854; end-of-file is of RFC 1184, the timing mark of RFC 860.
constexpr unsigned char iac = 255, dont = 254, do_ = 253, wont = 252, will = 251, block_begin = 250,
                        interrupt_process = 244, block_end = 240, end_of_file = 236;
constexpr unsigned char timing_mark = 6;

}  // namespace

TelnetDecoder::Decoded TelnetDecoder::feed(std::string_view bytes, SimTime now, Duration patience) {
    Decoded out;
    for (const char byte : bytes) take(static_cast<unsigned char>(byte), now, patience, out);
    return out;
}

void TelnetDecoder::take(unsigned char byte, SimTime now, Duration patience, Decoded& out) {
    switch (state_) {
        case State::text:
            return take_text(byte, now, patience, out);
        case State::command:
            return take_command(byte, out);
        case State::option:
            return take_option(byte, out);
        case State::block:
            if (byte == iac) state_ = State::block_command;
            return;
        case State::block_command:
            state_ = byte == block_end ? State::text : State::block;
            return;
    }
}

void TelnetDecoder::take_text(unsigned char byte, SimTime now, Duration patience, Decoded& out) {
    if (byte == iac) {
        state_ = State::command;
        return;
    }
    interrupting_ = false;
    if (belongs_to_last_end(byte, now, patience)) return;
    if (byte == carriage_return || byte == line_feed) return end_line(byte, now, out);
    if (byte == escape) {
        line_.clear();
        out.inputs.push_back({TelnetInput::Kind::escape, ""});
        return;
    }
    if (byte == bell_erase || byte == del) {
        if (!line_.empty()) line_.pop_back();
        return;
    }
    append(byte);
}

bool TelnetDecoder::belongs_to_last_end(unsigned char byte, SimTime now, Duration patience) {
    const unsigned char end = last_end_;
    last_end_ = 0;
    if (end == 0) return false;
    if (end == carriage_return && (byte == line_feed || byte == nul)) {
        if (!second_end_) last_end_ = line_feed;
        return true;
    }
    const bool is_end = byte == carriage_return || byte == line_feed || byte == nul;
    if (second_end_ || !is_end || now - ended_at_ > patience) return false;
    // A terminal sends ENTER as two whole line ends; this is how the second begins.
    second_end_ = true;
    if (byte == carriage_return) last_end_ = byte;
    return true;
}

void TelnetDecoder::end_line(unsigned char byte, SimTime now, Decoded& out) {
    out.inputs.push_back({TelnetInput::Kind::line, line_});
    line_.clear();
    last_end_ = byte;
    second_end_ = false;
    ended_at_ = now;
}

void TelnetDecoder::append(unsigned char byte) {
    const bool control = byte < ' ';
    if (!control && line_.size() < line_max) line_ += static_cast<char>(byte);
}

void TelnetDecoder::take_command(unsigned char byte, Decoded& out) {
    state_ = State::text;
    if (byte >= will) {
        verb_ = byte;
        if (byte == iac) return append(byte);
        state_ = State::option;
        return;
    }
    if (byte == block_begin) state_ = State::block;
    if (byte == end_of_file) out.inputs.push_back({TelnetInput::Kind::end, ""});
    if (byte != interrupt_process) return;
    line_.clear();
    last_end_ = 0;
    interrupting_ = true;
    out.inputs.push_back({TelnetInput::Kind::interrupt, ""});
}

void TelnetDecoder::take_option(unsigned char byte, Decoded& out) {
    state_ = State::text;
    const auto reply = [&](unsigned char verb) {
        out.replies += {static_cast<char>(iac), static_cast<char>(verb), static_cast<char>(byte)};
    };
    if (verb_ == do_) reply(wont);
    if (verb_ == will) reply(dont);
    // A client drops everything up to the answer to its timing mark: what it asked for must come again after
    // it.
    const bool marks_interrupt = verb_ == do_ && byte == timing_mark && interrupting_;
    interrupting_ = false;
    const bool told = !out.inputs.empty() && out.inputs.back().kind == TelnetInput::Kind::interrupt;
    if (marks_interrupt && !told) out.inputs.push_back({TelnetInput::Kind::interrupt, ""});
}

}  // namespace csim
