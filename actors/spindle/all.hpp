// All that the library offers to applications.
#pragma once

#include "spindle/client.hpp"
#include "spindle/connect.hpp"
#include "spindle/disks.hpp"
#include "spindle/operations.hpp"
#include "spindle/oplist.hpp"
#include "spindle/queue.hpp"
#include "spindle/serve.hpp"
#include "spindle/writing.hpp"
