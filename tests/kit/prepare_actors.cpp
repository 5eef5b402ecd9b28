#include "prepare.hpp"

#include "spindle/module.hpp"

void kit::prepare() {
  spindle::init<caf::io::middleman>();
}
