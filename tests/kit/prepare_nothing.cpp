#include "prepare.hpp"

void kit::prepare() {}
