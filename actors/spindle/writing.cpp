#include "spindle/writing.hpp"

namespace spindle {

std::string to_string(chain_policy x) {
  return x == chain_policy::proceed ? "proceed" : "abort";
}

} // namespace spindle
