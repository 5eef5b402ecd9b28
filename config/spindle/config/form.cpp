#include "spindle/config/form.hpp"

#include "spindle/config/quantity.hpp"

#include "spindle/message/settings.hpp"

#include <limits>

namespace spindle::config {

namespace {

std::string in_quotes(const std::string& text) {
  return '"' + text + '"';
}

/// Returns a number, whole or not.
std::optional<long double> number_of(const value& x) {
  if (auto* whole = std::get_if<int64_t>(&x))
    return static_cast<long double>(*whole);
  if (auto* any = std::get_if<double>(&x))
    return static_cast<long double>(*any);
  return std::nullopt;
}

/// Reads a quantity: a string with a unit, or a number without one.
template <class T>
std::optional<T> read_quantity(const value& x,
                               std::optional<T> (*of_text)(std::string_view),
                               std::optional<T> (*of_number)(long double)) {
  if (auto* text = std::get_if<std::string>(&x))
    return of_text(*text);
  if (auto number = number_of(x))
    return of_number(*number);
  return std::nullopt;
}

/// Returns the value if it is greater than 0.
template <class T>
std::optional<T> positive(std::optional<T> x) {
  return x && *x > T{0} ? x : std::nullopt;
}

/// Returns a whole number from 1 to `max`.
std::optional<uint64_t> read_count(const value& x, int64_t max) {
  auto* res = std::get_if<int64_t>(&x);
  if (!res || *res < 1 || *res > max)
    return std::nullopt;
  return static_cast<uint64_t>(*res);
}

/// Returns a number greater than 0 and at most `max`.
std::optional<double> read_positive(const value& x, long double max) {
  auto res = number_of(x);
  // Negated, so that NaN is refused, too.
  if (!res || !(*res > 0 && *res <= max))
    return std::nullopt;
  return static_cast<double>(*res);
}

std::string allowed_count(int64_t max) {
  return "a whole number from 1 to " + std::to_string(max);
}

std::string allowed_duration(const std::string& first) {
  return "a duration " + first
       + " to 1000000000s, such as \"2.4ms\" (units ns, us, ms, s, min, h), "
         "or a number of milliseconds";
}

constexpr auto max_whole = std::numeric_limits<int64_t>::max();
constexpr auto max_short = std::numeric_limits<uint32_t>::max();

constexpr const char* unlimited = "unlimited";

constexpr const char* no_goal = "none";

} // namespace

// -- counts -------------------------------------------------------------------

std::optional<uint64_t> count_form<uint64_t>::read(const value& x) {
  return read_count(x, max_whole);
}

std::string count_form<uint64_t>::show(uint64_t x) {
  return std::to_string(x);
}

std::string count_form<uint64_t>::allowed() {
  return allowed_count(max_whole);
}

std::optional<uint32_t> count_form<uint32_t>::read(const value& x) {
  if (auto res = read_count(x, max_short))
    return static_cast<uint32_t>(*res);
  return std::nullopt;
}

std::string count_form<uint32_t>::show(uint32_t x) {
  return std::to_string(x);
}

std::string count_form<uint32_t>::allowed() {
  return allowed_count(max_short);
}

std::optional<size_t> depth_form::read(const value& x) {
  return read_count(x, settings::max_depth);
}

std::string depth_form::show(size_t x) {
  return std::to_string(x);
}

std::string depth_form::allowed() {
  return allowed_count(settings::max_depth);
}

// -- sizes and rates ----------------------------------------------------------

std::optional<uint64_t> size_form::read(const value& x) {
  return positive(read_quantity(x, size_of, size_of_bytes));
}

std::string size_form::show(uint64_t x) {
  return in_quotes(shown_size(x));
}

std::string size_form::allowed() {
  return "a size from 1B to 1024TiB, such as \"0.69MiB\" (units B, kB, MB, "
         "GB, TB, KiB, MiB, GiB, TiB, or K, M, G, T for the latter), or a "
         "number of bytes";
}

std::optional<std::optional<uint64_t>> rate_limit_form::read(const value& x) {
  if (auto* text = std::get_if<std::string>(&x); text && *text == unlimited)
    return std::optional<uint64_t>{};
  if (auto res = positive(read_quantity(x, rate_of, size_of_bytes)))
    return res;
  return std::nullopt;
}

std::string rate_limit_form::show(const std::optional<uint64_t>& x) {
  return in_quotes(x ? shown_rate(*x) : unlimited);
}

std::string rate_limit_form::allowed() {
  return "a rate from 1B/s to 1024TiB/s, such as \"20MiB/s\" (a size with or "
         "without /s), a number of bytes per second, or \"unlimited\"";
}

// -- durations ----------------------------------------------------------------

std::optional<std::chrono::nanoseconds> wait_form::read(const value& x) {
  return read_quantity(x, duration_of, duration_of_ms);
}

std::string wait_form::show(std::chrono::nanoseconds x) {
  return in_quotes(shown_duration(x));
}

std::string wait_form::allowed() {
  return allowed_duration("from 0s");
}

std::optional<std::chrono::nanoseconds> span_form::read(const value& x) {
  return positive(wait_form::read(x));
}

std::string span_form::show(std::chrono::nanoseconds x) {
  return wait_form::show(x);
}

std::string span_form::allowed() {
  return allowed_duration("from 1ns");
}

std::optional<std::optional<std::chrono::nanoseconds>>
goal_form::read(const value& x) {
  if (auto* text = std::get_if<std::string>(&x); text && *text == no_goal)
    return std::optional<std::chrono::nanoseconds>{};
  if (auto res = span_form::read(x))
    return res;
  return std::nullopt;
}

std::string goal_form::show(const std::optional<std::chrono::nanoseconds>& x) {
  return x ? span_form::show(*x) : in_quotes(no_goal);
}

std::string goal_form::allowed() {
  return span_form::allowed() + ", or \"none\"";
}

// -- other numbers, and flags -------------------------------------------------

std::optional<double> percentage_form::read(const value& x) {
  return read_positive(x, 100);
}

std::string percentage_form::show(double x) {
  return shown_number(x);
}

std::string percentage_form::allowed() {
  return "a number greater than 0 and at most 100";
}

std::optional<bool> flag_form::read(const value& x) {
  if (auto* res = std::get_if<bool>(&x))
    return *res;
  return std::nullopt;
}

std::string flag_form::show(bool x) {
  return x ? "true" : "false";
}

std::string flag_form::allowed() {
  return "true or false";
}

std::optional<double> frequency_form::read(const value& x) {
  return read_positive(x, 1e9L);
}

std::string frequency_form::show(double x) {
  return shown_number(x);
}

std::string frequency_form::allowed() {
  return "a number greater than 0 and at most 1000000000";
}

std::optional<uint16_t> port_form::read(const value& x) {
  auto* res = std::get_if<int64_t>(&x);
  if (!res || *res < 0 || *res > std::numeric_limits<uint16_t>::max())
    return std::nullopt;
  return static_cast<uint16_t>(*res);
}

std::string port_form::show(uint16_t x) {
  return std::to_string(x);
}

std::string port_form::allowed() {
  return "a whole number from 0 to 65535 (0 for any port that is free)";
}

// -- texts --------------------------------------------------------------------

std::optional<std::string> text_form::read(const value& x) {
  auto* res = std::get_if<std::string>(&x);
  if (!res || res->empty() || res->find('\0') != std::string::npos)
    return std::nullopt;
  return *res;
}

std::string text_form::show(const std::string& x) {
  return shown(value{x});
}

std::string text_form::allowed() {
  return "a text that is not empty";
}

} // namespace spindle::config
