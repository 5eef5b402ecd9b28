// Streams that are written in the background.
#pragma once

#include "spindle/message/writing.hpp"
