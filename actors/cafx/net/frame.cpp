#include "cafx/net/frame.hpp"

#include <algorithm>
#include <cstring>

namespace cafx::net {

namespace {

// -- reading ------------------------------------------------------------------

/// Parses values from bytes. Once the bytes do not suffice, all further values
/// are missing.
class cursor {
public:
  explicit cursor(byte_view bytes) : rest_(bytes) {}

  bool good() const {
    return good_;
  }

  byte_view bytes(size_t n) {
    if (n > rest_.size()) {
      good_ = false;
      rest_ = {};
      return {};
    }
    auto res = rest_.first(n);
    rest_ = rest_.subspan(n);
    return res;
  }

  /// Returns a big-endian number of `n` bytes, or 0 if it is missing.
  uint64_t number(size_t n) {
    uint64_t res = 0;
    for (auto x : bytes(n))
      res = res << 8 | std::to_integer<uint64_t>(x);
    return res;
  }

  /// Returns the length of a sequence, encoded with 7 bits a byte, least
  /// significant first.
  size_t length() {
    uint64_t res = 0;
    for (unsigned shift = 0; shift < 32; shift += 7) {
      auto x = number(1);
      res |= (x & 0x7f) << shift;
      if (!(x & 0x80))
        return static_cast<size_t>(res);
    }
    good_ = false;
    return 0;
  }

