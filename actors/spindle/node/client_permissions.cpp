#include "spindle/node/client_permissions.hpp"

#include <variant>

namespace spindle {

void drop_special_permissions(operation& op) {
  auto drop = [](auto& x) {
    if constexpr (requires { x.permissions; })
      x.permissions &= ~special_permissions;
  };
  std::visit(drop, op);
}

void drop_special_permissions(oplist& list) {
  for_each_operation(
    list, [](const auto&, operation& op) { drop_special_permissions(op); });
}

} // namespace spindle
