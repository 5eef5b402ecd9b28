#include "catch.hpp"
#include "failure_of.hpp"

#include "spindle/node/volume_path.hpp"

using namespace spindle;

TEST_CASE("a path is split at the first colon") {
  auto parts = split_volume("data:a/b:c");
  REQUIRE(parts);
  CHECK(parts->volume == "data");
  CHECK(parts->path == "a/b:c");
  CHECK(split_volume("data:")->path == ".");
  CHECK(split_volume("data:/etc")->path == "/etc");
  for (const auto* bad :
       {"", "a/b", ":a", "a/b:c", "/a:b", "../x:y", "a b:c"}) {
    INFO(bad);
    CHECK(!split_volume(bad));
  }
}

TEST_CASE("the volume is removed from an operation, and added again") {
  operation op = file_copy{.path = "v:a", .target = "v:b"};
  CHECK(strip_volume_prefix(op).value() == "v");
  CHECK(op == operation{file_copy{.path = "a", .target = "b"}});
  add_volume_prefix("v", op);
  CHECK(op == operation{file_copy{.path = "v:a", .target = "v:b"}});
  SECTION("the target of a link is no path") {
    op = symlink_create{.path = "v:a", .target = "../x:y"};
    CHECK(strip_volume_prefix(op).value() == "v");
    CHECK(op == operation{symlink_create{.path = "a", .target = "../x:y"}});
  }
  SECTION("two volumes") {
    op = file_move{.path = "v:a", .target = "w:b"};
    auto why = strip_volume_prefix(op);
    REQUIRE(!why);
    CHECK(why.error().code == errc::invalid_argument);
    CHECK(why.error().operation == "file_move");
    CHECK(why.error().detail == "both paths must be in one volume");
  }
  SECTION("no volume") {
    op = file_read{.path = "a"};
    auto why = strip_volume_prefix(op);
    REQUIRE(!why);
    CHECK(why.error().path == "a");
  }
}

TEST_CASE("a list has one volume") {
  auto list = oplist{}
                .add(file_exists{.path = "v:a"})
                .add(oplist{}.add(file_read{.path = "v:b"}));
  CHECK(strip_volume_prefix(list).value() == "v");
  CHECK(std::get<operation>(list.entries[0].what)
        == operation{file_exists{.path = "a"}});
  auto two
    = oplist{}.add(file_exists{.path = "v:a"}).add(file_read{.path = "w:b"});
  auto why = strip_volume_prefix(two);
  REQUIRE(!why);
  CHECK(why.error().path == "w:b");
  oplist none;
  CHECK(strip_volume_prefix(none).value().empty());
}

TEST_CASE("failures get the volume, unless they have no path") {
  outcome x{{3}, file_read{.path = "a"}, tl::unexpected{failure{.path = "a"}}};
  add_volume_prefix("v", x);
  CHECK(path_of(x.op) == "v:a");
  CHECK(kit::failure_of(x.result).path == "v:a");
  failure silent;
  add_volume_prefix("v", silent);
  CHECK(silent.path.empty());
}
