// Tests how cafx serializes values and errors.
#include "catch.hpp"
#include "test_world.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

using namespace std::literals;

namespace cafx_test {

enum class colour : uint8_t { red, green, blue };

struct shape {
  int32_t corners = 0;
  colour paint = colour::red;
  std::optional<std::string> name = std::nullopt;
  std::variant<int32_t, std::string> extra = {};

  bool operator==(const shape&) const = default;
};

template <class Inspector>
cafx::inspect_result<Inspector> inspect(Inspector& f, shape& x) {
  return cafx::inspect_members(
    f, x, "shape", cafx::member{"corners", x.corners},
    cafx::member{"paint", x.paint}, cafx::member{"name", x.name},
    cafx::member{"extra", x.extra});
}

struct block {
  std::vector<std::byte> bytes = {};

  bool operator==(const block&) const = default;
};

/// Number of allocations for a block.
int blocks_made = 0;

template <class Inspector>
cafx::inspect_result<Inspector> inspect(Inspector& f, block& x) {
  return cafx::inspect_bytes(f, x.bytes.data(), x.bytes.size(), [&x](size_t n) {
    ++blocks_made;
    x.bytes.resize(n);
    return x.bytes.data();
  });
}

} // namespace cafx_test

CAFX_ENUM(cafx_test, colour, 3)

namespace {

using namespace cafx_test;

/// Serializes and deserializes `x`; returns the result, if that succeeds.
template <class T>
std::optional<T> arrived(const T& x) {
  world w;
  cafx::byte_buffer buf;
  REQUIRE(!cafx::failed(cafx::serialize(w.system(), buf, x)));
  T res{};
  if (cafx::failed(cafx::deserialize(w.system(), buf, res)))
    return std::nullopt;
  return res;
}

} // namespace

TEST_CASE("members survive serialization") {
  CHECK(arrived(shape{}) == shape{});
  auto filled = shape{3, colour::blue, "triangle", "equilateral"};
  CHECK(arrived(filled) == filled);
}

TEST_CASE("an invalid value of an enum is refused") {
  for (uint8_t i = 0; i < 5; ++i) {
    CAPTURE(i);
    shape x{.paint = static_cast<colour>(i)};
    CHECK(arrived(x).has_value() == (i < 3));
  }
}

TEST_CASE("an invalid alternative of a variant is refused") {
  using either = std::variant<int32_t, std::string>;
  world w;
  cafx::byte_buffer buf;
  REQUIRE(!cafx::failed(cafx::serialize(w.system(), buf, either{"text"})));
  either res;
  REQUIRE(!cafx::failed(cafx::deserialize(w.system(), buf, res)));
  CHECK(res == either{"text"});
  buf.front() = static_cast<cafx::byte_buffer::value_type>(100);
  CHECK(cafx::failed(cafx::deserialize(w.system(), buf, res)));
}

TEST_CASE("bytes are deserialized with one allocation") {
  for (size_t size : {0, 1, 1000}) {
    CAPTURE(size);
    block x;
    x.bytes.resize(size, std::byte{7});
    blocks_made = 0;
    CHECK(arrived(x) == x);
    CHECK(blocks_made == 1);
  }
}

TEST_CASE("a truncated block causes no allocation") {
  world w;
  cafx::byte_buffer buf;
  auto sent = block{std::vector<std::byte>(1000)};
  REQUIRE(!cafx::failed(cafx::serialize(w.system(), buf, sent)));
  blocks_made = 0;
  for (size_t size : {0, 1, 2, 10, 999}) {
    CAPTURE(size);
    cafx::byte_buffer part(buf.begin(),
                           buf.begin() + static_cast<ptrdiff_t>(size));
    block res;
    CHECK(cafx::failed(cafx::deserialize(w.system(), part, res)));
  }
  CHECK(blocks_made == 0);
}

TEST_CASE("an error enum is an error with a name and a context") {
  world w;
  caf::error why = make_error(mistake::too_large, "a whale"s);
  CHECK(cafx::failed(why));
  CHECK(why == mistake::too_large);
  CHECK(why != mistake::too_small);
  CHECK(why != caf::make_error(caf::sec::runtime_error));
  auto text = cafx::render(w.system(), why);
  CHECK(text.find("too_large") != std::string::npos);
  CHECK(text.find("a whale") != std::string::npos);
  CHECK(!cafx::failed(caf::error{}));
}
