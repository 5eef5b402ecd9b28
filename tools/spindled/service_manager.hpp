// What a service manager, such as systemd, wants to know of a program.
#pragma once

#include <string_view>

namespace spindle::tool {

/// Sends a state, for instance "READY=1", to the socket that the environment
/// names (sd_notify(3)); does nothing if it names none.
void notify_service_manager(std::string_view state);

} // namespace spindle::tool
