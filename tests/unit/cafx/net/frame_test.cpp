#include "catch.hpp"

#include "frames.hpp"

using namespace frames;

namespace {

constexpr auto client = peer_role::client;
constexpr auto server = peer_role::server;

/// The message ID of a response.
constexpr auto answer = uint64_t{1} << 63 | 5;

/// Returns a valid header of the given type.
frame_header valid_header(frame_type type, const protocol& spoken) {
  auto res = header(type);
  res.length = 10;
  switch (type) {
    case frame_type::server_handshake:
      res.data = spoken.version;
      break;
    case frame_type::direct_message:
    case frame_type::routed_message:
      res.data = uint64_t{1} << 60 | 17;
      res.source = 3;
      res.destination = 4;
      break;
    case frame_type::monitor_message:
      res.destination = 4;
      break;
    case frame_type::down_message:
      res.source = 3;
      break;
    case frame_type::heartbeat:
      res.length = 0;
      break;
    case frame_type::client_handshake:
      break;
  }
  return res;
}

verdict of(const frame_header& x, const protocol& spoken, peer_role peer,
           bool introduced) {
  return judge_header(x, spoken, peer, introduced).what;
}

verdict of_payload(frame_type type, const std::string& payload,
                   const protocol& spoken, uint64_t data = 0) {
  auto head = header(type);
  head.data = data;
  return judge_payload(head, view(payload), spoken, view(peer_id), view(own_id))
    .what;
}

/// Calls `fun` for the protocols of CAF 0.17 and 1.x.
void for_each_protocol(auto fun) {
  for (const auto& spoken : {legacy(), modern()}) {
    CAPTURE(spoken.version);
    fun(spoken);
  }
}

} // namespace

TEST_CASE("a header is read in network byte order") {
  frame_header x{2,
                 0x0304,
                 5,
                 0x06070809,
                 0x1112131415161718,
                 0x2122232425262728,
                 0x3132333435363738};
  CHECK(parse_header(view(bytes_of(x))) == x);
}

TEST_CASE("each type of frame is valid only from some peers at some times") {
  struct expectation {
    frame_type type;
    bool client_before, client_after, server_before, server_after;
  };
  constexpr expectation table[] = {
    {frame_type::server_handshake, false, false, true, false},
    {frame_type::client_handshake, true, true, false, false},
    {frame_type::direct_message, false, true, false, true},
    {frame_type::routed_message, false, false, false, false},
    {frame_type::monitor_message, false, true, false, true},
    {frame_type::down_message, false, true, false, true},
    {frame_type::heartbeat, false, true, false, true},
  };
  for_each_protocol([&](const protocol& spoken) {
    for (const auto& x : table) {
      CAPTURE(static_cast<int>(x.type));
      auto header = valid_header(x.type, spoken);
      auto taken = [&](peer_role peer, bool introduced) {
        return of(header, spoken, peer, introduced) == verdict::take;
      };
      CHECK(taken(client, false) == x.client_before);
      CHECK(taken(client, true) == x.client_after);
      CHECK(taken(server, false) == x.server_before);
      CHECK(taken(server, true) == x.server_after);
    }
  });
}

TEST_CASE("headers that CAF never sends are refused") {
  for_each_protocol([](const protocol& spoken) {
    for (int i = 0; i < 256; ++i) {
      CAPTURE(i);
      if (i > 6)
        CHECK(of({.type = static_cast<uint8_t>(i), .length = 10}, spoken,
                 client, true)
              == verdict::refuse);
      auto type = static_cast<frame_type>(i);
      if (i > 6 || type == frame_type::routed_message)
        continue;
      auto greets = type == frame_type::server_handshake;
      auto peer = greets ? server : client;
      auto good = valid_header(type, spoken);
      auto judged = [&](auto change) {
        auto bad = good;
        change(bad);
        return of(bad, spoken, peer, !greets);
      };
      CHECK(judged([](auto&) {}) == verdict::take);
      CHECK(judged([](auto& x) { x.padding = 1; }) == verdict::refuse);
      CHECK(judged([](auto& x) { x.flags = 4; }) == verdict::refuse);
      CHECK(judged([](auto& x) { x.length = x.length ? 0 : 1; })
            == verdict::refuse);
      auto message = type == frame_type::direct_message;
      if (!message) {
        CHECK(judged([](auto& x) { x.data ^= 64; }) == verdict::refuse);
        CHECK(judged([](auto& x) { x.source = !x.source; }) == verdict::refuse);
      }
      CHECK(judged([](auto& x) { x.destination = !x.destination; })
            == verdict::refuse);
    }
    CHECK(of({}, spoken, client, false) == verdict::refuse);
    // These 32 bytes terminate an unprotected node.
    CHECK(of({.type = 1}, spoken, client, false) == verdict::refuse);
    CHECK(of({.data = 3}, spoken, client, false) == verdict::refuse);
    CHECK(of({.type = 0, .data = spoken.version}, spoken, server, false)
          == verdict::refuse);
  });
}

TEST_CASE("the message ID determines the kind of a message") {
  for_each_protocol([](const protocol& spoken) {
    auto judged = [&](uint64_t data, uint64_t source = 3) {
      auto x = valid_header(frame_type::direct_message, spoken);
      x.data = data;
      x.source = source;
      return of(x, spoken, client, true);
    };
    constexpr auto normal = uint64_t{1} << 60;
    constexpr auto response = uint64_t{1} << 63;
    for (auto good : {uint64_t{0}, normal, uint64_t{5}, normal | 5,
                      response | 5, response | normal | 5})
      CHECK(judged(good) == verdict::take);
    // IDs of streams: CAF 0.17 does not check the type of such a message.
    for (auto bad :
         {uint64_t{2} << 60, uint64_t{3} << 60, uint64_t{2} << 60 | 5,
          uint64_t{1} << 62 | 5, response, response | normal})
      CHECK(judged(bad) == verdict::refuse);
    // A response must have a receiver.
    CHECK(judged(normal, 0) == verdict::take);
    CHECK(judged(normal | 5, 0) == verdict::refuse);
  });
}

