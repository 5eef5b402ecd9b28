// A program of another project that links only spindle::spindle.
#include <spindle/all.hpp>

#include <iostream>

int main() {
  spindle::init();
  spindle::configured<> cfg;
  caf::actor_system sys{cfg};
  spindle::client client{spindle::spawn_queue(sys)};
  auto res = client.run(spindle::directory_exists{.path = "/"});
  std::cout << "consumer: " << (res && *res ? "it works" : "no root?") << '\n';
}
