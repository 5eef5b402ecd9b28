#include "spindle/node/client_account.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace spindle {

namespace {

using namespace std::literals;

template <class T>
failure beyond(const char* limit, T allowed) {
  return {.code = errc::limit_exceeded,
          .detail = std::string{limit} + " of each client is "
                  + std::to_string(allowed)};
}

} // namespace

std::optional<failure> client_account::admit_request(const node_limits& limits,
                                                     time_point now) {
  auto rate = limits.max_requests_per_second;
  auto most = std::max(rate, 1.0);
  auto gained = std::chrono::duration<double>(now - updated_).count() * rate;
  allowance_ = allowance_ ? std::min(most, *allowance_ + gained) : most;
  updated_ = now;
  if (*allowance_ < 1)
    return beyond("max_requests_per_second", std::llround(rate));
  *allowance_ -= 1;
  return std::nullopt;
}

std::optional<failure> client_account::admit_bytes(const node_limits& limits,
                                                   uint64_t bytes,
                                                   uint64_t unread) {
  if (bytes > limits.max_message_bytes)
    return beyond("max_message_bytes", limits.max_message_bytes);
  if (bytes_ + unread + bytes <= limits.max_bytes) {
    bytes_ += bytes;
    return std::nullopt;
  }
  auto res = beyond("max_bytes", limits.max_bytes);
  if (unread > 0)
    res.detail += ", and " + std::to_string(unread)
                + " bytes of answers were not read yet";
  return res;
}

std::optional<failure> client_account::admit(const node_limits& limits,
                                             size_t ops, uint64_t bytes,
                                             uint64_t unread, time_point now) {
  if (auto why = admit_request(limits, now))
    return why;
  if (ops_ + ops > limits.max_ops)
    return beyond("max_ops", limits.max_ops);
  if (auto why = admit_bytes(limits, bytes, unread))
    return why;
  ops_ += ops;
  return std::nullopt;
}

void client_account::release(size_t ops, uint64_t bytes) {
  ops_ -= ops;
  bytes_ -= bytes;
}

std::optional<failure> client_account::admit_writer(const node_limits& limits,
                                                    uint64_t bytes,
                                                    uint64_t unread,
                                                    time_point now) {
  if (auto why = admit_request(limits, now))
    return why;
  if (writers_ >= limits.max_writers)
    return beyond("max_writers", limits.max_writers);
  if (auto why = admit_bytes(limits, bytes, unread))
    return why;
  ++writers_;
  return std::nullopt;
}

void client_account::release_writer(uint64_t bytes) {
  --writers_;
  bytes_ -= bytes;
}

bool client_account::idle(time_point now) const {
  return ops_ == 0 && writers_ == 0 && now - updated_ > 1min;
}

} // namespace spindle
