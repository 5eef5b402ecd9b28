#include "spindle/config/from_file.hpp"

#include "kit.hpp"
#include "temp_dir.hpp"

#include <fstream>
#include <sstream>

using namespace spindle::config;

namespace {

struct app_config : from_file<> {
  app_config() {
    opt_group{custom_options_, "app"}.add<std::string>("name", "a name");
  }
};

/// Parses a command line.
void parse_args(caf::actor_system_config& cfg, std::vector<std::string> args) {
  std::istringstream no_file;
  REQUIRE(!cafx::failed(cfg.parse(std::move(args), no_file)));
}

} // namespace

TEST_CASE("without a file, an application has the built-in configuration") {
  app_config cfg;
  parse_args(cfg, {});
  auto res = load(cfg);
  REQUIRE(res);
  CHECK(res->file.empty());
  CHECK(res->queue.profiles == spindle::built_in_profiles());
}

TEST_CASE("the command line can name the file") {
  kit::temp_dir dir;
  std::ofstream{dir / "x.toml"} << "[queue]\nops_per_turn = 5\n";
  app_config cfg;
  parse_args(cfg,
             {"--spindle.config-file=" + (dir / "x.toml"), "--app.name=other"});
  auto res = load(cfg);
  REQUIRE(res);
  CHECK(res->queue.ops_per_turn == 5);
  CHECK(caf::get_or(cfg, "app.name", std::string{}) == "other");
}

TEST_CASE("CAF's configuration file can name the file") {
  kit::temp_dir dir;
  auto path = dir / "x.toml";
  std::ofstream{path} << "[queue]\nops_per_turn = 5\n";
  app_config cfg;
  std::istringstream file{"spindle {\n  config-file = \"" + path + "\"\n}\n"};
  REQUIRE(!cafx::failed(cfg.parse(std::vector<std::string>{}, file)));
  auto res = load(cfg);
  REQUIRE(res);
  CHECK(res->file == path);
}

TEST_CASE("mistakes in the file are reported") {
  app_config cfg;
  parse_args(cfg, {"--spindle.config-file=/nothing.toml"});
  auto res = load(cfg);
  REQUIRE(!res);
  CHECK(to_string(res.error())
        == "/nothing.toml: cannot be read: No such file or directory\n");
}

TEST_CASE("CAF's help lists the option") {
  app_config cfg;
  parse_args(cfg, {});
  auto shown = cfg.dump_content();
  CHECK(caf::get_or(shown, "spindle.config-file", std::string{"none"}).empty());
}
