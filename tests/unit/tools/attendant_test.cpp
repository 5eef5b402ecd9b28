#include "run/attendant.hpp"

#include "catch.hpp"
#include "world.hpp"

#include "spindle/fs/memory/memory_vfs.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

using namespace spindle;
using namespace spindle::test;
using namespace spindle::tool;

namespace {

/// A queue with two files, and background writes that copy one of them.
struct attendant_fixture {
  attendant_fixture() {
    settings bounds;
    bounds.disk = memory;
    bare = spawn_bare_queue(w.system(), bounds);
    auto write = [this](write_job job, writer_terms terms) -> writer_actor {
      return spawn_writer(w.system(), bare->supervisor, std::move(job),
                          std::move(terms));
    };
    q.emplace(w.system(), queue::parts{bare->supervisor, write, {}});
    put("source", "stale");
    put("target", "old");
  }

  // Otherwise actors with handles of each other would never be destroyed.
  ~attendant_fixture() {
    w.kill(bare->supervisor);
  }

  void put(const std::string& path, const char* text) {
    REQUIRE(
      w.ask(bare->supervisor, file_write{.path = path, .data = buffer{text}}));
  }

  /// Copies "source" to "target" when it is told that so many lanes are done.
  attendant_actor copy(size_t lanes, const writer_actor& after = {}) {
    writer = q->write({.path = "target",
                       .mode = write_mode::replace,
                       .chain_after = after,
                       .open_ended = true});
    writer_source source{.path = "source",
                         .target = "target",
                         .lane_paths = {lanes, "source"},
                         .page_size = 3,
                         .after = after};
    auto res = attend(*q, writer, source,
                      [this](const writer_status& x) { last = x; });
    w.run();
    return res;
  }

  template <class Handle, class Message>
  void tell(const Handle& who, Message what) {
    cafx::anon_mail(std::move(what)).send(who);
    w.run();
    // Writers wait after their predecessors, and between chunks.
    for (int i = 0; i < 10; ++i)
      w.advance(std::chrono::hours{1});
  }

  std::string target() {
    return memory->read_file("target").value();
  }

  world w;
  std::shared_ptr<fs::memory_vfs> memory = std::make_shared<fs::memory_vfs>();
  std::shared_ptr<bare_queue> bare;
  std::optional<queue> q;
  writer_actor writer;
  /// How the write ended, if it has.
  std::optional<writer_status> last;
};

} // namespace

TEST_CASE("a source is read when its lane is done in each volume") {
  attendant_fixture f;
  auto who = f.copy(2);
  f.tell(who, caf::tick_atom_v);
  CHECK(!f.last);
  f.put("source", "fresh");
  f.tell(who, caf::tick_atom_v);
  REQUIRE(f.last);
  CHECK(!f.last->error);
  CHECK(f.target() == "fresh");
}

TEST_CASE("a source that its lane makes is found") {
  attendant_fixture f;
  REQUIRE(f.w.ask(f.bare->supervisor, file_delete{.path = "source"}));
  auto who = f.copy(1);
  f.put("source", "new");
  f.tell(who, caf::tick_atom_v);
  REQUIRE(f.last);
  CHECK(!f.last->error);
  CHECK(f.target() == "new");
}

TEST_CASE("a target that its lane makes a link to the source is refused") {
  attendant_fixture f;
  auto who = f.copy(1);
  REQUIRE(f.w.ask(
    f.bare->supervisor,
    symlink_create{.path = "target", .target = "source", .overwrite = true}));
  f.tell(who, caf::tick_atom_v);
  REQUIRE(f.last);
  REQUIRE(f.last->error);
  CHECK(f.last->error->code == errc::invalid_argument);
  CHECK(f.last->error->path == "source");
  CHECK(f.memory->read_file("source") == "stale");
}

TEST_CASE("a source is read after both its lane and the writer before") {
  attendant_fixture f;
  auto lane_is_first = GENERATE(true, false);
  auto before = f.q->write({.path = "source", .open_ended = true});
  REQUIRE(f.w.ask(before, append_data{buffer{"chained"}}));
  auto who = f.copy(1, before);
  if (lane_is_first)
    f.tell(who, caf::tick_atom_v);
  f.tell(before, finish_writing{});
  if (!lane_is_first) {
    CHECK(!f.last);
    f.put("source", "both");
    f.tell(who, caf::tick_atom_v);
  }
  REQUIRE(f.last);
  CHECK(!f.last->error);
  CHECK(f.target() == (lane_is_first ? "chained" : "both"));
}

TEST_CASE("a write whose lane cannot be awaited fails and writes nothing") {
  attendant_fixture f;
  auto who = f.copy(2);
  f.tell(who, caf::tick_atom_v);
  f.tell(who, failure{.code = errc::limit_exceeded,
                      .operation = "file_stat",
                      .detail = "too much"});
  REQUIRE(f.last);
  REQUIRE(f.last->error);
  CHECK(f.last->error->code == errc::limit_exceeded);
  CHECK(f.last->error->path == "source");
  CHECK(f.last->error->detail == "too much");
  CHECK(f.target() == "old");
}

TEST_CASE("a write that ends before its source is read has failed") {
  attendant_fixture f;
  f.copy(1);
  // As a queue does that shuts down.
  f.tell(f.writer, finish_writing{});
  REQUIRE(f.last);
  REQUIRE(f.last->error);
  CHECK(f.last->error->code == errc::shut_down);
  CHECK(f.last->error->operation == "background_write");
  CHECK(f.last->error->path == "source");
}
