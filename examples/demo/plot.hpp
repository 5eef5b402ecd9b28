// Draws the results of the profiles.
#pragma once

#include "experiment.hpp"

#include <string>
#include <vector>

namespace demo {

/// Checks for gnuplot, before the demo begins its work.
/// @throws std::runtime_error if gnuplot is not installed.
void require_gnuplot();

/// Draws the throughput and the interactivity of profiles.
/// @param file path of the SVG file.
/// @param alone the computations without writers.
/// @throws std::runtime_error if that fails.
void plot(const std::string& file, const std::vector<balance>& all,
          const balance& alone);

} // namespace demo
