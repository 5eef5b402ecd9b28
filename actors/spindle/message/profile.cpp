#include "spindle/message/profile.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace spindle {

using namespace std::literals;

namespace {

profile built_in(const char* name, double chain_wait_ms, double chunk_mib,
                 double bandwidth_pct,
                 std::optional<std::chrono::milliseconds> latency_goal = {}) {
  return {
    .name = name,
    .chain_wait = std::chrono::nanoseconds{std::llround(chain_wait_ms * 1e6)},
    .chunk_size = static_cast<uint64_t>(std::llround(chunk_mib * 1024 * 1024)),
    .bandwidth_pct = bandwidth_pct,
    .latency_goal = latency_goal};
}

std::string shown(double x) {
  char res[32];
  std::snprintf(res, sizeof res, "%.15g", x);
  return res;
}

std::string must_be(const char* field, const char* what, double found) {
  return std::string{field} + " must be " + what + ", found " + shown(found);
}

std::string at_most(const char* field, const std::string& found,
                    double allowed) {
  return std::string{field} + " is " + found + ", at most " + shown(allowed)
       + " is allowed";
}

/// Returns how long others may wait for a writer with this profile.
std::chrono::nanoseconds waits_of(const profile& x) {
  return x.latency_goal.value_or(std::chrono::nanoseconds::max());
}

std::string in_ms(std::chrono::nanoseconds x) {
  return shown(std::chrono::duration<double, std::milli>{x}.count()) + "ms";
}

} // namespace

std::string to_string(pacing x) {
  return x == pacing::relative ? "relative" : "duty_cycle";
}

const std::vector<profile>& built_in_profiles() {
  static const std::vector<profile> res{
    built_in("1", 0.9, 5, 100),         built_in("2", 0.9, 4, 90),
    built_in("3", 1.5, 3, 78),          built_in("4", 1.5, 2, 72),
    built_in("5", 1.9, 1.6, 65, 25ms),  built_in("6", 1.9, 0.75, 55, 15ms),
    built_in("7", 2.4, 0.69, 45, 10ms), built_in("8", 2.4, 0.5, 35, 8ms),
    built_in("9", 3.1, 0.3, 30, 5ms),   built_in("10", 10, 0.25, 20, 4ms),
  };
  return res;
}

const profile* find_profile(std::span<const profile> among,
                            std::string_view name) {
  auto i = std::find_if(among.begin(), among.end(),
                        [name](const profile& x) { return x.name == name; });
  return i == among.end() ? nullptr : &*i;
}

std::optional<std::string> defect_of(const profile& x) {
  // Negated, so that NaN is a defect, too.
  if (!(x.bandwidth_pct > 0 && x.bandwidth_pct <= 100))
    return must_be("bandwidth_pct", "greater than 0 and at most 100",
                   x.bandwidth_pct);
  if (x.chain_wait.count() < 0)
    return must_be("chain_wait", "at least 0",
                   static_cast<double>(x.chain_wait.count()));
  if (x.chunk_size == 0)
    return must_be("chunk_size", "greater than 0", 0);
  if (x.rate_smoothing == 0)
    return must_be("rate_smoothing", "at least 1", 0);
  if (x.weight == 0)
    return must_be("weight", "at least 1", 0);
  if (x.max_rate && *x.max_rate == 0)
    return must_be("max_rate", "greater than 0", 0);
  if (x.latency_goal && x.latency_goal->count() <= 0)
    return must_be("latency_goal", "greater than 0",
                   static_cast<double>(x.latency_goal->count()));
  return std::nullopt;
}

std::optional<std::string> excess_of(const profile& x, const profile& most) {
  if (x.bandwidth_pct > most.bandwidth_pct)
    return at_most("bandwidth_pct", shown(x.bandwidth_pct), most.bandwidth_pct);
  if (x.chunk_size > most.chunk_size)
    return at_most("chunk_size", std::to_string(x.chunk_size),
                   static_cast<double>(most.chunk_size));
  if (most.max_rate && x.max_rate.value_or(UINT64_MAX) > *most.max_rate)
    return at_most("max_rate",
                   x.max_rate ? std::to_string(*x.max_rate) : "unlimited",
                   static_cast<double>(*most.max_rate));
  if (most.latency_goal && waits_of(x) > *most.latency_goal)
    return "latency_goal is " + (x.latency_goal ? in_ms(waits_of(x)) : "none")
         + ", at most " + in_ms(*most.latency_goal) + " is allowed";
  return std::nullopt;
}

profile reduced(profile x, const profile& most) {
  x.bandwidth_pct = std::min(x.bandwidth_pct, most.bandwidth_pct);
  x.chunk_size = std::min(x.chunk_size, most.chunk_size);
  if (most.max_rate)
    x.max_rate = std::min(x.max_rate.value_or(UINT64_MAX), *most.max_rate);
  if (most.latency_goal)
    x.latency_goal = std::min(waits_of(x), *most.latency_goal);
  return x;
}

} // namespace spindle
