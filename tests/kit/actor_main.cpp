#define CATCH_CONFIG_RUNNER
#include "catch.hpp"

#include "spindle/module.hpp"

int main(int argc, char** argv) {
  spindle::init<caf::io::middleman>();
  return Catch::Session().run(argc, argv);
}
