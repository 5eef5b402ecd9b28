#include "catch.hpp"

#include "frames.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <random>
#include <vector>

using namespace frames;

namespace {

using reader = frame_reader<char>;

constexpr size_t max_message_bytes = size_t{1} << 20;

/// What a reader made of a stream of bytes.
struct history {
  std::vector<std::pair<frame_header, std::string>> frames;
  size_t ignored = 0;
  std::optional<std::string> refused;
  size_t most_memory = 0;
};

/// Reads `bytes` in pieces whose sizes `next` returns.
history read(const protocol& spoken, peer_role peer, std::string_view bytes,
             auto next) {
  reader r{spoken, peer, max_message_bytes};
  history res;
  while (!bytes.empty()) {
    auto space = r.space();
    REQUIRE(!space.empty());
    auto n = std::min({next(), space.size(), bytes.size()});
    std::memcpy(space.data(), bytes.data(), n);
    bytes.remove_prefix(n);
    auto what = r.took(n);
    if (what == reading::room_wanted) {
      CHECK(r.space().empty());
      CHECK(r.pending_bytes() == r.header().length);
      r.grant();
    } else if (what == reading::refused) {
      CHECK(r.space().empty());
      res.refused = std::string{r.why()};
      return res;
    } else if (what == reading::frame) {
      REQUIRE(r.head().size() == frame_header_bytes);
      REQUIRE(r.body().size() == r.header().length);
      if (r.ignored())
        ++res.ignored;
      else
        res.frames.emplace_back(r.header(),
                                std::string{r.body().begin(), r.body().end()});
      auto type = static_cast<frame_type>(r.header().type);
      if (!r.introduced()
          && (type == frame_type::client_handshake
              || type == frame_type::server_handshake))
        r.introduce({peer_id.begin(), peer_id.end()},
                    {own_id.begin(), own_id.end()});
      r.next();
    }
    // The memory grows with the received bytes, to at most twice as many.
    CHECK(r.body().capacity() <= 2 * r.received() + small_frame_bytes);
    res.most_memory = std::max(res.most_memory, r.body().capacity());
  }
  return res;
}

size_t all_at_once() {
  return size_t{1} << 30;
}

std::string greeting(const protocol& spoken, peer_role peer) {
  if (peer == peer_role::client)
    return frame(header(frame_type::client_handshake), peer_id);
  auto x = header(frame_type::server_handshake);
  x.data = spoken.version;
  return frame(x, peer_id + "and what it offers");
}

std::string text_message(const protocol& spoken, const std::string& text) {
  auto x = header(frame_type::direct_message);
  x.data = 5;
  x.source = 1;
  x.destination = 2;
  auto types = spoken.numbered_types ? numbered({2}) : message("@<>+@str");
  return frame(x, types + length(text.size()) + text);
}

/// Returns the bytes of a valid connection.
std::string session(const protocol& spoken, peer_role peer) {
  auto down = header(frame_type::down_message);
  down.source = 7;
  auto monitor = header(frame_type::monitor_message);
  monitor.destination = 7;
  auto error = spoken.numbered_types
               ? number(0, 1)
               : "\x05" + number(9, 8) + named("@<>+@str") + length(1) + "x";
  auto question = header(frame_type::direct_message);
  question.flags = 1;
  question.destination = spoken.spawn_server;
  return greeting(spoken, peer) + frame(question, "anything")
       + frame(monitor, peer_id + own_id) + text_message(spoken, "short")
       + frame(header(frame_type::heartbeat), "")
       + text_message(spoken, std::string(100'000, 'x'))
       + frame(down, peer_id + own_id + error) + text_message(spoken, "end");
}

/// A second, independent implementation of the rules for peers.
bool is_harmless(const frame_header& x, const std::string& payload,
                 const protocol& spoken, peer_role peer, bool first) {
  if (x.padding || payload.size() != x.length
      || payload.size() > max_message_bytes)
    return false;
  if (first)
    return x.type == (peer == peer_role::client ? 1 : 0) && !payload.empty()
        && x.data == (peer == peer_role::client ? 0 : spoken.version)
        && !x.source && !x.destination && payload.size() <= max_greeting_bytes;
  switch (x.type) {
    case 1:
      return peer == peer_role::client && !payload.empty() && !x.data
          && !x.source && !x.destination;
    case 2:
      return x.destination && !payload.empty() && !x.flags
          && (x.data >> 61 & 3) == 0;
    case 4:
      return x.destination && payload.starts_with(peer_id + own_id);
    case 5:
      return x.source && payload.starts_with(peer_id + own_id);
    case 6:
      return payload.empty();
    default:
      return false;
  }
}

} // namespace

TEST_CASE("a reader finds the frames in pieces of any size") {
  for (const auto& spoken : {legacy(), modern()})
    for (auto peer : {peer_role::client, peer_role::server}) {
      auto bytes = session(spoken, peer);
      auto whole = read(spoken, peer, bytes, all_at_once);
      CHECK(!whole.refused);
      CHECK(whole.ignored == 1);
      REQUIRE(whole.frames.size() == 7);
      CHECK(whole.frames[4].second.size() > 100'000);
      auto pieces = read(spoken, peer, bytes, [] { return size_t{7}; });
      CHECK(pieces.frames == whole.frames);
    }
}

TEST_CASE("a reader allocates no memory for missing bytes") {
  auto spoken = legacy();
  auto x = header(frame_type::direct_message);
  x.source = x.destination = x.data = 1;
  x.length = max_message_bytes;
  auto bytes = greeting(spoken, peer_role::client) + bytes_of(x) + "begin";
  auto res = read(spoken, peer_role::client, bytes, all_at_once);
  CHECK(!res.refused);
  CHECK(res.most_memory <= small_frame_bytes);
}

TEST_CASE("a reader refuses frames that are too long") {
  for (const auto& spoken : {legacy(), modern()}) {
    auto x = header(frame_type::direct_message);
    x.source = x.destination = x.data = 1;
    x.length = max_message_bytes + 1;
    auto hello = greeting(spoken, peer_role::client);
    auto refused = [&](const std::string& bytes, peer_role peer) {
      return read(spoken, peer, bytes, all_at_once).refused.has_value();
    };
    CHECK(refused(hello + bytes_of(x), peer_role::client));
    // A greeting of 4 GiB, of a client and of a node.
    auto greets = header(frame_type::client_handshake);
    greets.length = 0xffffffff;
    CHECK(refused(bytes_of(greets), peer_role::client));
    greets = header(frame_type::server_handshake);
    greets.data = spoken.version;
    greets.length = 0xffffffff;
    CHECK(refused(bytes_of(greets), peer_role::server));
    greets.length = max_greeting_bytes + 1;
    CHECK(refused(bytes_of(greets), peer_role::server));
    // Nor may a message without a receiver be long.
    auto question = header(frame_type::direct_message);
    question.flags = 1;
    question.destination = spoken.spawn_server;
    question.length = max_greeting_bytes + 1;
    CHECK(refused(hello + bytes_of(question), peer_role::client));
  }
}

TEST_CASE("a reader accepts only valid frames of randomly changed sessions") {
  std::mt19937 rng{20261128};
  size_t refused = 0;
  size_t through = 0;
  for (int round = 0; round < 4000; ++round) {
    CAPTURE(round);
    auto spoken = round % 2 ? legacy() : modern();
    auto peer = round % 4 < 2 ? peer_role::client : peer_role::server;
    auto bytes = session(spoken, peer);
    auto changes = rng() % 4;
    for (unsigned i = 0; i < changes; ++i) {
      // Mostly in the first 500 bytes, since the rules do not apply to the
      // content of the long message.
      auto at = rng() % 3 ? rng() % std::min<size_t>(bytes.size(), 500)
                          : bytes.size() - 1 - rng() % 200;
      switch (rng() % 3) {
        case 0:
          bytes[at] = static_cast<char>(rng());
          break;
        case 1:
          bytes[at] = static_cast<char>(bytes[at] ^ (1 << rng() % 8));
          break;
        default:
          bytes.erase(at, 1 + rng() % 8);
      }
    }
    auto res = read(spoken, peer, bytes, [&rng] { return 1 + rng() % 5000; });
    auto first = true;
    for (const auto& [head, body] : res.frames) {
      REQUIRE(is_harmless(head, body, spoken, peer, first));
      first = false;
      ++through;
    }
    refused += res.refused.has_value();
    if (changes == 0)
      REQUIRE(res.frames.size() == 7);
  }
  // Otherwise, the changes do not test both results.
  CHECK(refused > 500);
  CHECK(through > 5000);
}

TEST_CASE("a reader refuses random bytes") {
  std::mt19937 rng{7};
  for (int round = 0; round < 2000; ++round) {
    std::string bytes(200, '\0');
    for (auto& x : bytes)
      x = static_cast<char>(rng());
    auto spoken = round % 2 ? legacy() : modern();
    auto peer = round % 4 < 2 ? peer_role::client : peer_role::server;
    CHECK(read(spoken, peer, bytes, all_at_once).frames.empty());
  }
}
