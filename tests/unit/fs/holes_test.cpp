// Holes in copies and moves, and the fallbacks between the ways to copy.

#include "catch.hpp"
#include "two_devices.hpp"

using namespace spindle;
using namespace spindle::fs;
using kit::copy_file;
using kit::mib;
using kit::output_of;
using kit::two_devices;
using kit::value_of;

TEST_CASE("holes are preserved without copying them") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  auto file = value_of(d.open("f", {.write = true, .create = true}));
  auto text = std::string(mib, 'x');
  auto [begin, size]
    = GENERATE(std::pair{uint64_t{0}, 40 * mib}, std::pair{20 * mib, 40 * mib},
               std::pair{39 * mib, 40 * mib});
  CAPTURE(begin);
  value_of(file->write_at(begin, kit::bytes_of(text)));
  value_of(file->truncate(size));
  output_of(d(file_copy{d / "f", d / "g"}));
  value_of(d.make_directory("d"));
  output_of(d(file_copy{d / "f", d / "d/f"}));
  output_of(d(directory_copy{d / "d", d / "e"}));
  for (auto name : {"g", "e/f"}) {
    CHECK(value_of(d.stat(name)).size == size);
    CHECK(value_of(d.stat(name)).allocated < 2 * mib);
    auto sum = [&](const std::string& of) {
      return output_of(d(file_checksum{.path = d / of}));
    };
    CHECK(sum(name) == sum("f"));
  }
}

TEST_CASE("a copy of a file with holes needs only the space of its data") {
  two_devices on;
  auto file = on.open("f");
  value_of(file->write_at(100 * mib - 3, kit::bytes_of("end")));
  file.reset();
  on.memory->set_capacity(10);
  auto what = GENERATE("copy", "preserving copy", "move");
  CHECK(copy_file(on, what) == failure{});
  CHECK(on.stat("far/g").size == 100 * mib);
  CHECK(on.open("far/g")->find_data(0)
        == data_extent{100 * mib - 3, 100 * mib});
}

TEST_CASE("without find_data, the whole file is copied") {
  two_devices on;
  on.memory->write_file("f", std::string(200'000, 'x'));
  value_of(on.open("f")->truncate(300'000));
  on.files.plan().fail_all(call_kind::find_data, GENERATE(EINVAL, EOPNOTSUPP));
  CHECK(copy_file(on, "copy") == failure{});
  CHECK(on.memory->read_file("far/g") == on.memory->read_file("f"));
}

TEST_CASE("a copy falls back when one of the ways to copy fails") {
  two_devices on;
  on.memory->write_file("f", std::string(200'000, 'x'));
  // Of the second part, after one has been copied.
  on.files.plan().limit_transfers(100'000);
  on.files.plan().fail(call_kind::copy, GENERATE(1, 2),
                       GENERATE(EPERM, EACCES, EBADF, EXDEV, EINVAL, ENOSYS,
                                EOPNOTSUPP, ETXTBSY, EOVERFLOW));
  CHECK(on.run(file_copy{"f", "g"}) == failure{});
  CHECK(on.memory->read_file("g") == on.memory->read_file("f"));
}

TEST_CASE("a file that grows or shrinks is copied up to its new end") {
  two_devices on;
  on.memory->write_file("f", "begin");
  value_of(on.open("f")->truncate(1000));
  auto grows = GENERATE(false, true);
  on.files.plan().observe([&](call_kind kind, const std::string&) {
    if (kind != call_kind::find_data)
      return;
    if (grows)
      value_of(on.open("f")->write_at(1000, kit::bytes_of("end")));
    else
      value_of(on.open("f")->truncate(100));
  });
  CHECK(copy_file(on, "copy") == failure{});
  CHECK(on.memory->read_file("far/g") == on.memory->read_file("f"));
}
