// Notifications to a service manager such as systemd.
#pragma once

#include <string_view>

namespace spindle::tool {

/// Sends a state, for instance "READY=1", to the socket in the environment
/// variable NOTIFY_SOCKET, as sd_notify(3) does. Does nothing without that
/// variable.
void notify_service_manager(std::string_view state);

} // namespace spindle::tool
