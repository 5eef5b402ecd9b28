#include "spindled/node_service.hpp"

#include "catch.hpp"

#include "temp_dir.hpp"

#include "spindle/config/load.hpp"

#include <sys/wait.h>
#include <unistd.h>

using namespace spindle;

namespace {

settings volumes_of(std::string_view text) {
  auto loaded = config::parse(text, "x.toml");
  REQUIRE(loaded);
  return tool::settings_of_volumes(*loaded);
}

} // namespace

TEST_CASE("volumes have short turns by default") {
  CHECK(volumes_of("").bytes_per_turn == bytes_per_turn_of_volumes);
  CHECK(settings{}.bytes_per_turn > bytes_per_turn_of_volumes);
  auto same_as_built_in = "[queue]\nbytes_per_turn = '8MiB'\n";
  CHECK(volumes_of(same_as_built_in).bytes_per_turn == 8u << 20);
}

TEST_CASE("a read from a volume is limited to one message") {
  auto small = volumes_of("[limits]\nmax_message_bytes = '2MiB'\n");
  CHECK(small.max_read_bytes == 2u << 20);
  auto smaller = volumes_of("[limits]\nmax_message_bytes = '2MiB'\n"
                            "[queue]\nmax_read_bytes = '1MiB'\n");
  CHECK(smaller.max_read_bytes == 1u << 20);
}

TEST_CASE("a node whose gateway has died ends with an error") {
  kit::temp_dir place;
  auto text = "[volumes.data]\nroot = '" + place.path() + "'\n";
  auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    // After fork(), only this thread exists; the new actor system starts its
    // own.
    tool::node_service node{*config::parse(text, "x.toml")};
    if (node.start())
      ::_exit(77);
    node.on_event({.name = "died", .details = {{"actor", "gateway"}}});
    ::_exit(0);
  }
  auto status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 1);
}

TEST_CASE("volumes know the profiles of the file") {
  auto res = volumes_of("[profiles.nightly]\nbase = '10'\n");
  CHECK(find_profile(res.profiles, "nightly"));
}
