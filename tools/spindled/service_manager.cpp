#include "spindled/service_manager.hpp"

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <tuple>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace spindle::tool {

void notify_service_manager(std::string_view state) {
  auto* name = std::getenv("NOTIFY_SOCKET");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (!name || (name[0] != '/' && name[0] != '@')
      || std::strlen(name) >= sizeof address.sun_path)
    return;
  auto length = std::strlen(name);
  std::memcpy(address.sun_path, name, length);
  // A leading '@' stands for the NUL of an abstract socket address.
  if (name[0] == '@')
    address.sun_path[0] = '\0';
  auto socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0)
    return;
  // A lost notification does no harm.
  std::ignore = ::sendto(
    socket, state.data(), state.size(), MSG_NOSIGNAL,
    reinterpret_cast<const sockaddr*>(&address),
    static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length));
  ::close(socket);
}

} // namespace spindle::tool
