// Resolves addresses, and finds out why listening or connecting has failed.
//
// CAF reports that it failed, but not why. So the same call is tried again,
// without CAF.
#pragma once

#include "spindle/export.hpp"
#include "spindle/ops/attempt.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace spindle {

/// Resolves an address to listen at.
/// @param name a numeric address, which may be in brackets, or a host name.
/// @returns a numeric address, in IPv4 if there is one; `errc::not_found` if
///          the name is not known.
SPINDLE_EXPORT attempt<std::string> resolve_to_listen(const std::string& name);

/// Returns whether an address is a loopback address.
/// @param address numeric.
SPINDLE_EXPORT bool is_loopback(const std::string& address);

/// Returns why nobody can listen there, if that is so.
/// @param address numeric.
SPINDLE_EXPORT std::optional<failure>
obstacle_to_listening(const std::string& address, uint16_t port);

/// Returns why no connection can be made, if that is so. Blocks up to `timeout`
/// for each address, and longer while a name is resolved.
SPINDLE_EXPORT std::optional<failure>
obstacle_to_connecting(const std::string& host, uint16_t port,
                       std::chrono::milliseconds timeout);

} // namespace spindle
