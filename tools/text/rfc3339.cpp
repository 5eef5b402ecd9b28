#include "text/rfc3339.hpp"

#include <chrono>
#include <cstdint>
#include <cstdio>

namespace spindle::tool {

namespace {

using namespace std::chrono;

/// Parses a text from left to right. After the first mismatch, all further
/// calls fail.
class scanner {
public:
  explicit scanner(std::string_view text) : rest_(text) {}

  bool good() const {
    return good_;
  }

  bool at_end() const {
    return rest_.empty();
  }

  /// Takes exactly `count` digits.
  int digits(size_t count) {
    int res = 0;
    for (size_t i = 0; i < count; ++i)
      res = res * 10 + digit();
    return res;
  }

  /// Takes one of the characters.
  char any_of(std::string_view allowed) {
    if (rest_.empty() || allowed.find(rest_[0]) == std::string_view::npos) {
      good_ = false;
      return '\0';
    }
    auto res = rest_[0];
    rest_.remove_prefix(1);
    return res;
  }

  /// Takes a period and one to nine digits, if there are any.
  nanoseconds fraction() {
    if (!rest_.starts_with('.'))
      return nanoseconds{0};
    rest_.remove_prefix(1);
    int64_t res = digit();
    int64_t unit = 100'000'000;
    for (res *= unit; unit > 1 && next_is_digit();) {
      unit /= 10;
      res += digit() * unit;
    }
    return nanoseconds{res};
  }

private:
  bool next_is_digit() const {
    return !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9';
  }

  int digit() {
    auto res = any_of("0123456789");
    return good_ ? res - '0' : 0;
  }

  std::string_view rest_;
  bool good_ = true;
};

/// Takes "Z", or hours and minutes east of Greenwich.
minutes take_offset(scanner& in) {
  auto sign = in.any_of("Zz+-");
  if (sign != '+' && sign != '-')
    return minutes{0};
  auto hour = in.digits(2);
  in.any_of(":");
  auto minute = in.digits(2);
  if (hour > 23 || minute > 59)
    in.any_of("");
  auto res = hours{hour} + minutes{minute};
  return sign == '-' ? -res : res;
}

} // namespace

std::string to_rfc3339(file_time when) {
  auto second = floor<seconds>(when);
  auto day = floor<days>(second);
  year_month_day date{day};
  hh_mm_ss time{second - day};
  char text[64];
  std::snprintf(
    text, sizeof(text), "%04d-%02u-%02uT%02d:%02d:%02d",
    static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
    static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
    static_cast<int>(time.minutes().count()),
    static_cast<int>(time.seconds().count()));
  std::string res = text;
  // `when - second` would overflow in the first second of the range.
  auto fraction = when.time_since_epoch().count() % 1'000'000'000;
  if (fraction < 0)
    fraction += 1'000'000'000;
  if (fraction != 0) {
    std::snprintf(text, sizeof(text), ".%09lld",
                  static_cast<long long>(fraction));
    res += text;
    res.erase(res.find_last_not_of('0') + 1);
  }
  return res + 'Z';
}

std::optional<file_time> from_rfc3339(std::string_view text) {
  scanner in{text};
  auto y = in.digits(4);
  in.any_of("-");
  auto m = in.digits(2);
  in.any_of("-");
  auto d = in.digits(2);
  in.any_of("Tt ");
  auto hour = in.digits(2);
  in.any_of(":");
  auto minute = in.digits(2);
  in.any_of(":");
  auto second = in.digits(2);
  auto fraction = in.fraction();
  auto offset = take_offset(in);
  year_month_day date{year{y}, month{static_cast<unsigned>(m)},
                      day{static_cast<unsigned>(d)}};
  if (!in.good() || !in.at_end() || !date.ok() || hour > 23 || minute > 59
      || second > 59 || y < 1678 || y > 2261)
    return std::nullopt;
  return file_time{sys_days{date}} + hours{hour} + minutes{minute}
       + seconds{second} + fraction - offset;
}

} // namespace spindle::tool
