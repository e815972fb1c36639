// What a telnet client types, without the telnet: lines, ESC, Ctrl-C and end-of-file out of raw bytes.
#pragma once

#include "core/time.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace csim {

struct TelnetInput {
    enum class Kind {
        line,       ///< what was typed before ENTER
        escape,     ///< ESC; what was typed before it is forgotten
        interrupt,  ///< Ctrl-C, as telnet sends it
        end,        ///< IAC EOF
    };
    Kind kind = Kind::line;
    std::string text;
};

/// Takes bytes in pieces of any size. Every option is refused politely, wherever it stands in the stream.
/// Source: RFC 854 and 855, and the behaviour specification, §3.9.3 and §3.9.4. Differs: one line end is as
/// good as two; a second one that follows soon belongs to the first, as telnet on a terminal sends it.
class TelnetDecoder {
  public:
    struct Decoded {
        std::vector<TelnetInput> inputs;
        std::string replies;  ///< to be sent before any answer to the inputs
    };
    /// `patience`: for how long a second line end belongs to the first.
    Decoded feed(std::string_view bytes, SimTime now, Duration patience);

  private:
    enum class State { text, command, option, block, block_command };

    void take(unsigned char byte, SimTime now, Duration patience, Decoded& out);
    void take_text(unsigned char byte, SimTime now, Duration patience, Decoded& out);
    void take_command(unsigned char byte, Decoded& out);
    void take_option(unsigned char byte, Decoded& out);
    bool belongs_to_last_end(unsigned char byte, SimTime now, Duration patience);
    void end_line(unsigned char byte, SimTime now, Decoded& out);
    void append(unsigned char byte);

    State state_ = State::text;
    unsigned char verb_ = 0;
    std::string line_;
    unsigned char last_end_ = 0;  ///< the line end that a second may follow; 0: none
    bool second_end_ = false;     ///< it did
    SimTime ended_at_;
    bool interrupting_ = false;  ///< the last thing was Ctrl-C: a timing mark may follow
};

}  // namespace csim
