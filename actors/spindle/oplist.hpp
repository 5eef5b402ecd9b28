// Several operations that are executed as one.
#pragma once

#include "spindle/message/oplist.hpp"
