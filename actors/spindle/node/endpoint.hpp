// Addresses of this machine, and why nobody can listen at one or connect to it.
//
// CAF tells that it could not, but not why: then the same is tried once more,
// without CAF.
#pragma once

#include "spindle/export.hpp"
#include "spindle/ops/error.hpp"

#include <tl/expected.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace spindle {

/// Returns the address to listen at, in numbers: what is in numbers already,
/// or what a name stands for, if possible in IPv4.
/// @returns `errc::not_found` for a name that nobody knows.
SPINDLE_EXPORT tl::expected<std::string, failure>
resolve_to_listen(const std::string& name);

/// Returns whether an address is one of this machine that no other reaches.
/// @param address in numbers.
SPINDLE_EXPORT bool is_loopback(const std::string& address);

/// Returns why nothing can listen there, if that is so.
/// @param address in numbers.
SPINDLE_EXPORT std::optional<failure>
obstacle_to_listening(const std::string& address, uint16_t port);

/// Returns why no connection can be made, if that is so. Blocks up to
/// `timeout`, and longer while a name is looked up.
SPINDLE_EXPORT std::optional<failure>
obstacle_to_connecting(const std::string& host, uint16_t port,
                       std::chrono::milliseconds timeout);

} // namespace spindle
