#include "spindle/ops/error.hpp"

#include "catch.hpp"

#include <string>
#include <vector>

using namespace spindle;

TEST_CASE("a failure names operation, path and errno, and says what to do") {
  CHECK(to_string(failure{.code = errc::not_found,
                          .operation = "file_read",
                          .path = "a",
                          .sys_errno = 2})
        == "file_read \"a\": not_found (No such file or directory, errno 2)");
  CHECK(to_string(failure{.code = errc::read_only,
                          .operation = "file_create",
                          .path = "a",
                          .sys_errno = 30,
                          .detail = "x"})
        == "file_create \"a\": read_only (Read-only file system, errno 30): x: "
           "choose another place, or have the file system mounted, or the "
           "volume of the node offered, for writing");
}

TEST_CASE("exceptions of the standard library get a readable text") {
  auto told = [](auto fun) -> std::string {
    try {
      fun();
      return "nothing";
    } catch (const std::exception& why) {
      return to_words(why);
    }
  };
  CHECK(told([] { throw std::bad_alloc{}; }) == "there is not enough memory");
  CHECK(told([] {
          std::vector<int> x;
          x.reserve(x.max_size() + 1);
        })
        == "there is not enough memory");
  CHECK(told([] { throw std::runtime_error{"no luck"}; }) == "no luck");
}
