// What can be asked of a disk: operations, their options and their answers.
#pragma once

#include "spindle/message/outcome.hpp"
#include "spindle/ops/operations.hpp"
