#define CATCH_CONFIG_RUNNER
#include "catch.hpp"

#include "prepare.hpp"

int main(int argc, char** argv) {
  kit::prepare();
  return Catch::Session().run(argc, argv);
}
