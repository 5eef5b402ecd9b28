// The actors of a client do not wait for each other at its node.
#include "node_fixture.hpp"

#include "spindle/client.hpp"
#include "spindle/fs/memory/memory_vfs.hpp"
#include "spindle/fs/testing/faulty_vfs.hpp"

#include <functional>
#include <future>
#include <map>
#include <memory>
#include <thread>
#include <tuple>
#include <vector>

using namespace spindle;
using namespace spindle::test;
using namespace std::literals;

namespace {

/// A node with a client. Reading "large" takes long, and the first read waits
/// for the test.
struct busy_node {
  busy_node() {
    auto memory = std::make_shared<fs::memory_vfs>();
    memory->write_file("large", std::string(32 << 20, 'x'));
    auto disk = std::make_shared<fs::faulty_vfs>(memory);
    disk->plan().observe([this](fs::call_kind kind, const std::string& path) {
      on_call(kind, path);
    });
    settings bounds;
    bounds.disk = disk;
    bounds.turn_quantum = 1ms;
    std::vector<served_volume> volumes;
    volumes.emplace_back(volume_info{"data", false},
                         spawn_queue(there, bounds));
    at.emplace(value_of(serve(there, std::move(volumes), {})));
    q.emplace(value_of(connect(sys, {.port = at->port()})));
  }

  void on_call(fs::call_kind kind, const std::string& path) {
    // Disk actors call one after the other.
    auto call = ++calls;
    first_call.emplace(path, call);
    last_call[path] = call;
    if (kind != fs::call_kind::read || path != "large")
      return;
    std::this_thread::sleep_for(1ms);
    if (!std::exchange(held, true)) {
      reached.set_value();
      released.get_future().wait();
    }
  }

  /// Sends a request, and does not wait for the response.
  template <class... Ts>
  void ask(const cafx::scoped_actor& self, Ts... xs) const {
    std::ignore
      = self->mail(std::move(xs)...).request(q->connection(), cafx::infinite);
  }

  /// Has an actor read "large", and returns when that has begun.
  void begin_reading(const cafx::scoped_actor& self) {
    ask(self, file_checksum{.path = "data:large"});
    reached.get_future().wait();
  }

  /// Has a client read "large", and returns when that has begun.
  void begin_reading(client& c) {
    value_of(c.submit(file_checksum{.path = "data:large"}, nothing));
    reached.get_future().wait();
  }

  ~busy_node() {
    release();
  }

  void release() {
    if (!std::exchange(is_released, true))
      released.set_value();
  }

  /// Lets the disk continue, and returns when it has done all.
  void finish() {
    release();
    REQUIRE(client{*q}.shutdown());
    at.reset();
  }

  static void nothing(const outcome&) {
    // The calls show the order.
  }

  size_t calls = 0;
  std::map<std::string, size_t> first_call;
  std::map<std::string, size_t> last_call;
  bool held = false;
  bool is_released = false;
  std::promise<void> reached;
  std::promise<void> released;
  configuration there_cfg{false};
  caf::actor_system there{there_cfg};
  std::optional<node> at;
  configuration cfg{false};
  caf::actor_system sys{cfg};
  std::optional<remote_queue> q;
};

/// Takes results, and does nothing with them.
struct silent_trait {
  using signatures = cafx::type_list<caf::result<void>(outcome),
                                     caf::result<void>(oplist_report)>;
};
using silent_actor = cafx::typed_actor<silent_trait>;

struct silent_state {
  explicit silent_state(cafx::self_ptr<silent_actor>) {
    // nop
  }

  static silent_actor::behavior_type make_behavior() {
    return {
      [](const outcome&) -> caf::result<void> { return caf::unit; },
      [](const oplist_report&) -> caf::result<void> { return caf::unit; },
    };
  }
};

/// One of the forms in which an operation can be sent.
struct form {
  const char* name;
  /// Sends it from an actor, or in the lane of an actor.
  std::function<void(const busy_node&, const cafx::scoped_actor&, operation)>
    send;
};

request_id fresh_id(const busy_node& f) {
  cafx::scoped_actor self{f.q->system()};
  return value_of(self->mail(next_request_id{})
                    .request(f.q->connection(), kit::patience)
                    .receive());
}

/// Sends something in the lane of an actor that does not send it.
template <class... Ts>
void ask_for(const cafx::scoped_actor& whom, const busy_node& f, Ts... xs) {
  f.ask(cafx::scoped_actor{f.q->system()}, std::move(xs)...,
        in_lane{{whom->id()}});
}

/// Returns all forms.
/// @param silent for callbacks.
std::vector<form> forms(const silent_actor& silent) {
  using from = const cafx::scoped_actor&;
  using node = const busy_node&;
  auto list = [](operation op) { return oplist{}.add(std::move(op)); };
  local_callback fun{busy_node::nothing};
  local_list_callback list_fun{[](const oplist_report&) {}};
  return {
    {"operation",
     [](node f, from self, operation op) {
       f.ask(self, std::get<file_create>(std::move(op)));
     }},
    {"operation, callback",
     [=](node f, from self, operation op) {
       f.ask(self, std::get<file_create>(std::move(op)), callback{silent});
     }},
    {"operation, function",
     [=](node f, from self, operation op) { f.ask(self, std::move(op), fun); }},
    {"operation, function, lane",
     [=](node f, from self, operation op) {
       ask_for(self, f, std::move(op), fun);
     }},
    {"id, operation",
     [](node f, from self, operation op) {
       f.ask(self, fresh_id(f), std::move(op));
     }},
    {"list", [=](node f, from self,
                 operation op) { f.ask(self, list(std::move(op))); }},
    {"list, callback",
     [=](node f, from self, operation op) {
       f.ask(self, list(std::move(op)), list_callback{silent});
     }},
    {"list, function",
     [=](node f, from self, operation op) {
       f.ask(self, list(std::move(op)), list_fun);
     }},
    {"list, function, lane",
     [=](node f, from self, operation op) {
       ask_for(self, f, list(std::move(op)), list_fun);
     }},
    {"id, list",
     [=](node f, from self, operation op) {
       f.ask(self, fresh_id(f), list(std::move(op)));
     }},
  };
}

} // namespace

