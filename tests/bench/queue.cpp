// The contestants that use Spindle.
#include "contestants.hpp"
#include "host.hpp"
#include "requester.hpp"

namespace bench {

contestant single_requests(std::shared_ptr<host> where, size_t window,
                           const std::string& name) {
  return {name + ", window " + std::to_string(window),
          [where, window](const workload& work) {
            request_singly(where->system(), where->queue().supervisor(), work,
                           window);
          }};
}

contestant oplists(std::shared_ptr<host> where, size_t length, size_t window) {
  return {"Spindle, oplists, window " + std::to_string(window),
          [where, length, window](const workload& work) {
            request_in_lists(where->system(), where->queue().supervisor(), work,
                             length, window);
          }};
}

} // namespace bench
