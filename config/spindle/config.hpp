// Loads settings and profiles from TOML.
#pragma once

#include "spindle/config/from_file.hpp"
