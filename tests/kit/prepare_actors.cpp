#include "prepare.hpp"

#include "spindle/init_networked.hpp"

void kit::prepare() {
  spindle::init_networked();
}