TEST_CASE("messages to actors by name are refused") {
  for_each_protocol([](const protocol& spoken) {
    auto x = valid_header(frame_type::direct_message, spoken);
    x.flags = 1;
    x.data = 0;
    CHECK(of(x, spoken, client, true) == verdict::refuse);
    // CAF sends this after connecting, and does not need a response.
    x.destination = spoken.spawn_server;
    CHECK(of(x, spoken, client, true) == verdict::ignore);
    CHECK(of(x, spoken, server, true) == verdict::ignore);
    CHECK(of(x, spoken, client, false) == verdict::refuse);
  });
}

TEST_CASE("messages of CAF 0.17 with unknown types are refused") {
  auto judged = [](const std::string& payload) {
    return of_payload(frame_type::direct_message, payload, legacy());
  };
  CHECK(judged(message("@<>")) == verdict::take);
  CHECK(judged(message("@<>+bool") + "\x01") == verdict::take);
  CHECK(judged(message("@<>+spindle::file_read+@str")) == verdict::take);
  for (const char* bad :
       {"", "@<", "@<>+", "@<>bool", "@<>+bool+", "@<>++bool", "@<>+boolean",
        "@<>+@message", "@<>+@atom+@strong_actor_ptr", "@<>+@exit",
        "@<>+@downstream_msg", "@<>+@config_value", "@<>+@error+@error",
        "@<>+bool+@error"})
    CHECK(judged(message(bad)) == verdict::refuse);
  CHECK(judged("") == verdict::refuse);
  CHECK(judged(length(0) + number(1, 2) + length(3) + "@<>")
        == verdict::refuse);
  CHECK(judged(length(0) + number(0, 2) + length(100) + "@<>")
        == verdict::refuse);
  CHECK(judged(length(1) + message("@<>")) == verdict::refuse);
  CHECK(judged(std::string(100, '\xff')) == verdict::refuse);
}

TEST_CASE("messages of CAF 1 with unknown types are refused") {
  auto judged = [](const std::string& payload) {
    return of_payload(frame_type::direct_message, payload, modern());
  };
  CHECK(judged(numbered({})) == verdict::take);
  CHECK(judged(numbered({1, 3200, 2})) == verdict::take);
  CHECK(judged(numbered({3})) == verdict::refuse);
  CHECK(judged(numbered({1, 7})) == verdict::refuse);
  CHECK(judged(numbered({7, 7})) == verdict::refuse);
  CHECK(judged("") == verdict::refuse);
  CHECK(judged(length(2) + number(1, 2)) == verdict::refuse);
  std::string many = length(65);
  for (int i = 0; i < 65; ++i)
    many += number(1, 2);
  CHECK(judged(many) == verdict::refuse);
}

TEST_CASE("an error must be a response and must not contain another error") {
  auto of_legacy = [](const std::string& content, uint64_t data = answer) {
    return of_payload(frame_type::direct_message,
                      message("@<>+@error") + "\x05" + number(9, 8) + content,
                      legacy(), data);
  };
  CHECK(of_legacy(named("@<>")) == verdict::take);
  CHECK(of_legacy(named("@<>+@str") + length(1) + "x") == verdict::take);
  CHECK(of_legacy(named("@<>+@error")) == verdict::refuse);
  CHECK(of_legacy(named("@<>+@message")) == verdict::refuse);
  CHECK(of_legacy("") == verdict::refuse);
  auto of_modern = [](const std::string& content, uint64_t data = answer) {
    return of_payload(frame_type::direct_message, numbered({7}) + content,
                      modern(), data);
  };
  auto code = "\x01\x05" + number(9, 2);
  CHECK(of_modern(number(0, 1)) == verdict::take);
  CHECK(of_modern(code + numbered({2})) == verdict::take);
  CHECK(of_modern(code + numbered({7})) == verdict::refuse);
  CHECK(of_modern(code) == verdict::refuse);
  CHECK(of_modern("") == verdict::refuse);
  // An error that is not a response would terminate its receiver.
  for (auto data : {uint64_t{0}, uint64_t{1} << 60, uint64_t{5}}) {
    CHECK(of_legacy(named("@<>"), data) == verdict::ignore);
    CHECK(of_legacy(named("@<>+@error"), data) == verdict::refuse);
    CHECK(of_modern(number(0, 1), data) == verdict::ignore);
    CHECK(of_modern(code + numbered({7}), data) == verdict::refuse);
  }
}

TEST_CASE("monitor and down messages are valid only between the two nodes") {
  for_each_protocol([](const protocol& spoken) {
    auto error = spoken.numbered_types ? number(0, 1)
                                       : "\x05" + number(9, 8) + named("@<>");
    auto down = frame_type::down_message;
    auto monitor = frame_type::monitor_message;
    CHECK(of_payload(monitor, peer_id + own_id, spoken) == verdict::take);
    CHECK(of_payload(down, peer_id + own_id + error, spoken) == verdict::take);
    for (const auto& bad : {own_id + peer_id, own_id + own_id,
                            peer_id + peer_id, std::string{}, peer_id}) {
      CHECK(of_payload(monitor, bad, spoken) == verdict::refuse);
      CHECK(of_payload(down, bad + error, spoken) == verdict::refuse);
    }
    CHECK(of_payload(down, peer_id + own_id, spoken) == verdict::refuse);
  });
}
