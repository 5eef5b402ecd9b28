// A program that does not register Spindle's types with CAF. Prints the errors.
#include "spindle/queue.hpp"

#include <iostream>
#include <stdexcept>

#include <caf/exec_main.hpp>

namespace {

template <class Fun>
void tell(const char* what, Fun fun) {
  try {
    fun();
    std::cout << what << ": done\n";
  } catch (const std::logic_error& why) {
    std::cout << what << ": " << why.what() << "\n";
  }
}

} // namespace

void caf_main(caf::actor_system& sys) {
  tell("configured", [] { spindle::configured<> cfg; });
  tell("spawn_queue", [&] { spindle::spawn_queue(sys); });
}

CAF_MAIN()
