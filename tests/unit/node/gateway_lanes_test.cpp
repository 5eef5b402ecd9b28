// Into which lanes a gateway puts what its clients ask for.
#include "catch.hpp"

#include "world.hpp"

#include "spindle/fs/memory/memory_vfs.hpp"
#include "spindle/node/gateway.hpp"
#include "spindle/writer/writer.hpp"

#include <memory>
#include <vector>

using namespace spindle;

namespace {

/// Keeps the steps of writers.
class step_log : public turn_observer {
public:
  void on_taken(uint64_t) override {}

  void on_passed(uint64_t) override {}

  void on_execute(uint64_t, const job& what) override {
    if (auto* step = std::get_if<stream_step>(&what.what))
      steps.push_back(*step);
  }

  std::vector<stream_step> steps;
};

/// A node that notes on which terms it starts writers.
struct writing_gateway {
  writing_gateway() {
    settings bounds;
    bounds.disk = std::make_shared<fs::memory_vfs>();
    disk = test::spawn_bare_queue(w.system(), bounds, log);
    w.run();
    auto write = [this](write_job job, writer_terms x) -> writer_actor {
      terms.push_back(x);
      return spawn_writer(w.system(), disk->supervisor, std::move(job),
                          std::move(x));
    };
    std::vector<served_volume> volumes{
      {{"data", false}, queue{w.system(), {disk->supervisor, write, nullptr}}}};
    limits.weight = 3;
    gateway = w.system().spawn<cafx::actor_of<gateway_state>>(
      std::move(volumes), limits, nullptr);
  }

  ~writing_gateway() {
    w.kill(gateway);
    w.kill(disk->supervisor);
  }

  test::world w;
  node_limits limits;
  std::shared_ptr<step_log> log = std::make_shared<step_log>();
  std::shared_ptr<test::bare_queue> disk;
  std::vector<writer_terms> terms;
  gateway_actor gateway;
};

} // namespace

TEST_CASE("the writers of a client share what the client gets of the disk") {
  writing_gateway f;
  write_job job{.path = "data:x", .data = buffer{"data"}};
  REQUIRE(f.w.ask(f.gateway, job, lane_number{7}));
  REQUIRE(f.w.ask(f.gateway, job, lane_number{8}));
  REQUIRE(f.w.ask(f.gateway, job));
  REQUIRE(f.terms.size() == 3);
  auto client = client_of(f.w.system().node());
  std::vector<uint64_t> before{7, 8, f.w.self->id() % max_client_lanes};
  for (size_t i = 0; i < 3; ++i) {
    const auto& x = f.terms[i];
    REQUIRE(x.after);
    REQUIRE(x.lane);
    CHECK(x.after->id == lane_id{client, before[i]});
    CHECK(x.after->weight == 3);
    CHECK(x.lane->id.client == client);
    CHECK(x.lane->weight == 3);
    // Each has a lane of its own: chunks wait for no operations, and for those
    // of no other writer.
    for (size_t k = 0; k < 3; ++k) {
      CHECK(x.lane->id != f.terms[k].after->id);
      CHECK((x.lane->id == f.terms[k].lane->id) == (i == k));
    }
  }
  auto content = f.w.ask(f.disk->supervisor, file_read{.path = "x"});
  REQUIRE(content);
  CHECK(content->text() == "data");
}

TEST_CASE("a client has a limited number of lanes") {
  writing_gateway f;
  write_job job{.path = "data:x", .data = buffer{"data"}};
  constexpr uint64_t last = UINT64_MAX / max_client_lanes;
  for (uint64_t i : {uint64_t{0}, uint64_t{1}, uint64_t{2}, last})
    REQUIRE(f.w.ask(f.gateway, job, lane_number{i * max_client_lanes + 7}));
  REQUIRE(f.terms.size() == 4);
  for (const auto& x : f.terms) {
    CHECK(x.after->id.member == 7);
    // No number of a client leads into the lane of a writer.
    CHECK(x.lane->id.member >= max_client_lanes);
  }
}

TEST_CASE("writers that run keep to the limits of their node that change") {
  writing_gateway f;
  profile how{.name = "large", .chunk_size = 100};
  auto writer = f.w.ask(
    f.gateway, write_job{.path = "data:x", .profile = how, .open_ended = true});
  REQUIRE(writer);
  REQUIRE(f.w.ask(*writer, append_data{buffer{"four"}}));
  REQUIRE(f.log->steps.size() == 1);
  CHECK(f.log->steps[0].chunk.size() == 4);
  CHECK(f.log->steps[0].where.weight == 3);
  f.limits.weight = 7;
  f.limits.max_profile = profile{.name = "small", .chunk_size = 3};
  REQUIRE(f.w.ask(f.gateway, apply_node_limits{f.limits}));
  REQUIRE(f.w.ask(*writer, append_data{buffer{"five!"}}));
  REQUIRE(f.log->steps.size() == 3);
  CHECK(f.log->steps[1].chunk.size() == 3);
  CHECK(f.log->steps[2].chunk.size() == 2);
  for (size_t i : {1, 2})
    CHECK(f.log->steps[i].where.weight == 7);
  // The profile may not be asked for any more.
  CHECK(!f.w.ask(*writer, set_profile{how}));
  REQUIRE(f.w.ask(*writer, finish_writing{}));
  CHECK(f.w.ask(f.disk->supervisor, file_read{.path = "x"})->text()
        == "fourfive!");
}

TEST_CASE("a node knows the lanes of a process by different numbers") {
  CHECK(number_of({1}) == number_of({1, 0}));
  CHECK(number_of({1}) != number_of({2}));
  CHECK(number_of({1, 1}) != number_of({1, 2}));
  CHECK(number_of({1, 2}) != number_of({2, 1}));
}