  std::string_view text() {
    auto res = bytes(length());
    return {reinterpret_cast<const char*>(res.data()), res.size()};
  }

private:
  byte_view rest_;
  bool good_ = true;
};

// -- headers ------------------------------------------------------------------

/// What a field of a header must be.
enum class number : uint8_t { zero, some, any, version, message_id };

/// Who may send a type of frame, when, and with which fields.
struct frame_rule {
  frame_type type;
  bool from_client;
  bool from_server;
  bool before_greeting;
  bool after_greeting;
  uint8_t flags;
  bool has_payload;
  number data;
  number source;
  number destination;
};

/// The receiver is addressed by name.
constexpr uint8_t named_receiver = 0x01;

/// After the server handshake, the client selects this one of its connections.
constexpr uint8_t select_connection = 0x02;

constexpr bool yes = true;
constexpr bool no = false;

/// All valid frames. Routed messages are not among them: a client connects to
/// each node directly.
constexpr frame_rule rules[] = {
  // clang-format off
  //                            client server before after flags             payload data                source        destination
  {frame_type::server_handshake,  no,  yes,   yes,   no,   0,                 yes, number::version,    number::zero, number::zero},
  {frame_type::client_handshake,  yes, no,    yes,   yes,  select_connection, yes, number::zero,       number::zero, number::zero},
  {frame_type::direct_message,    yes, yes,   no,    yes,  named_receiver,    yes, number::message_id, number::any,  number::some},
  {frame_type::monitor_message,   yes, yes,   no,    yes,  0,                 yes, number::zero,       number::zero, number::some},
  {frame_type::down_message,      yes, yes,   no,    yes,  0,                 yes, number::zero,       number::some, number::zero},
  {frame_type::heartbeat,         yes, yes,   no,    yes,  0,                 no,  number::zero,       number::zero, number::zero},
  // clang-format on
};

// Bits of a message id.
constexpr uint64_t response = uint64_t{1} << 63;
constexpr uint64_t answered = uint64_t{1} << 62;
/// Set in stream messages, whose content CAF does not check.
constexpr uint64_t streaming = uint64_t{1} << 61;
constexpr uint64_t request_number = (uint64_t{1} << 60) - 1;

bool is_message_id(uint64_t x) {
  return !(x & (answered | streaming))
      && (!(x & response) || (x & request_number));
}

bool is_request(uint64_t x) {
  return !(x & response) && (x & request_number);
}

bool fits(uint64_t x, number what, const protocol& spoken) {
  switch (what) {
    case number::zero:
      return x == 0;
    case number::some:
      return x != 0;
    case number::any:
      return true;
    case number::version:
      return x == spoken.version;
    case number::message_id:
      return is_message_id(x);
  }
  return false;
}

/// Checks a message that addresses its receiver by name. CAF uses this only to
/// ask a spawn server for its types, which Spindle does not answer.
judgement judge_name(const frame_header& header, const protocol& spoken) {
  if (header.destination == spoken.spawn_server)
    return {verdict::ignore};
  return {verdict::refuse, "the message addresses an actor by name"};
}

// -- messages -----------------------------------------------------------------

constexpr size_t max_types = 64;
constexpr size_t max_type_text = 8192;

/// Classifies a message by its types.
enum class content : uint8_t { plain, error, foreign };

content kind_of_named(cursor& from, const message_types& types) {
  constexpr std::string_view begin = "@<>";
  auto nothing = from.number(2);
  auto text = from.text();
  if (!from.good() || nothing != 0 || text.size() > max_type_text
      || !text.starts_with(begin))
    return content::foreign;
  text.remove_prefix(begin.size());
  if (text.size() > 1 && text[0] == '+' && text.substr(1) == types.error_name)
    return content::error;
  while (!text.empty()) {
    if (text[0] != '+')
      return content::foreign;
    text.remove_prefix(1);
    auto name = text.substr(0, text.find('+'));
    if (!types.names.contains(name))
      return content::foreign;
    text.remove_prefix(name.size());
  }
  return content::plain;
}

content kind_of_numbered(cursor& from, const message_types& types) {
  auto n = from.length();
  if (n > max_types)
    return content::foreign;
  for (size_t i = 0; i < n; ++i) {
    auto id = static_cast<uint16_t>(from.number(2));
    if (n == 1 && from.good() && id == types.error_id)
      return content::error;
    if (!types.ids.contains(id))
      return content::foreign;
  }
  return from.good() ? content::plain : content::foreign;
}

content kind_of(cursor& from, const protocol& spoken) {
  return spoken.numbered_types ? kind_of_numbered(from, spoken.types)
                               : kind_of_named(from, spoken.types);
}

/// Checks the content of an error.
judgement judge_error(cursor& from, const protocol& spoken) {
  constexpr judgement bad{verdict::refuse,
                          "the error contains types that are not allowed"};
  if (spoken.numbered_types) {
    if (from.number(1) == 0)
      return from.good() ? judgement{} : bad;
    from.bytes(3); // code and category
  } else {
    from.bytes(9); // code and category
  }
  return kind_of(from, spoken) == content::plain ? judgement{} : bad;
}

judgement judge_message(cursor from, bool is_answer, const protocol& spoken) {
  // CAF 0.17 puts a forwarding stack before the message: actors that pass the
  // response on.
  if (!spoken.numbered_types && from.length() != 0)
    return {verdict::refuse, "the message has a forwarding stack"};
  switch (kind_of(from, spoken)) {
    case content::plain:
      return {};
    case content::error: {
      auto res = judge_error(from, spoken);
      // It would end most actors, and CAF never expects a response to it.
      if (res.what == verdict::take && !is_answer)
        res.what = verdict::ignore;
      return res;
    }
    case content::foreign:
      break;
  }
  return {verdict::refuse, "the message contains types that are not allowed"};
}

bool same(byte_view x, byte_view y) {
  return std::equal(x.begin(), x.end(), y.begin(), y.end());
}

/// Reads sender and receiver; returns whether they are the peer and this node.
bool between_us(cursor& from, byte_view peer_id, byte_view own_id) {
  auto source = from.bytes(peer_id.size());
  auto destination = from.bytes(own_id.size());
  return from.good() && same(source, peer_id) && same(destination, own_id);
}

} // namespace

frame_header parse_header(byte_view bytes) {
  cursor from{bytes};
  frame_header res;
  res.type = static_cast<uint8_t>(from.number(1));
  res.padding = static_cast<uint16_t>(from.number(2));
  res.flags = static_cast<uint8_t>(from.number(1));
  res.length = static_cast<uint32_t>(from.number(4));
  res.data = from.number(8);
  res.source = from.number(8);
  res.destination = from.number(8);
  return res;
}

judgement judge_header(const frame_header& header, const protocol& spoken,
                       peer_role peer, bool introduced) {
  auto refused = [](std::string_view why) {
    return judgement{verdict::refuse, why};
  };
  auto rule = std::find_if(std::begin(rules), std::end(rules), [&](auto& x) {
    return static_cast<uint8_t>(x.type) == header.type;
  });
  if (rule == std::end(rules))
    return refused("the frame type is unknown");
  if (!(peer == peer_role::client ? rule->from_client : rule->from_server))
    return refused("this side must not send this frame type");
  if (!(introduced ? rule->after_greeting : rule->before_greeting))
    return refused(introduced ? "the handshake is repeated"
                              : "the first frame is not a handshake");
  if (header.padding != 0 || (header.flags & ~rule->flags) != 0)
    return refused("the header has unknown flags");
  if (rule->has_payload != (header.length > 0))
    return refused("the length does not fit the frame type");
  if (!fits(header.data, rule->data, spoken))
    return refused(rule->data == number::version
                     ? "the peer uses another version of CAF's protocol (BASP)"
                     : "the operation data does not fit the frame type");
  if (!fits(header.source, rule->source, spoken)
      || !fits(header.destination, rule->destination, spoken))
    return refused("the actor ids do not fit the frame type");
  if (rule->data != number::message_id)
    return {};
  if (header.flags & named_receiver)
    return judge_name(header, spoken);
  if (header.source == 0 && is_request(header.data))
    return refused("the request has no sender");
  return {};
}

judgement judge_payload(const frame_header& header, byte_view payload,
                        const protocol& spoken, byte_view peer_id,
                        byte_view own_id) {
  cursor from{payload};
  switch (static_cast<frame_type>(header.type)) {
    case frame_type::direct_message:
      return judge_message(from, header.data & response, spoken);
    case frame_type::monitor_message:
      if (!between_us(from, peer_id, own_id))
        return {verdict::refuse, "the frame is about other nodes"};
      return {};
    case frame_type::down_message:
      if (!between_us(from, peer_id, own_id))
        return {verdict::refuse, "the frame is about other nodes"};
      return judge_error(from, spoken);
    default:
      return {};
  }
}

} // namespace cafx::net
