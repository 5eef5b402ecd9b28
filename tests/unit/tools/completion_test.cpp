#include "cli/completion_script.hpp"
#include "cli/completion_tree.hpp"

#include "catch.hpp"

using namespace spindle::tool;

namespace {

using texts = std::vector<std::string>;

/// A program with nested commands.
struct completion_fixture {
  completion_fixture() {
    auto& list = *app.add_subcommand("list", "Lists: it's all.");
    list.add_flag("-l,--long", flag, "Everything");
    list.add_option("--sort", text, "By what")->type_name("name|size");
    list.add_option("PATH", texts_, "Where")->type_name("");
    auto& set = *app.add_subcommand("set", "Sets.");
    set.add_subcommand("color", "Sets a color.")
      ->add_option("COLOR", text, "Which")
      ->type_name("red|green");
  }

  CLI::App app{"A program.", "spindle"};
  bool flag = false;
  std::string text;
  texts texts_;
};

} // namespace

TEST_CASE("all commands, options and values of the parser are completed") {
  completion_fixture f;
  auto all = completion_commands(f.app);
  REQUIRE(all.size() == 4);
  CHECK(all[0].words.empty());
  REQUIRE(all[0].subcommands.size() == 2);
  CHECK(all[0].subcommands[0].name == "list");
  CHECK(all[0].options[0].names == texts{"-h", "--help"});
  CHECK(!all[0].options[0].takes_value);
  CHECK(all[1].words == texts{"list"});
  REQUIRE(all[1].options.size() == 3);
  CHECK(all[1].options[2].names == texts{"--sort"});
  CHECK(all[1].options[2].takes_value);
  CHECK(all[1].options[2].choices == texts{"name", "size"});
  CHECK(all[1].choices.empty());
  CHECK(all[3].words == texts{"set", "color"});
  CHECK(all[3].choices == texts{"red", "green"});
}

TEST_CASE("special characters of shells are quoted") {
  completion_fixture f;
  CHECK(zsh_completion(f.app).find(R"('list:Lists: it'\''s all.')")
        != std::string::npos);
  CHECK(fish_completion(f.app).find(R"(-d 'Lists: it\'s all.')")
        != std::string::npos);
}
