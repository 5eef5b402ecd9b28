#include "prepare.hpp"

#include "spindle/node/module.hpp"

void kit::prepare() {
  spindle::init_networked();
}
