#include "kit.hpp"

#include "spindle/config/dump.hpp"
#include "spindle/config/utf8.hpp"

#include <algorithm>
#include <random>

using namespace spindle::config;

namespace {

/// Generates texts that are valid, nearly valid, or broken.
class mutator {
public:
  explicit mutator(uint32_t seed) : random_(seed) {}

  std::string mutated(std::string text) {
    auto times = 1 + below(4);
    for (size_t i = 0; i < times; ++i)
      mutate(text);
    return text;
  }

private:
  size_t below(size_t n) {
    return n == 0 ? 0 : random_() % n;
  }

  void mutate(std::string& text) {
    static const std::string words[]
      = {"\n",   "\"",  "[",   "]",    ".",   "=",       "{",   "}",
         ",",    "#",   "'''", "\\u",  "-",   "nan",     "1e9", "\xff",
         "base", "[[a", "\r",  "\xc3", "0x1", "\"9PB\"", "_",   "1979-05-27"};
    auto at = below(text.size());
    auto length = std::min(below(12), text.size() - at);
    switch (below(5)) {
      case 0:
        text.erase(at, length);
        break;
      case 1:
        text.insert(at, words[below(std::size(words))]);
        break;
      case 2:
        text.insert(below(text.size()), text.substr(at, 4 * length));
        break;
      case 3:
        text.resize(at);
        break;
      default:
        if (at < text.size())
          text[at] = static_cast<char>(below(256));
    }
  }

  std::mt19937 random_;
};

/// Returns how many characters each line has.
std::vector<size_t> line_lengths(std::string_view text) {
  std::vector<size_t> res{0};
  for (auto c : text) {
    if (c == '\n')
      res.push_back(0);
    else if ((c & 0xc0) != 0x80)
      ++res.back();
  }
  return res;
}

bool is_within(const mistake& x, const std::vector<size_t>& lengths) {
  return x.line >= 1 && x.line <= lengths.size() && x.column >= 1
      && x.column <= lengths[x.line - 1] + 1;
}

void check_mistakes(std::string_view text, const mistakes& found) {
  auto lengths = line_lengths(text);
  REQUIRE(!found.empty());
  position last;
  for (const auto& x : found) {
    INFO(to_string(x));
    REQUIRE(x.file == "x.toml");
    REQUIRE(is_within(x, lengths));
    REQUIRE(last <= position{x.line, x.column});
    REQUIRE(x.message == printable(x.message));
    REQUIRE(!x.message.empty());
    last = {x.line, x.column};
  }
}

} // namespace

TEST_CASE("any text is loaded, or its mistakes have positions") {
  const std::string seeds[]
    = {to_toml({}).substr(0, 1'200),
       "[queue]\nops_per_turn = 5\n[profiles.nightly]\nbase = \"10\"\n"
       "max_rate = \"20MiB/s\"\nchain_wait = 2.5\n[profiles.10]\n"
       "chunk_size = \"0.69MiB\"\n[profiles.4]\nbase = \"nightly\"\n",
       "profiles = { 7 = { base = \"9\", pacing = 'relative' }, \"a\" = {} }\n"
       "queue.detach_all = true\n"};
  mutator mutations{4711};
  int good = 0;
  int bad = 0;
  for (int i = 0; i < 20'000; ++i) {
    auto text = mutations.mutated(seeds[i % std::size(seeds)]);
    CAPTURE(i, text);
    auto res = parse(text, "x.toml");
    ++(res ? good : bad);
    if (!res) {
      check_mistakes(text, res.error());
      continue;
    }
    for (const auto& x : res->queue.profiles)
      REQUIRE(!spindle::defect_of(x));
    REQUIRE(kit::good(to_toml(*res)).queue.profiles == res->queue.profiles);
  }
  CHECK(good > 1'000);
  CHECK(bad > 5'000);
}