TEST_CASE("an actor of a client waits for its own requests only") {
  busy_node f;
  client busy{*f.q}, other{*f.q};
  f.begin_reading(busy);
  // A ticket says that the queue has admitted the operation, while the disk
  // waits.
  auto name = [](int i) { return "f" + std::to_string(i); };
  for (int i = 0; i < 100; ++i)
    value_of(
      busy.submit(file_create{.path = "data:" + name(i)}, busy_node::nothing));
  auto is_other = GENERATE(false, true);
  CAPTURE(is_other);
  for (const auto* path : {"data:x", "data:y"})
    value_of((is_other ? other : busy)
               .submit(file_create{.path = path}, busy_node::nothing));
  f.finish();
  for (int i = 1; i < 100; ++i)
    CHECK(f.last_call[name(i - 1)] < f.first_call[name(i)]);
  CHECK(f.last_call["large"] < f.first_call["f0"]);
  CHECK(f.last_call["x"] < f.first_call["y"]);
  // A long operation rests when another lane waits.
  CHECK((f.last_call["y"] < f.last_call["large"]) == is_other);
  CHECK((f.first_call["x"] > f.last_call["f99"]) == !is_other);
}

TEST_CASE("requests have the lane of their sender in each form") {
  busy_node f;
  auto silent = f.sys.spawn<cafx::actor_of<silent_state>>();
  for (const auto& how : forms(silent)) {
    DYNAMIC_SECTION(how.name) {
      cafx::scoped_actor busy{f.sys}, other{f.sys};
      f.begin_reading(busy);
      how.send(f, busy, file_create{.path = "data:a"});
      how.send(f, busy, file_create{.path = "data:b"});
      how.send(f, other, file_create{.path = "data:x"});
      how.send(f, other, file_create{.path = "data:y"});
      // The node has taken these requests when it answers a later one.
      REQUIRE(value_of(client{*f.q}.status()).pending == 4);
      f.finish();
      CHECK(f.last_call["large"] < f.first_call["a"]);
      CHECK(f.last_call["a"] < f.first_call["b"]);
      CHECK(f.last_call["x"] < f.first_call["y"]);
      CHECK(f.last_call["y"] < f.last_call["large"]);
    }
  }
  caf::anon_send_exit(silent, caf::exit_reason::user_shutdown);
}

TEST_CASE("a writer begins after what its own lane has asked for") {
  busy_node f;
  client busy{*f.q}, other{*f.q};
  f.begin_reading(busy);
  value_of(busy.submit(file_create{.path = "data:before"}, busy_node::nothing));
  auto is_other = GENERATE(false, true);
  CAPTURE(is_other);
  auto& mine = is_other ? other : busy;
  auto writer = mine.write({.path = "data:w", .data = buffer{"data"}});
  // It answers when the node has spawned it.
  value_of(mine.status(writer));
  f.finish();
  CHECK((f.first_call["w"] > f.last_call["before"]) == !is_other);
  CHECK((f.first_call["w"] < f.last_call["large"]) == is_other);
}

TEST_CASE("a writer that is requested has the lane of its requester") {
  busy_node f;
  cafx::scoped_actor busy{f.sys}, other{f.sys};
  f.begin_reading(busy);
  f.ask(busy, file_create{.path = "data:before"});
  auto is_other = GENERATE(false, true);
  CAPTURE(is_other);
  auto& mine = is_other ? other : busy;
  auto writer
    = value_of(mine->mail(write_job{.path = "data:w", .data = buffer{"data"}})
                 .request(f.q->connection(), kit::patience)
                 .receive());
  // It answers when the node has spawned it.
  value_of(mine->mail(get_status{}).request(writer, kit::patience).receive());
  f.finish();
  CHECK((f.first_call["w"] > f.last_call["before"]) == !is_other);
  CHECK((f.first_call["w"] < f.last_call["large"]) == is_other);
}
